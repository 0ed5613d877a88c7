"""Frame prediction: which frame is missing, both losses by hand, the yardsticks."""

import math
import statistics
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


def said(method, raw):
    """What a method says beside these scores or pixels, before it has learned to be unsure."""
    if len(method.words):
        return {"raw": raw}
    return {"raw": raw, "unsure": torch.zeros_like(raw[:, :, :1])}


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
        made = raw.flatten().tolist()
        made = [(a + b) / 2 + c for a, b, c in zip(first, second, made, strict=True)]
    else:
        made = [1 / (1 + math.exp(-value)) for value in raw.flatten().tolist()]
    expected = sum(abs(a - b) ** power for a, b in zip(made, middle, strict=True)) / len(middle)
    found = method.objective(said(method, raw), batch, clock())
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
    found = method.objective(said(method, raw), batch, clock())
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
    found = method.objective(said(method, raw), batch, clock())
    found.loss.backward()
    assert found.loss.dtype == torch.float32
    assert found.loss.isfinite()
    assert raw.grad.isfinite().all()
    assert all(one.isfinite() for one in found.terms.values()), found.terms
    full = Batch(batch.index, {"frames": batch.views["frames"].float()})
    exact = method.objective(said(method, raw.float()), full, clock())
    torch.testing.assert_close(found.loss, exact.loss)
    torch.testing.assert_close(found.terms, exact.terms)


def learned_without(method, batch):
    """Loss and gradients of the main network with the second output left out of the objective."""
    raw = method.project(batch, clock())["raw"].flatten(0, 1)
    before, middle, after = method._around(batch)
    loss = method._error(raw, middle, (before + after) / 2).mean()
    loss.backward()
    return loss, gradients(method)


def gradients(method):
    found = {name: one.grad for name, one in method.named_parameters()}
    return {name: None if one is None else one.clone() for name, one in found.items()}


@pytest.mark.parametrize("loss", ["l2", "l1"])
@pytest.mark.parametrize("residual", [True, False])
def test_the_second_output_changes_neither_the_loss_nor_one_bit_of_its_gradients(loss, residual):
    method = make(KEY, loss=loss, residual=residual)
    batch = make_batch(method)
    alone, expected = learned_without(method, batch)
    method.zero_grad()
    output = method.training_step(batch, clock())
    output.loss.backward()
    assert torch.equal(output.loss, alone)
    assert output.terms["uncertainty"] != 0
    found = gradients(method)
    own = [name for name in found if name.startswith("unsure.")]
    assert len(own) == 4
    assert all(expected[name] is None and found[name].abs().sum() > 0 for name in own)
    for name in found.keys() - set(own):
        assert torch.equal(found[name], expected[name]), name


def test_the_main_network_begins_as_it_did_without_a_second_output():
    method = make(KEY)
    words = make(KEY, target="words", words=4)
    shared = dict(words.online.named_parameters())
    assert all(torch.equal(one, shared[name]) for name, one in method.online.named_parameters())
    assert words.unsure is None
    assert "unsure" not in words.project(make_batch(words), clock())


def test_the_second_output_has_a_rate_of_its_own():
    method = make(KEY)
    rest, own = method.parameter_groups()
    assert (rest.name, rest.lr_scale, own.name, own.lr_scale) == ("all", 1.0, "unsure", 5.0)
    assert {id(one) for one in own.parameters} == {id(one) for one in method.unsure.parameters()}
    assert len(rest.parameters) + len(own.parameters) == len(list(method.parameters()))
    assert [one.name for one in make(KEY, target="words", words=4).parameter_groups()] == ["all"]


def test_the_uncertainty_of_pixels_is_fitted_to_their_squared_error():
    method = make(KEY).double()
    batch = frames_of()
    torch.manual_seed(0)
    raw = 0.1 * torch.randn(2, 1, 3, 16, 16, dtype=torch.float64)
    unsure = torch.randn(2, 1, 1, 16, 16, dtype=torch.float64)
    frames = batch.views["frames"]
    made = (frames[:, 1] + frames[:, 3]) / 2 + raw[:, 0]
    total, sds, errors = 0.0, [], []
    for image in range(2):
        for row in range(16):
            for column in range(16):
                pair = made[image, :, row, column], frames[image, 2, :, row, column]
                square = sum(
                    (a - b) ** 2 for a, b in zip(*map(torch.Tensor.tolist, pair), strict=True)
                )
                share = 1 / (1 + math.exp(-unsure[image, 0, 0, row, column].item()))
                v = 1e-6 * (0.25 / 1e-6) ** share
                total += math.sqrt(v) * (math.log(v) + square / 3 / v) / 2
                sds.append(math.sqrt(v))
                errors.append(math.sqrt(square / 3))
    found = method.objective({"raw": raw, "unsure": unsure}, batch, clock())
    assert found.terms["uncertainty"].item() == pytest.approx(total / 512, rel=1e-6)
    expected = statistics.correlation(sds, errors)
    assert found.terms["unsure where wrong"].item() == pytest.approx(expected, rel=1e-6)


