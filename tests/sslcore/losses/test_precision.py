"""Losses stay in full precision under autocast, and double stays double."""

import pytest
import torch

from sslcore.losses.precision import full_precision


@full_precision
def product(a, b):
    return a @ b


def test_autocast_does_not_reach_inside():
    a, b = torch.randn(2, 8, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (a @ b).dtype == torch.bfloat16
        inside = product(a, b)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, a @ b)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_only_half_precision_is_raised(given, found):
    a = torch.eye(3, dtype=given)
    assert product(a, a).dtype == found
    assert product(a, b=a).dtype == found


def test_gradients_flow_through_the_cast():
    a = torch.eye(3, dtype=torch.float16, requires_grad=True)
    product(a, a).sum().backward()
    assert a.grad.dtype == torch.float16
    assert torch.equal(a.grad, torch.full((3, 3), 2.0, dtype=torch.float16))


def test_the_function_keeps_its_name():
    assert product.__name__ == "product"
