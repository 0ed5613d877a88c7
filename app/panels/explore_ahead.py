"""Which evaluation the timeline stands at, and the layouts that were made ahead for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.panels import explore_making as making
from app.panels.explore_space import FLAT, Space, Way
from sslcore.evaluation.projection_settings import PcaSettings

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layouts
    from app.panels.explore_map import MapCard
    from app.panels.explore_sequence import Points
    from app.panels.explore_trails import TrailKeeper
    from app.workspace import Workspace
    from sslcore.events import EmbeddingSaved


class Ahead(QObject):
    """Knows the layouts along the timeline: PCA by itself, UMAP and t-SNE when they are asked for.

    Where all evaluations were laid out, those that come later are as well, until the person calls
    it off.

    Attributes:
        grew: there are more of them.

    Args:
        workspace: whose run and timeline.
        card: of the map; its header asks for projections.
        layouts: computes them.
        trails: has the PCA layouts.
    """

    grew = Signal()

    def __init__(
        self, workspace: Workspace, card: MapCard, layouts: Layouts, trails: TrailKeeper
    ) -> None:
        super().__init__(card)
        self._workspace, self._card = workspace, card
        self._layouts, self._trails = layouts, trails
        self._complete: set[tuple[str, Way]] = set()
        card.header.compute_asked.connect(self.compute)
        card.header.all_asked.connect(self.compute_all)
        trails.sequence.grew.connect(self.grew)
        layouts.series.grew.connect(self._grow)
        card.header.cancel_asked.connect(self._complete.clear)
        layouts.failed.connect(self._complete.clear)
        # Queued: whether it ended in failure is told after it ended.
        layouts.idle.connect(self._go_on, Qt.ConnectionType.QueuedConnection)

    @property
    def saved(self) -> EmbeddingSaved | None:
        """The evaluation at or before the timeline's position; the first one if all are later."""
        record = self._workspace.record
        if record is None or not record.embeddings:
            return None
        position = self._workspace.snapshot_position
        if position is None:
            return record.embeddings[-1]
        before = [one for one in record.embeddings if one.step <= position]
        return before[-1] if before else record.embeddings[0]

    def follow(self, way: Way) -> None:
        """Make, or look for, layouts of these settings: there may be more evaluations now."""
        self._trails.follow()
        record, directory = self._workspace.record, self._workspace.directory
        if record is None or directory is None or isinstance(way, PcaSettings):
            return
        self._layouts.series.recall(directory, record.embeddings, way)
        self._count()
        self._go_on()

    def points(self, run: str, step: int, way: Way) -> Points | None:
        """Where the probe images lie at a step, if that was made ahead."""
        if way == FLAT:
            return self._trails.made(run, step)
        kept = None if isinstance(way, PcaSettings) else self._layouts.kept(run, step, way)
        return None if kept is None else kept.points

    def waits(self, step: int) -> bool:
        """Whether a map of the run is shown, and the PCA of a step is on its way, laid onto it."""
        shown, directory = self._card.layout_shown, self._workspace.directory
        if shown is None or directory is None or shown.space.run != str(directory.path):
            return False
        return self._trails.awaited(str(directory.path), step)

    def compute(self) -> None:
        """Compute the projection that stands in the header, of where the timeline stands."""
        layout, way = self._card.layout_shown, self._card.header.way
        directory, saved = self._workspace.directory, self.saved
        if layout is None or isinstance(way, PcaSettings):
            return
        if directory is None or saved is None or saved.step == layout.space.step:
            self._layouts.compute(layout.space, way)
            return

        def done(space: Space) -> None:
            self._layouts.compute(space, way)

        self._workspace.tasks.start(
            "Reading features",
            lambda _: making.read(directory, saved),
            done,
            key="explore/read",
            quiet=True,
        )

    def compute_all(self) -> None:
        """Compute it of every evaluation there is."""
        way = self._card.header.way
        record, directory = self._workspace.record, self._workspace.directory
        if record is not None and directory is not None and not isinstance(way, PcaSettings):
            self._layouts.compute_all(directory, record.embeddings, way)

    def _go_on(self) -> None:
        """Lay out what came after all there was had been laid out."""
        directory, way = self._workspace.directory, self._card.header.way
        if directory is None or self._layouts.computing or not self._card.isVisible():
            return
        if self._count() and (str(directory.path), way) in self._complete:
            self.compute_all()

    def _grow(self) -> None:
        self._count()
        self.grew.emit()

    def _count(self) -> int:
        """Tell the header how many are there, and return how many are missing."""
        record, directory = self._workspace.record, self._workspace.directory
        if record is None or directory is None:
            return 0
        run, way = str(directory.path), self._card.header.way
        made, there = self._layouts.series.tried(run, way), len(record.embeddings)
        if made == there > 1:
            self._complete.add((run, way))
        self._card.header.set_ahead(made, there)
        return there - made
