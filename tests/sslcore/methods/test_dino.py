"""DINO: centred and sharpened answers, the teacher that follows, both collapses."""

import math

import pytest
import torch

from sslcore.method import Clock
from sslcore.methods.dino import distillation, sharpened
from tests.sslcore.methods.steps import clock, facts, make, make_batch


def double(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def softmax(row):
    total = sum(math.exp(one) for one in row)
    return [math.exp(one) / total for one in row]


def plain(student, teacher, centre, warm, sharp):
    """The pseudocode of the paper for one pair of crops, image by image."""
    found = []
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        p_t = softmax([(one - c) / sharp for one, c in zip(t, centre.tolist(), strict=True)])
        p_s = softmax([one / warm for one in s])
        found.append(-sum(a * math.log(b) for a, b in zip(p_t, p_s, strict=True)))
    return found


def test_distillation_is_the_pseudocode_of_the_paper():
    student, teacher, centre = double(5, 7), double(5, 7, seed=1), double(7, seed=2)
    found = distillation(student, teacher, centre, 0.7, 0.4)
    assert found.tolist() == pytest.approx(plain(student, teacher, centre, 0.7, 0.4), rel=1e-9)


def test_a_shift_common_to_teacher_and_centre_changes_nothing():
    student, teacher, centre = double(5, 7), double(5, 7, seed=1), double(7, seed=2)
    shift = 10 * double(7, seed=3)
    torch.testing.assert_close(
        distillation(student, teacher + shift, centre + shift, 0.1, 0.04),
        distillation(student, teacher, centre, 0.1, 0.04),
    )


def test_only_the_student_gets_a_gradient():
    student, teacher = double(3, 4).requires_grad_(), double(3, 4, seed=1).requires_grad_()
    distillation(student, teacher, torch.zeros(4), 0.1, 0.04).sum().backward()
    assert student.grad.abs().max() > 0
    assert teacher.grad is None


@pytest.mark.parametrize("values", [torch.zeros(1, 4), 1e4 * double(3, 4), double(3, 4).half()])
def test_odd_answers_give_a_finite_loss(values):
    assert distillation(values, values, torch.zeros(4), 0.1, 0.04).isfinite().all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="must be"):
        distillation(torch.zeros(2, 3), torch.zeros(2, 4), torch.zeros(4), 0.1, 0.04)
    with pytest.raises(ValueError, match="student_temperature"):
        distillation(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(3), 0.0, 0.04)
    with pytest.raises(ValueError, match="teacher_temperature"):
        sharpened(torch.zeros(2, 3), torch.zeros(3), -1.0)


def test_the_loss_pairs_each_large_crop_with_every_other_crop():
    method = make("dino", outputs=6, local_crops=2)
    batch = make_batch(method)
    method.centre = double(6, seed=9)
    projected = {
        "global": double(8, 2, 6),
        "local": double(8, 2, 6, seed=1),
        "teacher": double(8, 2, 6, seed=2),
    }
    student = torch.cat([projected["global"], projected["local"]], 1)
    expected = []
    for large in (0, 1):
        for crop in range(4):
            if crop != large:
                teacher = projected["teacher"][:, large]
                expected += plain(student[:, crop], teacher, method.centre, 0.1, 0.04)
    output = method.objective(projected, batch, clock())
    assert output.loss.item() == pytest.approx(sum(expected) / len(expected), rel=1e-9)
    total = output.terms["teacher entropy"] + output.terms["divergence"]
    assert total.item() == pytest.approx(output.loss.item(), rel=1e-9)


def test_equal_answers_cost_ln_k():
    method = make("dino", outputs=50)
    alike = torch.zeros(8, 2, 50)
    projected = {"global": alike, "local": alike, "teacher": alike}
    loss = method.objective(projected, make_batch(method), clock()).loss.item()
    assert loss == pytest.approx(next(iter(method.constants().values())), rel=1e-5)


def test_centre_and_teacher_move_as_moving_averages():
    method = make("dino", outputs=5, momentum=0.9, centre_momentum=0.75)
    method.centre = torch.arange(5.0)
    with torch.no_grad():
        for one in method.online.parameters():
            one.add_(1.0)
    before = next(method.teacher.parameters()).clone()
    online = next(method.online.parameters())
    answers = torch.rand(8, 5)
    halfway = Clock(5, 10, 1.0, False, torch.Generator())
    method.after_step({"teacher": answers}, halfway)
    expected = 0.75 * torch.arange(5.0) + 0.25 * answers.mean(0)
    torch.testing.assert_close(method.centre, expected)
    momentum = 1 - 0.1 * (1 + math.cos(math.pi / 2)) / 2
    follows = momentum * before + (1 - momentum) * online
    torch.testing.assert_close(next(method.teacher.parameters()), follows)
    assert not any(one.requires_grad for one in method.teacher.parameters())


def test_the_teacher_warms_up_on_a_straight_line():
    method = make("dino", teacher_temperature_start=0.02, teacher_temperature=0.06)
    at = [method.teacher_temperature(Clock(s, 100, 0, False, torch.Generator())) for s in (0, 15)]
    assert at == pytest.approx([0.02, 0.04])
    assert method.teacher_temperature(Clock(30, 100, 0, False, torch.Generator())) == 0.06


def test_the_last_layer_waits_and_the_teacher_is_kept():
    method = make("dino")
    waiting = {group.name: group.frozen_epochs for group in method.parameter_groups()}
    assert waiting == {"encoder and head": 0.0, "last layer": 1.0}
    assert method.encoder() is method.teacher


@pytest.mark.parametrize("backbone", ["resnet_small", "vit_mini"])
def test_looking_is_shown_for_every_backbone(backbone):
    method = make("dino", backbone=backbone, known=facts(size=32), local_size=16)
    grid = method.training_step(make_batch(method), clock(snapshot=True)).diagnostics["attention"]
    assert grid.images.shape == (2, 8, 32, 32, 3)
    assert grid.images[1].std() > 0


def test_a_student_learns_what_a_teacher_that_stands_still_says():
    method = make("dino", outputs=16, momentum=1.0, centre_momentum=0.9999)
    optimiser = torch.optim.SGD(method.parameters(), 0.1, momentum=0.9)
    batch = make_batch(method)
    first = method.training_step(batch, clock()).terms["divergence"].item()
    for step in range(20):
        output = method.training_step(batch, clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert method.training_step(batch, clock()).terms["divergence"].item() < 0.5 * first
