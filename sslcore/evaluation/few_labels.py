"""Few labels: what pre-training is worth when only some images have a label.

The workflow of self-supervised learning is to pre-train on all images and to learn from the few
that are labelled. Here both halves are compared at several budgets of labels: linear and MLP
readouts of frozen features (h) and projections (z), of the trained and of an untrained encoder;
fine-tuning of the trained encoder; and the same network supervised from scratch, by the very same
recipe (SimCLR, arXiv 2002.05709, section 6; SimCLR v2, arXiv 2006.10029).

Subsets are stratified, drawn anew for every seed and nested over budgets. Penalties, rates and
decays are chosen for every seed on a part of its own draw: whoever has ten labels has no more to
choose with (Oliver et al. 2018, arXiv 1804.09170). The untrained encoder has other weights for
every seed, frozen or not. The queries are asked once for every seed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation import budgets, features, finetune, linear, mlp_probe
from sslcore.evaluation.interval import Interval, interval
from sslcore.evaluation.label_forecast import Forecast, forecast
from sslcore.evaluation.label_study import Frozen, Line, Readout, Study

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
        drawn: whether seeds learned from different images.
        fresh: whether seeds began from different weights of the encoder.
        steps: of each training of a network; 0 of a readout.
    """

    budget: str
    labels: int
    start: str
    readout: Readout
    layer: str
    accuracies: tuple[float, ...]
    choices: tuple[str, ...]
    drawn: bool = True
    fresh: bool = False
    steps: int = 0

    @property
    def interval(self) -> Interval:
        """Mean over seeds and its 95 % interval.

        Where seeds shared images and encoder, what is left of their spread is that of training
        and of the part kept aside: no interval could be read from it, so that it has none.
        """
        if self.drawn or self.fresh:
            return interval(self.accuracies)
        return interval([float(np.mean(self.accuracies))])


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
    redrawn = _redrawn(study, meter, cancelled)
    rows: list[Row] = []
    for line in study.lines:
        meter.begin(line)
        rows.append(_measured(study, line, redrawn, meter, cancelled))
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
        self._now = self._each = 0.0
        self._end = foreseen.features

    def looked(self, part: float) -> None:
        """So much of the features of redrawn encoders is there, 0 to 1."""
        self._now = part * self._foreseen.features
        self._tell()

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
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(min(round(WHOLE * self._now / self._foreseen.seconds), WHOLE), WHOLE)


@dataclass(frozen=True, eq=False)
class _Draw:
    """What one seed of a line has.

    Attributes:
        seed: of everything that is drawn.
        rows: (M,) int64 places in the bank that show their label.
        frozen: the features; None for fine-tuning.
    """

    seed: int
    rows: NDArray[np.int64]
    frozen: Frozen | None


Redrawn = Mapping[tuple[str, str, int], Frozen]
"""Features of encoders drawn anew by (start, layer, seed)."""


def _redrawn(study: Study, meter: _Meter, cancelled: CancelAsked | None) -> Redrawn:
    """Features of the encoder that has other weights for every seed but the first."""
    found: dict[tuple[str, str, int], Frozen] = {}
    redraw, pictures, further = study.redraw, study.pictures, study.settings.seeds - 1
    if redraw is None or pictures is None:
        return found
    rows = np.concatenate([pictures.bank, pictures.queries])
    for seed in range(1, further + 1 if study.redrawn else 1):
        every = features.extract(
            redraw.make(seed),
            pictures.store,
            rows,
            device=study.device,
            progress=lambda done, total, before=seed - 1: meter.looked(
                (before + done / total) / further
            ),
            cancelled=cancelled,
            image_size=pictures.training.image_size,
        )
        ends = np.cumsum([one.bank.shape[1] for one in study.redrawn])
        layers = np.split(every, ends[:-1], axis=1)
        for one, layer in zip(study.redrawn, layers, strict=True):
            bank, queries = np.split(layer, [len(pictures.bank)])
            found[one.start, one.layer, seed] = Frozen(one.start, one.layer, bank, queries)
    return found


