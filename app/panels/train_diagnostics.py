"""What the method shows of itself, at the timeline's position: a tab per declared diagnostic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.card import Card, label
from app.panels.empty import Empty
from app.panels.train_images import RunImages
from app.panels.train_matrix import MatrixPage
from app.panels.train_matrix_projections import ProjectionWatch
from app.panels.train_pairs import PairImages
from app.pictures import Pictures
from app.plots.axis import reading
from app.plots.painter import DiagnosticView
from app.plots.pair_map import PairMap
from sslcore.diagnostics import Heatmap

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.diagnostics import Diagnostic, DiagnosticSpec
    from sslcore.runs.record import RunRecord

MATRIX = "cross_correlation"
WAITING = "Comes with the first snapshot"
SQUARE = ("heatmap", "image_grid", "attention")
ROOMY = 420
"""Height of a page from which there is room for images and help."""
TALLEST = 300
"""Height of a histogram, bars or curves: higher ones say no more."""


class DiagnosticPage(QWidget):
    """One diagnostic with its title and help; a clicked cell of a matrix is read off below it.

    Where the matrix is of pairs of images whose classes are known, its false negatives are marked,
    and the two images of a clicked cell are shown.

    Args:
        spec: as declared by the run.
        workspace: holds the selection.
        pictures: thumbnails of images.
        images: of the run, where they are open.
    """

    def __init__(
        self,
        spec: DiagnosticSpec,
        workspace: Workspace,
        pictures: Pictures,
        images: RunImages,
        parent: QWidget | None = None,
    ) -> None:
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
        self.pairs: PairImages | None = None
        if isinstance(self.view.plot, PairMap):
            self.pairs = PairImages(self.view.plot, workspace, pictures)
            self.pairs.closed.connect(self.look_away)
            self.view.plot.pairs_changed.connect(self._read_cell)
            self._images = images
            images.changed.connect(self._take_images)
            self._take_images()
            column.addWidget(self.pairs)
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

    def look_away(self) -> None:
        """Close the images of the chosen cell and let go of it."""
        self._cell = None
        self._read_cell()
        self.view.plot.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_images(self) -> None:
        if self.pairs is not None:
            self.pairs.set_catalogue(self._images.catalogue)

    def _read_cell(self) -> None:
        plot = self.view.plot
        if not isinstance(plot, PairMap):
            return
        if self._cell is not None and plot.shown is not None:
            there = zip(self._cell, plot.shown.shape, strict=True)
            if any(place >= size for place, size in there):  # of a larger matrix than this one
                self._cell = None
        told = ""
        if self._cell is not None:
            row, column = self._cell
            told = f"Chosen: i = {row}, j = {column}, value {reading(plot.value_at(row, column))}"
            told += f", {plot.pairs.words_at(row, column)}" if plot.pairs is not None else ""
        if self.pairs is not None:
            self.pairs.show_cell(self._cell, told)
        self.cell.setText(told)
        self.cell.setVisible(self._cell is not None and not self._looking)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, images take that of the help."""
        self.view.show_help(not self._looking or self.height() >= ROOMY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height, another share."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Esc is for this page while images are shown, not for the window's command."""
        if _is_escape(event) and event.type() == QEvent.Type.ShortcutOverride and self._looking:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the images."""
        if _is_escape(event) and self._looking:
            self.look_away()
        else:
            super().keyPressEvent(event)

    @property
    def _looking(self) -> bool:
        return self.pairs is not None and self.pairs.showing


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
        self.images = RunImages(workspace, self)
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
        return DiagnosticPage(spec, self._workspace, self._pictures, self.images)

    def show_record(self, record: RunRecord, position: int | None) -> None:
        """Follow the run, where a page shows more than the pictures of one snapshot.

        Args:
            record: the run.
            position: step the timeline stands at, None for the newest.
        """
        self.images.check()
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


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape


def tab_name(spec: DiagnosticSpec) -> str:
    """``cross_correlation`` -> ``Cross correlation``."""
    words = spec.name.replace("_", " ")
    return words[:1].upper() + words[1:]
