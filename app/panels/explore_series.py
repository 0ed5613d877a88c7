"""UMAP or t-SNE of every evaluation of a run, so that the timeline glides as it does with PCA.

Each layout sets out from the one before and is laid onto it. They are computed from the first to
the last in the child process, one after another; whatever there is when that is called off stays.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.panels import explore_making as making
from app.panels.explore_sequence import Points, as_wide, paths, widening
from app.panels.explore_space import Layout, Space, Way
from app.wording import duration, sentence
from sslcore.evaluation.layout_cache import LayoutCache, content_key, start_key
from sslcore.evaluation.projected import Projection
from sslcore.evaluation.projection_job import LayOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.tasks import Tasks, Ticket
    from sslcore.evaluation.projection_settings import Computed
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

POLL = 100
"""Milliseconds between two looks at what the child process does."""

Made = dict[int, Layout | None]
"""Layouts by step, without features; None where these cannot be read or laid out."""


@dataclass(frozen=True, eq=False)
class _Finished:
    """What the child answered, and what it was asked."""

    space: Space
    initial: Points | None
    made: Projection


@dataclass(eq=False)
class _Work:
    """All evaluations of a run, on their way to a layout each."""

    directory: RunDirectory
    saved: tuple[EmbeddingSaved, ...]
    way: Computed
    begin: float = field(default_factory=time.monotonic)
    computed: int = 0
    off: threading.Event = field(default_factory=threading.Event)

    @property
    def run(self) -> str:
        return str(self.directory.path)


class LayoutSeries(QObject):
    """Layouts of one run by settings and step.

    Attributes:
        grew: more layouts can be had.
        progressed: (part 0..1, what is being done) of the computing.
        failed: why it ended early; what was made before stays.
        idle: it ended, was cancelled or failed.

    Args:
        tasks: read features and look on disk.
        submit: gives a job to the child process.
        cache: where layouts are kept from one day to the next.
    """

    grew = Signal()
    progressed = Signal(float, str)
    failed = Signal(str)
    idle = Signal()

    def __init__(
        self,
        tasks: Tasks,
        submit: Callable[[LayOut], object],
        cache: LayoutCache,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._submit, self._cache = tasks, submit, cache
        self._run = ""
        self._made: dict[Way, Made] = {}
        self._looked: dict[Way, tuple[int, ...]] = {}
        self._work: _Work | None = None
        self._job: tuple[LayOut, Space] | None = None
        self._timer = QTimer(self, interval=POLL)
        self._timer.timeout.connect(self._poll)

    # What is there ----------------------------------------------------------------------------

    def at(self, run: str, step: int, way: Way) -> Layout | None:
        """The layout of a step, its space without features; None while there is none."""
        return self._of(run, way).get(step)

    def steps(self, run: str, way: Way) -> tuple[int, ...]:
        """Steps whose layouts can be had, in order."""
        return tuple(step for step, made in self._of(run, way).items() if made is not None)

    def tried(self, run: str, way: Way) -> int:
        """How many steps are done with, those that cannot be laid out among them."""
        return len(self._of(run, way))

    def paths(self, run: str, way: Way, rows: NDArray[np.int64]) -> Points:
        """Where images stood, moment by moment.

        Args:
            run: path of the run directory.
            way: settings of the layouts, of two dimensions.
            rows: (K,) catalogue rows.

        Returns:
            (T, K, 2) float32, T in the order of :meth:`steps`; NaN for images that are not probed.
        """
        layouts = [made for made in self._of(run, way).values() if made is not None]
        index = layouts[-1].space.index if layouts else np.zeros(0, np.int64)
        points = [one.points for one in layouts if np.array_equal(one.space.index, index)]
        return paths(index, points, rows)

    def _of(self, run: str, way: Way) -> Made:
        return self._made.get(way, {}) if run == self._run else {}

    # Making -----------------------------------------------------------------------------------

    @property
    def computing(self) -> bool:
        """Whether layouts are being computed."""
        return self._work is not None

    def recall(
        self, directory: RunDirectory, saved: Sequence[EmbeddingSaved], way: Computed
    ) -> None:
        """Look on disk, once for these evaluations, for what was computed another day."""
        if self.computing:
            return
        self._turn_to(str(directory.path), saved, way)
        steps = tuple(one.step for one in saved)
        if self._looked.get(way) != steps:
            self._looked[way] = steps
            self._walk(_Work(directory, tuple(saved), way))

    def compute(
        self, directory: RunDirectory, saved: Sequence[EmbeddingSaved], way: Computed
    ) -> None:
        """Make the layouts that are missing, first to last.

        Args:
            directory: of the run.
            saved: its evaluations so far, in order.
            way: how to lay out.
        """
        self.cancel()
        self._turn_to(str(directory.path), saved, way)
        self._looked[way] = tuple(one.step for one in saved)
        self._work = _Work(directory, tuple(saved), way)
        self._tell(0.0, "reading features")
        self._walk(self._work)

    def cancel(self) -> None:
        """Call it off, if it runs; layouts that are there stay."""
        if self._work is not None:
            self._work.off.set()
            if self._job is not None:
                self._job[0].cancel()
            self._end()

    def _turn_to(self, run: str, saved: Sequence[EmbeddingSaved], way: Computed) -> None:
        """Forget what belongs to another run, or to one that was begun anew."""
        if run != self._run:
            self._run, self._made, self._looked = run, {}, {}
        made = self._made.setdefault(way, {})
        if list(made) != [one.step for one in saved][: len(made)]:
            made.clear()

    def _walk(self, work: _Work, finished: _Finished | None = None) -> None:
        """Take what lies on disk, up to the first layout that must be computed."""
        made = self._made[work.way]
        missing = work.saved[len(made) :]
        before = next((one for one in reversed(made.values()) if one is not None), None)

        def walk(ticket: Ticket) -> tuple[Made, Space | None, Points | None]:
            def off() -> bool:
                return ticket.cancelled() or work.off.is_set()

            return _walked(work, missing, before, finished, self._cache, off)

        def done(answer: tuple[Made, Space | None, Points | None]) -> None:
            self._take(work, *answer)

        def fail(error: Exception) -> None:
            if self._work is work:
                self._end()
                self.failed.emit(sentence(error))

        # No key: what was computed is kept on disk even if it was called off by then.
        self._tasks.start("Laying out all epochs", walk, done, failed=fail, quiet=True)

    def _take(self, work: _Work, found: Made, space: Space | None, start: Points | None) -> None:
        made = self._of(work.run, work.way)
        fresh = {step: one for step, one in found.items() if step not in made}
        steps = [one.step for one in work.saved]
        if fresh and [*made, *fresh] == steps[: len(made) + len(fresh)]:
            made |= fresh
            self.grew.emit()
        if self._work is not work:
            return
        if space is None:
            self._end()
            return
        try:
            job = LayOut(space.features, work.way, start)
            self._submit(job)
        except (ValueError, RuntimeError) as error:
            self._end()
            self.failed.emit(sentence(error))
            return
        self._job = (job, space)
        self._timer.start()
        self._poll()

    def _poll(self) -> None:
        if self._work is None or self._job is None:
            return
        (job, space), work = self._job, self._work
        state = job.poll()
        if not state.finished:
            if state.state == "waiting" and not work.computed:
                work.begin = time.monotonic()  # the process is started once
            self._tell(state.fraction, state.stage)
        elif state.state == "done":
            self._job = None
            self._timer.stop()
            work.computed += 1
            self._walk(work, _Finished(space, job.initial, job.result(0)))
        else:
            self._end()
            if state.state == "failed":
                self.failed.emit(f"{work.way.name} of epoch {space.epoch:.1f}: {state.stage}")

    def _tell(self, part: float, stage: str) -> None:
        """Progress in evaluations, and how long it will take once one was timed."""
        work = self._work
        if work is None:
            return
        done, total = len(self._made[work.way]), len(work.saved)
        number = min(done, total - 1)
        words = f"{number + 1} of {total}, epoch {work.saved[number].epoch:.1f}: {stage}"
        if work.computed:
            each = (time.monotonic() - work.begin) / (work.computed + part)
            words = f"{words} · {duration(each * (total - done - part))} left"
        self.progressed.emit((done + part) / max(total, 1), words)

    def _end(self) -> None:
        self._work = self._job = None
        self._timer.stop()
        self.idle.emit()


def _walked(
    work: _Work,
    missing: Sequence[EmbeddingSaved],
    before: Layout | None,
    finished: _Finished | None,
    cache: LayoutCache,
    off: Callable[[], bool],
) -> tuple[Made, Space | None, Points | None]:
    """Layouts that can be had, in order, and features and start of the first that cannot."""
    found: Made = {}
    way = work.way
    for one in missing:
        if finished is not None and one.step == finished.space.step:
            space, start, made = finished.space, finished.initial, finished.made
            cache.put(content_key(space.features, way), start_key(start), made)
        elif off():
            break
        else:
            try:
                space = making.read(work.directory, one)
            except ValueError:  # damaged: the map tells it when somebody looks there
                found[one.step] = None
                continue
            if not np.isfinite(space.features).all():
                found[one.step] = None
                continue
            start = making.fitting(_last(before), space) if way.start == "last" else None
            key, shape = content_key(space.features, way), (len(space.features), way.dimensions)
            made = cache.get(key, start_key(start), shape)
            if made is None:
                return found, space, start
        found[one.step] = before = _settled(space, way, made, before)
    return found, None, None


def _last(before: Layout | None) -> making.Last | None:
    return None if before is None else (before.space.index, before.points)


def _settled(space: Space, way: Computed, made: Projection, before: Layout | None) -> Layout:
    """A layout laid onto the one before, as wide as it is; without features, which are large."""
    bare = replace(space, features=np.zeros((0, 0), np.float32))
    layout = Layout.of(bare, way, made)
    goal = making.fitting(_last(before), space)
    if goal is None:
        return layout
    module: Any = importlib.import_module("sslcore.evaluation.projection")
    alignment = module.Alignment.of(layout.points, goal)
    points: Points = alignment(layout.points)
    scale = layout.scale * alignment.scale * widening(points, goal)
    return replace(layout, points=as_wide(points, goal), scale=scale)
