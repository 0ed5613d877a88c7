"""The denoising autoencoder: what it sees, what it is scored on, what it shows."""

import numpy as np
import pytest
import torch

from sslcore.config import ConfigError
from tests.sslcore.methods.steps import clock, make, make_batch, small_config

KEY = "denoising_autoencoder"
KINDS = ("gaussian_noise", "masking", "salt_and_pepper")


def raw_like(batch, value=None):
    torch.manual_seed(0)
    clean = batch.view("clean")
    return torch.randn_like(clean, dtype=torch.float64) if value is None else clean * 0 + value


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (1.0, 1.0), (2.0, 0.5)])
def test_the_loss_weighs_corrupted_and_untouched_pixels(alpha, beta):
    method = make(KEY, alpha=alpha, beta=beta, output="linear")
    batch = make_batch(method)
    raw = raw_like(batch)
    clean = batch.view("clean").double().numpy()
    touched = batch.truth["corrupted/masking"].flatten(0, 1).numpy()
    error = (raw.numpy() - clean) ** 2
    corrupted = alpha * np.where(touched, error, 0).sum() / error.size
    untouched = beta * np.where(touched, 0, error).sum() / error.size
    output = method.objective({"raw": raw}, batch, clock())
    assert output.terms["corrupted"].item() == pytest.approx(corrupted, rel=1e-9)
    assert output.terms["untouched"].item() == pytest.approx(untouched, rel=1e-9)
    assert output.loss.item() == pytest.approx(corrupted + untouched, rel=1e-9)


def test_corrupted_is_the_clean_view_with_a_quarter_of_its_pixels_lost():
    method = make(KEY)
    batch = make_batch(method)
    clean, corrupted = batch.views["clean"], batch.views["corrupted"]
    touched = batch.truth["corrupted/masking"].expand_as(clean)
    assert touched.float().mean().item() == pytest.approx(0.25)
    assert torch.equal(corrupted, torch.where(touched, 0.0, clean))


@pytest.mark.parametrize("kind", KINDS)
def test_every_corruption_gives_a_loss_and_leaves_untouched_pixels_alone(kind):
    method = make(KEY, corruption=kind)
    batch = make_batch(method)
    touched = batch.truth[f"corrupted/{kind}"].expand_as(batch.views["clean"])
    kept = torch.where(touched, batch.views["clean"], batch.views["corrupted"])
    assert torch.equal(kept, batch.views["clean"])
    assert touched.any()
    assert method.training_step(batch, clock(snapshot=True)).loss.isfinite()


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_it_learns_to_restore(loss):
    method = make(KEY, loss=loss, beta=1.0)
    batch = make_batch(method)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    losses = []
    before = method.energy(batch).mean()
    for _ in range(25):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        losses.append(output.loss.item())
    assert losses[-1] < losses[0]
    assert method.energy(batch).mean() < before


def test_a_perfect_restoration_costs_nothing():
    method = make(KEY, output="linear", beta=1.0)
    batch = make_batch(method)
    assert method.objective({"raw": batch.view("clean")}, batch, clock()).loss == 0


def test_the_grid_shows_what_went_in_and_what_came_out():
    method = make(KEY, output="linear")
    batch = make_batch(method)
    raw = (batch.view("clean") + 0.1).clamp(0, 1)
    shown = method.objective({"raw": raw}, batch, clock(snapshot=True)).diagnostics[
        "reconstructions"
    ]
    assert shown.rows == ("clean", "corrupted", "restored", "error")
    assert shown.ids.tolist() == batch.index.tolist()
    for row, images in enumerate([batch.view("clean"), batch.view("corrupted"), raw]):
        expected = (images * 255).round().byte().permute(0, 2, 3, 1).numpy()
        assert np.array_equal(shown.images[row], expected)
    assert shown.images[3].max() == 255


def test_switched_off_corruption_leaves_only_untouched_pixels():
    method = make(KEY, beta=1.0)
    plan = method.default_views(method.config, method.facts)
    clean, corrupted = plan.views
    off = corrupted.changed(steps=(corrupted.steps[0].changed(enabled=False),))
    method.default_views = lambda config, facts: plan.changed(views=(clean, off))
    output = method.training_step(make_batch(method), clock())
    assert output.terms["corrupted"] == 0
    assert output.terms["untouched"] > 0


def test_several_corruptions_of_one_image_are_all_scored_against_it():
    method = make(KEY, output="linear", beta=1.0)
    plan = method.default_views(method.config, method.facts)
    clean, corrupted = plan.views
    method.default_views = lambda config, facts: plan.changed(
        views=(clean, corrupted.changed(copies=3))
    )
    batch = make_batch(method)
    raw = batch.view("clean").repeat_interleave(3, 0)
    assert method.objective({"raw": raw}, batch, clock()).loss == 0
    assert method.energy(batch).shape == (8,)


def test_energy_is_the_squared_error_per_image():
    method = make(KEY, output="linear").eval()
    batch = make_batch(method)
    raw = method.project(batch, clock())["raw"].detach()
    expected = (raw - batch.view("clean")).square().flatten(1).mean(1)
    torch.testing.assert_close(method.energy(batch), expected)


def test_a_batch_of_one_can_be_restored():
    method = make(KEY)
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "bce", "output": "linear"}, "'bce' needs output = 'sigmoid'"),
        ({"alpha": 0.0, "beta": 0.0}, "leave no loss"),
        ({"fraction": 1.0}, r"fraction = 1\.0"),
        ({"corruption": "rain"}, "corruption = 'rain'"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        small_config(KEY, **wrong)
