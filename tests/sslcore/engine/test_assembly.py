"""A recipe put together: seeded, and without touching torch's own generator."""

import torch

from sslcore.engine.assembly import assemble
from tests.sslcore.engine.test_checkpoint import FACTS, RECIPE


def test_seeds_make_weights_and_leave_torch_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    first, same = (assemble(RECIPE, FACTS).state_dict() for _ in range(2))
    assert torch.equal(torch.rand(2), expected)
    other = assemble(RECIPE.with_set({"run.seed": 1}), FACTS).state_dict()
    name = next(one for one in first if one.endswith("weight") and first[one].ndim == 4)
    assert torch.equal(first[name], same[name])
    assert not torch.equal(first[name], other[name])
