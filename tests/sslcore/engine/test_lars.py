"""LARS against a derivation with plain numbers."""

import math

import pytest
import torch

from sslcore.engine.lars import Lars


def slow(
    weight: list[float],
    gradients: list[list[float]],
    rate: float,
    momentum: float,
    decay: float,
    trust: float,
    adapts: bool,
) -> list[float]:
    """Number by number, as the paper's algorithm 1 with decay inside the norm."""
    velocity = [0.0] * len(weight)
    for gradient in gradients:
        change = [g + decay * w for g, w in zip(gradient, weight, strict=True)]
        size = math.sqrt(sum(w * w for w in weight))
        length = math.sqrt(sum(c * c for c in change))
        local = trust * size / length if adapts and size > 0 and length > 0 else 1.0
        velocity = [momentum * v + local * c for v, c in zip(velocity, change, strict=True)]
        weight = [w - rate * v for w, v in zip(weight, velocity, strict=True)]
    return weight


@pytest.mark.parametrize("decay", [0.01, 0.0])
@pytest.mark.parametrize("adapts", [True, False])
def test_three_steps(adapts: bool, decay: float) -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    gradients = torch.randn(3, 3, 4, generator=generator, dtype=torch.float64)
    parameter = torch.nn.Parameter(weight.clone())
    group = {"params": [parameter], "adapts": adapts, "weight_decay": decay}
    optimiser = Lars([group], lr=0.7, momentum=0.9, weight_decay=0.3, trust_coefficient=0.02)
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimiser.step()
    flat = [one.flatten().tolist() for one in gradients]
    expected = slow(weight.flatten().tolist(), flat, 0.7, 0.9, decay, 0.02, adapts)
    torch.testing.assert_close(parameter.detach().flatten(), torch.tensor(expected).double())


def test_the_first_step_has_a_length_that_no_gradient_scale_changes() -> None:
    moved: list[torch.Tensor] = []
    for scale in (1.0, 1e4):
        parameter = torch.nn.Parameter(torch.ones(2, 2))
        parameter.grad = torch.tensor([[1.0, 2.0], [3.0, 4.0]]) * scale
        Lars([{"params": [parameter]}], lr=1.0, trust_coefficient=0.1).step()
        moved.append(1 - parameter.detach())
    torch.testing.assert_close(moved[0], moved[1])
    assert moved[0].norm().item() == pytest.approx(0.1 * 2.0)


def test_zeros_can_move_and_parameters_without_gradient_stay() -> None:
    zero, still = (torch.nn.Parameter(torch.zeros(2, 2)) for _ in range(2))
    zero.grad = torch.ones(2, 2)
    optimiser = Lars([{"params": [zero, still]}], lr=0.5)
    optimiser.step()
    assert zero.detach().tolist() == [[-0.5, -0.5], [-0.5, -0.5]]
    assert still.detach().tolist() == [[0.0, 0.0], [0.0, 0.0]]
    zero.grad = torch.zeros(2, 2)
    optimiser.step()
    assert torch.isfinite(zero).all()
