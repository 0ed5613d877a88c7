"""The optimiser of a run: its parameter groups, and one update with all its precautions.

Weight decay never reaches vectors (biases, norms, a learned temperature), as in later methods. The
code of MoCo v1 and v2, SimSiam, instance discrimination and RotNet decays everything.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from sslcore.engine.lars import Lars
from sslcore.engine.schedule import Timetable
from sslcore.method import Method
from sslcore.sections import OptimiserSection


def parameter_groups(method: Method[Any], timetable: Timetable) -> list[dict[str, Any]]:
    """A method's groups as torch wants them, each split into matrices and vectors.

    Biases, norms and other tensors of fewer than two axes neither decay nor are adapted by LARS;
    of the others, the group says whether they do either.

    Raises:
        ValueError: naming parameters that are in no group, or in two.
    """
    names = {one: name for name, one in method.named_parameters()}
    seen: set[nn.Parameter] = set()
    groups: list[dict[str, Any]] = []
    for group in method.parameter_groups():
        twice = [names.get(one, "?") for one in group.parameters if one in seen]
        if twice or len(set(group.parameters)) < len(group.parameters):
            raise ValueError(f"group {group.name!r}: parameters listed twice: {', '.join(twice)}")
        seen.update(group.parameters)
        for matrices in (True, False):
            chosen = [one for one in group.parameters if (one.ndim > 1) is matrices]
            decays = matrices and group.decays
            if chosen:
                groups.append(
                    {
                        "params": chosen,
                        "name": group.name,
                        "lr": timetable.rate(0, scale=group.lr_scale),
                        "weight_decay": timetable.weight_decay(0) if decays else 0.0,
                        "decays": decays,
                        "adapts": matrices and group.adapts,
                        "lr_scale": group.lr_scale,
                        "fixed": group.schedule == "fixed",
                        "frozen_steps": round(group.frozen_epochs * timetable.steps_per_epoch),
                    }
                )
    missing = [name for one, name in names.items() if one.requires_grad and one not in seen]
    if missing:
        raise ValueError(f"parameters in no group: {', '.join(missing)}")
    return groups


def build(section: OptimiserSection, groups: list[dict[str, Any]]) -> Optimizer:
    """The optimiser of a recipe."""
    rate, momentum = section.learning_rate, section.momentum
    if section.kind == "adamw":
        return AdamW(groups, lr=rate, betas=(momentum, section.second_momentum))
    if section.kind == "lars":
        return Lars(groups, lr=rate, momentum=momentum, trust_coefficient=section.trust_coefficient)
    return SGD(groups, lr=rate, momentum=momentum, nesterov=section.nesterov and momentum > 0)


class Optimisation:
    """Moves a method's parameters step by step, on schedule.

    Args:
        method: on its device already.
        section: kind and settings of the optimiser.
        timetable: rate and decay of every step.
        fabric: scales and unscales losses where the precision needs it.
    """

    def __init__(
        self, method: Method[Any], section: OptimiserSection, timetable: Timetable, fabric: Fabric
    ) -> None:
        self._timetable = timetable
        self._clip = section.gradient_clip
        self._fabric = fabric
        self.optimiser = build(section, parameter_groups(method, timetable))
        self._stepper: Any = fabric.setup_optimizers(self.optimiser)

    def start(self, step: int) -> float:
        """Clear gradients, set rates and decay for a step; return the first group's rate."""
        self.optimiser.zero_grad(set_to_none=True)
        for group in self.optimiser.param_groups:
            group["lr"] = self._timetable.rate(step, scale=group["lr_scale"], fixed=group["fixed"])
            if group["decays"]:
                group["weight_decay"] = self._timetable.weight_decay(step)
        return float(self.optimiser.param_groups[0]["lr"])

    def finish(self, step: int) -> bool:
        """Update the parameters from their gradients.

        Returns:
            Whether the update took place; it is left out if a gradient is not finite.
        """
        for group in self.optimiser.param_groups:
            if step < group["frozen_steps"]:
                for parameter in group["params"]:
                    parameter.grad = None
        self._fabric.strategy.precision.unscale_gradients(self.optimiser)
        gradients = [
            one.grad
            for group in self.optimiser.param_groups
            for one in group["params"]
            if one.grad is not None
        ]
        norm = nn.utils.get_total_norm(gradients)
        finite = bool(torch.isfinite(norm))
        if finite and self._clip is not None:
            factor = (self._clip / (norm + 1e-6)).clamp(max=1.0)
            for gradient in gradients:
                gradient.mul_(factor)
        if finite or self.scales:
            # A loss scaler sees for itself that it must not step, and lowers its scale.
            self._stepper.step()
        return finite

    @property
    def scales(self) -> bool:
        """Whether losses are scaled (float16), so that a left-out update now and then is normal."""
        return bool(self._fabric.strategy.precision.state_dict())

    def state(self) -> dict[str, Any]:
        """Everything to go on from: tensors and plain values only."""
        return {
            "optimiser": self.optimiser.state_dict(),
            "precision": dict(self._fabric.strategy.precision.state_dict()),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state (ValueError if the groups differ).

        Groups that a method got since the state was written, behind those it had, start afresh.
        """
        saved = dict(_interned(state["optimiser"]))
        before, now = saved["param_groups"], self.optimiser.state_dict()["param_groups"]
        if [one.get("name") for one in before] == [one["name"] for one in now[: len(before)]]:
            saved["param_groups"] = [*before, *now[len(before) :]]
        self.optimiser.load_state_dict(saved)
        for group in self.optimiser.param_groups:
            group.setdefault("decays", group["adapts"])  # written when the two were one
        if state["precision"] and self.scales:
            self._fabric.strategy.precision.load_state_dict(state["precision"])


def _interned(value: Any) -> Any:
    """The same plain containers with every name the one object Python keeps for it.

    A pickle tells equal names apart by identity: without this, the checkpoint of a resumed run
    whose optimiser meets new parameters (frozen until then) would differ in its bytes.
    """
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {sys.intern(k) if isinstance(k, str) else k: _interned(v) for k, v in items}
    if isinstance(value, list):
        return [_interned(one) for one in cast("list[Any]", value)]
    return value
