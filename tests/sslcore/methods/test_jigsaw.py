"""Jigsaw: the puzzles, the loss, the boards."""

import math

import pytest
import torch
from torch.nn import functional as F

from sslcore.config import ConfigError
from sslcore.methods.jigsaw import permutation_set
from tests.sslcore.methods.steps import clock, facts, make, make_batch

KEY = "jigsaw"
TRUTH = "tiles/tiles"


def test_a_step_equals_the_papers_written_out_tile_by_tile():
    method = make(KEY, permutations=10).double().eval()
    batch = make_batch(method)
    tiles = batch.views["tiles"].double()
    losses = []
    for row, number in enumerate(batch.truth[TRUTH][:, 0].tolist()):
        each = [method.squeeze(method.online(tiles[row, k][None]))[0] for k in range(9)]
        scores = method.head(torch.cat(each)[None])[0]
        losses.append(-(scores[number] - scores.exp().sum().log()).item())
    each = method.squeeze(method.online(tiles.flatten(0, 1))).unflatten(0, (8, 9))
    output = method.objective({"scores": method.head(each.flatten(1))[:, None]}, batch, clock())
    assert output.loss.item() == pytest.approx(sum(losses) / 8, rel=1e-9)
    energy = make(KEY, permutations=10).eval().energy(batch)
    torch.testing.assert_close(energy.double(), torch.tensor(losses).double())


def test_tiles_put_back_by_the_answer_are_the_picture():
    method = make(KEY, known=facts(size=24), permutations=10, gap=0.0, standardise=False)
    batch = make_batch(method)
    shown = method.training_step(batch, clock(snapshot=True)).diagnostics["puzzles"]
    whole = (batch.view("whole") * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert shown.rows == ("shuffled", "as the network says", "truth")
    assert abs(shown.images[2].astype(int) - whole.astype(int)).max() <= 1
    assert (shown.images[0] != shown.images[2]).any()
    assert shown.ids.tolist() == batch.index.tolist()


def test_a_network_that_is_right_puts_every_tile_in_its_place():
    method = make(KEY, permutations=10)
    batch = make_batch(method)
    number = batch.truth[TRUTH]
    scores = F.one_hot(number, 10).float() * 9
    scores[0] = F.one_hot(torch.tensor([(int(number[0, 0]) + 1) % 10]), 10) * 9.0
    output = method.objective({"scores": scores}, batch, clock(snapshot=True))
    orders = permutation_set(10)
    same = (orders[number[0, 0]] == orders[(int(number[0, 0]) + 1) % 10]).sum().item()
    assert output.terms["accuracy"].item() == pytest.approx(7 / 8)
    assert output.terms["tiles_right"].item() == pytest.approx((63 + same) / 72)
    puzzles, cells = output.diagnostics["puzzles"], output.diagnostics["cells"]
    assert puzzles.captions[1] == (f"{same} of 9", *["9 of 9"] * 7)
    assert (puzzles.images[1, 1:] == puzzles.images[2, 1:]).all()
    assert cells.labels[:5] == ("top left", "top middle", "top right", "middle left", "middle")
    assert cells.values.mean() == pytest.approx((63 + same) / 72)
    assert cells.reference == pytest.approx(1 / 9)


def test_every_tile_is_looked_at_by_itself():
    method = make(KEY, permutations=10).eval()
    batch = make_batch(method)
    tiles = method.projection(method.online(batch.view("tiles"))).unflatten(0, (8, 9))
    batch.views["tiles"][:, 4] = 0.0
    changed = method.projection(method.online(batch.view("tiles"))).unflatten(0, (8, 9))
    kept = [0, 1, 2, 3, 5, 6, 7, 8]
    torch.testing.assert_close(changed[:, kept], tiles[:, kept])
    assert not torch.allclose(changed[:, 4], tiles[:, 4])


def test_tiles_are_standardised_and_most_images_grey():
    method = make(KEY, known=facts(size=24, batch_size=64), permutations=10)
    batch = make_batch(method, count=64)
    grey = (batch.views["whole"][:, 0, 0] == batch.views["whole"][:, 0, 1]).flatten(1).all(1)
    assert 0.5 < grey.float().mean() < 0.9
    means = batch.view("tiles").mean((-2, -1))
    assert means.flatten().tolist() == pytest.approx([0.5] * means.numel(), abs=0.05)
    raw = make(KEY, permutations=10, standardise=False)
    assert make_batch(raw).view("tiles").mean((-2, -1)).std() > 0.02
    plan = method.default_views(method.config, facts(channels=1))
    assert [step.kind for step in plan.view("whole").steps] == [
        "random_resized_crop",
        "horizontal_flip",
    ]


@pytest.mark.parametrize("wrong", [{"permutations": 0}, {"shuffled": False}])
def test_views_whose_orders_are_not_counted_are_refused(wrong):
    method = make(KEY, permutations=10)
    plan = method.default_views(method.config, method.facts)
    whole, tiles = plan.views
    cut, even = tiles.steps
    edited = tiles.changed(steps=(cut.changed(**wrong), even))
    method.default_views = lambda config, known: plan.changed(views=(whole, edited))
    with pytest.raises(ValueError, match="must count its orders: set its permutations to 10"):
        method.training_step(make_batch(method), clock())


def test_more_orders_in_the_views_than_in_the_method_are_refused():
    method = make(KEY, permutations=3)
    batch = make_batch(make(KEY, permutations=50))
    with pytest.raises(ValueError, match="but there are 3 scores"):
        method.training_step(batch, clock())


@pytest.mark.parametrize("count", [10, 100])
def test_guessing_costs_the_constant(count):
    method = make(KEY, permutations=count)
    with torch.no_grad():
        method.head[-1].weight.zero_()
        method.head[-1].bias.zero_()
    loss = method.training_step(make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(method.constants()[f"ln {count} (guessing)"])
    assert loss == pytest.approx(math.log(count))


def test_a_single_puzzle_is_refused_before_anything_is_built():
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .* puzzles .* at least 2"):
        make(KEY, known=facts(batch_size=1), permutations=10)


def test_blank_images_give_a_finite_loss():
    method = make(KEY, permutations=10)
    batch = make_batch(method)
    batch.views["tiles"].fill_(0.5)
    assert method.training_step(batch, clock(snapshot=True)).loss.isfinite()


def test_the_network_learns_to_solve_puzzles():
    method = make(KEY, known=facts(size=24, batch_size=32), permutations=5)
    batch = make_batch(method, count=32)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    for _ in range(20):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert output.terms["accuracy"] > 0.8
    assert output.terms["tiles_right"] > output.terms["accuracy"] - 0.01