def test_the_uncertainty_of_words_is_the_deviation_of_their_mixture():
    method = make(KEY, target="words", words=5, patch=8).double()
    batch = frames_of(count=1)
    torch.manual_seed(0)
    raw = torch.randn(1, 1, 5, 2, 2, dtype=torch.float64)
    shares, centres = raw[0, 0].softmax(0), method.words.view(5, 8, 8, 3)
    sds, errors = [], []
    for row in range(16):
        for column in range(16):
            chances = shares[:, row // 8, column // 8].tolist()
            pixels = centres[:, row % 8, column % 8].tolist()
            spread = 0.0
            for channel in range(3):
                values = [one[channel] for one in pixels]
                mean = sum(p * w for p, w in zip(chances, values, strict=True))
                spread += sum(p * w * w for p, w in zip(chances, values, strict=True)) - mean**2
            likely = pixels[max(range(5), key=chances.__getitem__)]
            true = batch.views["frames"][0, 2, :, row, column].tolist()
            sds.append(math.sqrt(spread / 3))
            errors.append(
                math.sqrt(sum((a - b) ** 2 for a, b in zip(likely, true, strict=True)) / 3)
            )
    found = method.objective({"raw": raw}, batch, clock(snapshot=True))
    expected = statistics.correlation(sds, errors)
    assert found.terms["unsure where wrong"].item() == pytest.approx(expected, rel=1e-6)
    assert "uncertainty" not in found.terms
    grid = found.diagnostics["frames"]
    assert grid.rows == ("before", "predicted", "true", "after", "unsure", "error")
    white = max(*sds, *errors)
    for name, values in (("unsure", sds), ("error", errors)):
        painted = grid.images[grid.rows.index(name), 0, :, :, 0].ravel().tolist()
        assert painted == pytest.approx([255 * one / white for one in values], abs=0.51), name
    bars = found.diagnostics["reliability"].values
    assert bars[1::2].min() > 0
    assert math.sqrt((bars[::2] ** 2).mean()) == pytest.approx(math.dist(sds, [0] * 256) / 16)


def test_it_learns_to_be_unsure_where_frames_leave_more_than_one_answer():
    """The left half stands still; of the right half every frame is drawn anew."""
    method = make(KEY)
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.AdamW(method.parameters(), 1e-2)
    for _ in range(25):
        still = torch.rand(8, 1, 3, 16, 16, generator=generator)
        wild = torch.rand(8, 5, 3, 16, 16, generator=generator)
        frames = torch.cat((still.expand_as(wild)[..., :8], wild[..., 8:]), -1)
        output = method.training_step(Batch(torch.arange(8), {"frames": frames}), clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert output.terms["unsure where wrong"] > 0.5
    expected = method.project(Batch(torch.arange(8), {"frames": frames}), clock())["unsure"]
    sd = method._variance({"unsure": expected.flatten(0, 1)}).sqrt()
    assert sd[..., 10:].mean() > 2 * sd[..., :6].mean()


def test_a_checkpoint_without_the_second_output_still_opens():
    method, other = make(KEY), make(KEY, seed=1)
    state = {name: one for name, one in method.state_dict().items() if "unsure" not in name}
    fresh = other.unsure[0].weight.clone()
    other.load_state_dict(state)
    assert torch.equal(other.decoder.layers[0].weight, method.decoder.layers[0].weight)
    assert torch.equal(other.unsure[0].weight, fresh)
    state = method.state_dict()
    del state["unsure.0.weight"]
    with pytest.raises(RuntimeError, match=r"Missing key.*unsure\.0\.weight"):
        other.load_state_dict(state)
