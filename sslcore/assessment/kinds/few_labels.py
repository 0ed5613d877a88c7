"""What pre-training is worth when only a few images have a label.

At every budget of labels: linear and MLP readouts of frozen features (h) and projections (z), of
the trained and of the untrained encoder; raw pixels, read by a straight cut; fine-tuning of the
whole trained encoder; and the same network supervised from scratch, with the same crops, steps and
rates to choose from (SimCLR, https://arxiv.org/abs/2002.05709, section 6). Subsets are stratified,
nested over budgets and drawn anew for every seed; settings are chosen on a part of each draw
itself. The budget "tagged" learns from the images of the few-label set, as a person picked them. A
point is the mean over seeds with its 95 % interval (Student's t) over draws of labels and fresh
untrained weights; pre-training itself is one run. The verdict compares a pair fixed beforehand,
never the best of what was measured: fine-tuned and from scratch, or else linear on h of both
encoders. How long it takes is measured first and said.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import field_validator

from sslcore.assessment import redrawn
from sslcore.assessment.contract import Finding, assessment, percent
from sslcore.assessment.few_label_points import PAIR, Point, Worth, cell
from sslcore.assessment.labelled import Labels, labels_of
from sslcore.assessment.subject import PIXELS, TRAINED, UNTRAINED, Layer, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation import budgets, few_labels, finetune, mlp_probe
from sslcore.evaluation.interval import interval
from sslcore.evaluation.label_forecast import forecast
from sslcore.evaluation.label_study import (
    Frozen,
    Network,
    Pictures,
    Settings,
    Study,
)


class FewLabelsConfig(Config):
    """Settings of the few-label study."""

    budgets: str = knob(
        "1 %, 10 %, 100 %",
        help="Labels that may be seen, with commas: parts of all ('1 %'), images of every class "
        "('10 per class'), or 'tagged': the images of your few-label set.",
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
    pixels: bool = knob(
        True,
        title="Raw pixels",
        help="Read pixels (32 x 32 at most) with a straight cut too: what no encoder reaches. "
        "With ten thousand labels that takes minutes.",
    )
    fine_tuning: bool = knob(
        True,
        title="Fine-tuning",
        help="Train whole networks: the trained one on, and one from scratch. Takes longest.",
    )
    steps: int = knob(
        100,
        low=1,
        high=1_000_000,
        log=True,
        unit="steps",
        help="Of each training of a network, at least.",
    )
    epochs: float = knob(
        1.0,
        low=0.0,
        high=1000.0,
        help="Passes of each training over its labels, at least: many labels are given more "
        "steps. 0 takes the same steps for every budget.",
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


class FewLabelsFinding(Finding):
    """Accuracy against labels.

    Attributes:
        points: all curves, budget by budget.
        classes: how many; 1 / classes is chance where they are equally large.
        seeds: repetitions.
        foreseen: seconds that were foreseen.
        redrawn: whether frozen untrained encoders had other weights for every seed.
        remarks: what should be known of small classes.
    """

    points: tuple[Point, ...]
    classes: int
    seeds: int
    foreseen: float
    remarks: tuple[str, ...]
    redrawn: bool = False

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

    @property
    def fewest(self) -> str:
        """The smallest budget whose images were drawn; the smallest of all where none were."""
        drawn = [one for one in self.points if one.drawn] or self.points
        return min(drawn, key=lambda one: one.labels).budget

    def worth(self) -> Worth | None:
        """What pre-training gains where labels are fewest; None without anything beside it.

        Fine-tuned against from scratch; without fine-tuning, linear on h of the trained against
        the untrained encoder (:data:`PAIR`). Draws are paired: both saw the same images.
        """
        budget = self.fewest
        here = {one.curve: one for one in self.points if one.budget == budget}
        for kind in PAIR:
            own, rival = here.get((TRAINED, *kind)), here.get((UNTRAINED, *kind))
            if own is None or rival is None:
                continue
            pairs = zip(own.accuracies, rival.accuracies, strict=True)
            gains = [one - other for one, other in pairs]
            varied = own.drawn or rival.half is not None
            return Worth(own, rival, interval(gains if varied else [float(np.mean(gains))]))
        return None

    def headline(self) -> str:
        """The trained encoder at that budget, fine-tuned, or else linear on h."""
        budget = self.fewest
        own = [one for one in self.points if one.budget == budget and one.start == TRAINED]
        by = {(one.readout, one.layer): one for one in own}
        told = next((by[kind] for kind in PAIR if kind in by), own[0])
        return f"{percent(told.mean)} with {told.labels:,} labels"

    def varies(self) -> str:
        """What the intervals are over, and what they say nothing of."""
        if self.seeds == 1:
            return "With one draw of labels, nothing is known of how far others would differ."
        shared = "" if self.redrawn else " (readouts of frozen ones share one)"
        return (
            f"Intervals (95 %) are over {self.seeds} draws of labels and of the weights of "
            f"untrained encoders{shared}, not over repeated pre-training. There is none where all "
            "draws held the same images and began from the same weights."
        )

    def trained_for(self) -> str:
        """How long networks were trained; "" without any, and where it was not kept."""
        steps = {one.steps for one in self.points if one.steps}
        if not steps:
            return ""
        return f"Networks were trained for {' to '.join(f'{one:,}' for one in _ends(steps))} steps."

    def lines(self) -> list[str]:
        """A row a curve, a column a budget."""
        heads = [f"{budget} ({labels:,})" for budget, labels in self.budgets]
        rows = [f"{'accuracy with labels':<30}" + "".join(f"{one:>18}" for one in heads)]
        for points in self.curves.values():
            by = {one.budget: one for one in points}
            cells = [cell(by[budget]) for budget, _ in self.budgets if budget in by]
            rows.append(f"{points[0].name:<30}" + "".join(f"{one:>18}" for one in cells))
        worth = self.worth()
        verdict = [] if worth is None else [worth.words()]
        trained_for = self.trained_for()
        told = [self.varies(), *([trained_for] if trained_for else []), *self.remarks]
        return [*rows, *verdict, *told]


def _ends(steps: set[int]) -> list[int]:
    return sorted({min(steps), max(steps)})


def study_of(subject: Subject, config: FewLabelsConfig, labels: Labels | None = None) -> Study:
    """What the library measures for these settings.

    Args:
        subject: the run.
        config: the settings.
        labels: of its images; None reads them.

    Raises:
        ValueError: for what cannot be studied.
        Cancelled: if it was called off.
    """
    asked = budgets.parse(config.budgets)
    labels = labels or labels_of(subject, any(one.tagged for one in asked))
    layers = _layers(subject, config)
    sources: list[Frozen] = []
    for name in subject.encoders:
        own = name in (TRAINED, UNTRAINED)
        for layer in layers if own else layers[:1]:
            if name != PIXELS:
                parts = subject.features(name, layer)
                sources.append(Frozen(name, layer, parts.bank, parts.queries))
    if config.pixels and PIXELS in subject.encoders:  # an MLP of 3,072 numbers takes too long
        parts = subject.features(PIXELS)
        sources.append(Frozen(PIXELS, layers[0], parts.bank, parts.queries, ("linear",)))
    networks: tuple[Network, ...] = ()
    if config.fine_tuning:
        networks = (
            Network(TRAINED, lambda _seed: subject.method(TRAINED).encoder()),
            Network(UNTRAINED, lambda seed: redrawn.fresh(subject, seed).encoder(), fresh=True),
        )
    training = finetune.Training(
        subject.recipe.data.image_size,
        steps=config.steps,
        batch_size=config.batch_size,
        epochs=config.epochs,
    )
    return Study(
        labels.bank,
        labels.queries,
        sources,
        networks,
        Pictures(subject.material.pixels, subject.bank, subject.queries, training),
        Settings(
            asked,
            config.seeds,
            ("linear", "mlp") if config.mlp else ("linear",),
            config.validation,
            mlp_probe.Training(steps=400, hidden=512),
        ),
        labels.names,
        subject.device,
        labels.tagged,
        redrawn.of(subject, layers, config.seeds, sources),
    )


def _layers(subject: Subject, config: FewLabelsConfig) -> tuple[Layer, ...]:
    """Layers that are read; a method without a head has one only, under two names."""
    if config.layers == "features":
        return ("features",)
    projected = subject.features(TRAINED, "projection")
    if np.array_equal(projected.bank, subject.features(TRAINED).bank):
        return ("features",)
    return ("features", "projection")


@assessment(
    title="Few labels",
    order=30,
    config=FewLabelsConfig,
    finding=FewLabelsFinding,
    slow=True,
    before={"pixels": False, "epochs": 0.0},
)
def measure(subject: Subject, config: FewLabelsConfig, watch: Watch) -> FewLabelsFinding:
    """Every curve at every budget, the time it takes said before."""
    asked = budgets.parse(config.budgets)
    labels = labels_of(subject, any(one.tagged for one in asked))
    study = study_of(subject, config, labels)
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
                drawn=row.drawn,
                steps=row.steps,
            )
        )
    return FewLabelsFinding(
        points=tuple(points),
        classes=found.classes,
        seeds=config.seeds,
        foreseen=foreseen.seconds,
        redrawn=study.redraw is not None,
        remarks=(*labels.remarks, *found.remarks),
    )


def about(seconds: float) -> str:
    """A foreseen time, no more exact than it is: "about 20 s", "about 12 min", "about 3.5 h"."""
    if seconds < 60:
        return f"about {max(5 * round(seconds / 5), 5)} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"
