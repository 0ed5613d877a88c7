"""What pre-training is worth when only a few images have a label.

At every budget of labels: linear and MLP readouts of frozen features (h) and projections (z), of
the trained and of the untrained encoder; fine-tuning of the whole trained encoder; and the same
network supervised from scratch, with the same crops, steps and rates to choose from (SimCLR,
https://arxiv.org/abs/2002.05709, section 6). Subsets are stratified, nested over budgets and drawn
anew for every seed; settings are chosen on a part of the budget itself. A point is the mean over
seeds with its 95 % interval (Student's t). How long it takes is measured first and said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import field_validator
from torch import nn

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.subject import PIXELS, TRAINED, UNTRAINED, Layer, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation import budgets, few_labels, finetune, mlp_probe
from sslcore.evaluation.interval import Interval, interval
from sslcore.evaluation.label_forecast import forecast
from sslcore.evaluation.label_study import (
    Frozen,
    Network,
    Pictures,
    Readout,
    Settings,
    Study,
)


class FewLabelsConfig(Config):
    """Settings of the few-label study."""

    budgets: str = knob(
        "1 %, 10 %, 100 %",
        help="Labels that may be seen, with commas: parts of all ('1 %') or images of every class "
        "('10 per class').",
    )
    seeds: int = knob(3, low=1, high=20, help="Repetitions with other images and weights.")
    layers: Literal["features", "both"] = knob(
        "both", help="Read features (h) alone, or projections (z) as well."
    )
    mlp: bool = knob(
        True,
        title="MLP",
        help="Read with a small network too, not only with a straight cut.",
    )
    fine_tuning: bool = knob(
        True,
        title="Fine-tuning",
        help="Train whole networks: the trained one on, and one from scratch. Takes longest.",
    )
    steps: int = knob(
        100, low=1, high=1_000_000, log=True, unit="steps", help="Of each training of a network."
    )
    batch_size: int = knob(
        128, low=2, high=65_536, log=True, unit="images", help="Of a step of such a training."
    )
    validation: float = knob(
        0.15, low=0.05, high=0.5, help="Part of every budget on which settings are chosen."
    )

    @field_validator("budgets")
    @classmethod
    def _readable(cls, text: str) -> str:
        budgets.parse(text)
        return text


class Point(Plain):
    """One curve at one budget.

    Attributes:
        budget: "1 %".
        labels: images that show their label.
        start: name of the encoder; "untrained" with fine-tuning is supervised from scratch.
        readout: "linear", "mlp" or "fine_tuning".
        layer: "features", "projection" or "network".
        accuracies: by seed, 0 to 1.
        mean, half: of these, and half the width of the 95 % interval; None with one seed.
        choices: penalty or rate by seed.
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
        best: of the trained encoder.
        rival: without pre-training.
        gain: of accuracy, over draws of labels.
    """

    best: Point
    rival: Point
    gain: Interval

    def words(self) -> str:
        """In a sentence."""
        gain = self.gain
        if gain.mean <= 0:
            words = "Pre-training does not pay here"
        elif gain.count > 1 and gain.low <= 0:
            words = "Pre-training is ahead, but within what draws of labels vary"
        else:
            words = "Pre-training pays" if gain.count > 1 else "Pre-training is ahead in one draw"
        points = f"{100 * gain.mean:+.1f}".replace("-", "−")
        around = f" ± {100 * gain.half:.1f}" if gain.count > 1 else ""
        return (
            f"{words}: with {self.best.labels:,} labels {_cell(self.best)} ({self.best.name}) "
            f"against {_cell(self.rival)} ({self.rival.name}), {points}{around} points."
        )


class FewLabelsFinding(Finding):
    """Accuracy against labels.

    Attributes:
        points: all curves, budget by budget.
        classes: how many; 1 / classes is chance where they are equally large.
        seeds: repetitions.
        foreseen: seconds that were foreseen.
        remarks: what should be known of small classes.
    """

    points: tuple[Point, ...]
    classes: int
    seeds: int
    foreseen: float
    remarks: tuple[str, ...]

    @property
    def budgets(self) -> tuple[tuple[str, int], ...]:
        """Title and labels of every budget, in the order they were asked for."""
        return tuple(dict.fromkeys((one.budget, one.labels) for one in self.points))

    @property
    def curves(self) -> dict[tuple[str, str, str], tuple[Point, ...]]:
        """Points of every curve, from few labels to many."""
        found: dict[tuple[str, str, str], list[Point]] = {}
        for one in self.points:
            found.setdefault(one.curve, []).append(one)
        return {
            curve: tuple(sorted(points, key=lambda one: one.labels))
            for curve, points in found.items()
        }

    def worth(self) -> Worth | None:
        """What pre-training gains where labels are fewest; None without anything beside it.

        The best of the trained encoder against the same network from scratch; without fine-tuning,
        against the same readout of the untrained encoder. Draws are paired: both saw the same
        images.
        """
        fewest = min(one.labels for one in self.points)
        here = [one for one in self.points if one.labels == fewest]
        trained = [one for one in here if one.start == TRAINED]
        others = [one for one in here if one.start == UNTRAINED]
        if not trained or not others:
            return None
        best = max(trained, key=lambda one: one.mean)
        kinds = ("fine_tuning", best.readout)
        rival = next((one for kind in kinds for one in others if one.readout == kind), others[0])
        pairs = zip(best.accuracies, rival.accuracies, strict=True)
        return Worth(best, rival, interval([one - other for one, other in pairs]))

    def headline(self) -> str:
        """The best of the trained encoder at the smallest budget."""
        fewest = min(one.labels for one in self.points)
        here = [one.mean for one in self.points if one.labels == fewest and one.start == TRAINED]
        return f"{percent(max(here))} with {fewest:,} labels"

    def lines(self) -> list[str]:
        """A row a curve, a column a budget."""
        heads = [f"{budget} ({labels:,})" for budget, labels in self.budgets]
        rows = [f"{'accuracy with labels':<30}" + "".join(f"{one:>18}" for one in heads)]
        for points in self.curves.values():
            by = {one.budget: one for one in points}
            cells = [_cell(by[budget]) for budget, _ in self.budgets if budget in by]
            rows.append(f"{points[0].name:<30}" + "".join(f"{one:>18}" for one in cells))
        worth = self.worth()
        return [*rows, *([] if worth is None else [worth.words()]), *self.remarks]


def curve_name(start: str, readout: str, layer: str) -> str:
    """A curve in words: "trained, linear on h", "trained, fine-tuned", "from scratch"."""
    if readout == "fine_tuning":
        return "from scratch" if start == UNTRAINED else f"{start}, fine-tuned"
    read = {"linear": "linear", "mlp": "MLP"}[readout]
    return f"{start}, {read} on {'z' if layer == 'projection' else 'h'}"


def _cell(point: Point) -> str:
    around = "" if point.half is None else f" ± {100 * point.half:.1f}"
    return f"{100 * point.mean:.1f}{around} %"


def study_of(subject: Subject, config: FewLabelsConfig) -> Study:
    """What the library measures for these settings.

    Raises:
        ValueError: for what cannot be studied.
        Cancelled: if it was called off.
    """
    labels = subject.labels
    layers: tuple[Layer, ...] = ("features",)
    if config.layers == "both":
        layers = ("features", "projection")
    sources: list[Frozen] = []
    for name in subject.encoders:
        own = name in (TRAINED, UNTRAINED)
        for layer in layers if own else layers[:1]:
            if name != PIXELS:
                parts = subject.features(name, layer)
                sources.append(Frozen(name, layer, parts.bank, parts.queries))
    networks: tuple[Network, ...] = ()
    if config.fine_tuning:
        networks = (
            Network(TRAINED, lambda _seed: subject.method(TRAINED).encoder()),
            Network(UNTRAINED, lambda seed: fresh(subject, seed)),
        )
    training = finetune.Training(
        subject.recipe.data.image_size, steps=config.steps, batch_size=config.batch_size
    )
    return Study(
        labels.bank,
        labels.queries,
        sources,
        networks,
        Pictures(subject.material.pixels, subject.bank, subject.queries, training),
        Settings(
            budgets.parse(config.budgets),
            config.seeds,
            ("linear", "mlp") if config.mlp else ("linear",),
            config.validation,
            mlp_probe.Training(steps=400, hidden=512),
        ),
        subject.classes,
        subject.device,
    )


def fresh(subject: Subject, seed: int) -> nn.Module:
    """The encoder before its first step, with other weights for every seed but the first."""
    if not seed:
        return subject.method(UNTRAINED).encoder()
    own = subject.recipe.run.seed
    recipe = subject.recipe.with_set({"run.seed": own + seed})
    return replace(subject.opened, recipe=recipe).untrained().encoder()


@assessment(
    title="Few labels",
    order=30,
    config=FewLabelsConfig,
    finding=FewLabelsFinding,
    needs_labels=True,
    slow=True,
)
def measure(subject: Subject, config: FewLabelsConfig, watch: Watch) -> FewLabelsFinding:
    """Every curve at every budget, the time it takes said before."""
    study = study_of(subject, config)
    watch.stage("Estimating the time")(0, 0)
    foreseen = forecast(study, watch.cancelled)
    stage = watch.stage(f"Few labels, {about(foreseen.seconds)} in all")
    found = few_labels.run(study, foreseen, stage, watch.cancelled)
    points: list[Point] = []
    for row in found.rows:
        over = row.interval
        points.append(
            Point(
                budget=row.budget,
                labels=row.labels,
                start=row.start,
                readout=row.readout,
                layer=row.layer,
                accuracies=row.accuracies,
                mean=over.mean,
                half=over.half if over.count > 1 else None,
                choices=row.choices,
            )
        )
    return FewLabelsFinding(
        points=tuple(points),
        classes=found.classes,
        seeds=config.seeds,
        foreseen=foreseen.seconds,
        remarks=found.remarks,
    )


def about(seconds: float) -> str:
    """A foreseen time, no more exact than it is: "about 20 s", "about 12 min", "about 3.5 h"."""
    if seconds < 60:
        return f"about {max(5 * round(seconds / 5), 5)} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"
