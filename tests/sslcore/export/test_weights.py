"""State dicts for other libraries."""

import io

import torch

from sslcore.export import weights
from sslcore.export.source import Source


def test_a_file_opens_without_pickles(plain: Source) -> None:
    state = weights.of_backbone(plain)
    found = torch.load(io.BytesIO(weights.saved(state)), weights_only=True)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], one) for name, one in state.items())


def test_normalisation_in_words_is_that_of_the_encoder(plain: Source) -> None:
    names: dict[str, object] = {"torch": torch}
    exec(weights.normalisation(plain), names)
    images = plain.images(2)
    expected = weights.normalised(plain, images)
    assert torch.allclose((images - names["mean"]) / names["std"], expected, atol=1e-4)


def test_who_looks_at_other_colours(plain: Source, split: Source) -> None:
    assert weights.odd_input(plain) == ""
    assert "changes the colours" in weights.odd_input(split)
    assert not weights.without_batch_norm(plain)
