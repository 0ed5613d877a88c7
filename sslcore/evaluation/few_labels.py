"""Few labels: what pre-training is worth when only some images have a label.

The workflow of self-supervised learning is to pre-train on all images and to learn from the few
that are labelled. Here both halves are compared at several budgets of labels: linear and MLP
readouts of frozen features (h) and projections (z), of the trained and of an untrained encoder;
fine-tuning of the trained encoder; and the same network supervised from scratch, by the very same
recipe (SimCLR, arXiv 2002.05709, section 6; SimCLR v2, arXiv 2006.10029).

Subsets are stratified, drawn anew for every seed and nested over budgets. Penalties, rates and
decays are chosen on a part of the budget itself: whoever has ten labels has no more to choose with
(Oliver et al. 2018, arXiv 1804.09170). Rates and decays are those with the best mean over seeds.
The queries are asked once for every seed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation import budgets, finetune, linear, mlp_probe
from sslcore.evaluation.interval import Interval, interval
from sslcore.evaluation.label_forecast import Forecast, forecast
from sslcore.evaluation.label_study import Line, Readout, Study

WHOLE = 1000
"""Total of the progress: thousandths of the time that was foreseen."""

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Row:
    """One curve at one budget.

    Attributes:
        budget: title of it: "1 %".
        labels: images that show their label.
        start: name of the encoder.
        readout: "linear", "mlp" or "fine_tuning".
        layer: "features", "projection" or "network".
        accuracies: top-1 accuracy on the queries by seed, 0 to 1.
        choices: what was chosen by seed, in words: "penalty 0.01".
    """

    budget: str
    labels: int
    start: str
    readout: Readout
    layer: str
    accuracies: tuple[float, ...]
    choices: tuple[str, ...]

    @property
    def interval(self) -> Interval:
        """Mean over seeds and its 95 % interval."""
        return interval(self.accuracies)


@dataclass(frozen=True)
class FewLabels:
    """Accuracy against labels.

    Attributes:
        rows: all curves, budget by budget.
        classes: K; 1 / K is chance where classes are equally large.
        remarks: what should be known of small classes.
    """

    rows: tuple[Row, ...]
    classes: int
    remarks: tuple[str, ...]

    def curve(self, start: str, readout: Readout, layer: str) -> tuple[Row, ...]:
        """The rows of one curve, budget by budget."""
        wanted = (start, readout, layer)
        return tuple(one for one in self.rows if (one.start, one.readout, one.layer) == wanted)


def run(
    study: Study,
    foreseen: Forecast | None = None,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> FewLabels:
    """Measure all lines of a study.

    Args:
        study: what to measure.
        foreseen: its forecast, for progress that runs evenly; None measures it first.
        progress: told (thousandths of the foreseen time done, :data:`WHOLE`).
        cancelled: asked before every step.

    Raises:
        ValueError: for an encoder that does not take these images, or if a training diverged.
        Cancelled: if called off.
    """
    foreseen = foreseen or forecast(study, cancelled)
    meter = _Meter(study, foreseen, progress, cancelled)
    rows: list[Row] = []
    for line in study.lines:
        meter.begin(line)
        rows.append(_measured(study, line, meter, cancelled))
    remarks = budgets.remarks(study.bank_labels, study.query_labels, study.names)
    return FewLabels(tuple(rows), study.classes, remarks)


class _Meter:
    """Turns steps of unequal length into even progress, and ends the work when it is called off."""

    def __init__(
        self,
        study: Study,
        foreseen: Forecast,
        progress: Progress | None,
        cancelled: CancelAsked | None,
    ) -> None:
        self._study = study
        self._foreseen = foreseen
        self._progress = progress
        self._cancelled = cancelled
        self._begun = self._end = self._now = self._each = 0.0

    def begin(self, line: Line) -> None:
        """The next line begins where the last one was to end."""
        seconds = self._foreseen.lines[line]
        self._now = self._end
        self._end += seconds
        self._each = seconds / self._study.rounds(line)

    def __call__(self) -> None:
        """One step is done."""
        raise_if_cancelled(self._cancelled)
        self._now = min(self._now + self._each, self._end)
        if self._progress is not None:
            self._progress(min(round(WHOLE * self._now / self._foreseen.seconds), WHOLE), WHOLE)


def _measured(
    study: Study, line: Line, meter: Callable[[], None], cancelled: CancelAsked | None
) -> Row:
    """One line, all seeds."""
    places = [study.subset(line.budget, seed) for seed in range(study.settings.seeds)]
    work = {"linear": _linear, "mlp": _mlp, "fine_tuning": _fine_tuned}[line.readout]
    accuracies, choices = work(study, line, places, meter, cancelled)
    return Row(
        budget=line.budget.title,
        labels=len(places[0]),
        start=line.start,
        readout=line.readout,
        layer=line.layer,
        accuracies=tuple(accuracies),
        choices=tuple(choices),
    )


Found = tuple[list[float], list[str]]
Places = Sequence[NDArray[np.int64]]


def _linear(
    study: Study,
    line: Line,
    places: Places,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    features = study.frozen_of(line)
    found: Found = ([], [])
    for seed, rows in enumerate(places):
        probe, _ = linear.chosen(
            features.bank[rows],
            study.bank_labels[rows],
            validation=study.settings.validation,
            seed=seed,
            device=study.device,
            progress=lambda _done, _total: meter(),
            cancelled=cancelled,
        )
        scores = linear.measure(probe, features.queries, study.query_labels)
        found[0].append(scores.top_1)
        found[1].append(f"penalty {probe.penalty:g}")
    return found


def _mlp(
    study: Study,
    line: Line,
    places: Places,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    del cancelled  # the meter asks at every step
    features = study.frozen_of(line)
    trials = [
        mlp_probe.trials(
            features.bank[rows],
            study.bank_labels[rows],
            training=study.settings.mlp,
            classes=study.classes,
            validation=study.settings.validation,
            seed=seed,
            device=study.device,
            stepped=meter,
        )
        for seed, rows in enumerate(places)
    ]
    best = best_on_average(trials, mlp_probe.SETTINGS)
    found: Found = ([], [])
    for seed, rows in enumerate(places):
        probe = mlp_probe.fit(
            features.bank[rows],
            study.bank_labels[rows],
            best,
            study.settings.mlp,
            classes=study.classes,
            seed=seed,
            device=study.device,
            stepped=meter,
        )
        scores = mlp_probe.measure(probe, features.queries, study.query_labels)
        found[0].append(scores.top_1)
        found[1].append(f"rate {best.learning_rate:g}, decay {best.weight_decay:g}")
    return found


def _fine_tuned(
    study: Study,
    line: Line,
    places: Places,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    assert study.pictures is not None
    pictures, network = study.pictures, study.network_of(line)
    queries = finetune.Bank(pictures.store, pictures.queries, study.query_labels)
    trials = [
        finetune.trials(
            partial(network.make, seed),
            study.bank_of(rows),
            pictures.learning_rates,
            pictures.training,
            classes=study.classes,
            validation=study.settings.validation,
            seed=seed,
            device=study.device,
            stepped=meter,
            cancelled=cancelled,
        )
        for seed, rows in enumerate(places)
    ]
    best = best_on_average(trials, pictures.learning_rates)
    found: Found = ([], [])
    for seed, rows in enumerate(places):
        learned = finetune.fit(
            network.make(seed),
            study.bank_of(rows),
            best,
            pictures.training,
            classes=study.classes,
            seed=seed,
            device=study.device,
            stepped=meter,
        )
        side = pictures.training.image_size
        scores = finetune.measure(learned, queries, side, study.device, None, cancelled)
        found[0].append(scores.top_1)
        found[1].append(f"rate {best:g}")
    return found


def best_on_average(trials: Sequence[Mapping[S, float]], settings: Sequence[S]) -> S:
    """The setting with the best mean accuracy over seeds.

    Args:
        trials: accuracy by setting, a mapping for every seed; empty ones (nothing could be kept
            aside) do not count.
        settings: all of them, the calmest first, which is taken among equals and without trials.
    """
    told = [one for one in trials if one]
    if not told:
        return settings[0]
    return max(settings, key=lambda one: sum(trial[one] for trial in told))
