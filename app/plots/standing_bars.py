"""A few bars side by side, up or down from a line, each over its number; one can be picked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.plots import colours
from app.plots.axis import reading
from app.plots.canvas import Canvas, ink

HEAD = 16.0
FOOT = 14.0
BARS = 34.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
MIDDLE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)


class StandingBars(Canvas):
    """Bars of signed values, in the colours of the diverging scale.

    Signals:
        picked(object): the number under a clicked bar, or None when the picked one is let go; also
            by Enter on the keyboard.
    """

    picked = Signal(object)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._numbers: tuple[int, ...] = ()
        self._values = np.zeros(0)
        self._unit = ""
        self._at: int | None = None
        self._picked: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(120)

    def sizeHint(self) -> QSize:
        """Words, bars, numbers."""
        return QSize(360, int(HEAD + BARS + FOOT))

    def show_bars(self, numbers: Sequence[int], values: NDArray[np.float64], unit: str) -> None:
        """Show other bars.

        Args:
            numbers: under the bars.
            values: (N,) their lengths.
            unit: read behind a value, "" for none.
        """
        self._numbers, self._values, self._unit = tuple(numbers), values, unit
        self._at = None
        if self._picked not in self._numbers:
            self._picked = None
        self.setAccessibleDescription(", ".join(map(self._words, range(len(self._numbers)))))
        self.invalidate()

    def pick(self, number: int | None) -> None:
        """Mark the bar of a number without telling anybody."""
        self._picked = number
        self.update()

    def is_empty(self) -> bool:
        """Whether there is no bar."""
        return not self._numbers

    def bar(self, place: int) -> QRectF:
        """Room of a bar from the top to its number."""
        wide = self.width() / max(len(self._numbers), 1)
        return QRectF(place * wide, HEAD, wide, self.height() - HEAD)

    def _words(self, place: int) -> str:
        value = float(self._values[place])
        sign = "+" if value > 0 else ""
        return f"{self._numbers[place]}: {sign}{reading(value)}{self._unit}"

    def paint_still(self, painter: QPainter) -> None:
        """Bars and numbers."""
        if self.is_empty():
            return
        low, high = (colours.diverging()[end] for end in (0, -1))
        largest = max(float(np.abs(self._values).max()), 1e-12)
        up = max(float(self._values.max()), 0.0)
        down = max(float(-self._values.min()), 0.0)
        span = max(up + down, largest)
        zero = HEAD + 2 + (BARS - 4) * up / span
        painter.setFont(theme.font(10))
        metrics = QFontMetricsF(painter.font())
        for place, value in enumerate(self._values.tolist()):
            room = self.bar(place)
            wide = min(room.width() - 6, 20.0)
            end = zero - value / span * (BARS - 4)
            rgb = high if value > 0 else low
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*rgb.tolist()))
            left = room.center().x() - wide / 2
            painter.drawRoundedRect(
                QRectF(QPointF(left, min(zero, end)), QPointF(left + wide, max(zero, end))), 2, 2
            )
            painter.setPen(ink("muted"))
            number = metrics.elidedText(
                f"{self._numbers[place]}", Qt.TextElideMode.ElideLeft, room.width()
            )
            foot = QRectF(room.left(), room.bottom() - FOOT, room.width(), FOOT)
            painter.drawText(foot, MIDDLE, number)
        painter.setPen(QPen(ink("border"), 1.0))
        painter.drawLine(QPointF(0, zero), QPointF(self.width(), zero))

    def paint_live(self, painter: QPainter) -> None:
        """The words above, the bar under the mouse and the picked one."""
        painter.setFont(theme.font(11))
        painter.setPen(ink("muted"))
        metrics = QFontMetricsF(painter.font())
        words = self.title if self._at is None else f"dimension {self._words(self._at)}"
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), HEAD), LEFT, shown)
        for number, colour in ((self._at, "muted"), (self._place_of(self._picked), "accent")):
            if number is not None:
                painter.setBrush(ink(colour, 28))
                painter.setPen(QPen(ink(colour), 1.2))
                painter.drawRoundedRect(self.bar(number).adjusted(1, 0, -1, -1), 4, 4)

    def _place_of(self, number: int | None) -> int | None:
        return self._numbers.index(number) if number in self._numbers else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the bar under the mouse."""
        self._set_at(self._under(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click picks the bar, one more lets it go."""
        self._set_at(self._under(event.position()))
        if event.button() == Qt.MouseButton.LeftButton:
            self._toggle()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk over the bars, Enter picks."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._numbers:
            step = 1 if key == Qt.Key.Key_Right else -1
            place = 0 if self._at is None else self._at + step
            self._set_at(min(max(place, 0), len(self._numbers) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._toggle()
        else:
            super().keyPressEvent(event)

    def _toggle(self) -> None:
        if self._at is not None:
            number = self._numbers[self._at]
            self._picked = None if number == self._picked else number
            self.picked.emit(self._picked)
            self.update()

    def _under(self, point: QPointF) -> int | None:
        places = range(len(self._numbers))
        return next((one for one in places if self.bar(one).contains(point)), None)

    def _set_at(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self.update()
