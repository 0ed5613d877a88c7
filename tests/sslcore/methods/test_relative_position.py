"""Relative position: the pairs, the loss, the shortcut switch, the pictures."""

import math

import pytest
import torch
from torch.nn import functional as F

from sslcore.augment.neighbours import POSITIONS
from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, facts, make, make_batch

KEY = "relative_position"
TRUTH = "patches/neighbours"


def test_a_step_equals_the_papers_written_out_pair_by_pair():
    method = make(KEY, pairs=1).double().eval()
    batch = make_batch(method)
    patches = batch.views["patches"].double()
    losses, hits = [], []
    for row, place in enumerate(batch.truth[TRUTH][:, 0].tolist()):
        first, second = (method.online(patches[row, patch][None])[0] for patch in range(2))
        scores = method.head(torch.cat([first, second])[None])[0]
        losses.append(-(scores[place] - scores.exp().sum().log()).item())
        hits.append(scores.argmax().item() == place)
    pairs = method.online(patches.flatten(0, 1)).unflatten(0, (8, 2)).flatten(1)
    output = method.objective({"scores": method.head(pairs)[:, None]}, batch, clock())
    assert output.loss.item() == pytest.approx(sum(losses) / 8, rel=1e-9)
    assert output.terms["accuracy"].item() == pytest.approx(sum(hits) / 8)
    single = make(KEY, pairs=1).eval()
    torch.testing.assert_close(single.energy(batch).double(), torch.tensor(losses).double())


def test_the_order_of_the_patches_matters():
    method = make(KEY).eval()
    batch = make_batch(method)
    before = method.project(batch, clock())["scores"]
    batch.views["patches"].copy_(batch.views["patches"].flip(1).clone())
    assert not torch.allclose(method.project(batch, clock())["scores"], before)


def test_the_order_of_the_images_does_not():
    method = make(KEY).eval()
    batch = make_batch(method)
    whole = method.training_step(batch, clock()).loss
    parts = [method.training_step(batch.rows(row, row + 1), clock()).loss for row in (5, 1, 7)]
    rest = [method.training_step(batch.rows(row, row + 1), clock()).loss for row in (0, 2, 3, 4, 6)]
    torch.testing.assert_close(torch.stack(parts + rest).mean(), whole)


@pytest.mark.parametrize(
    ("colour", "kinds"),
    [
        ("drop", ["neighbours", "channel_drop"]),
        ("project", ["neighbours", "colour_projection"]),
        ("keep", ["neighbours"]),
    ],
)
def test_the_shortcut_switch_decides_what_colours_are_left(colour, kinds):
    method = make(KEY, colour=colour)
    view = method.default_views(method.config, method.facts).view("patches")
    assert [step.kind for step in view.steps] == kinds
    patches = make_batch(method).views["patches"]
    spread = patches.flatten(3).std(-1)  # B x 2 x C
    dull = (spread < 0.01).sum(-1)
    assert (dull == (2 if colour == "drop" else 0)).all()
    grey = method.default_views(method.config, facts(channels=1)).view("patches")
    assert [step.kind for step in grey.steps] == ["neighbours"]


def test_patches_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match=r"method: neighbours\.patch = 0\.33, gap = 1\.0"):
        make_batch(make(KEY, patch=0.33, gap=1.0))


def test_the_pictures_show_truth_and_guess():
    method = make(KEY, colour="keep", pairs=1)
    batch = make_batch(method)
    truth = batch.truth[TRUTH]
    scores = F.one_hot(truth, 8).float() * 9
    scores[0] = F.one_hot(torch.tensor([(int(truth[0, 0]) + 1) % 8]), 8) * 9.0
    output = method.objective({"scores": scores}, batch, clock(snapshot=True))
    assert output.terms["accuracy"].item() == pytest.approx(7 / 8)
    pairs = output.diagnostics["pairs"]
    assert pairs.rows == ("as it was", "as the network says")
    assert pairs.captions[0] == tuple(POSITIONS[one] for one in truth[:, 0].tolist())
    assert pairs.captions[1][1:] == pairs.captions[0][1:]
    assert pairs.captions[1][0] != pairs.captions[0][0]
    assert (pairs.images[0, 0] != pairs.images[1, 0]).any()
    assert (pairs.images[0, 1:] == pairs.images[1, 1:]).all()
    side = batch.views["patches"].shape[-1]
    middle = pairs.images[0, :, side : 2 * side, side : 2 * side]
    first = (batch.views["patches"][:, 0] * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert (middle == first).all()
    matrix = output.diagnostics["confusion"].values
    assert matrix[int(truth[0, 0]), int(scores[0, 0].argmax())] > 0


def test_several_pairs_of_an_image_are_several_questions():
    method = make(KEY, pairs=3)
    batch = make_batch(method)
    assert batch.views["patches"].shape[:2] == (8, 6)
    assert method.project(batch, clock())["scores"].shape == (8, 3, 8)
    shown = method.training_step(batch, clock(snapshot=True)).diagnostics["pairs"]
    assert shown.ids.tolist() == batch.index.tolist()
    first = batch.truth[TRUTH][:, 0].tolist()
    assert shown.captions[0] == tuple(POSITIONS[one] for one in first)


def test_guessing_costs_the_constant():
    method = make(KEY)
    with torch.no_grad():
        method.head[-1].weight.zero_()
        method.head[-1].bias.zero_()
    loss = method.training_step(make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(method.constants()["ln 8 (guessing)"])
    assert loss == pytest.approx(math.log(8))


def test_a_single_pair_is_refused_and_several_of_one_image_are_not():
    alone = facts(batch_size=1)
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .* pairs of patches"):
        make(KEY, known=alone, pairs=1)
    method = make(KEY, known=alone, pairs=2)
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


def test_equal_images_give_a_finite_loss():
    method = make(KEY)
    batch = make_batch(method)
    batch.views["patches"].fill_(0.5)
    loss = method.training_step(batch, clock(snapshot=True)).loss
    assert loss.isfinite()


def test_the_network_learns_where_patches_lie():
    method = make(KEY, known=facts(batch_size=32), colour="keep", pairs=1)
    batch = make_batch(method, count=32)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    for _ in range(25):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert output.terms["accuracy"] > 0.8
