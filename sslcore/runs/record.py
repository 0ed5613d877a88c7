"""A run folded into what a person looks at: one plain reducer for window, command line and tests.

Folding the events of a live run and replaying its log give the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Self

from sslcore.events import (
    CheckpointSaved,
    EmbeddingSaved,
    Evaluated,
    Paused,
    Preparing,
    Resumed,
    RunEvent,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
)
from sslcore.runs.series import Series

State = Literal["new", "preparing", "running", "paused", "stopped"]


class RunRecord:
    """What is known of a run so far.

    Attributes:
        started: the newest start or resume, or None.
        stage: the newest word about preparations, or None once training runs.
        state: "new", "preparing", "running", "paused" or "stopped".
        stopped: how it ended, or None while it has not.
        series: "loss", "term/NAME", "learning_rate" and "images_per_second" over steps.
        metrics: what evaluations measured (``knn_20``, ``feature_std``, ...) over steps.
        reference: the same for the untrained encoder, name -> value.
        snapshots: (step, epoch) of every snapshot; the run directory has their arrays.
        latest: the newest snapshot, or None.
        checkpoints, embeddings, warnings: in the order they came.
        last: the newest step, or None.
    """

    def __init__(self) -> None:
        self.state: State = "new"
        self.stage: Preparing | None = None
        self.stopped: RunStopped | None = None
        self._clear()

    def _clear(self) -> None:
        self.started: RunStarted | None = None
        self.series: dict[str, Series] = {}
        self.metrics: dict[str, Series] = {}
        self.reference: dict[str, float] = {}
        self.snapshots: list[tuple[int, float]] = []
        self.latest: Snapshot | None = None
        self.checkpoints: list[CheckpointSaved] = []
        self.embeddings: list[EmbeddingSaved] = []
        self.warnings: list[Warned] = []
        self.last: StepDone | None = None
        self._skipped: list[int] = []

    @classmethod
    def fold(cls, events: Iterable[RunEvent]) -> Self:
        """The record of all these events."""
        record = cls()
        for event in events:
            record.apply(event)
        return record

    @property
    def ceilings(self) -> Mapping[str, float]:
        """What terms can never exceed, name -> value; empty in runs that did not keep it."""
        return {} if self.started is None else self.started.ceilings

    @property
    def moments(self) -> list[tuple[int, float]]:
        """(step, epoch) of everything a timeline can stand at: snapshots, and features kept."""
        kept = {one.step: one.epoch for one in self.embeddings}
        return sorted({**kept, **dict(self.snapshots)}.items())

    def snapshot_at(self, step: int) -> int | None:
        """Step of the snapshot at or before a step; the first one if all are later."""
        before = [one for one, _ in self.snapshots if one <= step]
        if before:
            return max(before)
        return min((one for one, _ in self.snapshots), default=None)

    @property
    def step(self) -> int:
        """Steps done."""
        if self.last is not None:
            return self.last.step
        return 0 if self.started is None else self.started.first_step

    @property
    def skipped(self) -> int:
        """Number of steps whose update was left out."""
        return len(self._skipped)

    @property
    def epoch(self) -> float:
        """Epochs done, fractional."""
        return 0.0 if self.started is None else self.step / self.started.steps_per_epoch

    @property
    def progress(self) -> float:
        """Part of the run that is done, 0 to 1."""
        return 0.0 if self.started is None else self.step / max(self.started.total_steps, 1)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the remaining training time, or None while the speed is unknown."""
        if self.started is None or self.last is None or self.last.images_per_second <= 0:
            return None
        images_per_step = self.started.images / self.started.steps_per_epoch
        steps = self.started.total_steps - self.last.step
        return steps * images_per_step / self.last.images_per_second

    def apply(self, event: RunEvent) -> None:
        """Fold one event in."""
        match event:
            case StepDone():
                self._add_step(event)
            case Preparing():
                self.stage, self.state, self.stopped = event, "preparing", None
            case RunStarted():
                self._start(event)
            case Snapshot():
                self.snapshots.append((event.step, event.epoch))
                self.latest = event
            case Evaluated():
                self._add_metrics(event)
            case CheckpointSaved():
                self.checkpoints.append(event)
            case EmbeddingSaved():
                self.embeddings.append(event)
            case Warned():
                self.warnings.append(event)
            case Paused():
                self.state = "paused"
            case Resumed():
                self.state = "running"
            case RunStopped():
                self.stage, self.state, self.stopped = None, "stopped", event

    def _add_step(self, event: StepDone) -> None:
        self.last = event
        if event.skipped:
            self._skipped.append(event.step)
        add = self._add
        add("loss", event, event.loss)
        for name, value in event.terms.items():
            add(f"term/{name}", event, value)
        add("learning_rate", event, event.learning_rate)
        add("images_per_second", event, event.images_per_second)

    def _add(self, name: str, event: StepDone, value: float) -> None:
        series = self.series.get(name)
        if series is None:
            series = self.series[name] = Series()
        series.append(event.step, event.epoch, value)

    def _add_metrics(self, event: Evaluated) -> None:
        if event.reference:
            self.reference = dict(event.metrics)
            return
        for name, value in event.metrics.items():
            self.metrics.setdefault(name, Series()).append(event.step, event.epoch, value)

    def _start(self, event: RunStarted) -> None:
        """Begin, or go on from ``first_step``: what came after it is done anew."""
        if event.first_step == 0:
            self._clear()
        else:
            self._truncate(event.first_step)
        self.started, self.stage, self.state, self.stopped = event, None, "running", None

    def _truncate(self, step: int) -> None:
        for group in (self.series, self.metrics):
            for name, series in list(group.items()):
                series.truncate(step)
                if not len(series):
                    del group[name]
        self._skipped = [one for one in self._skipped if one <= step]
        self.snapshots = [one for one in self.snapshots if one[0] <= step]
        self.checkpoints = [one for one in self.checkpoints if one.step <= step]
        self.embeddings = [one for one in self.embeddings if one.step <= step]
        self.warnings = [one for one in self.warnings if one.step <= step]
        if self.latest is not None and self.latest.step > step:
            self.latest = None
        if self.last is not None and self.last.step > step:
            self.last = None
