"""Losses in full precision, whatever precision the network runs in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import torch
from torch import Tensor

P = ParamSpec("P")
R = TypeVar("R")


def full_precision(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: half-precision tensors come in as float32, and autocast is off inside.

    Under autocast a matrix product of float32 tensors would silently run in half precision.
    float32 and float64 stay what they are; gradients flow through the cast.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        device = next(
            (one.device.type for one in (*args, *kwargs.values()) if isinstance(one, Tensor)), "cpu"
        )
        with torch.autocast(device, enabled=False):
            return cast("Callable[..., R]", function)(
                *(_raise(one) for one in args),
                **{name: _raise(one) for name, one in kwargs.items()},
            )

    return run


def _raise(value: Any) -> Any:
    if isinstance(value, Tensor) and value.dtype in (torch.float16, torch.bfloat16):
        return value.float()
    return value
