"""Loss and gradients of one step, over the whole batch at once or in micro-batches.

Methods whose loss is a mean over images average the losses of micro-batches. Where the loss couples
images (every contrastive one), that would be another loss. There gradients are cached (Gao et al.
2021, https://arxiv.org/abs/2101.06983): project all micro-batches without gradients, compute the
loss of the whole batch and its gradient by the projections, then project each micro-batch again and
push its part of that gradient back. Same result, memory of one micro-batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Generator, Tensor, nn

from sslcore.augment.view import mixed_seed
from sslcore.batch import Batch
from sslcore.diagnostics import Diagnostic
from sslcore.method import Clock, Method, StepOutput

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class Statistics:
    """The running statistics of a network's norms, to be put back as they were."""

    def __init__(self, network: nn.Module) -> None:
        self._buffers = [
            one for name, one in network.named_buffers() if name.rpartition(".")[2] in _STATISTICS
        ]
        self._kept: list[Tensor] = []

    def keep(self) -> None:
        """Remember them."""
        self._kept = [one.clone() for one in self._buffers]

    def restore(self) -> None:
        """Make them what they were at the last :meth:`keep`."""
        for one, kept in zip(self._buffers, self._kept, strict=True):
            one.copy_(kept)


class Propagation:
    """Computes loss and gradients of batches.

    Args:
        method: on its device already.
        fabric: precision and backward.
        accumulate: micro-batches per step.
        seed: of the run; every step and micro-batch derives its own.
    """

    def __init__(self, method: Method[Any], fabric: Fabric, accumulate: int, seed: int) -> None:
        self._method = method
        self._fabric = fabric
        self._accumulate = accumulate
        self._seed = seed
        self._statistics = Statistics(method)

    def run(self, batch: Batch, clock: Clock) -> StepOutput:
        """Gradients of a batch into the parameters.

        Args:
            batch: whole, on the method's device.
            clock: of the step; its generator is replaced by seeded ones.

        Returns:
            Loss (detached), terms, diagnostics and tensors of the whole batch.
        """
        self._statistics.keep()
        parts = _split(batch, self._accumulate)
        if len(parts) == 1:
            return self._together(batch, clock)
        run = self._cached if self._method.coupled else self._averaged
        return run(batch, parts, clock)

    def forget(self) -> None:
        """Undo what the last batch did to running statistics: its update was left out."""
        self._statistics.restore()

    def rehearse(self, batch: Batch, clock: Clock) -> StepOutput:
        """What a step would say, without gradients (the method's buffers change)."""
        now = self._seeded(clock, 0)
        with torch.no_grad():
            return self._method.objective(self._project(batch, now), batch, now)

    def _together(self, batch: Batch, clock: Clock) -> StepOutput:
        now = self._seeded(clock, 0)
        output = self._method.objective(self._project(batch, now), batch, now)
        self._fabric.backward(output.loss)
        return replace(output, loss=output.loss.detach())

    def _averaged(self, batch: Batch, parts: Sequence[Batch], clock: Clock) -> StepOutput:
        loss = torch.zeros((), device=batch.index.device)
        terms: dict[str, Tensor] = {}
        tensors: dict[str, list[Tensor]] = {}
        diagnostics: Mapping[str, Diagnostic] = {}
        for number, part in enumerate(parts):
            now = self._seeded(replace(clock, snapshot=clock.snapshot and not number), number)
            output = self._method.objective(self._project(part, now), part, now)
            weight = len(part) / len(batch)
            self._fabric.backward(output.loss * weight)
            loss = loss + output.loss.detach() * weight
            for name, value in output.terms.items():
                terms[name] = terms.get(name, 0.0) + value * weight
            for name, tensor in output.tensors.items():
                tensors.setdefault(name, []).append(tensor)
            if number == 0:
                diagnostics = output.diagnostics
        return StepOutput(
            loss, terms, diagnostics, {name: torch.cat(many) for name, many in tensors.items()}
        )

    def _cached(self, batch: Batch, parts: Sequence[Batch], clock: Clock) -> StepOutput:
        with torch.no_grad():
            pieces = [
                self._project(part, self._seeded(clock, number))
                for number, part in enumerate(parts)
            ]
        self._statistics.restore()
        whole = {name: torch.cat([piece[name] for piece in pieces]) for name in pieces[0]}
        for one in whole.values():
            one.requires_grad_(one.is_floating_point())
        output = self._method.objective(whole, batch, self._seeded(clock, len(parts)))
        self._fabric.backward(output.loss)
        starts = dict.fromkeys(whole, 0)
        for number, part in enumerate(parts):
            again = self._project(part, self._seeded(clock, number))
            roots: list[Tensor] = []
            gradients: list[Tensor] = []
            for name, one in again.items():
                start = starts[name]
                starts[name] = start + len(one)
                gradient = whole[name].grad
                if one.requires_grad and gradient is not None:
                    roots.append(one)
                    gradients.append(gradient[start : start + len(one)])
            torch.autograd.backward(roots, gradients)
        return replace(output, loss=output.loss.detach())

    def _project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Projections in the run's precision, handed on as float32: losses are always float32."""
        with self._fabric.autocast():
            projected = self._method.project(batch, clock)
        return {
            name: one.float() if one.is_floating_point() else one for name, one in projected.items()
        }

    def _seeded(self, clock: Clock, part: int) -> Clock:
        """The clock of one micro-batch, and torch's own generator, seeded from (seed, step, part).

        Seeding before every projection makes both passes of gradient caching draw the same, and a
        resumed run go on as if it had never stopped.
        """
        seed = mixed_seed(self._seed, "step", clock.step, "part", part)
        torch.manual_seed(seed)
        return replace(clock, generator=Generator().manual_seed(seed))


def _split(batch: Batch, parts: int) -> list[Batch]:
    """Micro-batches of sizes that differ by one at most, none empty."""
    count = min(parts, len(batch))
    edges = [len(batch) * number // count for number in range(count + 1)]
    return [batch.rows(start, stop) for start, stop in pairwise(edges)]
