"""Split-brain autoencoder: what each half sees and is scored on, and that features are both."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.colour_space import lab
from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.methods.split_brain import lightness_error, squared_error
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "split_brain"


def random_scores(*channels):
    torch.manual_seed(0)
    return [torch.randn(2, 1, count, 4, 4, dtype=torch.float64) for count in channels]


def double(batch):
    return Batch(batch.index, {"whole": batch.views["whole"].double()})


def blocks(images):
    """(N, 3, 4, 4): means of Lab over blocks of 4 x 4."""
    return lab(images).reshape(len(images), 3, 4, 4, 4, 4).mean((3, 5))


def log_share(scores, number):
    return scores[number] - math.log(sum(math.exp(one) for one in scores))


def test_the_classification_loss_is_both_cross_entropies():
    method = make(KEY, rebalance=1.0).double()
    batch = double(make_batch(method, count=2))
    colour, lightness = random_scores(261, 100)
    true = blocks(batch.view("whole"))
    bins = method.palette.bins.tolist()
    errors = {"colour": [], "lightness": []}
    for i in range(2):
        for r in range(4):
            for c in range(4):
                light, *ab = true[i, :, r, c].tolist()
                scores = lightness[i, 0, :, r, c].tolist()
                errors["lightness"].append(-log_share(scores, min(int(light), 99)))
                distances = [math.dist(ab, one) for one in bins]
                nearest = sorted(range(261), key=distances.__getitem__)[:5]
                weights = [math.exp(-(distances[q] ** 2) / 50) for q in nearest]
                scores = colour[i, 0, :, r, c].tolist()
                found = sum(w * log_share(scores, q) for q, w in zip(nearest, weights, strict=True))
                errors["colour"].append(-found / sum(weights))
    output = method.objective({"colour": colour, "lightness": lightness}, batch, clock())
    for name, values in errors.items():
        assert output.terms[name].item() == pytest.approx(np.mean(values), rel=1e-9)
    assert output.loss.item() == pytest.approx(
        np.mean(errors["colour"]) + np.mean(errors["lightness"]), rel=1e-9
    )


@pytest.mark.parametrize("half", ["colour", "lightness"])
@pytest.mark.parametrize("shift", [7.5, -1e3])
def test_a_constant_added_to_all_scores_of_a_pixel_changes_nothing(half, shift):
    method = make(KEY).double()
    batch = double(make_batch(method, count=2))
    scores = dict(zip(("colour", "lightness"), random_scores(261, 100), strict=True))

    def gradients(said):
        leaves = {name: one.clone().requires_grad_() for name, one in said.items()}
        loss = method.objective(leaves, batch, clock()).loss
        loss.backward()
        return loss.detach(), *(one.grad for one in leaves.values())

    shifted = {name: one.clone() for name, one in scores.items()}
    shifted[half][1, :, :, 2, 3] += shift
    plain = gradients(scores)
    torch.testing.assert_close(gradients(shifted), plain, rtol=1e-9, atol=1e-12)
    # One score alone does change it, as does the same constant where values are predicted.
    shifted[half][1, :, 5, 2, 3] += shift
    assert abs(gradients(shifted)[0] - plain[0]) > 1e-6
    method = make(KEY, loss="regression").double()
    scores = dict(zip(("colour", "lightness"), random_scores(2, 1), strict=True))
    before = gradients(scores)[0]
    scores[half][1, :, :, 2, 3] += shift
    assert abs(gradients(scores)[0] - before) > 1e-2


def test_the_regression_loss_is_both_squared_errors():
    method = make(KEY, loss="regression").double()
    batch = double(make_batch(method, count=2))
    colour, lightness = random_scores(2, 1)
    true = blocks(batch.view("whole")).numpy()
    expected_colour = 0.5 * ((colour[:, 0].numpy() - true[:, 1:] / 25) ** 2).sum(1).mean()
    expected_lightness = 0.5 * ((lightness[:, 0].numpy() - (true[:, :1] - 50) / 25) ** 2).mean()
    output = method.objective({"colour": colour, "lightness": lightness}, batch, clock())
    assert output.terms["colour"].item() == pytest.approx(expected_colour, rel=1e-9)
    assert output.terms["lightness"].item() == pytest.approx(expected_lightness, rel=1e-9)
    assert method.constants() == {}


def test_each_half_is_trained_by_its_own_error_alone():
    method = make(KEY)
    batch = make_batch(method)
    for name, part, other in (
        ("colour", "backbone", "colour_backbone"),
        ("lightness", "colour_backbone", "backbone"),
    ):
        method.zero_grad()
        method.project(batch, clock())[name].square().sum().backward()
        assert all(one.grad is None for one in getattr(method.online, other).parameters())
        assert any(one.grad.abs().max() > 0 for one in getattr(method.online, part).parameters())


def test_features_are_both_halves_and_the_same_design():
    method = make(KEY)
    known = make("rotation").online.dimensions
    assert method.encoder().dimensions == 2 * known
    assert method.embed(torch.rand(3, 3, 16, 16)).shape == (3, 2 * known)


def test_a_sure_and_right_answer_costs_next_to_nothing_and_is_shown():
    method = make(KEY)
    pale = torch.full((8, 1, 3, 16, 16), 0.5)
    batch = Batch(torch.arange(8), {"whole": pale})
    true = blocks(pale.flatten(0, 1))
    colour = torch.zeros(8, 1, 261, 4, 4)
    grey = (method.palette.bins == 0).all(1).nonzero().item()
    colour[:, :, grey] = 60.0
    lightness = torch.zeros(8, 1, 100, 4, 4)
    lightness[:, :, int(true[0, 0, 0, 0])] = 60.0
    projected = {"colour": colour, "lightness": lightness}
    output = method.objective(projected, batch, clock(snapshot=True))
    assert output.terms["lightness"] < 1e-6
    assert output.terms["lightness_distance"] < 0.51
    assert output.terms["colour_distance"] < 0.1
    grid = output.diagnostics["halves"]
    assert grid.rows == ("grey seen", "colour said", "colour seen", "lightness said", "true")
    assert np.abs(grid.images[[0, 1, 3, 4]].astype(int) - 128).max() <= 2


@pytest.mark.parametrize("loss", ["classification", "regression"])
def test_it_learns_both(loss):
    method = make(KEY, loss=loss)
    batch = make_batch(method)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    before = method.energy(batch).mean()
    for _ in range(20):
        output = method.training_step(batch, clock(snapshot=True))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < before


def test_guessing_costs_what_the_constant_says():
    method = make(KEY, rebalance=1.0)
    projected = {"colour": torch.zeros(8, 1, 261, 4, 4), "lightness": torch.zeros(8, 1, 100, 4, 4)}
    loss = method.objective(projected, make_batch(method), clock()).loss
    assert loss.item() == pytest.approx(*method.constants().values(), rel=1e-5)


def test_black_white_and_large_scores_stay_finite():
    for value in (0.0, 100.0, 1e4, -1e4):
        error = lightness_error(
            torch.full((1, 100, 2, 2), 1e4, dtype=torch.float16), torch.full((1, 2, 2), value)
        )
        assert error.dtype == torch.float32
        assert error.isfinite().all()
    assert squared_error(torch.ones(1, 2, 2, 2).half(), torch.zeros(1, 2, 2, 2)).tolist() == [
        [[1.0, 1.0], [1.0, 1.0]]
    ]
    assert make(KEY).training_step(make_batch(make(KEY), count=1), clock()).loss.isfinite()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match=r"Split-brain .* 1 channel; choose denoising_auto"):
        make(KEY, known=facts(channels=1))
    with pytest.raises(ValueError, match="need 100 scores of lightness, got 3"):
        lightness_error(torch.zeros(1, 3, 2, 2), torch.zeros(1, 2, 2))
    with pytest.raises(ConfigError, match="loss = 'ranking'"):
        small_config(KEY, loss="ranking")
