"""The two terms behind a cross-correlation matrix, as figures beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.plots.figure import FigurePlot
from sslcore.evaluation.dimensions import agreement

if TYPE_CHECKING:
    from sslcore.diagnostics import Heatmap
    from sslcore.runs.record import RunRecord

TERMS = {"invariance": 1, "redundancy": 2}
"""Terms of a loss that are read off this matrix, in the colours they have among the curves."""


class MatrixTerms(QWidget):
    """A row of figures: the terms over time where the method has them, and the shown matrix.

    Attributes:
        terms: name of a term -> its figure; those the method has not are hidden.
        diagonal, beside: mean of the diagonal, root mean square beside it, of the shown snapshot.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = {name: FigurePlot(name, colour) for name, colour in TERMS.items()}
        self.diagonal = FigurePlot("mean Cᵢᵢ")
        self.beside = FigurePlot("rms Cᵢⱼ")
        self.diagonal.setToolTip("Mean of the diagonal of the shown matrix: 1 where views agree")
        self.beside.setToolTip(
            "Root mean square beside the diagonal: 0 where nothing is said twice"
        )
        self._stamps: dict[str, tuple[object, ...]] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for figure in self.terms.values():
            figure.setToolTip("As it is added to the loss; at the timeline's position")
            figure.hide()
            row.addWidget(figure, 3)
        row.addWidget(self.diagonal, 2)
        row.addWidget(self.beside, 2)

    def show_record(self, record: RunRecord, position: int | None) -> None:
        """Follow the terms of a run.

        Args:
            record: the run.
            position: step the timeline stands at, None for the newest.
        """
        for name, figure in self.terms.items():
            series = record.series.get(f"term/{name}")
            figure.setVisible(series is not None)
            if series is None:
                continue
            stamp = (id(series), len(series), position)
            if self._stamps.get(name) != stamp:
                self._stamps[name] = stamp
                at = None if position is None else float(position)
                figure.show_line(series.steps, series.values, at)

    def show_matrix(self, shown: Heatmap) -> None:
        """Sum another matrix up."""
        found = agreement(shown)
        mean, rms = found if found is not None else (float("nan"), float("nan"))
        self.diagonal.show_value(mean)
        self.beside.show_value(rms)
