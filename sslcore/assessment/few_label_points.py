"""Points of the few-label study's curves, and what pre-training gains at one of them."""

from __future__ import annotations

from dataclasses import dataclass

from sslcore.assessment.contract import Plain
from sslcore.assessment.subject import PIXELS, UNTRAINED
from sslcore.evaluation.interval import Interval
from sslcore.evaluation.label_study import Readout

PAIR = (("fine_tuning", "network"), ("linear", "features"))
"""(readout, layer) the verdict is read from: the first that was measured. Fixed beforehand: the
best of several would be ahead by chance alone."""


class Point(Plain):
    """One curve at one budget.

    Attributes:
        budget: "1 %".
        labels: images that show their label.
        start: name of the encoder; "untrained" with fine-tuning is supervised from scratch.
        readout: "linear", "mlp" or "fine_tuning".
        layer: "features", "projection" or "network".
        accuracies: by seed, 0 to 1.
        mean, half: of these, and half the width of the 95 % interval; None with one seed, or where
            seeds shared images and encoder.
        choices: penalty or rate by seed.
        drawn: whether seeds learned from different images.
        steps: of each training of a network; 0 of a readout, and where it is not known.
    """

    budget: str
    labels: int
    start: str
    readout: Readout
    layer: str
    accuracies: tuple[float, ...]
    mean: float
    half: float | None
    choices: tuple[str, ...]
    drawn: bool = True
    steps: int = 0

    @property
    def curve(self) -> tuple[str, str, str]:
        """Which curve it is of."""
        return self.start, self.readout, self.layer

    @property
    def name(self) -> str:
        """The curve in words: "trained, linear on h"."""
        return curve_name(self.start, self.readout, self.layer)


@dataclass(frozen=True)
class Worth:
    """What pre-training gains.

    Attributes:
        own: of the trained encoder.
        rival: the same without pre-training.
        gain: of accuracy, over seeds; a single number where nothing varied between them.
    """

    own: Point
    rival: Point
    gain: Interval

    def words(self) -> str:
        """In a sentence."""
        gain = self.gain
        varies = "draws of labels" if self.own.drawn else "fresh weights"
        if gain.count > 1 and gain.low <= 0 <= gain.high:
            where = "ahead, but" if gain.mean > 0 else "not ahead, but that is"
            words = f"Pre-training is {where} within what {varies} vary"
        elif gain.mean <= 0:
            words = "Pre-training does not pay here"
        else:
            words = "Pre-training pays" if gain.count > 1 else "Pre-training is ahead in one draw"
        points = f"{100 * gain.mean:+.1f}".replace("-", "−")
        around = f" ± {100 * gain.half:.1f}" if gain.count > 1 else ""
        return (
            f"{words}: with {self.own.labels:,} labels {cell(self.own)} ({self.own.name}) "
            f"against {cell(self.rival)} ({self.rival.name}), {points}{around} points."
        )


def curve_name(start: str, readout: str, layer: str) -> str:
    """A curve in words: "trained, linear on h", "trained, fine-tuned", "from scratch"."""
    if start == PIXELS:
        return f"raw pixels, {readout}"
    if readout == "fine_tuning":
        return "from scratch" if start == UNTRAINED else f"{start}, fine-tuned"
    read = {"linear": "linear", "mlp": "MLP"}[readout]
    return f"{start}, {read} on {'z' if layer == 'projection' else 'h'}"


def cell(point: Point) -> str:
    """A point in a table: "48.4 ± 1.2 %"."""
    around = "" if point.half is None else f" ± {100 * point.half:.1f}"
    return f"{100 * point.mean:.1f}{around} %"
