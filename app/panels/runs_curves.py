"""One measure of all chosen runs over each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.panels.empty import Empty
from app.panels.runs_shelf import Shelf
from app.plots import colours
from app.plots.curves import CurvesPlot

if TYPE_CHECKING:
    from pathlib import Path

    from sslcore.runs.record import RunRecord
    from sslcore.runs.series import Series

SMOOTH = 0.9
DASHES: tuple[tuple[float, ...], ...] = (
    (), (6, 3), (2, 2.5), (9, 3, 2, 3), (4, 2), (1, 2), (12, 4),
)  # fmt: skip
"""A second code beside the colour, for every colour one."""


@dataclass(frozen=True)
class Measure:
    """Something that runs can be compared by.

    Attributes:
        title: in the list and above the plot.
        find: its numbers in a record and their factor, or None.
        percent: whether they are parts of one.
        noisy: whether there is one a step.
    """

    title: str
    find: Callable[[RunRecord], tuple[Series, float] | None]
    percent: bool = False
    noisy: bool = False


def _series(name: str) -> Callable[[RunRecord], tuple[Series, float] | None]:
    return lambda record: (record.series[name], 1.0) if name in record.series else None


def _metric(name: str) -> Callable[[RunRecord], tuple[Series, float] | None]:
    return lambda record: (record.metrics[name], 1.0) if name in record.metrics else None


def _spread(record: RunRecord) -> tuple[Series, float] | None:
    if "feature_std" not in record.metrics or not record.embeddings:
        return None
    return record.metrics["feature_std"], math.sqrt(record.embeddings[-1].dimensions)


MEASURES: dict[str, Measure] = {
    "knn_20": Measure("kNN accuracy (k = 20)", _metric("knn_20"), percent=True),
    "loss": Measure("Loss", _series("loss"), noisy=True),
    "view_retrieval": Measure("View retrieval", _metric("view_retrieval"), percent=True),
    "spread": Measure("Spread of the features (1 is even)", _spread),
    "projection_spread": Measure(
        "Spread of the projections (1 is even)", _metric("projection_spread")
    ),
    "rank_me": Measure("Effective rank (dimensions)", _metric("rank_me")),
    "alignment": Measure("Alignment (lower is better)", _metric("alignment")),
    "uniformity": Measure("Uniformity (lower is better)", _metric("uniformity")),
    "learning_rate": Measure("Learning rate", _series("learning_rate")),
    "images_per_second": Measure("Speed (images/s)", _series("images_per_second"), noisy=True),
}


def measures(records: list[RunRecord]) -> dict[str, Measure]:
    """What at least one of the runs has numbers of; terms of losses at the end."""
    found = {key: one for key, one in MEASURES.items() if any(map(one.find, records))}
    names = dict.fromkeys(
        name for record in records for name in record.series if name.startswith("term/")
    )
    for name in names:
        title = name.removeprefix("term/").replace("_", " ")
        percent = "accuracy" in name
        found[name] = Measure(title[:1].upper() + title[1:], _series(name), percent, noisy=True)
    return found


class RunCurves(QWidget):
    """Curves of the chosen runs with colour and dashes as in the table.

    Args:
        shelf: whose chosen runs.
    """

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._shown: list[tuple[Path, str]] = []
        self.measure = QComboBox()
        self.measure.setAccessibleName("Measure to compare by")
        self.measure.setMinimumWidth(150)
        self.measure.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.measure.setMaximumWidth(260)
        self.measure.currentIndexChanged.connect(self.draw)
        self.steps = QCheckBox("Over steps")
        self.steps.setToolTip("Over optimiser steps instead of epochs")
        self.smooth = QCheckBox("Smooth")
        self.smooth.setToolTip("Smooth what has a value at every step")
        self.smooth.setChecked(True)
        self.log = QCheckBox("Logarithmic")
        for box in (self.steps, self.smooth, self.log):
            box.setAccessibleName(box.text())
            box.toggled.connect(self.draw)
        self.plot = CurvesPlot()
        self.empty = Empty("Choose runs", "Curves of the runs chosen in the table appear here; "
                           "Ctrl or Shift adds more of them.")  # fmt: skip
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(label("Measure", "muted"))
        row.addWidget(self.measure, 100)
        row.addWidget(self.smooth)
        row.addWidget(self.log)
        row.addWidget(self.steps)
        row.addStretch(1)
        self._controls = QWidget()
        self._controls.setLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._controls)
        column.addWidget(self.plot, 1)
        column.addWidget(self.empty, 1)
        shelf.chosen_changed.connect(self.refresh)
        shelf.loaded.connect(self.refresh)
        theme.current().changed.connect(self.draw)
        self.refresh()

    def refresh(self) -> None:
        """Offer what the chosen runs have numbers of, and draw it."""
        records = [self._shelf.records[path] for path in self._shelf.chosen
                   if path in self._shelf.records]  # fmt: skip
        found = measures(records)
        if [*found] != [self.measure.itemData(n) for n in range(self.measure.count())]:
            wanted = self.measure.currentData()
            self.measure.blockSignals(True)
            self.measure.clear()
            for key, one in found.items():
                self.measure.addItem(one.title, key)
            if wanted in found:
                self.measure.setCurrentIndex(self.measure.findData(wanted))
            self.measure.blockSignals(False)
        there = bool(found)
        self._controls.setVisible(there)
        self.plot.setVisible(there)
        self.empty.setVisible(not there)
        self.draw()

    def draw(self) -> None:
        """Put the lines of the chosen measure."""
        shelf = self._shelf
        records = {path: shelf.records[path] for path in shelf.chosen if path in shelf.records}
        key = self.measure.currentData()
        one = measures(list(records.values())).get(key) if key else None
        self.plot.clear()
        if one is None:
            return
        over_steps = self.steps.isChecked()
        self.plot.set_title(one.title)
        self.plot.set_axes("steps" if over_steps else "epochs", percent=one.percent)
        self.plot.set_smoothing(SMOOTH if one.noisy and self.smooth.isChecked() else 0.0)
        self.plot.set_log(self.log.isChecked())
        self.smooth.setEnabled(one.noisy)
        for path, record in records.items():
            found = one.find(record)
            slot = shelf.slot(path)
            summary = shelf.summaries.get(path)
            if found is None or slot is None or summary is None:
                continue
            series, factor = found
            x = series.steps if over_steps else series.epochs
            self.plot.set_line(
                summary.name,
                x,
                series.values * factor,
                colours.series_colour(slot),
                dashes=DASHES[slot % len(DASHES)],
            )
