"""What the method shows of itself, at the timeline's position: a tab per declared diagnostic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.card import Card, label
from app.panels.empty import Empty
from app.panels.train_matrix import MatrixPage
from app.panels.train_matrix_projections import ProjectionWatch
from app.pictures import Pictures
from app.plots.axis import reading
from app.plots.heatmap import HeatmapPlot
from app.plots.painter import DiagnosticView
from sslcore.diagnostics import Heatmap

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.diagnostics import Diagnostic, DiagnosticSpec
    from sslcore.runs.record import RunRecord

MATRIX = "cross_correlation"
WAITING = "Comes with the first snapshot"
SQUARE = ("heatmap", "image_grid")
TALLEST = 300
"""Height of a histogram, bars or curves: higher ones say no more."""


class DiagnosticPage(QWidget):
    """One diagnostic with its title and help; a clicked cell of a matrix is read off below it."""

    def __init__(self, spec: DiagnosticSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = DiagnosticView(spec)
        self.view.plot.set_empty_text(WAITING)
        self.cell = label("", "caption", wrap=True)
        self.cell.hide()
        self._cell: tuple[int, int] | None = None
        self._shown: Diagnostic | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.view, 1)
        column.addWidget(self.cell)
        if spec.kind not in SQUARE:
            self.view.setMaximumHeight(TALLEST)
            column.addStretch(1)
        self.view.cell_clicked.connect(self._choose)

    def show_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Paint another value, unless it is the one that is painted."""
        if diagnostic is not self._shown:
            self._shown = diagnostic
            self.view.set_diagnostic(diagnostic)
            self._read_cell()

    def _choose(self, row: int, column: int) -> None:
        self._cell = (row, column)
        self._read_cell()

    def _read_cell(self) -> None:
        plot = self.view.plot
        if self._cell is None or not isinstance(plot, HeatmapPlot):
            return
        row, column = self._cell
        self.cell.setText(
            f"Chosen: i = {row}, j = {column}, value {reading(plot.value_at(row, column))}"
        )
        self.cell.show()


class DiagnosticsCard(Card):
    """The diagnostics of a run, the matrix first.

    Args:
        workspace: whose run is shown.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Diagnostics of the method")
        self._workspace = workspace
        self._watch = ProjectionWatch(workspace, self)
        self._pictures = Pictures(workspace, self)
        self.pages: dict[str, DiagnosticPage | MatrixPage] = {}
        self._specs: tuple[DiagnosticSpec, ...] = ()
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName("Diagnostic shown")
        self._rooms = QStackedWidget()
        self._rooms.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.nothing = Empty("No pictures", "This method declares no diagnostics.")
        self._rooms.addWidget(self.nothing)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self._rooms, 1)
        self.tabs.currentChanged.connect(self._turn)

    def declare(self, specs: Sequence[DiagnosticSpec], *, anew: bool) -> None:
        """Lay out pages for what a run promised to show.

        Args:
            specs: as declared by the run.
            anew: whether it is another run, whose pictures must not be mixed with the last one's.
        """
        ordered = tuple(sorted(specs, key=lambda spec: spec.name != MATRIX))
        if ordered == self._specs and not anew:
            return
        kept = self.tabs.tabText(self.tabs.currentIndex())
        self._specs = ordered
        for page in self.pages.values():
            self._rooms.removeWidget(page)
            page.deleteLater()
        while self.tabs.count():
            self.tabs.removeTab(0)
        self.pages = {spec.name: self._page(spec) for spec in ordered}
        for spec in ordered:
            self._rooms.addWidget(self.pages[spec.name])
            self.tabs.addTab(tab_name(spec))
            self.tabs.setTabToolTip(self.tabs.count() - 1, spec.title)
        self.tabs.setVisible(len(ordered) > 1)
        names = [tab_name(spec) for spec in ordered]
        self.tabs.setCurrentIndex(names.index(kept) if kept in names else 0)
        self._turn(self.tabs.currentIndex())

    def _page(self, spec: DiagnosticSpec) -> DiagnosticPage | MatrixPage:
        if spec.name == MATRIX and spec.kind == "heatmap":
            return MatrixPage(spec, self._workspace, self._watch, self._pictures)
        return DiagnosticPage(spec)

    def show_record(self, record: RunRecord, position: int | None) -> None:
        """Follow the run, where a page shows more than the pictures of one snapshot.

        Args:
            record: the run.
            position: step the timeline stands at, None for the newest.
        """
        for page in self.pages.values():
            if isinstance(page, MatrixPage):
                page.show_record(record, position)

    def show_diagnostics(self, diagnostics: Mapping[str, Diagnostic], epoch: float = 0.0) -> None:
        """Paint the pictures of one snapshot; those it has not keep what they showed.

        Args:
            diagnostics: by name.
            epoch: of the snapshot.
        """
        for name, page in self.pages.items():
            shown = diagnostics.get(name)
            if isinstance(page, DiagnosticPage) and shown is not None:
                page.show_diagnostic(shown)
            elif isinstance(page, MatrixPage) and isinstance(shown, Heatmap):
                page.show_diagnostic(shown, epoch)

    def _turn(self, index: int) -> None:
        self._rooms.setCurrentIndex(min(index, self._rooms.count() - 2) + 1)


def tab_name(spec: DiagnosticSpec) -> str:
    """``cross_correlation`` -> ``Cross correlation``."""
    words = spec.name.replace("_", " ")
    return words[:1].upper() + words[1:]
