"""Scores of several readers for many things: a row a thing, a thin bar a reader, all values beside.

Made for what can be read from features: the first reader is the one of interest, the others are
what it is compared with, and a tick marks what a constant answer reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.canvas import Canvas, ink
from app.plots.outline import paint_words

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
HEAD, GAP, FOOT, THICK = 26.0, 12.0, 20.0, 5.0
VALUE = 58.0
"""Width of a column of values."""
COLUMNS, NARROW = 3, 520
"""Readers whose values stand beside the bars, and the width in pixels below which only the first
does; the others are read off under the mouse."""
WIDEST_NAME = 210.0


@dataclass(frozen=True)
class Row:
    """One thing that was read.

    Attributes:
        title: of it.
        values: one a reader; bars are cut to 0 and 1.
        baseline: what a constant answer reaches; no tick below 0.
        strong: whether the title stands out.
        note: more words for the mouse and screen readers.
    """

    title: str
    values: tuple[float, ...]
    baseline: float = 0.0
    strong: bool = False
    note: str = ""


@dataclass(frozen=True)
class Section:
    """Rows with one measure.

    Attributes:
        title: "Numbers".
        measure: what the values are: "R²".
        rows: from top to bottom.
        percent: whether values read as per cent.
    """

    title: str
    measure: str
    rows: tuple[Row, ...]
    percent: bool = False


class PairedBars(Canvas):
    """Sections of rows under one legend.

    Args:
        title: name for screen readers.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._readers: tuple[str, ...] = ()
        self._sections: tuple[Section, ...] = ()
        self._baselines = True
        self._row: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(300)

    def show_sections(
        self, readers: Sequence[str], sections: Sequence[Section], *, baselines: bool = True
    ) -> None:
        """Show other scores.

        Args:
            readers: their names, the one of interest first.
            sections: of rows; empty ones are left out.
            baselines: whether rows have one.
        """
        self._readers, self._baselines = tuple(readers), baselines
        self._sections = tuple(one for one in sections if one.rows)
        self._row = None
        told = [self.words(number) for number in range(len(self._rows()))]
        self.setAccessibleDescription("; ".join(told)[:2000])
        self.setMinimumHeight(int(self._height()))
        self.updateGeometry()
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not self._sections

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(640, int(self._height()))

    def minimumSizeHint(self) -> QSize:
        """Every row is readable."""
        return QSize(300, int(self._height()))

    def words(self, number: int) -> str:
        """A row in words: ``"Brightness: R² trained 0.97, pixels 1.00; a constant 0.00"``."""
        section, row = self._rows()[number]
        each = ", ".join(
            f"{name} {_said(value, section.percent)}"
            for name, value in zip(self._readers, row.values, strict=True)
        )
        note = f" ({row.note})" if row.note else ""
        words = f"{row.title}{note}: {section.measure} {each}"
        if not self._baselines:
            return words
        return f"{words}; a constant {_said(max(row.baseline, 0.0), section.percent)}"

    def area(self, number: int) -> QRectF:
        """Where a row lies, rows counted through all sections."""
        top, count = self._legend(), 0
        for section in self._sections:
            top += HEAD
            if number < count + len(section.rows):
                return QRectF(0, top + (number - count) * self._line(), self.width(), self._line())
            top += len(section.rows) * self._line() + FOOT + GAP
            count += len(section.rows)
        raise IndexError(number)

    # Painting

    def paint_still(self, painter: QPainter) -> None:
        """Legend, heads, titles, bars, values and axes."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        self._paint_legend(painter)
        count = 0
        for section in self._sections:
            first = self.area(count)
            self._paint_head(painter, section, first)
            last = self.area(count + len(section.rows) - 1)
            self._paint_axis(painter, section, first.top(), last.bottom())
            for row in section.rows:
                self._paint_row(painter, section, row, self.area(count))
                count += 1

    def paint_live(self, painter: QPainter) -> None:
        """The row that is read off, in words."""
        if self._row is None:
            return
        area = self.area(self._row)
        painter.fillRect(area, ink("text", 14))
        if len(self._readers) > self._shown or self._rows()[self._row][1].note:
            beside = QPointF(self._axis()[0], area.bottom() - 8)
            paint_words(painter, self.words(self._row), beside, QRectF(self.rect()))

    def _paint_legend(self, painter: QPainter) -> None:
        painter.setFont(theme.font(11))
        for number, (left, top, words) in enumerate(self._entries()):
            middle = top + 10
            if number < len(self._readers):
                painter.fillRect(QRectF(left, middle - 3, 14, THICK + 1), tint(number))
            else:
                painter.fillRect(QRectF(left + 6, middle - 6, 2, 12), ink("text"))
            painter.setPen(ink("muted"))
            painter.drawText(QRectF(left + 20, top, 400, 20), LEFT, words)

    def _entries(self) -> list[tuple[float, float, str]]:
        """Left, top and words of every entry of the legend, wrapped."""
        metrics = QFontMetricsF(theme.font(11))
        placed: list[tuple[float, float, str]] = []
        left, top = 0.0, 0.0
        for words in (*self._readers, *(("a constant answer",) if self._baselines else ())):
            wide = 20 + metrics.horizontalAdvance(words) + 16
            if left and left + wide - 16 > self.width():
                left, top = 0.0, top + 20
            placed.append((left, top, words))
            left += wide
        return placed

    def _paint_head(self, painter: QPainter, section: Section, first: QRectF) -> None:
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(ink("text"))
        top = first.top() - HEAD
        painter.drawText(QRectF(0, top, self.width(), HEAD), LEFT, section.title)
        painter.setFont(theme.font(11))
        painter.setPen(ink("muted"))
        metrics = QFontMetricsF(painter.font())
        for number, name in enumerate(self._readers[: self._shown]):
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, VALUE - 4)
            painter.drawText(self._column(number, top, HEAD), RIGHT, words)

    def _paint_axis(self, painter: QPainter, section: Section, top: float, bottom: float) -> None:
        left, length = self._axis()
        painter.setFont(theme.font(10))
        for part in (0.0, 0.5, 1.0) if length > 130 else (0.0, 1.0):
            x = left + part * length
            painter.setPen(QPen(ink("border"), 1.0))
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            painter.setPen(ink("muted"))
            words = f"{100 * part:.0f} %" if section.percent else f"{part:g}"
            words = f"{words} {section.measure}" if part == 1.0 and not section.percent else words
            painter.drawText(
                QRectF(x - 40, bottom + 1, 80, FOOT - 4), int(Qt.AlignmentFlag.AlignCenter), words
            )

    def _paint_row(self, painter: QPainter, section: Section, row: Row, area: QRectF) -> None:
        left, length = self._axis()
        painter.setFont(theme.font(12, bold=row.strong))
        painter.setPen(ink("text"))
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, left - 12)
        painter.drawText(QRectF(0, area.top(), left - 12, area.height()), LEFT, name)
        top = area.center().y() - len(row.values) * (THICK + 1) / 2
        for number, value in enumerate(row.values):
            wide = min(max(value, 0.0), 1.0) * length
            bar = QRectF(left, top + number * (THICK + 1), max(wide, 1.0), THICK)
            painter.fillRect(bar, tint(number))
        if row.baseline > 0:
            x = left + min(row.baseline, 1.0) * length
            painter.fillRect(QRectF(x - 1, area.top() + 4, 2, area.height() - 8), ink("text"))
        painter.setFont(theme.font(12))
        for number, value in enumerate(row.values[: self._shown]):
            painter.setPen(ink("text" if number == 0 else "muted"))
            words = _said(value, section.percent)
            painter.drawText(self._column(number, area.top(), area.height()), RIGHT, words)

    # Where things are

    def _rows(self) -> list[tuple[Section, Row]]:
        return [(section, row) for section in self._sections for row in section.rows]

    @property
    def _shown(self) -> int:
        """Readers whose values stand beside the bars."""
        return min(len(self._readers), COLUMNS if self.width() >= NARROW else 1)

    def _line(self) -> float:
        """Height of a row."""
        return max(26.0, len(self._readers) * (THICK + 1) + 10)

    def _legend(self) -> float:
        entries = self._entries()
        return entries[-1][1] + 24

    def _height(self) -> float:
        rows = sum(
            HEAD + len(section.rows) * self._line() + FOOT + GAP for section in self._sections
        )
        return max(self._legend() + rows, 80.0)

    def _axis(self) -> tuple[float, float]:
        """Left end and length of the bars' axis."""
        metrics = QFontMetricsF(theme.font(12))
        names = [
            metrics.horizontalAdvance(row.title) * (1.08 if row.strong else 1.0)
            for _, row in self._rows()
        ]
        left = min(max(names, default=0.0), WIDEST_NAME, self.width() * 0.36) + 14
        return left, max(self.width() - left - self._shown * VALUE - 14, 40.0)

    def _column(self, number: int, top: float, height: float) -> QRectF:
        right = self.width() - 2 - (self._shown - 1 - number) * VALUE
        return QRectF(right - VALUE, top, VALUE, height)

    # Reading off

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the mouse."""
        place = event.position()
        rows = range(len(self._rows()))
        self._set_row(next((one for one in rows if self.area(one).contains(place)), None))

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing."""
        self._set_row(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through the rows; Escape leaves."""
        count = len(self._rows())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and count:
            start = -1 if self._row is None and step > 0 else (self._row or 0)
            self._set_row(min(max(start + step, 0), count - 1))
        elif event.key() == Qt.Key.Key_Escape and self._row is not None:
            self._set_row(None)
        else:
            super().keyPressEvent(event)

    def _set_row(self, row: int | None) -> None:
        if row != self._row:
            self._row = row
            self.update()


def tint(number: int) -> QColor:
    """Of a reader: the first in the first colour, the next two muted, others from the second on."""
    if number in (1, 2):
        return ink("muted", 190 if number == 1 else 90)
    return colours.series_colour(0 if number == 0 else number - 2)


def _said(value: float, percent: bool) -> str:
    """Values far below 0 only say that they are."""
    if percent:
        return f"{100 * value:.0f} %"
    return "< −1" if value < -1 else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
