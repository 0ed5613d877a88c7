"""Collapse in the Evaluate place: spectra now and then, figures over time, on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QWidget

from app import theme
from app.card import label
from app.panels.evaluate_view import Columns, FindingView
from app.plots import colours
from app.plots.canvas import ink
from app.plots.curves import CurvesPlot

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.collapse import CollapseFinding, Figures, PastFigures

TONES = {"collapsed": "danger", "dimensional": "warning", "narrow": "warning", "healthy": "good"}
NAMES = {"projection": "projection of the trained head"}
FIGURES = {
    "effective rank": "Exponential of the entropy of the spectrum, of all dimensions",
    "90 % in": "Directions that hold 90 % of the variance",
    "RankMe": "Effective rank of features that are not centred",
    "spread": "1 when directions are spread evenly, 0 when all point one way",
    "dead": "Dimensions that have one value for all images",
}


class FiguresTable(QWidget):
    """Figures of every space, a row each."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)

    def show_spaces(self, spaces: dict[str, Figures]) -> None:
        """Show other figures."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for column, (words, meaning) in enumerate(FIGURES.items(), start=1):
            head = label(words, "caption")
            head.setToolTip(meaning)
            self._grid.addWidget(head, 0, column)
        for row, (name, one) in enumerate(spaces.items(), start=1):
            title = label(name, "" if row == 1 else "muted")
            title.setToolTip(
                f"{NAMES.get(name, f'{name} encoder')}: participation ratio "
                f"{one.participation:.1f}, {one.void:,} directions without variance"
            )
            self._grid.addWidget(title, row, 0)
            for column, text in enumerate(texts(one), start=1):
                made = label(text, "" if row == 1 else "muted")
                made.setAccessibleName(f"{name}, {list(FIGURES)[column - 1]}: {text}")
                self._grid.addWidget(made, row, column)
        self._grid.setColumnStretch(len(FIGURES) + 1, 1)


def texts(one: Figures) -> list[str]:
    """Figures as they are written, in the order of ``FIGURES``."""
    return [
        f"{one.effective_rank:.1f} of {one.dimensions:,}",
        f"{one.for_90:,}",
        f"{one.rank_me:.1f}",
        f"{one.spread:.2f}",
        f"{one.dead:,}",
    ]


class Page(FindingView):
    """Spectra of a run; the timeline chooses which of the past is shown.

    Args:
        workspace: whose timeline.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._finding: CollapseFinding | None = None
        self.verdict = label("")
        self.verdict.setFont(theme.font(13, bold=True))
        self.sentence = label("", wrap=True)
        self.remedy = label("", "muted", wrap=True)
        self.table = FiguresTable()
        self.spectrum = CurvesPlot("Spectrum of the covariance")
        self.spectrum.setFixedHeight(260)
        self.spectrum.setToolTip("Share of the variance along each principal direction")
        self.ranks = CurvesPlot("Dimensions")
        self.spreads = CurvesPlot("Spread")
        self.times = (self.ranks, self.spreads)
        for one in self.times:
            one.setFixedHeight(170)
            one.position_clicked.connect(self._click)
        self.past = Columns(300, 2)
        self.past.show_widgets(list(self.times))
        self.foot = label("", "caption", wrap=True)
        for one in (self.verdict, self.sentence, self.remedy, self.table, self.spectrum):
            self.column.addWidget(one)
        self.column.addWidget(self.past)
        self.column.addWidget(self.foot)
        self.column.addStretch(1)
        workspace.snapshot_selected.connect(self._stand)
        theme.current().changed.connect(self._paint)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.collapse import CollapseFinding

        finding = kept.finding
        assert isinstance(finding, CollapseFinding)  # kept under this key
        self._finding = finding
        own = finding.spaces["trained"]
        head, _, rest = own.sentence.partition(": ")
        self.verdict.setText(head)
        self.sentence.setText(rest[:1].upper() + rest[1:])
        theme.set_role(self.verdict, TONES[own.figures.state])
        self.remedy.setText(own.remedy)
        self.remedy.setVisible(bool(own.remedy))
        self.table.show_spaces({name: one.figures for name, one in finding.spaces.items()})
        self._show_times(finding)
        images = own.figures.images
        self.foot.setText(
            f"Now: {images:,} images. Over time: the probe images of {len(finding.past)} "
            "evaluations, features only. Click a place in time, or move the timeline, to see the "
            "spectrum of that epoch."
            if finding.past
            else f"Now: {images:,} images. The run kept no features of its past."
        )
        self._paint()

    def _show_times(self, finding: CollapseFinding) -> None:
        past = finding.past
        epochs = np.array([one.epoch for one in past])

        def values(name: str) -> list[float]:
            return [float(getattr(one.figures, name)) for one in past]

        for plot in self.times:
            plot.clear()
        self.past.setVisible(len(past) > 1)
        if len(past) > 1:
            self.ranks.set_line("effective rank", epochs, np.array(values("effective_rank")))
            self.ranks.set_line("participation", epochs, np.array(values("participation")))
            self.spreads.set_line("spread", epochs, np.array(values("spread")))
            self.ranks.set_line("dead", epochs, np.array(values("dead")))
            self.ranks.set_axes("epochs", f"of {past[-1].figures.dimensions:,}")
            self.spreads.set_axes("epochs")

    @property
    def place(self) -> PastFigures | None:
        """The evaluation nearest to where the timeline stands; None at its end."""
        step, finding = self._workspace.snapshot_position, self._finding
        if step is None or finding is None or not finding.past:
            return None
        return min(finding.past, key=lambda one: abs(one.step - step))

    def _stand(self, _step: int | None) -> None:
        self._paint()

    def _paint(self) -> None:
        """All spectra that are to be seen, and where in time."""
        finding = self._finding
        if finding is None:
            return
        self.spectrum.clear()
        tints = {"trained": colours.series_colour(0), "untrained": ink("muted"),
                 "projection": colours.series_colour(1)}  # fmt: skip
        for number, (name, one) in enumerate(finding.spaces.items()):
            tint = tints.get(name, colours.series_colour(number + 1))
            self._line(name, one.figures, tint)
        at = self.place
        if at is not None:
            self._line(f"epoch {round(at.epoch, 1):g}", at.figures, colours.series_colour(2))
        self.spectrum.set_log(True)
        self.spectrum.set_axes("direction", "part of the variance")
        for plot in self.times:
            plot.set_cursor(None if at is None else at.epoch)

    def _line(self, name: str, one: Figures, tint: QColor) -> None:
        logarithms = np.array(one.logarithms)
        values = np.where(logarithms > -11.5, 10.0**logarithms, np.nan)
        self.spectrum.set_line(name, np.array(one.ranks), values, tint)

    def _click(self, epoch: float) -> None:
        """Move the timeline to the snapshot nearest to an epoch."""
        record = self._workspace.record
        if record is not None and record.snapshots:
            step, _ = min(record.snapshots, key=lambda one: abs(one[1] - epoch))
            self._workspace.select_snapshot(step)
