"""Frame prediction: which frame is missing, both losses by hand, the yardsticks."""

import math
from dataclasses import replace

import pytest
import torch

from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.recipe import preset
from tests.sslcore.methods.steps import clock, facts, make, make_batch, make_sample

KEY = "frame_prediction"


def frames_of(count=2, frames=5, side=16, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(count, frames, 3, side, side, generator=generator, dtype=dtype)
    return Batch(torch.arange(count), {"frames": images})


@pytest.mark.parametrize(("loss", "power"), [("l2", 2), ("l1", 1)])
@pytest.mark.parametrize("residual", [True, False])
def test_pixels_are_scored_on_the_middle_frame(loss, power, residual):
    method = make(KEY, loss=loss, residual=residual).double()
    batch = frames_of()
    torch.manual_seed(0)
    raw = torch.randn(2, 1, 3, 16, 16, dtype=torch.float64)
    middle = batch.views["frames"][:, 2].flatten().tolist()
    if residual:
        first, second = (batch.views["frames"][:, i].flatten().tolist() for i in (1, 3))
        said = raw.flatten().tolist()
        said = [(a + b) / 2 + c for a, b, c in zip(first, second, said, strict=True)]
    else:
        said = [1 / (1 + math.exp(-value)) for value in raw.flatten().tolist()]
    expected = sum(abs(a - b) ** power for a, b in zip(said, middle, strict=True)) / len(middle)
    found = method.objective({"raw": raw}, batch, clock())
    assert found.loss.item() == pytest.approx(expected, rel=1e-9)


def test_words_are_scored_by_the_nearest_centre_of_each_patch():
    method = make(KEY, target="words", words=6, patch=8).double()
    batch = frames_of()
    torch.manual_seed(0)
    raw = torch.randn(2, 1, 6, 2, 2, dtype=torch.float64)
    centres = method.words.tolist()
    expected = 0.0
    for image in range(2):
        for row in range(2):
            for column in range(2):
                patch = batch.views["frames"][
                    image, 2, :, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8
                ]
                values = patch.permute(1, 2, 0).flatten().tolist()
                word = min(range(6), key=lambda k, values=values: math.dist(values, centres[k]))
                scores = raw[image, 0, :, row, column].tolist()
                expected += math.log(sum(math.exp(one) for one in scores)) - scores[word]
    found = method.objective({"raw": raw}, batch, clock())
    assert found.loss.item() == pytest.approx(expected / 8, rel=1e-9)
    assert method.constants() == {"ln(words)": math.log(6)}


def test_the_preset_of_words_is_the_small_one_but_for_what_is_predicted():
    small, words = preset(KEY), preset(f"{KEY}.words")
    assert (small.method.config.target, words.method.config.target) == ("pixels", "words")
    assert words.data.image_size % words.method.config.patch == 0
    assert words.with_set({"method.target": "pixels"}) == small


def test_the_missing_frame_is_never_seen():
    for target in ("pixels", "words"):
        method = make(KEY, target=target, words=8).eval()
        batch = make_batch(method)
        other = batch.views["frames"].clone()
        other[:, 2] = 1 - other[:, 2]
        raw = method.project(batch, clock())["raw"]
        changed = replace(batch, views={"frames": other})
        assert torch.equal(method.project(changed, clock())["raw"], raw)
        other[:, 3] = 1 - other[:, 3]
        assert not torch.equal(method.project(changed, clock())["raw"], raw)


def test_the_yardstick_is_a_cross_fade():
    method = make(KEY)
    batch = make_batch(method)
    before, middle, after = batch.views["frames"][:, 1:4].unbind(1)
    output = method.training_step(batch, clock(snapshot=True))
    fade = ((before + after) / 2 - middle).square().mean()
    assert output.terms["of a cross-fade"].item() == pytest.approx(fade.item())
    bars = output.diagnostics["yardsticks"]
    assert bars.values[1] == pytest.approx(fade.item())
    assert bars.values[2] == pytest.approx((before - middle).square().mean().item())


def test_words_come_from_the_training_frames_by_seed():
    method = make(KEY, target="words", words=9)
    samples = [make_sample(method, seed=90), make_sample(method, seed=91)]
    before = method.words.clone()
    assert before.std() > 0
    method.words.zero_()
    method.prepare(samples)
    assert torch.equal(method.words, before)
    many = make(KEY, target="words", words=4000)
    assert many.words.isfinite().all(), "fewer patches than words"


def test_a_patch_that_does_not_fill_the_image_is_refused():
    with pytest.raises(ConfigError, match=r"method\.patch = 5: patches must fill"):
        make(KEY, target="words", patch=5)
    method = make(KEY)
    with pytest.raises(ConfigError, match=r"data\.frames"):
        method.project(frames_of(frames=4, dtype=torch.float32), clock())


def test_two_frames_and_extreme_pixels_still_give_a_finite_loss():
    method = make(KEY, known=replace(facts(), frames=2))
    batch = frames_of(count=1, frames=2, dtype=torch.float32)
    assert method.training_step(batch, clock(snapshot=True)).loss.isfinite()
    loud = Batch(batch.index, {"frames": batch.views["frames"] * 1e4})
    assert method.training_step(loud, clock()).loss.isfinite()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e4])
@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "l2"},
        {"loss": "l1", "residual": False},
        {"target": "words", "words": 8},
    ],
)
def test_the_loss_of_half_precision_is_finite_and_that_of_the_same_numbers_in_full(
    dtype, scale, settings
):
    method = make(KEY, **settings)
    batch = frames_of(dtype=torch.float32)
    batch = Batch(batch.index, {"frames": (scale * batch.views["frames"]).to(dtype)})
    torch.manual_seed(0)
    shape = (8, 4, 4) if len(method.words) else (3, 16, 16)
    raw = (scale * torch.randn(2, 1, *shape)).to(dtype).requires_grad_()
    found = method.objective({"raw": raw}, batch, clock())
    found.loss.backward()
    assert found.loss.dtype == torch.float32
    assert found.loss.isfinite()
    assert raw.grad.isfinite().all()
    assert all(one.isfinite() for one in found.terms.values()), found.terms
    full = Batch(batch.index, {"frames": batch.views["frames"].float()})
    exact = method.objective({"raw": raw.float()}, full, clock())
    torch.testing.assert_close(found.loss, exact.loss)
    torch.testing.assert_close(found.terms, exact.terms)
