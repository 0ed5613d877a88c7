"""The map through time: layouts made ahead for the timeline, and trails of the chosen images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.panels.explore_sequence import LayoutSequence, Points
from app.panels.explore_space import FLAT
from app.plots import colours
from app.plots.trails import MOST, Trails

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout
    from app.panels.explore_map import MapCard
    from app.panels.explore_series import LayoutSeries
    from app.workspace import Workspace

MOMENTS = 12
"""Moments a trail goes through at most: a hundred of them are a tangle that hides the map."""
SETTLES = 1
"""Evaluations from which on layouts are made ahead: with one there is nothing to play."""


class TrailKeeper(QObject):
    """Keeps the layouts of all epochs, and paints where the chosen images have been.

    Attributes:
        changed: other words stand in :attr:`words`.
        sequence: the layouts.

    Args:
        workspace: whose run and selection.
        card: on whose map trails are painted.
        series: layouts of all epochs other than PCA, where there are such.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        card: MapCard,
        parent: QObject,
        *,
        series: LayoutSeries | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._card, self._series = workspace, card, series
        self._on = False
        self._path: Trails | None = None
        self.words = ""
        self.sequence = LayoutSequence(workspace.tasks, self)
        self.sequence.grew.connect(self.refresh)
        if series is not None:
            series.grew.connect(self.refresh)
        workspace.selection.changed.connect(self.refresh)
        card.header.tools.trails_chosen.connect(self.switch)

    def follow(self) -> None:
        """There may be more evaluations than before; to be called while the place is looked at."""
        record, directory = self._workspace.record, self._workspace.directory
        if record is not None and directory is not None and len(record.embeddings) > SETTLES:
            self.sequence.follow(directory, record.embeddings)

    def made(self, run: str, step: int) -> Points | None:
        """The layout of an evaluation, if it was made ahead."""
        return self.sequence.at(run, step)

    def awaited(self, run: str, step: int) -> bool:
        """Whether the layout of an evaluation is about to be made."""
        record = self._workspace.record
        many = record is not None and len(record.embeddings) > SETTLES
        return many and not self.sequence.knows(run, step)

    def switch(self, on: bool) -> None:
        """Show trails, or none."""
        self._on = on
        self.refresh()

    def show_path(self, path: Trails | None) -> None:
        """Paint a path of another kind instead of the trails, or no such path any more."""
        self._path = path
        self.refresh()

    def refresh(self) -> None:
        """Paint the trails that belong to the map, the selection and the timeline."""
        layout = self._card.layout_shown
        trails, words = None, ""
        if self._on and layout is not None:
            trails, words = self._trails(layout)
        self._card.map.set_trails(trails if self._path is None else self._path)
        if words != self.words:
            self.words = words
            self.changed.emit()

    def _trails(self, layout: Layout) -> tuple[Trails | None, str]:
        probe, chosen = self._card.probe, self._workspace.selection
        steps = self._steps(layout)
        if layout.dimensions != 2:
            return None, "trails need a flat map"
        if layout.way != FLAT and (len(steps) < 2 or layout.space.step not in steps):
            return None, "trails need all epochs laid out, or the PCA map"
        if probe is None or not len(chosen):
            return None, "choose images to see their trails"
        if layout.space.step not in steps:
            return None, "trails come with the second evaluation"
        rows = chosen.rows[:MOST]
        positions = [probe.position(int(row)) for row in rows]
        tints = colours.by_class(probe.labels)[np.maximum(positions, 0)]
        now = steps.index(layout.space.step)
        kept = thinned(len(steps), now)
        trails = Trails(self._paths(layout, rows)[kept], tints, int(np.searchsorted(kept, now)))
        more = f"trails of the first {MOST:,} chosen" if len(chosen) > MOST else "trails"
        some = f" through {len(kept)} of {len(steps)} moments" if len(kept) < len(steps) else ""
        return trails, more + some

    def _steps(self, layout: Layout) -> tuple[int, ...]:
        """Steps whose layouts were made as this one was."""
        run = layout.space.run
        if layout.way == FLAT:
            steps = self.sequence.steps
            return steps if steps and self.made(run, steps[0]) is not None else ()
        return () if self._series is None else self._series.steps(run, layout.way)

    def _paths(self, layout: Layout, rows: NDArray[np.int64]) -> Points:
        if layout.way == FLAT or self._series is None:
            return self.sequence.paths(rows)
        return self._series.paths(layout.space.run, layout.way, rows)


def thinned(count: int, now: int) -> NDArray[np.int64]:
    """Which of ``count`` moments trails go through: first, last, ``now``, some evenly between."""
    if count <= MOMENTS:
        return np.arange(count)
    even = np.linspace(0, count - 1, MOMENTS - 1).round().astype(np.int64)
    return np.union1d(even, [now])
