"""The column of curves in the Train place: a card per chart, one cursor for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.card import Card
from app.panels.train_charts import WORDS, Chart, Trace, axis_end, charts
from app.plots.curves import CurvesPlot

if TYPE_CHECKING:
    from app.panels.train_controls import CurveControls
    from sslcore.runs.record import RunRecord

TALLEST = {"loss": 5, "knn": 4}
"""How the height is shared out; 3 for all others."""
LOWEST = 128

Stamp = tuple[object, ...]


class CurvesColumn(QScrollArea):
    """Cards of curves; numbers that did not change are not given to their plots again.

    Attributes:
        step_chosen: a person clicked at this step of the run.

    Args:
        controls: says which charts are shown, and how.
    """

    step_chosen = Signal(int)

    def __init__(self, controls: CurveControls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controls = controls
        self._record: RunRecord | None = None
        self._stamps: dict[tuple[str, str], Stamp] = {}
        self._dressed: dict[str, Stamp] = {}
        self.plots: dict[str, CurvesPlot] = {}
        self.cards: dict[str, Card] = {}
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for key in WORDS:
            plot = CurvesPlot()
            plot.position_clicked.connect(self._choose)
            card = Card()
            card.body.addWidget(plot)
            card.setMinimumHeight(LOWEST)
            column.addWidget(card, TALLEST.get(key, 3))
            self.plots[key], self.cards[key] = plot, card
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)

    def show_record(self, record: RunRecord, position: int | None) -> None:
        """Bring everything that is shown up to date.

        Args:
            record: the run.
            position: step the timeline stands at, None for the newest.
        """
        if record is not self._record:
            self._record = record
            self._stamps.clear()
            self._dressed.clear()
            for plot in self.plots.values():
                plot.clear()
        found = charts(record)
        self._controls.offer(found.keys())
        for key, card in self.cards.items():
            wanted = self._controls.wants(key)
            card.setVisible(wanted)
            if wanted:
                self._show_chart(key, found[key], record)
                self.plots[key].set_cursor(None if position is None else self._x(position))

    def _show_chart(self, key: str, chart: Chart, record: RunRecord) -> None:
        plot = self.plots[key]
        for name in plot.names():
            if name not in chart.lines:
                plot.remove_line(name)
                self._stamps.pop((key, name), None)
        for name, trace in chart.lines.items():
            stamp = self._stamp(trace)
            if self._stamps.get((key, name)) != stamp:
                self._stamps[key, name] = stamp
                series = trace.series
                x = series.steps if self._controls.in_steps else series.epochs
                y = series.values if trace.factor == 1.0 else series.values * trace.factor
                plot.set_line(name, x, y)
        self._dress(key, chart, record)

    def _stamp(self, trace: Trace) -> Stamp:
        series = trace.series
        return (id(series), len(series), series.last, trace.factor, self._controls.in_steps)

    def _dress(self, key: str, chart: Chart, record: RunRecord) -> None:
        """Everything about a plot that is not a line; only if it changed, since it repaints."""
        smoothing = self._controls.smoothing if chart.noisy else 0.0
        log = self._controls.log.isChecked() and chart.positive
        x = "steps" if self._controls.in_steps else "epochs"
        end = self._end(record)
        stamp = (chart.title, chart.unit, chart.empty, tuple(chart.references.items()),
                 smoothing, log, x, end)  # fmt: skip
        if self._dressed.get(key) == stamp:
            return
        self._dressed[key] = stamp
        plot = self.plots[key]
        plot.set_title(chart.title)
        plot.setToolTip(chart.help)
        plot.setAccessibleDescription(chart.help)
        plot.set_empty_text(chart.empty)
        plot.set_axes(x, chart.unit, percent=chart.percent)
        plot.set_smoothing(smoothing)
        plot.set_log(log)
        for name in plot.reference_names():
            if name not in chart.references:
                plot.set_reference(name, None)
        for name, value in chart.references.items():
            plot.set_reference(name, value)
        plot.set_x_range(0.0, end)
        self.cards[key].setAccessibleName(chart.title)

    def _end(self, record: RunRecord) -> float | None:
        started = record.started
        if started is None:
            return None
        total = float(started.total_steps)
        shown = axis_end(float(record.step), total)
        return shown if self._controls.in_steps else shown / started.steps_per_epoch

    def _x(self, step: int) -> float:
        if self._controls.in_steps or self._record is None or self._record.started is None:
            return float(step)
        return step / self._record.started.steps_per_epoch

    def _choose(self, x: float) -> None:
        """Go to the snapshot nearest to a click."""
        record = self._record
        if record is None or not record.snapshots:
            return
        steps = np.array([step for step, _ in record.snapshots])
        places = np.array([self._x(int(step)) for step in steps])
        self.step_chosen.emit(int(steps[np.abs(places - x).argmin()]))
