"""Few labels in the Evaluate place: accuracy against labels, and every number in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from app import theme
from app.card import label
from app.panels.evaluate_view import FindingView
from app.plots import colours
from app.plots.label_curves import Curve, Dot, LabelCurves
from app.wording import duration

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.few_labels import FewLabelsFinding, Point

READOUTS = (
    ("fine_tuning", "network"),
    ("linear", "features"),
    ("mlp", "features"),
    ("linear", "projection"),
    ("mlp", "projection"),
)
"""Kinds of curves; each has a colour of its own, dashed where nothing was pre-trained."""
BARE = ("untrained", "pixels")
"""Where nothing was."""
ROW, HIGH_ROW = 26, 40
"""Height of a line of the table, and where intervals stand below their means."""
NARROW = 520
"""Width in pixels below which they do."""


def _reading(point: Point) -> str:
    around = "" if point.half is None else f" ± {100 * point.half:.1f}"
    return f"{100 * point.mean:.1f}{around} %"


class Page(FindingView):
    """Verdict, curves, table, remarks.

    Args:
        workspace: as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._finding: FewLabelsFinding | None = None
        self._narrow = False
        self.verdict = label("", wrap=True)
        self.curves = LabelCurves("Accuracy against labels")
        self.curves.setFixedHeight(340)
        self.curves.picked.connect(self._select)
        self.table = _table()
        self.table.itemSelectionChanged.connect(self._bring_forward)
        self.remarks = label("", "warning", wrap=True)
        self.foot = label("", "caption", wrap=True)
        for one in (self.verdict, self.curves, self.table, self.remarks, self.foot):
            self.column.addWidget(one)
        self.column.addStretch(1)
        theme.current().changed.connect(self._fill)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.few_labels import FewLabelsFinding

        finding = kept.finding
        assert isinstance(finding, FewLabelsFinding)  # kept under this key
        self._finding = finding
        worth = finding.worth()
        words = "Nothing was measured beside the trained encoder."
        # Figures are kept together with their signs where the sentence is wrapped.
        self.verdict.setText(
            words
            if worth is None
            else worth.words().replace(" ± ", "\u00a0±\u00a0").replace(" %", "\u00a0%")
        )
        self.curves.pick(None)
        curves = [
            Curve(
                short_name(points[0]),
                _series(points[0]),
                points[0].start not in BARE,
                tuple(_dot(one) for one in points),
            )
            for points in ordered(finding)
        ]
        self.curves.show_curves(curves, ticks(finding), 1 / finding.classes)
        self._fill()
        self.remarks.setText("\n".join(finding.remarks))
        self.remarks.setVisible(bool(finding.remarks))
        seeds = "one draw" if finding.seeds == 1 else f"{finding.seeds} draws"
        self.foot.setText(
            f"Part of {kept.images[1]:,} held-out images, mean of {seeds} of labels. "
            f"{finding.varies()} {finding.trained_for()} h are features, z projections; "
            "dashed lines are without pre-training. "
            f"Foreseen {duration(finding.foreseen)}, taken {duration(kept.seconds)}."
        )

    def _fill(self) -> None:
        """Write the table, with swatches in the colours of the theme."""
        finding = self._finding
        if finding is None:
            return
        self.table.blockSignals(True)
        rows = ordered(finding)
        budgets = finding.budgets
        self.table.clear()
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(1 + len(budgets))
        heads = [
            "Accuracy (%),\nby labels",
            *(f"{title}\n{labels:,}" for title, labels in budgets),
        ]
        self.table.setHorizontalHeaderLabels(heads)
        for number, points in enumerate(rows):
            name = QTableWidgetItem(short_name(points[0]))
            name.setIcon(QIcon(_swatch(points[0])))
            name.setToolTip(points[0].name)
            self.table.setItem(number, 0, name)
            by = {one.budget: one for one in points}
            for place, (title, _) in enumerate(budgets):
                self.table.setItem(number, 1 + place, _cell(by.get(title), self._narrow))
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        first = self.table.horizontalHeaderItem(0)
        if first is not None:
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        height = HIGH_ROW if self._narrow else ROW
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.table.setFixedHeight(head.sizeHint().height() + height * len(rows) + 4)
        self.table.blockSignals(False)
        self._select(self.curves.brought_forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names in the table room."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._fill()

    def _select(self, number: int | None) -> None:
        """The row of the curve that was brought forward."""
        self.table.blockSignals(True)
        if number is None:
            self.table.clearSelection()
        else:
            self.table.selectRow(number)
        self.table.blockSignals(False)

    def _bring_forward(self) -> None:
        rows = {one.row() for one in self.table.selectedIndexes()}
        self.curves.pick(rows.pop() if rows else None)


def ticks(finding: FewLabelsFinding) -> list[tuple[int, str]]:
    """Labels and titles of the axis; budgets of as many labels share a place."""
    found: dict[int, list[str]] = {}
    for title, labels in finding.budgets:
        found.setdefault(labels, []).append(title)
    return [(labels, ", ".join(titles)) for labels, titles in found.items()]


def short_name(point: Point) -> str:
    """The name of a curve at its end: what reads first, then where it started."""
    if point.readout == "fine_tuning" and point.start in ("trained", "untrained"):
        return "fine-tuned" if point.start == "trained" else "from scratch"
    start, _, readout = point.name.partition(", ")
    return readout if start == "trained" else f"{readout}, {start}"


def _table() -> QTableWidget:
    made = QTableWidget()
    made.setProperty("role", "bare")
    made.setAccessibleName("Accuracy of every curve at every budget of labels")
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setShowGrid(False)
    made.setIconSize(QSize(24, 12))
    made.setTabKeyNavigation(False)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(ROW)
    made.horizontalHeader().setHighlightSections(False)
    made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def ordered(finding: FewLabelsFinding) -> list[tuple[Point, ...]]:
    """Points of every curve: what was pre-trained first, whole networks before readouts."""
    kinds = {kind: number for number, kind in enumerate(READOUTS)}

    def place(points: tuple[Point, ...]) -> tuple[int, int]:
        first = points[0]
        bare = 1 + BARE.index(first.start) if first.start in BARE else 0
        return bare, kinds[first.readout, first.layer]

    return sorted(finding.curves.values(), key=place)


def _series(point: Point) -> int:
    if point.start == "pixels":
        return len(READOUTS)
    return READOUTS.index((point.readout, point.layer))


def _dot(point: Point) -> Dot:
    seeds = ", ".join(f"{100 * one:.1f}" for one in point.accuracies)
    words = f"{point.budget}, {_reading(point)}"
    return Dot(
        point.labels,
        point.mean,
        point.half,
        words if len(point.accuracies) == 1 else f"{words} ({seeds})",
    )


def _cell(point: Point | None, narrow: bool) -> QTableWidgetItem:
    words = "–" if point is None else _reading(point).removesuffix(" %")
    made = QTableWidgetItem(words.replace(" ±", "\n±") if narrow else words)
    made.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if point is not None:
        seeds = "\n".join(
            f"Draw {number + 1}: {100 * accuracy:.1f} %, {choice}"
            for number, (accuracy, choice) in enumerate(
                zip(point.accuracies, point.choices, strict=True)
            )
        )
        made.setToolTip(f"{seeds}\n{point.steps:,} steps" if point.steps else seeds)
    return made


def _swatch(point: Point) -> QPixmap:
    """A piece of the curve's line, dashed where it began untrained."""
    made = QPixmap(48, 24)
    made.setDevicePixelRatio(2)
    made.fill(Qt.GlobalColor.transparent)
    tint: QColor = colours.series_colour(_series(point))
    pen = QPen(tint, 2.0)
    if point.start in BARE:
        pen.setDashPattern([2.0, 1.6])
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawLine(QPointF(1, 6), QPointF(23, 6))
    painter.end()
    return made
