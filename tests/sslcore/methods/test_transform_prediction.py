"""Transform prediction: the questions, the answers, what colourless images leave of them."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.transforms import TRANSFORMS
from sslcore.config import ConfigError
from sslcore.methods.transform_prediction import binary_cross_entropy
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config

KEY = "transform_prediction"


def test_the_loss_is_binary_cross_entropy_written_out():
    torch.manual_seed(0)
    scores = torch.randn(6, 3, dtype=torch.float64)
    answer = torch.randint(0, 2, (6, 3))
    for row in range(6):
        for column in range(3):
            p = 1 / (1 + math.exp(-scores[row, column].item()))
            expected = -math.log(p if answer[row, column] else 1 - p)
            found = binary_cross_entropy(scores, answer)[row, column].item()
            assert found == pytest.approx(expected, rel=1e-9)


def test_asking_the_opposite_of_the_opposite_score_costs_the_same():
    scores = torch.randn(6, 3, dtype=torch.float64)
    answer = torch.randint(0, 2, (6, 3))
    opposite = binary_cross_entropy(-scores, 1 - answer)
    torch.testing.assert_close(binary_cross_entropy(scores, answer), opposite)


@pytest.mark.parametrize("value", [0.0, 1e4, -1e4])
def test_extreme_scores_stay_finite(value):
    loss = binary_cross_entropy(torch.full((2, 2), value, dtype=torch.float16), torch.eye(2).long())
    assert loss.dtype == torch.float32
    assert loss.isfinite().all()


def test_scores_without_an_answer_each_are_refused():
    with pytest.raises(ValueError, match=r"an answer for every score, got \(2, 1\)"):
        binary_cross_entropy(torch.zeros(2, 3), torch.zeros(2, 1))


def test_a_step_counts_every_answer_and_shows_it():
    method = make(KEY, solarize=False)
    batch = make_batch(method)
    assert method.asked == ("horizontal_flip", "vertical_flip", "grey", "gaussian_blur")
    answer = batch.truth["changed/transforms"][..., [0, 1, 2, 4]]
    scores = torch.where(answer > 0, 2.0, -2.0).double()  # B V J
    scores[0, 0, 2] *= -1  # one wrong answer
    output = method.objective({"scores": scores}, batch, clock(snapshot=True))
    right, wrong = math.log(1 + math.exp(-2)), math.log(1 + math.exp(2))
    assert output.loss.item() == pytest.approx((31 * right + wrong) / 32, rel=1e-9)
    assert output.terms["accuracy"].item() == pytest.approx(31 / 32)
    bars = output.diagnostics["accuracy"]
    assert bars.labels == ("horizontal flip", "vertical flip", "grey", "blur")
    assert bars.values == pytest.approx([1, 1, 7 / 8, 1])
    grid = output.diagnostics["guesses"]
    assert grid.ids.tolist() == batch.index.tolist()
    assert [one == two for one, two in zip(*grid.captions, strict=True)] == [False] + [True] * 7
    done = "grey" in grid.captions[0][0]
    assert done is bool(answer[0, 0, 2])
    for row, name in enumerate(("whole", "changed")):
        expected = (batch.view(name) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        assert np.array_equal(grid.images[row], expected)


@pytest.mark.parametrize("channels", [1, 4])
def test_images_without_colour_are_not_asked_for_grey_and_the_reason_is_told(channels):
    method = make(KEY, known=facts(channels=channels))
    assert method.left_out == ("grey",)
    batch = make_batch(method)
    assert (batch.truth["changed/transforms"][..., 2] == -1).all()
    bars = method.training_step(batch, clock(snapshot=True)).diagnostics["accuracy"]
    assert "grey" not in bars.labels
    assert "no colour, so not asked: grey" in bars.axis


def test_nothing_left_to_ask_is_refused():
    only_grey = {name: name == "grey" for name in TRANSFORMS}
    with pytest.raises(ConfigError, match=r"method\.grey = True: these images have 1 channels"):
        make(KEY, known=facts(channels=1), **only_grey)
    with pytest.raises(ConfigError, match="nothing to ask for; switch on one of"):
        small_config(KEY, **dict.fromkeys(TRANSFORMS, False))


def test_views_that_do_not_apply_what_is_asked_for_are_refused():
    method = make(KEY)
    plan = method.default_views(method.config, method.facts)
    whole, changed = plan.views
    fewer = changed.changed(steps=(changed.steps[0].changed(solarize=False),))
    method.default_views = lambda config, known: plan.changed(views=(whole, fewer))
    with pytest.raises(ValueError, match="no longer apply 'solarize'"):
        method.training_step(make_batch(method), clock())


def test_guessing_costs_the_constant():
    method = make(KEY)
    with torch.no_grad():
        method.classifier.weight.zero_()
        method.classifier.bias.zero_()
    loss = method.training_step(make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(method.constants()["ln 2 (guessing)"])


def test_energy_is_the_error_of_an_image():
    method = make(KEY).eval()
    batch = make_batch(method)
    whole = method.training_step(batch, clock()).loss
    torch.testing.assert_close(method.energy(batch).mean(), whole)


def test_a_batch_of_one_is_answered():
    method = make(KEY, known=facts(size=32))
    assert method.training_step(make_batch(method, count=1), clock(snapshot=True)).loss.isfinite()


def test_the_network_learns_what_was_done():
    method = make(KEY)
    batch = make_batch(method, count=16)
    optimiser = torch.optim.SGD(method.parameters(), 0.1, momentum=0.9)
    for _ in range(30):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert output.terms["accuracy"] > 0.8
    assert output.loss < 0.5
