"""In which order the dimensions of the matrix stand: by index or clustered, held or anew."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from app.panels.elided import Elided
from app.plots.arrangement import Arrangement

if TYPE_CHECKING:
    from app.tasks import Task, Tasks
    from sslcore.diagnostics import Heatmap

Order = NDArray[np.int64]


class MatrixOrder(QObject):
    """Orders matrices on a worker, one at a time, the newest wish last.

    Attributes:
        found: (matrix, order, epoch) that belong together.

    Args:
        tasks: runs the clustering.
    """

    found = Signal(object, object, float)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self._next: tuple[Heatmap, float] | None = None
        self._last: tuple[Heatmap, Order, float] | None = None

    def ask(self, shown: Heatmap, epoch: float) -> None:
        """Cluster the matrix of an epoch; ``found`` follows, at once where it is known."""
        if self._last is not None and self._last[0] is shown:
            self.found.emit(*self._last)
        elif self._task is not None:
            self._next = (shown, epoch)
        else:
            self._start(shown, epoch)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._next = None
        if self._task is not None:
            self._task.cancel()

    def _start(self, shown: Heatmap, epoch: float) -> None:
        def work(ticket: Any) -> Order:
            module: Any = importlib.import_module("sslcore.evaluation.dimension_order")
            return module.redundancy_order(shown.values, ticket.cancelled)

        def done(order: Order) -> None:
            self._last = (shown, order, epoch)
            self.found.emit(*self._last)

        self._task = self._tasks.start("Ordering the dimensions", work, done, quiet=True)
        self._task.ended.connect(self._free)

    def _free(self) -> None:
        self._task = None
        wanted, self._next = self._next, None
        if wanted is not None:
            self.ask(*wanted)


class OrderSwitch(QWidget):
    """Index or clustered, and whether the order is held while the matrix changes.

    Attributes:
        changed: another order is wanted.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = self._chip("Index", "Order the dimensions by index")
        self.clustered = self._chip("Clustered", "Order the dimensions by clustering")
        self.clustered.setToolTip(
            "Dimensions that repeat each other side by side: average linkage on 1 − |C|. Of a "
            "matrix kept as means of blocks, blocks are ordered"
        )
        self.index.setToolTip("Dimensions by their number")
        self.index.setChecked(True)
        self._group = QButtonGroup(self)
        for button in (self.index, self.clustered):
            self._group.addButton(button)
        self.hold = self._chip("Hold", "Hold the order while the matrix changes")
        self.hold.setToolTip(
            "Keep this order while the timeline moves, so that change shows; else every snapshot "
            "is ordered anew"
        )
        self.hold.hide()
        self.words = Elided("", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self.index, self.clustered, self.hold):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.words, 1)
        self.clustered.toggled.connect(self.hold.setVisible)
        self.clustered.toggled.connect(self.changed)
        self.hold.toggled.connect(self.changed)

    @staticmethod
    def _chip(word: str, name: str) -> QPushButton:
        chip = QPushButton(word)
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.setAccessibleName(name)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return chip

    def tell(self, epoch: float | None, side: Arrangement) -> None:
        """Say what is ordered.

        Args:
            epoch: of the snapshot the order was made for, None for the order by index.
            side: of the matrix.
        """
        blocks = f"blocks of {side.size / side.kept:.3g}" if side.blocked else ""
        order = f"order of epoch {epoch:.1f}" if epoch is not None else ""
        if blocks and epoch is not None:
            order = f"epoch {epoch:.1f}"
        self.words.say(" · ".join(one for one in (blocks, order) if one))
