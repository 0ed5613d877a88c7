"""MAE: what is hidden, what is scored, what it shows, what it refuses."""

import numpy as np
import pytest
import torch

from sslcore.augment.masks import GREY
from sslcore.config import ConfigError
from sslcore.methods.mae import patch_error, patchify, reconstruction, unpatchify
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "mae"


def plain_error(predicted, original, normalise):
    """One patch and one value at a time."""
    found = np.zeros(predicted.shape[:2])
    for image in range(predicted.shape[0]):
        for number in range(predicted.shape[1]):
            values = [float(one) for one in original[image, number]]
            if normalise:
                mean = sum(values) / len(values)
                variance = sum((one - mean) ** 2 for one in values) / (len(values) - 1)
                values = [(one - mean) / (variance + 1e-6) ** 0.5 for one in values]
            guessed = [float(one) for one in predicted[image, number]]
            squares = [(a - b) ** 2 for a, b in zip(guessed, values, strict=True)]
            found[image, number] = sum(squares) / len(squares)
    return found


@pytest.mark.parametrize("normalise", [True, False])
def test_the_loss_is_that_of_a_plain_loop(normalise):
    generator = torch.Generator().manual_seed(0)
    predicted, original = torch.randn(2, 3, 5, 12, generator=generator, dtype=torch.float64)
    expected = plain_error(predicted, original, normalise)
    found = patch_error(predicted, original, normalise).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    loss = reconstruction(predicted, original, normalise)
    assert loss.item() == pytest.approx(expected.mean(), rel=1e-9)
    mask = torch.rand(3, 5, generator=generator) < 0.5
    loss = reconstruction(predicted, original, normalise, mask)
    assert loss.item() == pytest.approx(expected[mask.numpy()].mean(), rel=1e-9)


def test_normalised_targets_know_neither_brightness_nor_contrast():
    predicted, original = torch.randn(2, 2, 4, 48, dtype=torch.float64)
    loss = reconstruction(predicted, original, True)
    torch.testing.assert_close(
        reconstruction(predicted, 7.0 * original - 3.0, True), loss, rtol=1e-6, atol=0
    )
    assert not torch.isclose(reconstruction(predicted, 7.0 * original - 3.0, False), loss)


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize(
    "original",
    [torch.zeros(1, 4, 12), torch.full((2, 4, 12), 0.3), torch.randn(2, 4, 12) * 1e4],
    ids=["black", "flat", "huge"],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_odd_patches_give_a_finite_loss_and_gradient(original, normalise, dtype):
    predicted = torch.randn(original.shape).to(dtype).requires_grad_()
    loss = reconstruction(predicted, original.to(dtype), normalise)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert predicted.grad.isfinite().all()


def test_a_mask_without_a_patch_costs_nothing_and_shapes_must_fit():
    patches = torch.rand(2, 4, 12)
    assert reconstruction(patches, patches + 1, False, torch.zeros(2, 4)) == 0
    with pytest.raises(ValueError, match="differ in shape"):
        reconstruction(patches, patches[:, :3], True)


def test_the_encoder_sees_a_quarter_and_the_loss_the_rest():
    method = make(KEY, normalise_targets=False)
    batch = make_batch(method)
    hidden = batch.truth["masked/patch_mask"][:, 0]
    assert hidden.sum(1).tolist() == [12] * 8  # of 16
    painted = method.project(batch, clock())["painted"]
    assert painted.shape == (8, 12, 48)
    # Changing hidden pixels changes the target but not what is painted.
    other = torch.where(
        unpatchify(hidden[..., None].expand(-1, -1, 48), (4, 4), 3), 0.9, batch.view("whole")
    )
    batch.views["whole"][:, 0] = other
    assert torch.equal(method.project(batch, clock())["painted"], painted)
    error = patchify(other, 4)[hidden].view(8, 12, 48) - painted.detach()
    loss = method.objective({"painted": painted}, batch, clock()).loss
    torch.testing.assert_close(loss.detach(), error.square().mean())


def test_only_the_patches_that_are_seen_count_as_work():
    for ratio in (0.5, 0.75):
        method = make(KEY, mask_ratio=ratio)
        hidden = make_batch(method).truth["masked/patch_mask"]
        assert method.seen == 1 - hidden.float().mean().item()


def test_flat_patches_cost_what_the_constant_says():
    method = make(KEY)
    output = method.objective({"painted": torch.zeros(8, 12, 48)}, make_batch(method), clock())
    assert output.loss.item() == pytest.approx(method.constants()["1 - 1/P"], rel=1e-3)
    assert make(KEY, normalise_targets=False).constants() == {}


def test_it_learns_to_paint():
    method = make(KEY)
    batch = make_batch(method)
    optimiser = torch.optim.AdamW(method.parameters(), 3e-3)
    before = method.energy(batch).mean()
    for _ in range(40):
        optimiser.zero_grad()
        method.training_step(batch, clock()).loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < 0.9 * before


@pytest.mark.parametrize("normalise", [True, False])
def test_the_grid_shows_a_perfect_painting_as_the_original(normalise):
    method = make(KEY, normalise_targets=normalise)
    batch = make_batch(method)
    mask = batch.truth["masked/patch_mask"][:, 0]
    hidden = patchify(batch.view("whole"), 4)[mask].view(8, 12, 48)
    perfect = hidden
    if normalise:
        deviation = (hidden.var(-1, keepdim=True) + 1e-6).sqrt()
        perfect = (hidden - hidden.mean(-1, keepdim=True)) / deviation
    output = method.objective({"painted": perfect}, batch, clock(snapshot=True))
    assert output.loss < 1e-8
    shown = output.diagnostics["reconstructions"]
    assert shown.rows == ("masked", "painted in", "original")
    assert shown.ids.tolist() == batch.index.tolist()
    assert np.abs(shown.images[1].astype(int) - shown.images[2]).max() <= 1
    masked = (batch.view("masked") * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert np.array_equal(shown.images[0], masked)
    assert (shown.images[0] == round(255 * GREY)).mean() >= 0.75


def test_energy_is_the_error_per_image_averaged_over_copies():
    method = make(KEY)
    plan = method.default_views(method.config, method.facts)
    copies = (plan.views[0], plan.views[1].changed(copies=3))
    method.default_views = lambda config, known: plan.changed(views=copies)
    batch = make_batch(method)
    energy = method.energy(batch)
    assert energy.shape == (8,)
    torch.testing.assert_close(energy.mean(), method.training_step(batch, clock()).loss.detach())


def test_a_batch_of_one_and_few_patches_work():
    method = make(KEY, known=facts(size=8), mask_ratio=0.5)
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


def test_what_cannot_work_is_refused():
    with pytest.raises(ConfigError, match=r"MAE works on the patches.*vit_mini or vit_tiny"):
        make(KEY, backbone="resnet_small")
    with pytest.raises(ConfigError, match=r"mask_ratio = 1\.0"):
        small_config(KEY, mask_ratio=1.0)
    method = make(KEY, known=facts(size=8), mask_ratio=0.95)  # of 4 patches none is left
    with pytest.raises(ConfigError, match="between 0 and 0 patches are left"):
        method.training_step(make_batch(method), clock())
