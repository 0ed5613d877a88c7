"""LARS: layer-wise adaptive rate scaling, for large batches.

You, Gitman and Ginsburg 2017, https://arxiv.org/abs/1708.03888, in the form that self-supervised
methods use: with g' = g + beta w for every weight tensor w,

    v <- m v + eta |w| / |g'| g',    w <- w - rate v

and plain momentum SGD without decay for tensors that are excluded (biases, norms).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class Lars(Optimizer):
    """LARS with momentum; a group with ``adapts`` False is moved by plain SGD.

    Args:
        groups: parameter groups; each may set ``lr``, ``weight_decay`` and ``adapts``.
        lr: learning rate.
        momentum: m, 0 to 1.
        weight_decay: beta.
        trust_coefficient: eta, step length relative to the norm of the weights.
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust_coefficient: float = 0.001,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "trust_coefficient": trust_coefficient,
            "adapts": True,
        }
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch decorates its own with an overload
        """Move all parameters that have a gradient."""
        loss: float | None = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, weight.grad, group)
        return loss

    def _move(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        change = gradient.add(weight, alpha=group["weight_decay"])
        if group["adapts"]:
            weight_norm, change_norm = weight.norm(), change.norm()
            ratio = group["trust_coefficient"] * weight_norm / change_norm
            # A tensor of zeros would never leave zero, and a zero change has no direction.
            usable = (weight_norm > 0) & (change_norm > 0)
            change = change * torch.where(usable, ratio, torch.ones_like(ratio))
        state = self.state[weight]
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(weight)
        velocity: Tensor = state["velocity"]
        velocity.mul_(group["momentum"]).add_(change)
        weight.add_(velocity, alpha=-group["lr"])
