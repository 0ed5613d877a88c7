"""Where the points of the map come from: features of a run's evaluations, PCA and UMAP of them."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from app.wording import sentence
from sslcore.evaluation.umap_server import Projection, Umap, UmapServer

if TYPE_CHECKING:
    from app.tasks import Task, Tasks, Ticket
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

POLL = 100
"""Milliseconds between two looks at the UMAP job."""
JUDGED = 500
"""Points on which the trustworthiness of a PCA map is measured."""
KEPT = 200
"""Layouts kept in memory; one of 4,000 points takes 32 kB."""


@dataclass(frozen=True)
class UmapSettings:
    """What is chosen before a UMAP is computed; see ``sslcore.evaluation.umap_server.Umap``."""

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: Literal["cosine", "euclidean"] = "cosine"
    seed: int = 0


Way = UmapSettings | None
"""How a layout was made: UMAP with settings, or None for PCA."""


@dataclass(frozen=True, eq=False)
class Space:
    """Features of the probe images at one evaluation of a run.

    Attributes:
        run: path of the run directory.
        step, epoch: when they were made.
        index: (N,) int64 catalogue rows.
        features: (N, D) float32.
    """

    run: str
    step: int
    epoch: float
    index: NDArray[np.int64]
    features: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Layout:
    """A map: where each point of a space lies.

    Attributes:
        space: whose points.
        way: how it was made.
        points: (N, 2) float32.
        trustworthiness: 1 if points that lie together belong together; None while not measured.
        note: why it is not what was asked for, or "".
    """

    space: Space
    way: Way
    points: NDArray[np.float32]
    trustworthiness: float | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """``PCA`` or ``UMAP``."""
        return "PCA" if self.way is None else "UMAP"


Key = tuple[str, int, Way]
Kept = tuple[NDArray[np.float32], float | None, str]


class Layouts(QObject):
    """Makes maps off the window's thread and remembers them by run, step and settings.

    Attributes:
        ready: a :class:`Layout` that was asked for; also again once its trustworthiness is known.
        progressed: (part 0..1, what is being done) of the UMAP that is being computed.
        failed: why a map could not be made.
        idle: the UMAP ended, was cancelled or failed.

    Args:
        tasks: runs the short jobs.
        umap: the class of UMAP jobs.
        server: makes the process in which they are computed.
    """

    ready = Signal(object)
    progressed = Signal(float, str)
    failed = Signal(str)
    idle = Signal()

    def __init__(
        self,
        tasks: Tasks,
        parent: QObject | None = None,
        *,
        umap: type[Umap] = Umap,
        server: type[UmapServer] = UmapServer,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._umap, self._make_server = umap, server
        self._servers: list[UmapServer] = []
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._last: dict[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        self._job: tuple[Umap, Space, UmapSettings] | None = None
        self._timer = QTimer(self, interval=POLL)
        self._timer.timeout.connect(self._poll)
        servers = self._servers
        self.destroyed.connect(lambda: [one.close(wait=False) for one in servers])

    # PCA, and anything that was made before ---------------------------------------------------

    def knows(self, run: str, step: int, way: Way) -> bool:
        """Whether a map was made before, so that it can be shown at once."""
        return (run, step, way) in self._kept

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
            way: None for PCA; settings of a UMAP only if it is known.
            made: (N, 2) PCA layout that was made ahead, instead of one made now.
        """
        run = str(directory.path)
        kept = None if made is not None else self._kept.get((run, saved.step, way))
        last = self._last.get((run, "PCA"))

        def work(_: Ticket) -> Layout:
            index, features = directory.embedding(saved.step)
            space = Space(run, saved.step, saved.epoch, index, features)
            if kept is not None:
                return Layout(space, way, *kept)
            if made is not None and len(made) == len(features):
                return Layout(space, None, made)
            return Layout(space, None, _pca(space, last))

        return self._tasks.start(
            "Laying out the map", work, self._take, failed=self._fail, key="explore/map", quiet=True
        )

    def _take(self, layout: Layout) -> None:
        self._remember(layout)
        self.ready.emit(layout)
        if layout.trustworthiness is None:
            self._judge(layout)

    def _judge(self, layout: Layout) -> None:
        """Measure how far the map can be believed: a second job, so that the map shows first."""

        def work(_: Ticket) -> Layout:
            module = importlib.import_module("sslcore.evaluation.faithfulness")
            found = module.faithfulness(layout.space.features, layout.points, sample=JUDGED)
            return Layout(layout.space, layout.way, layout.points, found.trustworthiness)

        def done(judged: Layout) -> None:
            self._remember(judged)
            self.ready.emit(judged)

        if len(layout.points) > 3:
            self._tasks.start(
                "Judging the map", work, done, failed=self._fail, key="explore/judge", quiet=True
            )

    def _remember(self, layout: Layout) -> None:
        space = layout.space
        self._kept[space.run, space.step, layout.way] = (
            layout.points,
            layout.trustworthiness,
            layout.note,
        )
        self._last[space.run, layout.name] = (space.index, layout.points)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(sentence(error))

    # UMAP -------------------------------------------------------------------------------------

    @property
    def computing(self) -> bool:
        """Whether a UMAP is being computed."""
        return self._job is not None

    def warm(self) -> None:
        """Start the UMAP process: it imports and compiles for half a minute the first time."""
        if not self._servers:
            self._servers.append(self._make_server())
            self._servers[0].start()
            application = QCoreApplication.instance()
            if application is not None:
                application.aboutToQuit.connect(self.close)

    def compute(self, space: Space, settings: UmapSettings) -> None:
        """Compute a UMAP; it starts from the run's last one, so that maps stay comparable."""
        self.cancel()
        self.warm()
        last = self._last.get((space.run, "UMAP"))
        start = last[1] if last is not None and np.array_equal(last[0], space.index) else None
        try:
            job = self._umap(
                space.features,
                n_neighbors=settings.n_neighbors,
                min_dist=settings.min_dist,
                metric=settings.metric,
                seed=settings.seed,
                initial=start,
                server=self._servers[0],
            ).start()
        except (ValueError, RuntimeError) as error:
            self._fail(error)
            self.idle.emit()
            return
        self._job = (job, space, settings)
        self._timer.start()
        self._poll()

    def cancel(self) -> None:
        """Call the running UMAP off, if there is one."""
        if self._job is not None:
            self._job[0].cancel()
            self._end()

    def close(self) -> None:
        """End the UMAP process."""
        self.cancel()
        for server in self._servers:
            server.close()
        self._servers.clear()

    def _poll(self) -> None:
        if self._job is None:
            return
        job, space, settings = self._job
        state = job.poll()
        if not state.finished:
            self.progressed.emit(state.fraction, state.stage)
            return
        self._end()
        if state.state == "failed":
            self.failed.emit(state.stage)
        elif state.state == "done":
            self._take(_umap_layout(space, settings, job.result()))

    def _end(self) -> None:
        self._job = None
        self._timer.stop()
        self.idle.emit()


def _umap_layout(space: Space, settings: UmapSettings, found: Projection) -> Layout:
    return Layout(space, settings, found.layout, found.trustworthiness, found.note)


def _pca(
    space: Space, last: tuple[NDArray[np.int64], NDArray[np.float32]] | None
) -> NDArray[np.float32]:
    """PCA, turned to lie on the run's last one if that shows the same images."""
    module: Any = importlib.import_module("sslcore.evaluation.projection")
    points = module.pca(space.features)
    if last is not None and np.array_equal(last[0], space.index):
        points = module.align(points, last[1])
    return points
