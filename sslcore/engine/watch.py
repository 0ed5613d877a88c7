"""Watches a run for troubles that have a name, and says each once with a remedy."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sslcore.events import Warned
from sslcore.tell_tales import (
    CALM,
    COLLAPSED,
    EVALUATIONS,
    LEARN,
    MARK,
    NOW,
    PATIENCE,
    START,
    WIDEN,
    excused,
    growth,
    shrunk,
    stands,
)

SKIPS = 50
"""Left-out updates in a row after which a run is given up."""


class Watch:
    """Sees every step and evaluation of a run.

    Args:
        constants: values at which a loss that learned nothing stands: name -> value.
        warmup_steps: steps that are not judged.
        scales: whether losses are scaled (float16), where single left-out updates are normal.
        against_collapse: what to try against collapse.
    """

    def __init__(
        self,
        constants: Mapping[str, float],
        warmup_steps: int,
        scales: bool = False,
        against_collapse: str = WIDEN,
    ) -> None:
        self._constants = dict(constants)
        self._widen = against_collapse
        self._warmup = warmup_steps
        self._tolerated = 10 if scales else 0
        self._begun: list[float] = []
        self._losses: deque[float] = deque(maxlen=PATIENCE)
        self._spreads: list[float] = []
        self._untrained: float | None = None
        self._accuracies: deque[float] = deque(maxlen=EVALUATIONS)
        self._said: set[str] = set()
        self._skips = 0
        self._missing = 0

    def step(self, step: int, loss: float, skipped: bool) -> Iterator[Warned]:
        """Judge a step.

        Raises:
            ValueError: after too many left-out updates in a row.
        """
        if skipped:
            yield from self._skip(step)
            return
        self._skips = 0
        self._said.discard("not_finite")
        if len(self._begun) < START and math.isfinite(loss):
            self._begun.append(loss)
        if step <= self._warmup:
            return
        self._losses.append(loss)
        yield from self._grown(step)
        for name, value in self._constants.items():
            code = f"stuck/{name}"
            if len(self._losses) < PATIENCE or not stands(self._losses, value):
                self._said.discard(code)
            elif code not in self._said and not self._excused(name):
                self._said.add(code)
                collapse = name.endswith(MARK)
                means = "once all images get the same answer"
                yield Warned(
                    step,
                    "stuck",
                    f"The loss has stood at {value:.4g} = {name} for {PATIENCE} steps: the value "
                    f"{means if collapse else 'of a network that has learned nothing'}.",
                    self._widen if collapse else LEARN,
                )

    def _grown(self, step: int) -> Iterator[Warned]:
        recent = [one for one in islice(reversed(self._losses), NOW) if math.isfinite(one)]
        found = growth(self._begun, recent)
        if found is None:
            self._said.discard("diverging")
        elif "diverging" not in self._said:
            self._said.add("diverging")
            yield Warned(
                step,
                "diverging",
                f"The loss grows: it went from {found[0]:.3g} at the start to {found[1]:.3g}.",
                CALM,
            )

    def _excused(self, name: str) -> bool:
        return excused(name, self._spreads, list(self._accuracies))

    def untrained(self, metrics: Mapping[str, float]) -> None:
        """Take in what is measured before the first step."""
        self._untrained = metrics.get("projection_spread")

    def evaluation(self, step: int, metrics: Mapping[str, float], size: int) -> Iterator[Warned]:
        """Judge an evaluation whose features are ``size`` numbers long."""
        spread = metrics.get("feature_std")
        if spread is None:
            yield Warned(
                step,
                "features_not_finite",
                "The features are not finite numbers, so nothing could be measured.",
                "Lower the learning rate or set a gradient clip; resume from an older checkpoint.",
            )
            return
        relative, projected = spread * math.sqrt(size), metrics.get("projection_spread")
        self._spreads = [relative] if projected is None else [relative, projected]
        accuracy = metrics.get("knn_20", metrics.get("view_retrieval"))
        if accuracy is not None:
            self._accuracies.append(accuracy)
        what = "features"
        if relative >= COLLAPSED and projected is not None and shrunk(projected, self._untrained):
            what, relative = "projections, which the loss compares,", projected
        if relative >= COLLAPSED:
            self._said.discard("collapsed")
        elif step > self._warmup and "collapsed" not in self._said:
            self._said.add("collapsed")
            yield Warned(
                step,
                "collapsed",
                f"The {what} are almost the same for all images: their deviation is "
                f"{relative:.3f} of what it is when they are spread out.",
                self._widen,
            )

    def files(self, step: int, missing: Mapping[int, str]) -> Iterator[Warned]:
        """Tell of images that went missing: at the first, the tenth, the hundredth ..."""
        count = len(missing)
        if _magnitude(count) > _magnitude(self._missing):
            images = "1 image" if count == 1 else f"{count} images"
            yield Warned(
                step,
                "files_missing",
                f"{images} can no longer be read; the newest: "
                f"{next(reversed(list(missing.values())))}.",
                "Grey pictures stand in until the files are back; or start a new run on the folder "
                "as it is now.",
            )
        self._missing = max(count, self._missing)

    def _skip(self, step: int) -> Iterator[Warned]:
        self._skips += 1
        if self._skips >= SKIPS:
            raise ValueError(
                f"{SKIPS} updates in a row were left out because gradients were not finite; lower "
                "optimiser.learning_rate, set optimiser.gradient_clip, or use run.precision = "
                "'float32'"
            )
        if self._skips > self._tolerated and "not_finite" not in self._said:
            self._said.add("not_finite")
            yield Warned(
                step,
                "not_finite",
                "An update was left out because a gradient was not finite.",
                "If it happens again, lower the learning rate or set a gradient clip.",
            )

    def state(self) -> dict[str, Any]:
        """What a resumed run needs to go on, plain values."""
        return {
            "begun": list(self._begun),
            "losses": list(self._losses),
            "spreads": list(self._spreads),
            "untrained": self._untrained,
            "accuracies": list(self._accuracies),
            "said": sorted(self._said),
            "skips": self._skips,
            "missing": self._missing,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._begun = list(state.get("begun", []))  # not in checkpoints of older versions
        self._losses = deque(state["losses"], maxlen=PATIENCE)
        self._spreads = list(state.get("spreads", []))  # nor these
        self._untrained = state.get("untrained")
        self._accuracies = deque(state.get("accuracies", []), maxlen=EVALUATIONS)
        self._said = set(state["said"])
        self._skips = int(state["skips"])
        self._missing = int(state["missing"])


def _magnitude(count: int) -> int:
    """0 for none, else the number of digits."""
    return len(str(count)) if count else 0
