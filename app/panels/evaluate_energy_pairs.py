"""Energies of pairs: one moment as histograms, all moments as lines; the timeline moves both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.card import label
from app.panels.evaluate_view import Columns, chip
from app.plots import colours
from app.plots.curves import CurvesPlot
from app.plots.histogram import HistogramPlot
from sslcore.diagnostics import Histogram

if TYPE_CHECKING:
    from sslcore.assessment.kinds.energy import EnergyFinding
    from sslcore.assessment.pairs import Pairs
    from sslcore.assessment.spread import Spread

POSITIVE, OTHER, SAME, ALL = "positives", "other class", "same class", "negatives"
SOURCES = {
    "checkpoint": "checkpoint",
    "evaluation": "evaluation",
    "embedding": "kept features, no positives",
}
"""Where a moment is from, in words; of one step, what has positives comes first."""
TINTS = {POSITIVE: 0, OTHER: 1, ALL: 1, SAME: 2}
"""Numbers of the series' colours, the same in histogram and lines."""


@dataclass(frozen=True)
class Moment:
    """Pairs at one moment, and what it is called.

    Attributes:
        words: "Epoch 12.0 (checkpoint)".
        epoch: when; None for the untrained encoder, and for the one measured.
        pairs: their figures.
    """

    words: str
    epoch: float | None
    pairs: Pairs


def named(pairs: Pairs, labelled: bool) -> dict[str, Spread]:
    """The groups there are, positives first."""
    found = {
        POSITIVE: pairs.positives,
        OTHER if labelled else ALL: pairs.other,
        SAME: pairs.same,
    }
    return {name: one for name, one in found.items() if one is not None}


def _title(name: str) -> str:
    """Networks from outside keep the name they have."""
    return "Pixels" if name == "pixels" else name


class PairsView(QWidget):
    """Histograms and lines of pair energies.

    Attributes:
        asked: step of a moment somebody clicked in the lines.
    """

    asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._finding: EnergyFinding | None = None
        self._position: int | None = None
        self._stop = 1
        self.histogram = HistogramPlot("Energies")
        self.views = CurvesPlot("Medians: two views")
        self.kept = CurvesPlot("Medians: images as they are")
        self.views.setToolTip("Evaluations, checkpoints and the untrained encoder: random views")
        self.kept.setToolTip("Features the run kept of whole images: these have no positives")
        for one in (self.histogram, self.views, self.kept):
            one.setFixedHeight(180)
        for one in (self.views, self.kept):
            one.position_clicked.connect(self._click)
        self.now = chip("Trained", "Show pairs of the trained encoder")
        self.before = chip("Untrained", "Show pairs of the untrained encoder")
        self.others: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        for one in (self.now, self.before):
            self._group.addButton(one)
        self.now.setChecked(True)
        self._group.buttonClicked.connect(self._paint)
        self.words = label("", "caption", wrap=True)
        # In a row of their own: beside the heading they made the page too wide for a small window.
        self._head = head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.now)
        head.addWidget(self.before)
        head.addStretch(1)
        self.plots = Columns(300, 2)
        self.plots.show_widgets([self.views, self.kept])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Pairs of images: 1 − cosine", "heading"))
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self.histogram)
        column.addWidget(self.plots)

    def show_finding(self, finding: EnergyFinding) -> None:
        """Show another finding."""
        self._finding = finding
        self._offer([name for name in finding.pairs.now if name not in ("trained", "untrained")])
        everything = [*finding.pairs.now.values(), *(one.pairs for one in finding.pairs.past)]
        counts = [one.counts for pairs in everything for one in named(pairs, True).values()]
        filled = np.flatnonzero(np.sum(np.asarray(counts), 0))
        self._stop = int(filled[-1]) + 1 if len(filled) else 1
        past = finding.pairs.past
        start = (0.0, finding.pairs.now["untrained"])
        viewed = [(one.epoch, one.pairs) for one in past if one.source != "embedding"]
        kept = [(one.epoch, one.pairs) for one in past if one.source == "embedding"]
        # The untrained encoder is no checkpoint, but where training began.
        first = [] if viewed and viewed[0][0] == 0 else [start]
        self._show_lines(self.views, [*first, *viewed])
        self._show_lines(self.kept, kept)
        self.kept.setVisible(bool(kept))
        self._paint()

    def _offer(self, names: Sequence[str]) -> None:
        """Chips of what else was asked: raw pixels, encoders from outside."""
        for one in self.others.values():
            self._group.removeButton(one)
            self._head.removeWidget(one)
            one.deleteLater()
        self.others = {name: chip(_title(name), f"Show pairs of {name}") for name in names}
        for one in self.others.values():
            self._group.addButton(one)
            self._head.insertWidget(self._head.count() - 1, one)
        if self._group.checkedButton() is None:
            self.now.setChecked(True)

    def stand_at(self, step: int | None) -> None:
        """Follow the timeline: the moment of a step, or the one that was measured."""
        self._position = step
        self._paint()

    def moment(self) -> Moment | None:
        """What the histogram shows."""
        finding = self._finding
        if finding is None:
            return None
        pairs, position = finding.pairs, self._position
        if self.before.isChecked():
            return Moment("Before the first step", None, pairs.now["untrained"])
        for name, one in self.others.items():
            if one.isChecked():
                return Moment(_title(name), None, pairs.now[name])
        if position is None or not pairs.past:
            return Moment("The checkpoint that was measured", None, pairs.now["trained"])
        near = min(pairs.past, key=lambda one: (abs(one.step - position), SOURCES[one.source]))
        return Moment(f"Epoch {near.epoch:.1f} ({SOURCES[near.source]})", near.epoch, near.pairs)

    def _paint(self) -> None:
        finding, moment = self._finding, self.moment()
        if finding is None or moment is None:
            return
        groups = named(moment.pairs, finding.pairs.labelled)
        counts: dict[str, NDArray[np.int64]] = {
            name: np.asarray(one.counts[: self._stop], np.int64) for name, one in groups.items()
        }
        edges = np.asarray(finding.pair_edges[: self._stop + 1], np.float32)
        shown = Histogram(edges=edges, counts=counts, axis="1 − cosine", marks={})
        self.histogram.set_diagnostic(shown, TINTS)
        told = [moment.words]
        told += [f"median of {name} {one.median:.3f}" for name, one in groups.items()]
        if moment.pairs.separation is not None and moment.pairs.common is not None:
            told.append(
                f"positives against others: AUROC {moment.pairs.separation:.2f}, overlap "
                f"{100 * moment.pairs.common:.0f} %"
            )
        self.words.setText(", ".join(told) + ".")
        self.histogram.setAccessibleDescription(self.words.text())
        for one in (self.views, self.kept):
            one.set_cursor(moment.epoch)

    def _show_lines(self, plot: CurvesPlot, moments: Sequence[tuple[float, Pairs]]) -> None:
        finding = self._finding
        labelled = finding is not None and finding.pairs.labelled
        plot.clear()
        for name in (POSITIVE, OTHER, ALL, SAME):
            there = [
                (epoch, groups[name].median)
                for epoch, pairs in moments
                if name in (groups := named(pairs, labelled))
            ]
            if there:
                x, y = np.asarray(there).T
                plot.set_line(name, x, y, colours.series_colour(TINTS[name]))
        plot.set_axes("epochs", "")

    def _click(self, epoch: float) -> None:
        finding = self._finding
        if finding is not None and finding.pairs.past:
            near = min(
                finding.pairs.past, key=lambda one: (abs(one.epoch - epoch), SOURCES[one.source])
            )
            self.now.setChecked(True)
            self.asked.emit(near.step)