def _measured(
    study: Study,
    line: Line,
    redrawn: Redrawn,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Row:
    """One line, all seeds."""
    work = {"linear": _linear, "mlp": _mlp, "fine_tuning": _fine_tuned}[line.readout]
    own = None if line.readout == "fine_tuning" else study.frozen_of(line)
    draws = [
        _Draw(
            seed,
            study.subset(line.budget, seed),
            redrawn.get((line.start, line.layer, seed), own),
        )
        for seed in range(study.settings.seeds)
    ]
    found = [work(study, line, draw, meter, cancelled) for draw in draws]
    return Row(
        budget=line.budget.title,
        labels=len(draws[0].rows),
        start=line.start,
        readout=line.readout,
        layer=line.layer,
        accuracies=tuple(accuracy for accuracy, _ in found),
        choices=tuple(choice for _, choice in found),
        drawn=study.draws(line.budget),
        fresh=study.fresh(line),
        steps=study.steps(line, len(draws[0].rows)),
    )


Found = tuple[float, str]
"""Accuracy on the queries, and what was chosen."""


def _linear(
    study: Study,
    line: Line,
    draw: _Draw,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    del line
    assert draw.frozen is not None
    probe, _ = linear.chosen(
        draw.frozen.bank[draw.rows],
        study.bank_labels[draw.rows],
        validation=study.settings.validation,
        seed=draw.seed,
        device=study.device,
        progress=lambda _done, _total: meter(),
        cancelled=cancelled,
    )
    scores = linear.measure(probe, draw.frozen.queries, study.query_labels)
    return scores.top_1, f"penalty {probe.penalty:g}"


def _mlp(
    study: Study,
    line: Line,
    draw: _Draw,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    del line, cancelled  # the meter asks at every step
    assert draw.frozen is not None
    bank, labels = draw.frozen.bank[draw.rows], study.bank_labels[draw.rows]
    trials = mlp_probe.trials(
        bank,
        labels,
        training=study.settings.mlp,
        classes=study.classes,
        validation=study.settings.validation,
        seed=draw.seed,
        device=study.device,
        stepped=meter,
    )
    best = best_of(trials, mlp_probe.SETTINGS)
    probe = mlp_probe.fit(
        bank,
        labels,
        best,
        study.settings.mlp,
        classes=study.classes,
        seed=draw.seed,
        device=study.device,
        stepped=meter,
    )
    scores = mlp_probe.measure(probe, draw.frozen.queries, study.query_labels)
    return scores.top_1, f"rate {best.learning_rate:g}, decay {best.weight_decay:g}"


def _fine_tuned(
    study: Study,
    line: Line,
    draw: _Draw,
    meter: Callable[[], None],
    cancelled: CancelAsked | None,
) -> Found:
    assert study.pictures is not None
    pictures, network = study.pictures, study.network_of(line)
    trials = finetune.trials(
        partial(network.make, draw.seed),
        study.bank_of(draw.rows),
        pictures.learning_rates,
        pictures.training,
        classes=study.classes,
        validation=study.settings.validation,
        seed=draw.seed,
        device=study.device,
        stepped=meter,
        cancelled=cancelled,
    )
    best = best_of(trials, pictures.learning_rates)
    learned = finetune.fit(
        network.make(draw.seed),
        study.bank_of(draw.rows),
        best,
        pictures.training,
        classes=study.classes,
        seed=draw.seed,
        device=study.device,
        stepped=meter,
    )
    queries = finetune.Bank(pictures.store, pictures.queries, study.query_labels)
    side = pictures.training.image_size
    scores = finetune.measure(learned, queries, side, study.device, None, cancelled)
    return scores.top_1, f"rate {best:g}"


def best_of(trials: Mapping[S, float], settings: Sequence[S]) -> S:
    """The setting with the best accuracy on the part of a draw that was kept aside.

    Args:
        trials: accuracy by setting; empty where nothing could be kept aside.
        settings: all of them, the calmest first, which is taken among equals and without trials.
    """
    return max(settings, key=lambda one: trials[one]) if trials else settings[0]
