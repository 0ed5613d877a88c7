"""CPC: nothing of the future gets in, the right patch is asked for, frames work as rows do."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.method import DataFacts
from sslcore.methods.cpc import future_scores
from sslcore.recipe import preset
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "cpc"
FRAMES = 5


def frame_batch(method, *, count=4, frames=FRAMES):
    side = method.facts.image_size + 4
    generator = torch.Generator().manual_seed(0)
    moving = torch.rand(count, frames, 3, side, side, generator=generator)
    sample = Sample(torch.arange(count), moving[:, 0], moving)
    plan = method.default_views(method.config, method.facts)
    return plan.render(sample, plan.draw(0, count, (side, side))).batch(sample)


def info_nce_written_out(method, z, c):
    """(images, rows, columns, D) and contexts, by loops over every prediction and candidate."""
    images, rows, columns, _ = z.shape
    everything = [z[b, r, i] for b in range(images) for r in range(rows) for i in range(columns)]
    losses = []
    for k in range(1, min(method.config.ahead, rows - 1) + 1):
        weight = method.futures[k - 1].weight
        parts = []
        for b in range(images):
            for r in range(rows - k):
                for i in range(columns):
                    predicted = weight @ c[b, r, i]
                    scores = torch.stack([predicted @ one for one in everything])
                    parts.append(torch.logsumexp(scores, 0) - predicted @ z[b, r + k, i])
        losses.append(torch.stack(parts).mean())
    return torch.stack(losses)


def test_a_step_equals_the_papers_loss_written_out():
    method = make(KEY, grid=3, ahead=2, context=8).double()
    batch = make_batch(method, count=2)
    z = torch.randn(2, 9, method.online.dimensions, dtype=torch.float64)
    c = torch.randn(2, 9, 8, dtype=torch.float64)
    output = method.objective({"z": z, "c": c}, batch, clock())
    each = info_nce_written_out(method, z.unflatten(1, (3, 3)), c.unflatten(1, (3, 3)))
    assert output.loss.item() == pytest.approx(each.mean().item(), rel=1e-9)
    assert output.terms["ahead_1"].item() == pytest.approx(each[0].item(), rel=1e-9)
    assert output.terms["ahead_2"].item() == pytest.approx(each[1].item(), rel=1e-9)
    assert output.terms["bound"].item() == pytest.approx(math.log(18) - each.mean().item())


def test_scores_are_log_bilinear():
    torch.manual_seed(0)
    c, weight, z = torch.randn(4, 3), torch.randn(5, 3), torch.randn(6, 5)
    scores = future_scores(c.double(), weight.double(), z.double())
    for m in range(4):
        for n in range(6):
            expected = sum(
                z[n, i].item() * weight[i, j].item() * c[m, j].item()
                for i in range(5)
                for j in range(3)
            )
            assert scores[m, n].item() == pytest.approx(expected, rel=1e-9)
    with pytest.raises(ValueError, match=r"need a matrix \(5, 3\), got \(3, 5\)"):
        future_scores(c, weight.T, z)


def test_nothing_below_a_row_gets_into_its_context():
    method = make(KEY).eval()
    batch = make_batch(method)
    before = method.project(batch, clock())
    batch.views["patches"][:, 21:] = 0.0  # rows 3 to 6 of 7
    after = method.project(batch, clock())
    for name in ("z", "c"):
        torch.testing.assert_close(after[name][:, :21], before[name][:, :21])
        assert not torch.allclose(after[name][:, 21:], before[name][:, 21:])


def test_the_context_knows_of_rows_above_and_of_patches_beside():
    method = make(KEY).eval()
    batch = make_batch(method)
    before = method.project(batch, clock())["c"]
    batch.views["patches"][:, 1] = 0.0  # second patch of the first row
    changed = (method.project(batch, clock())["c"] - before).abs().amax((0, 2)).reshape(7, 7) > 1e-6
    assert changed[:, :3].all()
    assert not changed[:, 3:].any()


def test_no_patch_is_encoded_by_way_of_another():
    method = make(KEY).train()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in method.modules())
    batch = make_batch(method)
    together = method.project(batch, clock())["z"]
    alone = method.online(batch.view("patches")[3:4])
    torch.testing.assert_close(alone[0], together[0, 3])


def test_a_network_that_knows_finds_the_true_patch_and_shows_it():
    method = make(KEY, grid=3, ahead=2, context=18)
    batch = make_batch(method, count=2)
    names = torch.eye(18).reshape(2, 9, 18)  # every patch is a direction of its own
    with torch.no_grad():
        for k in (1, 2):
            below = torch.arange(18) + 3 * k
            weight = torch.zeros(method.online.dimensions, 18)
            weight[:18] = torch.eye(18)[:, below % 18] * 50.0
            method.futures[k - 1].weight.copy_(weight)
    z = nn.functional.pad(names, (0, method.online.dimensions - 18))
    output = method.objective({"z": z, "c": names}, batch, clock(snapshot=True))
    assert output.terms["accuracy"] == 1
    assert output.diagnostics["accuracy"].values.tolist() == [1, 1]
    assert output.diagnostics["accuracy"].reference == pytest.approx(1 / 18)
    bound = output.diagnostics["bound"]
    assert bound.labels == ("1 ahead", "2 ahead")
    assert bound.reference == pytest.approx(math.log(18))
    assert bound.values == pytest.approx([math.log(18)] * 2)
    found = output.diagnostics["found"]
    assert found.rows == ("last seen", "true, 2 on", "chosen")
    assert found.captions[2] == ("right", "right")
    patches = (batch.views["patches"] * 255).round().byte().permute(0, 1, 3, 4, 2).numpy()
    assert np.array_equal(found.images[0], patches[:, 1])  # top row, middle column
    assert np.array_equal(found.images[1], patches[:, 7])
    assert np.array_equal(found.images[2], patches[:, 7])


def test_scores_that_say_nothing_cost_the_constant():
    method = make(KEY)
    with torch.no_grad():
        for one in method.futures:
            one.weight.zero_()
    output = method.training_step(make_batch(method), clock())
    constant = method.constants()["ln 392 (guessing among all patches)"]
    plan = method.default_views(method.config, method.facts)
    assert method.ceilings(plan) == {"bound": pytest.approx(math.log(8 * 7 * 7))}
    assert constant == pytest.approx(math.log(8 * 49))
    assert output.loss.item() == pytest.approx(constant)
    assert output.terms["bound"].item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("colour", "dull"), [("drop", 2), ("keep", 0)])
def test_patches_lose_two_of_three_channels_unless_told_otherwise(colour, dull):
    method = make(KEY, colour=colour, grey=0.0, grid=3, ahead=2)
    spread = make_batch(method).views["patches"].flatten(3).std(-1)  # B x V x C
    assert ((spread < 0.01).sum(-1) == dull).all()
    grey = method.default_views(method.config, facts(channels=1)).view("patches")
    assert [step.kind for step in grey.steps] == ["patch_grid"]


def test_the_papers_patches_are_all_grey():
    paper = preset("cpc.paper").method.config.model_dump()
    made = make(KEY, colour=paper["colour"], grey=paper["grey"], grid=3, ahead=2)
    patches = make_batch(made).views["patches"]
    torch.testing.assert_close(patches[:, :, :1].expand_as(patches), patches)


def test_frames_are_rows_of_one_column():
    method = make(KEY, over="frames", ahead=4).eval()
    batch = frame_batch(method)
    assert batch.views["frames"].shape[:2] == (4, FRAMES)
    projected = method.project(batch, clock())
    output = method.objective(projected, batch, clock(snapshot=True))
    z, c = projected["z"][:, :, None].double(), projected["c"][:, :, None].double()
    each = info_nce_written_out(method.double(), z, c)
    assert len(each) == 4
    assert output.loss.item() == pytest.approx(each.mean().item(), rel=1e-4)
    assert len(output.diagnostics["bound"].labels) == 4
    assert output.diagnostics["bound"].reference == pytest.approx(math.log(20))
    plan = method.default_views(method.config, method.facts)
    known = replace(method.facts, batch_size=4)
    for frames, expected in ((FRAMES, {"bound": pytest.approx(math.log(20))}), (0, {})):
        method.facts = replace(known, frames=frames)
        assert method.ceilings(plan) == expected


def test_guessing_among_frames_costs_the_constant_too():
    known = facts(batch_size=4)
    method = make(KEY, known=known, over="frames", ahead=3)
    with torch.no_grad():
        for one in method.futures:
            one.weight.zero_()
    loss = method.training_step(frame_batch(method), clock()).loss.item()
    assert method.constants() == {"ln 20 (guessing among all frames)": pytest.approx(math.log(20))}
    assert loss == pytest.approx(math.log(20))
    untold = make(KEY, known=replace(known, frames=0), over="frames")
    assert untold.constants() == {}, "nobody says how many frames there are"


def test_the_context_of_a_frame_knows_no_later_one():
    method = make(KEY, over="frames").eval()
    batch = frame_batch(method)
    before = method.project(batch, clock())["c"]
    batch.views["frames"][:, 3:] = 0.0
    after = method.project(batch, clock())["c"]
    torch.testing.assert_close(after[:, :3], before[:, :3])
    assert not torch.allclose(after[:, 3], before[:, 3])


def test_short_sequences_are_predicted_as_far_as_they_go():
    method = make(KEY, over="frames", ahead=5)
    output = method.training_step(frame_batch(method, frames=3), clock(snapshot=True))
    assert [name for name in output.terms if name.startswith("ahead")] == ["ahead_1", "ahead_2"]
    assert method.energy(frame_batch(method, frames=2)).shape == (4,)
    with pytest.raises(ValueError, match="at least 2 frames"):
        method.training_step(frame_batch(method, frames=1), clock())


def test_frames_of_a_folder_without_sequences_are_refused():
    known = facts()
    images = DataFacts(64, 3, 16, 8, 10, kinds=("images",))
    with pytest.raises(ConfigError, match=r"method\.over = 'frames': this folder has no sequences"):
        make(KEY, known=images, over="frames")
    assert make(KEY, known=known, over="frames").config.over == "frames"


def test_more_rows_ahead_than_there_are_and_other_grids_are_refused():
    with pytest.raises(ConfigError, match="a grid of 3 rows has at most 2 below the first"):
        small_config(KEY, grid=3, ahead=3)
    method = make(KEY, grid=3, ahead=2)
    batch = make_batch(make(KEY, grid=4, ahead=2))
    method.config = method.config.changed(grid=3)
    renamed = type(batch)(batch.index, {"patches": batch.views["patches"]})
    with pytest.raises(ValueError, match="16 patches of an image, the method reads grids of 3 x 3"):
        method.training_step(renamed, clock())


@pytest.mark.parametrize("value", [0.0, 1e4])
def test_equal_patches_and_extreme_values_give_a_finite_loss(value):
    method = make(KEY, grid=3, ahead=2)
    batch = make_batch(method, count=1)
    flat = torch.full((1, 9, method.online.dimensions), value, dtype=torch.float16)
    context = torch.full((1, 9, method.config.context), value, dtype=torch.float16)
    output = method.objective({"z": flat, "c": context}, batch, clock(snapshot=True))
    assert output.loss.dtype == torch.float32
    assert output.loss.isfinite()
    if value == 0:
        assert output.loss.item() == pytest.approx(math.log(9))


def test_the_network_learns_what_comes_next():
    method = make(KEY, grid=4, ahead=2)
    batch = make_batch(method)
    optimiser = torch.optim.Adam(method.parameters(), 5e-3)
    losses = []
    for _ in range(25):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        losses.append(output.loss.item())
    assert losses[-1] < losses[0] - 1.0
    assert output.terms["bound"] > 1.0
