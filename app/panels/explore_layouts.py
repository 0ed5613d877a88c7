"""Where the points of the map come from: features of a run's evaluations, PCA, UMAP and t-SNE."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from shiboken6 import isValid

from app.panels import explore_making as making
from app.panels.explore_series import LayoutSeries
from app.panels.explore_space import FLAT, Layout, Space, Way
from app.wording import sentence
from sslcore.evaluation.layout_cache import LayoutCache
from sslcore.evaluation.projected import Projection
from sslcore.evaluation.projection_job import LayOut, Place
from sslcore.evaluation.projection_server import ProjectionServer
from sslcore.evaluation.projection_settings import (
    Computed,
    PcaSettings,
    TsneSettings,
    UmapSettings,
)

if TYPE_CHECKING:
    from app.panels.explore_making import Last, Points
    from app.tasks import Task, Tasks, Ticket
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

__all__ = [
    "FLAT", "Layout", "Layouts", "PcaSettings", "Space", "TsneSettings", "UmapSettings", "Way",
]  # fmt: skip

POLL = 100
"""Milliseconds between two looks at what the child process does."""
EARLY = 1500
"""Milliseconds after the first map at which that process is started, so that it is warm when it is
asked: it imports and compiles for half a minute the first time, in a process of low priority."""
KEPT = 200
"""Layouts kept in memory; one of 4,000 points takes 32 kB."""
EXACTLY = "placed by the components of the map, exactly"
ITSELF = "placed by UMAP itself"
NEARBY = "placed amid its nearest images: {}"

Key = tuple[str, int, Way]


@dataclass(frozen=True, eq=False)
class _Placing:
    """New images whose places are being computed."""

    job: Place
    layout: Layout
    features: NDArray[np.float32]


class Layouts(QObject):
    """Makes maps off the window's thread and remembers them by run, step and settings.

    What takes long is also kept on disk by what it was made from, so that it is there at once
    after a restart.

    Attributes:
        ready: a :class:`Layout` that was asked for; also again once it is known how far it can be
            believed.
        progressed: (part 0..1, what is being done) of the projection that is being computed.
        failed: why a map could not be made, or an image not be placed.
        idle: the projection ended, was cancelled or failed.
        placed: (layout, (Q, d) float32 places, in words how they were found) of new images.
        series: UMAP and t-SNE of all evaluations; what it tells of its progress is told here too.

    Args:
        tasks: runs the short jobs.
        server: makes the process in which long ones are computed.
        cache: where layouts are kept; None takes the workbench's folder.
    """

    ready = Signal(object)
    progressed = Signal(float, str)
    failed = Signal(str)
    idle = Signal()
    placed = Signal(object, object, str)

    def __init__(
        self,
        tasks: Tasks,
        parent: QObject | None = None,
        *,
        server: Callable[[], ProjectionServer] = ProjectionServer,
        cache: LayoutCache | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._make_server = tasks, server
        self._cache = cache or LayoutCache()
        self._servers: list[ProjectionServer] = []
        self._kept: OrderedDict[Key, Layout] = OrderedDict()
        self._looked: set[Key] = set()
        self._last: dict[tuple[str, str, int], Last] = {}
        self._job: tuple[LayOut, Space, Computed] | None = None
        self._placing: list[_Placing] = []
        self._timer = QTimer(self, interval=POLL)
        self._timer.timeout.connect(self._poll)
        self._early = QTimer(self, singleShot=True, interval=EARLY)
        self._early.timeout.connect(self.warm)
        self.series = LayoutSeries(tasks, self._submit, self._cache, self)
        self.series.progressed.connect(self.progressed)
        self.series.failed.connect(self.failed)
        self.series.idle.connect(self.idle)
        servers = self._servers
        self.destroyed.connect(lambda: [one.close(wait=False) for one in servers])

    # PCA, and anything that was made before ---------------------------------------------------

    def knows(self, run: str, step: int, way: Way) -> bool:
        """Whether a map was made before, so that it can be shown at once; PCA always can."""
        return isinstance(way, PcaSettings) or self.kept(run, step, way) is not None

    def kept(self, run: str, step: int, way: Way) -> Layout | None:
        """A map that was made before, its space without features; None if there is none.

        One of all epochs comes first, so that maps lie on each other along the timeline.
        """
        return self.series.at(run, step, way) or self._kept.get((run, step, way))

    def show(
        self,
        directory: RunDirectory,
        saved: EmbeddingSaved,
        way: Way,
        made: NDArray[np.float32] | None = None,
    ) -> Task:
        """Read the features of an evaluation and lay them out; ``ready`` or ``failed`` follows.

        Args:
            directory: of the run.
            saved: which evaluation.
            way: PCA, or another one that is known.
            made: (N, 2) PCA layout that was made ahead, instead of one made now.
        """
        run = str(directory.path)
        kept = None if made is not None else self.kept(run, saved.step, way)
        settings = way if isinstance(way, PcaSettings) else FLAT
        last = self._last_of(run, settings)

        def work(_: Ticket) -> Layout:
            space = making.read(directory, saved)
            if kept is not None and len(kept.points) == len(space.features):
                return replace(kept, space=space)
            if made is not None and len(made) == len(space.features):
                return Layout(space, settings, made)
            return making.pca(space, settings, last)

        return self._tasks.start(
            "Laying out the map", work, self._take, failed=self._fail, key="explore/map", quiet=True
        )

    def recall(self, directory: RunDirectory, saved: EmbeddingSaved, way: Way) -> None:
        """Look on disk, once, for a map that was computed another day; ``ready`` if it is there.

        If not, it will soon be asked for: the child process is started.
        """
        key = (str(directory.path), saved.step, way)
        if isinstance(way, PcaSettings) or self.knows(*key):
            return
        self.warm()
        if key in self._looked:
            return
        self._looked.add(key)
        last = self._last_of(key[0], way)

        def work(_: Ticket) -> Layout | None:
            return making.recalled(making.read(directory, saved), way, last, self._cache)

        def done(layout: Layout | None) -> None:
            if layout is not None and isValid(self):
                self._take(layout)

        # What cannot be read is told by the map that is shown instead.
        self._tasks.start(
            "Looking for the map", work, done, failed=lambda _: None, key="explore/recall",
            quiet=True,
        )  # fmt: skip

    def _last_of(self, run: str, way: Way) -> Last | None:
        return self._last.get((run, way.kind, way.dimensions))

    def _take(self, layout: Layout) -> None:
        self._remember(layout)
        self.ready.emit(layout)
        if layout.faith is None:
            self._judge(layout)
        if not self._servers and not self._early.isActive():
            self._early.start()

    def _judge(self, layout: Layout) -> None:
        """Measure how far the map can be believed: a second job, so that the map shows first."""

        def done(judged: Layout) -> None:
            if isValid(self):  # the place may be closed meanwhile
                self._remember(judged)
                self.ready.emit(judged)

        if len(layout.points) > 3:
            self._tasks.start(
                "Judging the map", lambda _: making.judged(layout), done, failed=self._fail,
                key="explore/judge", quiet=True,
            )  # fmt: skip

    def _remember(self, layout: Layout) -> None:
        space, way = layout.space, layout.way
        # Features are large and read again; a layout is small.
        bare = replace(space, features=np.zeros((0, 0), np.float32))
        self._kept[space.run, space.step, way] = replace(layout, space=bare)
        self._last[space.run, way.kind, way.dimensions] = (space.index, layout.points)
        while len(self._kept) > KEPT:
            forgotten, _ = self._kept.popitem(last=False)
            self._looked.discard(forgotten)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(sentence(error))

    # What a child process computes ------------------------------------------------------------

    @property
    def computing(self) -> bool:
        """Whether a projection is being computed."""
        return self._job is not None or self.series.computing

    def warm(self) -> None:
        """Start the child process, if it is not there."""
        self._early.stop()
        if not self._servers:
            self._servers.append(self._make_server())
            self._servers[0].start()
            application = QCoreApplication.instance()
            if application is not None:
                application.aboutToQuit.connect(self.close)

    def _submit(self, job: LayOut | Place) -> None:
        self.warm()
        self._servers[0].submit(job)

    def compute_all(
        self, directory: RunDirectory, saved: Sequence[EmbeddingSaved], way: Computed
    ) -> None:
        """Compute the projections of all evaluations that are missing, first to last."""
        self.cancel()
        self.series.compute(directory, saved, way)

    def compute(self, space: Space, way: Computed) -> None:
        """Compute a projection.

        Unless PCA was asked for, it starts from the run's last one, so that maps stay comparable.
        """
        self.cancel()
        last = self._last_of(space.run, way) if way.start == "last" else None
        try:
            job = LayOut(space.features, way, making.fitting(last, space))
            self._submit(job)
        except (ValueError, RuntimeError) as error:
            self._fail(error)
            self.idle.emit()
            return
        self._job = (job, space, way)
        self._timer.start()
        self._poll()

    def cancel(self) -> None:
        """Call the running projection off, if there is one; of several, those made stay."""
        self.series.cancel()
        if self._job is not None:
            self._job[0].cancel()
            self._end()

    def close(self) -> None:
        """End the child process."""
        self._early.stop()
        self.cancel()
        self._placing.clear()
        self._timer.stop()
        for server in self._servers:
            server.close()
        self._servers.clear()

    def _poll(self) -> None:
        for one in [one for one in self._placing if one.job.poll().finished]:
            self._placing.remove(one)
            self._end_placing(one)
        if self._job is not None:
            self._poll_map(*self._job)
        if self._job is None and not self._placing:
            self._timer.stop()

    def _poll_map(self, job: LayOut, space: Space, way: Computed) -> None:
        state = job.poll()
        if not state.finished:
            self.progressed.emit(state.fraction, state.stage)
            return
        self._end()
        if state.state == "failed":
            self.failed.emit(state.stage)
        elif state.state == "done":
            self._take_computed(space, way, job.result(0), job.initial)

    def _take_computed(
        self, space: Space, way: Computed, made: Projection, initial: Points | None
    ) -> None:
        layout = Layout.of(space, way, made)
        self._tasks.start(
            "Keeping the map", lambda _: making.keep(layout, way, initial, self._cache),
            key=f"explore/keep/{space.run}/{space.step}/{way}", quiet=True,
        )  # fmt: skip
        self._take(layout)

    def _end(self) -> None:
        self._job = None
        self.idle.emit()

    # New images -------------------------------------------------------------------------------

    def place(self, layout: Layout, features: NDArray[Any]) -> None:
        """Find where images that are not on a map would lie there; ``placed`` or ``failed`` follow.

        PCA places them exactly by its components. A UMAP is asked itself, if its process is warm
        and not busy; else, and always on a t-SNE, which has no such way, they get the mean place of
        their nearest images. The words of ``placed`` say which.

        Args:
            layout: the map.
            features: (Q, D) of the same encoder.
        """
        queries = np.ascontiguousarray(features, np.float32)
        if layout.kind == "pca":
            self._place_here(layout, queries, EXACTLY)
        elif layout.kind == "tsne" or not isinstance(layout.way, UmapSettings):
            self._place_here(layout, queries, NEARBY.format("t-SNE has no way of its own"))
        elif self.computing:
            self._place_here(layout, queries, NEARBY.format("UMAP computes another map"))
        elif not self._servers or not self._servers[0].ready:
            self.warm()
            self._place_here(layout, queries, NEARBY.format("UMAP is still starting"))
        else:
            self._place_there(layout, queries, layout.way)

    def _place_here(self, layout: Layout, queries: NDArray[np.float32], words: str) -> None:
        self._tasks.start(
            "Placing images on the map", lambda _: making.placed(layout, queries),
            lambda points: self.placed.emit(layout, points, words), failed=self._fail,
            key="explore/place", quiet=True,
        )  # fmt: skip

    def _place_there(self, layout: Layout, queries: NDArray[np.float32], way: UmapSettings) -> None:
        try:
            job = Place(layout.space.features, layout.points, queries, way, layout.scale)
            self._submit(job)
        except (ValueError, RuntimeError) as error:
            self._fail(error)
            return
        self._placing.append(_Placing(job, layout, queries))
        self._timer.start()

    def _end_placing(self, one: _Placing) -> None:
        state = one.job.poll()
        if state.state == "done":
            self.placed.emit(one.layout, one.job.result(0), ITSELF)
        else:
            words = NEARBY.format(f"UMAP did not answer ({state.stage})")
            self._place_here(one.layout, one.features, words)
