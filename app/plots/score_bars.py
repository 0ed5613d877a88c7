"""Scores from 0 to 100 % as lying bars: groups of rows, one an encoder, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.canvas import Canvas, ink

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
ROW, GROUP, GAP, FOOT = 24.0, 26.0, 10.0, 22.0
THICK = 12.0
WIDEST_NAME = 150.0


@dataclass(frozen=True)
class Score:
    """One bar.

    Attributes:
        name: "trained".
        value: 0 to 1.
        error: standard error of the value, 0 for none.
    """

    name: str
    value: float
    error: float = 0.0

    @property
    def text(self) -> str:
        """``48.4 %``, with its standard error if there is one."""
        words = f"{100 * self.value:.1f} %"
        return f"{words} ± {100 * self.error:.1f}" if self.error else words


@dataclass(frozen=True)
class Group:
    """Bars under one heading.

    Attributes:
        title: "k = 20".
        scores: from top to bottom; the first is painted in the accent, the others are references.
    """

    title: str
    scores: tuple[Score, ...]


class ScoreBars(Canvas):
    """Groups of bars on one axis of percent, with a dashed line where chance is.

    Args:
        title: name for screen readers; the surface around says it in words.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._groups: tuple[Group, ...] = ()
        self._chance: float | None = None
        self._row: tuple[int, int] | None = None
        self.setMinimumWidth(260)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(420, int(self._height()))

    def minimumSizeHint(self) -> QSize:
        """Every row is readable."""
        return QSize(260, int(self._height()))

    def show_groups(self, groups: Sequence[Group], chance: float | None = None) -> None:
        """Show other scores.

        Args:
            groups: of bars.
            chance: what guessing reaches, 0 to 1, or None.
        """
        self._groups, self._chance, self._row = tuple(groups), chance, None
        told = [f"{one.title}: {score.name} {score.text}" for one in groups for score in one.scores]
        self.setAccessibleDescription(", ".join(told)[:500])
        self.updateGeometry()
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no bar."""
        return not any(group.scores for group in self._groups)

    def area(self, group: int, row: int) -> QRectF:
        """Where a row lies, over the whole width."""
        top = sum(GROUP + ROW * len(one.scores) + GAP for one in self._groups[:group]) + GROUP
        return QRectF(0, top + row * ROW, self.width(), ROW)

    def _height(self) -> float:
        rows = sum(GROUP + ROW * len(one.scores) + GAP for one in self._groups)
        return max(rows + FOOT, 80.0)

    def _axis(self) -> tuple[float, float]:
        """Left end and length of 100 %."""
        metrics = QFontMetricsF(theme.font(12))
        scores = [score for group in self._groups for score in group.scores]
        names = max((metrics.horizontalAdvance(one.name) for one in scores), default=0.0)
        values = max((metrics.horizontalAdvance(one.text) for one in scores), default=0.0)
        left = min(names, WIDEST_NAME) + 10
        return left, max(self.width() - left - values - 12, 40.0)

    def paint_still(self, painter: QPainter) -> None:
        """Headings, names, bars, values, axis."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        left, length = self._axis()
        bottom = self._height() - FOOT
        painter.setFont(theme.font(11))
        for part in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = left + part * length
            painter.setPen(QPen(ink("border"), 1.0))
            self._rule(painter, x)
            painter.setPen(ink("muted"))
            words = f"{100 * part:.0f} %"
            painter.drawText(
                QRectF(x - 30, bottom + 2, 60, FOOT - 4), int(Qt.AlignmentFlag.AlignCenter), words
            )
        for number, group in enumerate(self._groups):
            head = self.area(number, 0).top() - GROUP
            painter.setFont(theme.font(12, bold=True))
            painter.setPen(ink("muted"))
            painter.drawText(QRectF(0, head, self.width(), GROUP), LEFT, group.title)
            for row, score in enumerate(group.scores):
                self._paint_row(painter, self.area(number, row), score, row == 0, left, length)
        if self._chance is not None:
            painter.setPen(QPen(ink("text"), 1.0, Qt.PenStyle.DashLine))
            self._rule(painter, left + self._chance * length)
            painter.setFont(theme.font(11))
            painter.setPen(ink("muted"))
            words = f"dashed: chance {100 * self._chance:.1f} %"
            painter.drawText(QRectF(self.width() - 180, 0, 180, GROUP), RIGHT, words)

    def _rule(self, painter: QPainter, x: float) -> None:
        """An upright line through the rows of every group, not through the headings."""
        for number, group in enumerate(self._groups):
            if group.scores:
                top = self.area(number, 0).top()
                bottom = self.area(number, len(group.scores) - 1).bottom()
                painter.drawLine(QPointF(x, top), QPointF(x, bottom))

    def _paint_row(
        self,
        painter: QPainter,
        area: QRectF,
        score: Score,
        strong: bool,
        left: float,
        length: float,
    ) -> None:
        painter.setFont(theme.font(12))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(ink("text" if strong else "muted"))
        name = metrics.elidedText(score.name, Qt.TextElideMode.ElideRight, left - 10)
        painter.drawText(QRectF(0, area.top(), left - 10, ROW), RIGHT, name)
        painter.setPen(Qt.PenStyle.NoPen)
        tint: QColor = colours.series_colour(0) if strong else ink("muted", 130)
        painter.setBrush(tint)
        middle = area.center().y()
        end = left + max(score.value, 0.0) * length
        painter.drawRoundedRect(QRectF(left, middle - THICK / 2, end - left, THICK), 2, 2)
        reach = score.error * length
        if reach > 0.5:
            painter.setPen(QPen(ink("text"), 1.2))
            painter.drawLine(QPointF(end - reach, middle), QPointF(end + reach, middle))
            for x in (end - reach, end + reach):
                painter.drawLine(QPointF(x, middle - 3), QPointF(x, middle + 3))
        painter.setPen(ink("text" if strong else "muted"))
        after = QRectF(end + max(reach, 0.0) + 6, area.top(), 160, ROW)
        painter.drawText(after, LEFT, score.text)

    def paint_live(self, painter: QPainter) -> None:
        """The row under the mouse."""
        if self._row is not None:
            painter.fillRect(self.area(*self._row), ink("text", 14))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the mouse."""
        self._set_row(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing."""
        self._set_row(None)
        super().leaveEvent(event)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        for number, group in enumerate(self._groups):
            for row in range(len(group.scores)):
                if self.area(number, row).contains(place):
                    return number, row
        return None

    def _set_row(self, row: tuple[int, int] | None) -> None:
        if row != self._row:
            self._row = row
            self.update()
