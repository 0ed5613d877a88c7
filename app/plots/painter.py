"""The one table from the kind of a diagnostic to the widget that paints it."""

from __future__ import annotations

from typing import Any, Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.plots.attention_map import AttentionMap
from app.plots.bars import BarsPlot
from app.plots.canvas import Canvas
from app.plots.heatmap import HeatmapPlot
from app.plots.histogram import HistogramPlot
from app.plots.image_grid import ImageGridPlot
from app.plots.lines import LinesPlot
from app.plots.pair_map import PairMap
from sslcore.diagnostics import Diagnostic, DiagnosticSpec

PLOTS: dict[str, type[Canvas]] = {
    "heatmap": PairMap,
    "histogram": HistogramPlot,
    "image_grid": ImageGridPlot,
    "bars": BarsPlot,
    "curve": LinesPlot,
    "attention": AttentionMap,
}


class Shows(Protocol):
    """What every class of the table can do."""

    def set_diagnostic(self, diagnostic: Any) -> None:
        """Paint this from now on."""
        ...


def paint(widget: Canvas | None, diagnostic: Diagnostic) -> Canvas:
    """A widget that shows the diagnostic: the one given if it is of the right class, else new.

    Raises:
        ValueError: if nothing paints this kind.
    """
    wanted = PLOTS.get(diagnostic.kind)
    if wanted is None:
        raise ValueError(f"no plot for diagnostics of kind {diagnostic.kind!r}")
    shown = widget if widget is not None and type(widget) is wanted else wanted()
    cast("Shows", shown).set_diagnostic(diagnostic)
    return shown


class DiagnosticView(QWidget):
    """The body of a card for one declared diagnostic: its plot, and below what it means.

    Signals:
        cell_clicked(int, int): of a heatmap.
        image_clicked(int): catalogue row, of an image grid.

    Raises:
        ValueError: if nothing paints the declared kind.
    """

    cell_clicked = Signal(int, int)
    image_clicked = Signal(int)

    def __init__(self, spec: DiagnosticSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if spec.kind not in PLOTS:
            raise ValueError(f"diagnostic {spec.name!r}: no plot for kind {spec.kind!r}")
        self.spec = spec
        self.plot: Canvas = PLOTS[spec.kind](spec.title)
        self.plot.setAccessibleDescription(spec.help)
        if isinstance(self.plot, HeatmapPlot):
            self.plot.cell_clicked.connect(self.cell_clicked)
        elif isinstance(self.plot, ImageGridPlot):
            self.plot.image_clicked.connect(self.image_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.plot, 1)
        self._help = QLabel(spec.help)
        self._help.setWordWrap(True)
        self._help.setProperty("role", "caption")
        self._help.setVisible(bool(spec.help))
        column.addWidget(self._help)

    def show_help(self, wanted: bool) -> None:
        """Say below what the diagnostic means, or leave the room to something else."""
        self._help.setVisible(wanted and bool(self.spec.help))

    def set_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Show a new value.

        Raises:
            ValueError: if it is not of the declared kind.
        """
        if diagnostic.kind != self.spec.kind:
            raise ValueError(
                f"diagnostic {self.spec.name!r} is declared as {self.spec.kind}, "
                f"but a {diagnostic.kind} came"
            )
        paint(self.plot, diagnostic)
