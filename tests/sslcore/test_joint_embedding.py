"""What methods of two views share, on the plainest method that can be made of it."""

import pytest
import torch
from torch import nn

from sslcore.batch import Sample
from sslcore.config import Config
from sslcore.joint_embedding import JointEmbedding
from sslcore.method import StepOutput
from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder
from tests.sslcore.methods.steps import clock, facts


class Plain(JointEmbedding[Config]):
    """Two views and a linear head."""

    def __init__(self, config, encoder, known):
        super().__init__(config, encoder, known)
        self.head = nn.Linear(encoder.dimensions, 5)

    def objective(self, projected, batch, clock):
        return StepOutput((projected["z_a"] - projected["z_b"]).square().mean())


@pytest.fixture
def method():
    torch.manual_seed(0)
    encoder = Encoder(backbones.build("resnet_small", 3, 16, width=8), [0.5] * 3, [0.25] * 3)
    return Plain(Config(), encoder, facts())


@pytest.fixture
def batch(method):
    images = torch.rand(6, 3, 20, 20, generator=torch.Generator().manual_seed(1))
    sample = Sample(torch.arange(6), images)
    plan = method.default_views(method.config, method.facts)
    return plan.render(sample, plan.draw(0, 6, (20, 20))).batch(sample)


def test_the_views_are_two_draws_of_one_recipe(method):
    first, second = method.default_views(method.config, method.facts).views
    assert (first.name, second.name) == ("view_a", "view_b")
    assert first.steps == second.steps


def test_projections_are_the_head_of_the_encoder_of_each_view(method, batch):
    projected = method.eval().project(batch, clock())
    for name, view in (("z_a", "view_a"), ("z_b", "view_b")):
        expected = method.online(batch.views[view][:, 0]) @ method.head.weight.T + method.head.bias
        torch.testing.assert_close(projected[name], expected)


def test_energy_is_one_minus_the_cosine_written_out(method, batch):
    energy = method.energy(batch)
    with torch.no_grad():
        pairs = zip(*method.eval().project(batch, clock()).values(), strict=True)
    for one, (a, b) in zip(energy, pairs, strict=True):
        cosine = float(a @ b) / (float(a @ a) * float(b @ b)) ** 0.5
        assert float(one) == pytest.approx(1 - cosine, abs=1e-5)


def test_a_view_that_is_missing_is_named(method, batch):
    short = type(batch)(batch.index, {"view_a": batch.views["view_a"]})
    with pytest.raises(KeyError, match="view_b"):
        method.energy(short)
