"""The page of the cross-correlation matrix: its order, its terms, and the images behind a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label
from app.panels.train_matrix_images import CellImages
from app.panels.train_matrix_order import MatrixOrder, Order, OrderSwitch
from app.panels.train_matrix_terms import MatrixTerms
from app.plots.heatmap import HeatmapPlot
from app.plots.standing_bars import StandingBars
from sslcore.evaluation.dimensions import separation

if TYPE_CHECKING:
    from app.panels.train_matrix_projections import Projections, ProjectionWatch
    from app.pictures import Pictures
    from app.tasks import Task
    from app.workspace import Workspace
    from sslcore.diagnostics import DiagnosticSpec, Heatmap
    from sslcore.runs.record import RunRecord

PLOT = 232
"""Height that stays for the matrix while images are shown."""
APART = 12
"""Dimensions shown that set the chosen images apart."""
HINT = "Click a cell to see the images that make it."


class MatrixPage(QWidget):
    """A matrix of dimensions by dimensions, looked at closely.

    Args:
        spec: as declared by the run.
        workspace: whose run, images and selection.
        watch: projections of the probe images; asked only while they are looked at.
        pictures: thumbnails of images.
    """

    def __init__(
        self,
        spec: DiagnosticSpec,
        workspace: Workspace,
        watch: ProjectionWatch,
        pictures: Pictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._watch = workspace, watch
        self._shown: Heatmap | None = None
        self._epoch = 0.0
        self._held: tuple[Order, float] | None = None
        self._task: Task | None = None
        self._apart: tuple[Projections, bytes] | None = None
        self.plot = HeatmapPlot(spec.title)
        self.plot.setAccessibleDescription(spec.help)
        self.plot.setToolTip("")
        self.plot.set_symbols("i = ", "j = ", "C = ")
        self.switch = OrderSwitch()
        self.order = MatrixOrder(workspace.tasks, self)
        self.terms = MatrixTerms()
        self.bars = StandingBars()
        self.images = CellImages(workspace, watch, pictures)
        self.help = label(f"{spec.help} {HINT}".strip(), "caption", wrap=True)
        self.bars.hide()
        self.images.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.switch)
        column.addWidget(self.plot, 1)
        for part in (self.terms, self.bars, self.images, self.help):
            column.addWidget(part)
        self.plot.cell_clicked.connect(self.look_into)
        self.images.closed.connect(self.look_away)
        self.switch.changed.connect(self._arrange)
        self.order.found.connect(self._take_order)
        self.bars.picked.connect(self.plot.set_marked)
        watch.changed.connect(self._compare)
        watch.changed.connect(self._fit)
        workspace.selection.changed.connect(self._compare)
        self._fit()

    # What is shown ----------------------------------------------------------------------------

    def show_diagnostic(self, diagnostic: Heatmap, epoch: float = 0.0) -> None:
        """Show the matrix of a snapshot.

        Args:
            diagnostic: the matrix.
            epoch: of the snapshot.
        """
        if diagnostic is not self._shown:
            self._shown, self._epoch = diagnostic, epoch
            self._arrange()

    def show_record(self, record: RunRecord, position: int | None) -> None:
        """Follow the run: its terms, its checkpoints."""
        self.terms.show_record(record, position)
        self._watch.check()

    def _arrange(self) -> None:
        """Paint the matrix in the order that is wanted, at once or when the order is there."""
        shown, held = self._shown, self._held
        if shown is None:
            return
        if not self.switch.clustered.isChecked():
            self._held = None
            self.order.forget()
            self._paint(shown, None)
        elif (
            held is not None and self.switch.hold.isChecked() and len(held[0]) == len(shown.values)
        ):
            self._paint(shown, held)
        elif self.isVisible():
            if self.plot.shown is None:
                self._paint(shown, None)
            self.order.ask(shown, self._epoch)

    def _take_order(self, shown: Heatmap, order: Order, epoch: float) -> None:
        """An order was found; it may be that of a snapshot that has passed by."""
        if self.switch.clustered.isChecked():
            self._held = (order, epoch)
            self._paint(shown, self._held)

    def _paint(self, shown: Heatmap, ordered: tuple[Order, float] | None) -> None:
        self.plot.set_diagnostic(shown, None if ordered is None else ordered[0])
        self.switch.tell(None if ordered is None else ordered[1], self.plot.sides[0])
        self.terms.show_matrix(shown)
        if self.plot.chosen is None:
            self.look_away()
        else:
            self._show_cell(*self.plot.chosen)

    # The images of a cell ---------------------------------------------------------------------

    def look_into(self, row: int, column: int) -> None:
        """Show the images behind a cell."""
        self.plot.set_chosen((row, column))
        self.images.show()
        self._want()
        self._show_cell(row, column)
        self._fit()

    def look_away(self) -> None:
        """Close the images."""
        if not self.images.isHidden():
            self.plot.set_chosen(None)
            self.images.hide()
            self._want()
            self._fit()

    def _show_cell(self, row: int, column: int) -> None:
        rows, columns = self.plot.sides
        block = rows.members(row), columns.members(column)
        if row == column:  # the diagonal is exact, whatever lies beside it
            block = range(row, row + 1), range(row, row + 1)
        self.images.show_cell(*block, side=rows.size)

    def event(self, event: QEvent) -> bool:
        """Esc is for this page while images are shown, not for the window's command."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and not self.images.isHidden()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the images."""
        if event.key() == Qt.Key.Key_Escape and not self.images.isHidden():
            self.look_away()
            self.plot.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    # What sets the chosen images apart --------------------------------------------------------

    def _want(self) -> None:
        looked_at = not self.images.isHidden() or len(self._workspace.selection) > 0
        self._watch.want(self.isVisible() and looked_at)

    def _compare(self) -> None:
        """Compare chosen and other probe images, if either of them or the checkpoint changed."""
        self._want()
        now = self._watch.now
        if now is None or not self.isVisible() or now.z.shape[1] != self.plot.sides[0].size:
            self._show_apart(None)
            return
        chosen = self._workspace.selection.mask(now.index)
        if chosen.all() or not chosen.any():
            self._show_apart(None)
            return
        stamp = (now, chosen.tobytes())
        if stamp == self._apart:
            return
        self._apart = stamp
        self._task = self._workspace.tasks.start(
            "Comparing the chosen images",
            lambda _: separation(now.z, chosen),
            lambda found: self._show_apart(found, int(chosen.sum())),
            key="matrix/apart",
            quiet=True,
        )

    def _show_apart(self, found: NDArray[np.float64] | None, count: int = 0) -> None:
        if found is None:
            self._apart = None
            if self._task is not None:
                self._task.cancel()
            if not self.bars.isHidden():
                self.plot.set_marked(None)
                self.bars.show_bars((), np.zeros(0), "")
        else:
            first = np.argsort(-np.abs(found), kind="stable")[:APART]
            images = "1 chosen image differs" if count == 1 else f"{count:,} chosen images differ"
            self.bars.set_title(f"Dimensions in which the {images} most, in deviations")
            self.bars.show_bars(first.tolist(), found[first], " σ")
        self._fit()

    # Room -------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """Share the height out: the matrix first, then images, then what can be done without."""
        high, open_ = self.height(), not self.images.isHidden()
        self.help.setVisible(not open_ and high >= 520)
        self.terms.setVisible(not open_ or high >= 610)
        self.bars.setVisible(not self.bars.is_empty() and (not open_ or high >= 680))
        if open_:
            spent = PLOT + self.switch.sizeHint().height() + 18
            for part in (self.terms, self.bars):
                spent += 0 if part.isHidden() else part.sizeHint().height() + 6
            self.images.setFixedHeight(max(min(self.images.wanted, high - spent), 104))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height, another share."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while another page was shown."""
        super().showEvent(event)
        if self._shown is not self.plot.shown:
            self._arrange()
        self._compare()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is computed for a page that nobody sees."""
        super().hideEvent(event)
        self._want()
