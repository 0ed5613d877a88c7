"""I-JEPA: what the context sees, what is wanted, how the target follows, what it shows."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sslcore.config import ConfigError
from sslcore.methods.i_jepa import patch_error
from sslcore.nets.patches import unpatchify
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "i_jepa"
ANSWER = "blocks/context_targets"


def blocks(batch):
    """Context (B, N) and targets (B, T, N)."""
    answer = batch.truth[ANSWER].flatten(0, 1)
    return answer[:, 0], answer[:, 1:]


def test_smooth_l1_is_that_of_a_plain_loop():
    generator = torch.Generator().manual_seed(0)
    predicted, wanted = torch.randn(2, 2, 3, 4, 6, generator=generator, dtype=torch.float64) * 1.5
    found = patch_error(predicted, wanted)
    for place in np.ndindex(2, 3, 4):
        plain = 0.0
        for a, b in zip(predicted[place].tolist(), wanted[place].tolist(), strict=True):
            gap = abs(a - b)
            plain += 0.5 * gap**2 if gap < 1 else gap - 0.5
        assert found[place].item() == pytest.approx(plain / 6, rel=1e-9)
    with pytest.raises(ValueError, match="differ in shape"):
        patch_error(predicted, wanted[..., :3])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_odd_features_give_a_finite_error_and_gradient(dtype, scale):
    predicted = (torch.randn(2, 4, 3, 8) * scale).to(dtype).requires_grad_()
    error = patch_error(predicted, torch.zeros_like(predicted)).mean()
    error.backward()
    assert error.dtype == torch.float32
    assert error.isfinite()
    assert predicted.grad.isfinite().all()


def test_a_step_is_what_the_paper_writes_image_by_image():
    method = make(KEY).double()
    batch = make_batch(method)
    batch.views["whole"] = batch.views["whole"].double()
    context, targets = blocks(batch)
    images = batch.view("whole")
    method.after_step({}, clock(0))
    total, count = 0.0, 0
    for row in range(len(batch)):
        everything = method.target.tokens(images[row : row + 1])[0]
        everything = (everything - everything.mean(-1, keepdim=True)) / torch.sqrt(
            everything.var(-1, keepdim=True, unbiased=False) + 1e-5
        )
        seen = context[row].nonzero().T
        tokens = method.online.tokens(images[row : row + 1], seen)
        for target in targets[row]:
            places = target.nonzero().T
            guess = method.outward(method.predictor(tokens, seen, places, (4, 4)))[0]
            total += F.smooth_l1_loss(guess, everything[places[0]]).item()
            count += 1
    output = method.training_step(batch, clock())
    assert output.loss.item() == pytest.approx(total / count, rel=1e-9)
    assert output.terms["prediction"].item() == pytest.approx(total / count, rel=1e-9)


def test_the_prediction_knows_nothing_of_what_is_not_context():
    method = make(KEY)
    batch = make_batch(method)
    before = method.project(batch, clock())
    context, _ = blocks(batch)
    seen = unpatchify(context[..., None].expand(-1, -1, 48), (4, 4), 3)
    batch.views["whole"][:, 0] = torch.where(seen, batch.view("whole"), 0.7)
    after = method.project(batch, clock())
    assert torch.equal(after["predicted"], before["predicted"])
    assert not torch.allclose(after["wanted"], before["wanted"])
    assert not before["wanted"].requires_grad


def test_targets_are_normalised_features():
    wanted = make(KEY).project(make_batch(make(KEY)), clock())["wanted"]
    torch.testing.assert_close(wanted.mean(-1), torch.zeros(wanted.shape[:-1]), atol=1e-5, rtol=0)
    deviation = wanted.std(-1, unbiased=False)
    torch.testing.assert_close(deviation, torch.ones(wanted.shape[:-1]), atol=1e-3, rtol=0)


def test_the_target_follows_ever_more_slowly():
    method = make(KEY, momentum=0.5)
    old = [one.clone() for one in method.target.parameters()]
    with torch.no_grad():
        for one in method.online.parameters():
            one.add_(1.0)
    method.after_step({}, clock(0))  # m = 0.5 at the start
    for before, now in zip(old, method.target.parameters(), strict=True):
        torch.testing.assert_close(now, before + 0.5)
    method.after_step({}, clock(5))  # halfway, m = 0.75: a quarter of the 0.5 that are left
    for before, now in zip(old, method.target.parameters(), strict=True):
        torch.testing.assert_close(now, before + 0.625)
    method.after_step({}, clock(10))  # m = 1
    for before, now in zip(old, method.target.parameters(), strict=True):
        torch.testing.assert_close(now, before + 0.625)
    assert method.encoder() is method.target
    assert not any(one.requires_grad for one in method.target.parameters())


def test_it_learns_to_use_the_image():
    method = make(KEY, momentum=0.99)
    batch = make_batch(method)
    optimiser = torch.optim.AdamW(method.parameters(), 3e-3)
    first = method.training_step(batch, clock()).terms
    assert first["prediction"] > first["guessing the mean"]
    for step in range(60):
        optimiser.zero_grad()
        output = method.training_step(batch, clock(min(step, 9)))
        output.loss.backward()
        optimiser.step()
        method.after_step({}, clock(min(step, 9)))
    assert output.terms["prediction"] < 0.95 * output.terms["guessing the mean"]


def test_pictures_show_blocks_and_where_it_errs():
    method = make(KEY)
    batch = make_batch(method)
    projected = method.project(batch, clock())
    exact = {**projected, "predicted": projected["wanted"].clone()}
    exact["predicted"][2, 1, 0] += 3.0  # one patch of one target of one image is off
    output = method.objective(exact, batch, clock(snapshot=True))
    shown = output.diagnostics["blocks"]
    assert shown.rows == ("image", "context and targets", "error")
    assert shown.ids.tolist() == batch.index.tolist()
    for row, name in enumerate(["whole", "blocks"]):
        expected = (batch.view(name) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        assert np.array_equal(shown.images[row], expected)
    number = int(blocks(batch)[1][2, 1].nonzero()[0])
    bright = shown.images[2].max(-1) > 0
    place = np.zeros((4, 4), bool)
    place[number // 4, number % 4] = True
    assert np.array_equal(bright[2], place.repeat(4, 0).repeat(4, 1))
    assert not bright[[0, 1, 3, 4, 5, 6, 7]].any()
    counts = output.diagnostics["target_errors"].counts["block"]
    assert counts.sum() == 8 * 4
    assert counts[0] == 31
    mark = output.diagnostics["target_errors"].marks["mean target"]
    assert mark == pytest.approx(output.terms["guessing the mean"].item())


@pytest.mark.parametrize("count", [1, 3])
def test_small_batches_and_coarse_grids_work(count):
    method = make(KEY, known=facts(size=8))
    output = method.training_step(make_batch(method, count=count), clock(snapshot=True))
    assert output.loss.isfinite()


def test_what_cannot_work_is_refused():
    with pytest.raises(ConfigError, match=r"I-JEPA works on the patches.*vit_mini or vit_tiny"):
        make(KEY, backbone="convnet")
    with pytest.raises(ConfigError, match=r"momentum = 1\.5"):
        small_config(KEY, momentum=1.5)
    method = make(KEY)
    batch = make_batch(method)
    batch.truth.pop(ANSWER)
    with pytest.raises(ConfigError, match="view 'blocks' has no step 'context_targets'"):
        method.training_step(batch, clock())
