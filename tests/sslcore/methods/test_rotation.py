"""Rotation: the answer fits the picture, and the numbers fit the answer."""

import math

import numpy as np
import pytest
import torch

from sslcore.methods.rotation import confusion, cross_entropy
from tests.sslcore.methods.steps import clock, make, make_batch


def test_the_loss_is_minus_log_of_the_softmax_written_out():
    torch.manual_seed(0)
    logits = torch.randn(6, 4, dtype=torch.float64)
    angle = torch.tensor([0, 1, 2, 3, 3, 0])
    expected = []
    for row, right in zip(logits.tolist(), angle.tolist(), strict=True):
        expected.append(-math.log(math.exp(row[right]) / sum(math.exp(x) for x in row)))
    assert cross_entropy(logits, angle).tolist() == pytest.approx(expected, rel=1e-9)


def test_a_number_added_to_all_scores_changes_nothing():
    logits = torch.randn(6, 4, dtype=torch.float64)
    angle = torch.arange(6) % 4
    torch.testing.assert_close(cross_entropy(logits + 100, angle), cross_entropy(logits, angle))


@pytest.mark.parametrize("value", [0.0, 1e4])
def test_extreme_scores_stay_finite(value):
    logits = torch.full((2, 4), value, dtype=torch.float16)
    loss = cross_entropy(logits, torch.tensor([0, 3]))
    assert loss.dtype == torch.float32
    assert loss.tolist() == pytest.approx([math.log(4)] * 2)


def test_scores_without_an_answer_each_are_refused():
    with pytest.raises(ValueError, match="4 scores for each of 3 pictures"):
        cross_entropy(torch.zeros(2, 4), torch.zeros(3, dtype=torch.int64))


def test_answer_and_picture_agree():
    method = make("rotation")
    batch = make_batch(method)
    images, angles = batch.views["rotated"], batch.truth["rotated/rotations"]
    assert images.shape[:2] == angles.shape == (8, 4)
    for image in range(8):
        for view in range(4):
            turned = torch.rot90(images[image, 0], int(angles[image, view]), (-2, -1))
            assert torch.equal(images[image, view], turned)


def test_a_step_counts_every_picture_and_its_answer():
    method = make("rotation").eval()
    batch = make_batch(method)
    answers = batch.truth["rotated/rotations"]
    logits = torch.zeros(8, 4, 4, dtype=torch.float64)
    logits.scatter_(2, answers[..., None], 3.0)
    logits[0, 0] = torch.tensor([0.0, 5.0, 0.0, 0.0])  # one wrong guess
    right = -math.log(math.exp(3) / (math.exp(3) + 3))
    wrong = -math.log(1 / (math.exp(5) + 3))
    output = method.objective({"logits": logits}, batch, clock(snapshot=True))
    assert output.loss.item() == pytest.approx((31 * right + wrong) / 32, rel=1e-9)
    assert output.terms["accuracy"].item() == pytest.approx(31 / 32)
    expected = np.eye(4)
    expected[0, :2] = 7 / 8, 1 / 8
    assert output.diagnostics["confusion"].values == pytest.approx(expected)
    guesses = output.diagnostics["guesses"]
    assert guesses.rows == tuple(f"turned by {one}°" for one in (0, 90, 180, 270))
    assert guesses.captions[0] == ("90°", *["0°"] * 7)
    assert guesses.captions[3] == ("270°",) * 8
    assert guesses.ids.tolist() == batch.index.tolist()
    pictures = (batch.views["rotated"][:, 1] * 255).round().byte().permute(0, 2, 3, 1).numpy()
    assert np.array_equal(guesses.images[1], pictures)


def test_rows_of_the_confusion_matrix_add_up_to_one():
    torch.manual_seed(0)
    guess, angle = torch.randint(0, 4, (2, 50))
    expected = np.zeros((4, 4))
    for said, true in zip(guess.tolist(), angle.tolist(), strict=True):
        expected[true, said] += 1
    expected /= expected.sum(1, keepdims=True)
    assert confusion(guess, angle).numpy() == pytest.approx(expected)
    only_two = confusion(torch.tensor([1]), torch.tensor([2]))
    assert only_two.sum(1).tolist() == [0, 0, 1, 0]


def test_guessing_costs_the_constant():
    method = make("rotation")
    with torch.no_grad():
        method.classifier.weight.zero_()
        method.classifier.bias.zero_()
    loss = method.training_step(make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(method.constants()["ln 4 (guessing)"])


def test_energy_is_the_error_of_an_image_over_its_pictures():
    method = make("rotation").eval()
    batch = make_batch(method)
    whole = method.training_step(batch, clock()).loss
    torch.testing.assert_close(method.energy(batch).mean(), whole)


def test_the_network_learns_which_way_is_up():
    method = make("rotation")
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.1, momentum=0.9)
    for _ in range(30):
        output = method.training_step(batch, clock())
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert output.terms["accuracy"] > 0.6
    assert output.loss < 1.0
