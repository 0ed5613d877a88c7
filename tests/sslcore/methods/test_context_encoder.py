"""The context encoder: its two losses, two players in one backward pass, and what it shows."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.holes import GREY
from sslcore.config import ConfigError
from sslcore.methods.context_encoder import hole_error, region
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "context_encoder"


def gradients(module):
    return {n: p.grad.clone() for n, p in module.named_parameters() if p.grad is not None}


def half_true(batch):
    """A painting that is a little off, with a gradient."""
    torch.manual_seed(3)
    whole = batch.views["whole"]
    return (0.8 * whole + 0.1 * torch.rand_like(whole)).requires_grad_()


def test_the_error_weighs_the_hole_once_and_the_ring_more():
    torch.manual_seed(0)
    painted, whole = torch.rand(2, 2, 3, 9, 11, dtype=torch.float64)
    mask = torch.zeros(2, 1, 9, 11, dtype=torch.bool)
    mask[0, 0, 2:5, 3:6] = True
    mask[1, 0, 0, 0] = mask[1, 0, 7, 8] = True
    found = hole_error(painted, whole, mask, 2, 10.0)
    for image in range(2):
        holes = mask[image, 0].nonzero().tolist()
        total, values = 0.0, 0
        for row in range(9):
            for column in range(11):
                distance = min(max(abs(row - r), abs(column - c)) for r, c in holes)
                if distance <= 2:
                    weight = 1.0 if distance == 0 else 10.0
                    gap = painted[image, :, row, column] - whole[image, :, row, column]
                    total += weight * sum(one**2 for one in gap.tolist())
                    values += 3
        assert found[image].item() == pytest.approx(total / values, rel=1e-9)


def test_without_a_ring_only_the_hole_counts():
    whole, mask = torch.rand(2, 3, 8, 8), torch.zeros(2, 1, 8, 8, dtype=torch.bool)
    mask[:, :, 2:4, 2:6] = True
    outside = torch.where(mask, whole, whole + 0.3)
    assert hole_error(outside, whole, mask, 2, 0.0).tolist() == [0.0, 0.0]
    shifted = hole_error(whole + 0.5, whole, mask, 0, 10.0)
    torch.testing.assert_close(shifted, torch.full((2,), 0.25))
    assert hole_error(whole, whole, torch.zeros_like(mask), 2, 10.0).tolist() == [0.0, 0.0]


def test_the_terms_are_the_losses_of_both_players():
    method = make(KEY, adversarial_weight=0.25).double().eval()
    batch = make_batch(method)
    views = {name: one.double() for name, one in batch.views.items()}
    batch = type(batch)(batch.index, views, truth=batch.truth)
    painted = half_true(batch).detach()
    output = method.objective({"painted": painted}, batch, clock())
    mask, whole = batch.truth["masked/hole"][:, 0], views["whole"][:, 0]
    chance = {
        name: torch.sigmoid(method.adversary(region(one, mask))).tolist()
        for name, one in (("real", whole), ("fake", painted[:, 0]))
    }
    found = -np.mean([math.log(one) for one in chance["fake"]])
    caught = -np.mean([math.log(1 - one) for one in chance["fake"]])
    right = -np.mean([math.log(one) for one in chance["real"]])
    expected = {
        "reconstruction": 0.75 * hole_error(painted[:, 0], whole, mask, 2, 10.0).mean().item(),
        "adversarial": 0.25 * found,
        "discriminator": (right + caught) / 2,
        "d_real": np.mean(chance["real"]),
        "d_fake": np.mean(chance["fake"]),
    }
    assert {name: one.item() for name, one in output.terms.items()} == pytest.approx(
        expected, rel=1e-9
    )
    losses = ("reconstruction", "adversarial", "discriminator")
    assert output.loss.item() == pytest.approx(sum(expected[one] for one in losses), rel=1e-9)


def test_one_backward_gives_each_player_its_own_gradient():
    method = make(KEY, adversarial_weight=0.5)
    batch = make_batch(method)
    mask, whole = batch.truth["masked/hole"][:, 0], batch.views["whole"][:, 0]
    painted = half_true(batch)
    method.objective({"painted": painted}, batch, clock()).loss.backward()
    together, painters = gradients(method.adversary), painted.grad.clone()

    # The adversary alone, on fakes that come from nowhere.
    apart = make(KEY, adversarial_weight=0.5).adversary
    scores = apart(region(whole, mask)), apart(region(painted.detach()[:, 0], mask))
    softplus = torch.nn.functional.softplus
    (0.5 * (softplus(-scores[0]).mean() + softplus(scores[1]).mean())).backward()
    for name, gradient in gradients(apart).items():
        torch.testing.assert_close(together[name], gradient)

    # The painter alone, before a judge that does not learn.
    judge = make(KEY, adversarial_weight=0.5).adversary.requires_grad_(False)
    again = half_true(batch)
    error = hole_error(again[:, 0], whole, mask, 2, 10.0).mean()
    (0.5 * error + 0.5 * softplus(-judge(region(again[:, 0], mask))).mean()).backward()
    torch.testing.assert_close(painters, again.grad)


def test_being_judged_does_not_move_the_statistics_of_the_adversary():
    method = make(KEY, known=facts(size=32))
    batch = make_batch(method)
    method.training_step(batch, clock())
    seen = [one for n, one in method.adversary.named_buffers() if n.endswith("tracked")]
    assert seen
    assert {int(one) for one in seen} == {2}  # real ones and fakes, not the judged ones


def test_the_adversary_has_a_rate_of_its_own_that_does_not_decay():
    painter, adversary = make(KEY).parameter_groups()
    assert (adversary.lr_scale, adversary.schedule) == (0.1, "fixed")
    assert (painter.lr_scale, painter.schedule) == (1.0, "decay")
    alone = make(KEY, adversarial_weight=0.0)
    assert [one.name for one in alone.parameter_groups()] == ["painter"]


def test_weight_zero_switches_the_adversary_off():
    method = make(KEY, adversarial_weight=0.0)
    assert method.adversary is None
    output = method.training_step(make_batch(method), clock(snapshot=True))
    assert set(output.terms) == {"reconstruction"}
    torch.testing.assert_close(output.loss.detach(), output.terms["reconstruction"])


@pytest.mark.parametrize("shape", ["centre", "blocks", "region"])
def test_every_shape_of_hole_is_grey_in_the_view_and_scored(shape):
    method = make(KEY, shape=shape)
    batch = make_batch(method)
    mask = batch.truth["masked/hole"][:, 0].expand(-1, 3, -1, -1)
    assert (batch.view("masked")[mask] == GREY).all()
    assert torch.equal(batch.view("masked")[~mask], batch.view("whole")[~mask])
    assert method.training_step(batch, clock()).loss.isfinite()
    assert method.energy(batch).min() > 0


def test_every_painted_pixel_depends_on_every_place():
    method = make(KEY, known=facts(size=32)).eval()
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    method._paint(image)[0, :, 0, 0].sum().backward()
    assert image.grad[0, :, -8:, -8:].abs().sum() > 0


def test_it_learns_to_paint():
    method = make(KEY)
    batch = make_batch(method)
    optimiser = torch.optim.Adam(method.parameters(), 3e-3, betas=(0.5, 0.999))
    before = method.energy(batch).mean()
    for _ in range(30):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < before


def test_the_grid_puts_the_painting_into_the_hole_only():
    method = make(KEY)
    batch = make_batch(method)
    painted = torch.zeros_like(batch.views["whole"])
    grid = method.objective({"painted": painted}, batch, clock(snapshot=True)).diagnostics[
        "painted"
    ]
    assert grid.rows == ("true", "with a hole", "painted", "error")
    hole = batch.truth["masked/hole"][:, 0, 0].numpy()
    assert (grid.images[2][hole] == 0).all()
    assert np.array_equal(grid.images[2][~hole], grid.images[0][~hole])
    assert (grid.images[3][~hole] == 0).all()
    assert grid.images[3].max() == 255


def test_a_batch_of_one_and_extreme_paintings_stay_finite():
    method = make(KEY)
    batch = make_batch(method, count=1)
    assert method.training_step(batch, clock()).loss.isfinite()
    wild = torch.full_like(batch.views["whole"], 1e4)
    assert method.objective({"painted": wild}, batch, clock()).loss.isfinite()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_the_error_of_half_precision_is_finite_and_that_of_the_same_numbers_in_full(dtype, scale):
    torch.manual_seed(0)
    painted, whole = (scale * torch.randn(2, 2, 3, 8, 8)).to(dtype)
    painted.requires_grad_()
    mask = torch.zeros(2, 1, 8, 8, dtype=torch.bool)
    mask[:, :, 2:6, 3:6] = True
    found = hole_error(painted, whole, mask, 2, 10.0)
    found.mean().backward()
    assert found.dtype == torch.float32
    assert found.isfinite().all()
    assert painted.grad.isfinite().all()
    exact = hole_error(painted.double(), whole.double(), mask, 2, 10.0)
    torch.testing.assert_close(found.double(), exact, rtol=1e-5, atol=0)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="not of the same pictures"):
        hole_error(torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4), torch.ones(2, 3, 4, 4), 0, 1.0)
    with pytest.raises(ConfigError, match=r"adversarial_weight = 2"):
        small_config(KEY, adversarial_weight=2.0)
    with pytest.raises(ConfigError, match=r"shape = 'star'"):
        small_config(KEY, shape="star")
