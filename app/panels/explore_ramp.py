"""How the values that colour the map are spread: a histogram in their colours to isolate a range.

Dragging over it greys out all points but those of the range, as a click on a name does where
points are coloured by class. Every bar shows how much of it is chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QWidget

from app import theme
from app.plots import colours
from app.plots.axis import reading
from app.selection import SELECTING, mode_of

Range = tuple[float, float]

BINS = 40
WIDE = 240
"""Pixels of the bars, side by side."""
HIGH = 42
"""Of the widget."""
LEAST = 2.0
"""Pixels of what is chosen of a bar at least: a few of many are seen too."""
SCALE = 4
"""Height of the strip of colours below the bars."""
GAP = 10
"""Pixels between the bars and the words beside them."""
MOVED = 3
"""Pixels from which on a press is a drag."""
BESIDE = 8
"""Pixels beside the bars where a drag may begin: the first and the last value are hard to hit."""
HINT = "Drag to isolate values, click to show all, S to select the images"


class Ramp(QWidget):
    """The scale of numbers: its ends, the colours between, and how many have which value.

    Attributes:
        ranged: (low, high), both included, of the values that stay in colour, or None for all.
        select_asked: the mode of the selection; the images of the range, or all that have a value,
            are wanted.

    Args:
        values: (N,) of the points; not finite ones have none.
        low: value at the left end.
        high: value at the right end.
        unit: of the values.
    """

    ranged = Signal(object)
    select_asked = Signal(str)

    def __init__(
        self,
        values: NDArray[Any],
        low: float,
        high: float,
        unit: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._range: Range | None = None
        self._flags: NDArray[np.bool_] | None = None
        self._pressed: float | None = None
        self._dragged = False
        self._at: int | None = None
        self._keys = (0, 0)
        self.setFixedHeight(HIGH)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(HINT)
        self.set_values(values, low, high, unit)

    @property
    def range(self) -> Range | None:
        """Values that stay in colour, both ends included; None for all."""
        return self._range

    def set_values(self, values: NDArray[Any], low: float, high: float, unit: str) -> None:
        """Other values of the same kind; the range stays, unless it lies beside all of them."""
        self._all = np.asarray(values, np.float64)
        self._values = self._all[np.isfinite(self._all)]
        self._unit = unit
        self._edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
        self._counts = np.histogram(self._values, self._edges)[0]
        self._words = (reading(low), reading(high))
        if self._range is not None and (self._range[1] < low or self._range[0] > high):
            self._range = None
        self._count_chosen()
        self._describe()

    @property
    def chosen_counts(self) -> NDArray[np.int64] | None:
        """How many points of every bin are chosen; None where nothing is."""
        return self._chosen_counts

    def show_chosen(self, flags: NDArray[np.bool_] | None) -> None:
        """Show which points (N,) are chosen, or that none is."""
        self._flags = flags
        self._count_chosen()
        self._describe()

    def _count_chosen(self) -> None:
        """Flags that are of other points say nothing of these."""
        flags = self._flags
        self._chosen, self._chosen_counts = None, None
        if flags is not None and flags.shape == self._all.shape:
            self._chosen = self._all[flags & np.isfinite(self._all)]
            self._chosen_counts = np.histogram(self._chosen, self._edges)[0]

    def clear(self) -> None:
        """Show all values again."""
        self._set_range(None)

    def _set_range(self, wanted: Range | None) -> None:
        if wanted != self._range:
            self._range = wanted
            self._describe()
            self.ranged.emit(wanted)

    def _describe(self) -> None:
        self.setAccessibleName(f"From {self._words[0]} to {self._words[1]} {self._unit}".strip())
        self.setAccessibleDescription(self.said)
        self.update()

    # What is said ---------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """Of the range, else of the bin under the mouse: values, how many points, how many chosen.

        ``"0 to 0.250: 3 points, 1 chosen"``.
        """
        ends = self._range
        if ends is None and self._at is not None:
            ends = self._bins(self._at, self._at)
            count = int(self._counts[self._at])
        elif ends is not None:
            count = _within(self._values, ends)
        else:
            return ""
        points = "1 point" if count == 1 else f"{count:,} points"
        chosen = "" if self._chosen is None else f", {_within(self._chosen, ends):,} chosen"
        return f"{reading(ends[0])} to {reading(ends[1])}: {points}{chosen}"

    # Places ---------------------------------------------------------------------------------

    def _bars(self) -> QRectF:
        metrics = QFontMetricsF(theme.font(12))
        left = metrics.horizontalAdvance(self._words[0]) + GAP
        right = metrics.horizontalAdvance(self._words[1]) + GAP
        room = max(self.width() - left - right, 40.0)
        return QRectF(left, 2, min(room, WIDE), HIGH - SCALE - 6)

    def _value_at(self, x: float) -> float:
        bars = self._bars()
        part = (x - bars.left()) / bars.width()
        if not 0.0 < part < 1.0:  # the very ends, which arithmetic may miss by a hair
            return float(self._edges[0 if part <= 0.0 else -1])
        return float(self._edges[0] + part * (self._edges[-1] - self._edges[0]))

    def _bins(self, first: int, last: int) -> Range:
        """The values that bins count: a bin holds its lower end, and the last one its upper too."""
        end = float(self._edges[last + 1])
        if last < BINS - 1:
            end = float(np.nextafter(end, -np.inf))
        return float(self._edges[first]), end

    def _bin_at(self, x: float) -> int | None:
        bars = self._bars()
        if not bars.left() <= x < bars.right():
            return None
        return min(int((x - bars.left()) / bars.width() * BINS), BINS - 1)

    # Mouse ----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A range may begin here; keys work from now on."""
        bars = self._bars().adjusted(-BESIDE, 0, BESIDE, 0)
        if event.button() == Qt.MouseButton.LeftButton and bars.contains(event.position()):
            self._pressed, self._dragged = event.position().x(), False
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretch the range, or read off the bin below."""
        x = event.position().x()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._pressed = None  # let go where this could not see it
        if self._pressed is not None:
            self._dragged = self._dragged or abs(x - self._pressed) >= MOVED
            if self._dragged:
                ends = sorted((self._value_at(self._pressed), self._value_at(x)))
                self._set_range((ends[0], ends[1]))
                held = [min(max(int(n), 0), BINS - 1) for n in np.searchsorted(self._edges, ends)]
                self._keys = (max(held[0] - 1, 0), max(held[1] - 1, 0))
            return
        at = self._bin_at(x)
        if at != self._at:
            self._at = at
            self._describe()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click shows all values again."""
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            self._pressed = None
            if not self._dragged:
                self.clear()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is read off any more."""
        super().leaveEvent(event)
        self._at = None
        self._describe()

    # Keyboard -------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Esc is for the range while there is one, not for the window's command."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._range is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right isolate a bin, with Shift more of them; Esc shows all; S selects."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if key == Qt.Key.Key_Left else 1
            start, last = self._keys if self._range is not None else (-1, -1)
            last = min(max(last + step, 0), BINS - 1)
            start = start if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else last
            self._keys = (max(start, 0), last)
            self._set_range(self._bins(*sorted(self._keys)))
        elif key == Qt.Key.Key_Escape and self._range is not None:
            self.clear()
        elif key == Qt.Key.Key_S:
            self.select_asked.emit(mode_of(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the range."""
        self.menu().popup(event.globalPos())
        event.accept()

    def menu(self) -> QMenu:
        """The context menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show all values").triggered.connect(self.clear)
        menu.actions()[0].setEnabled(self._range is not None)
        menu.addSeparator()
        for words, mode in SELECTING:
            menu.addAction(words).triggered.connect(
                lambda _=False, mode=mode: self.select_asked.emit(mode)
            )
        return menu

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Low, bars over their colours, high, and the unit or what is said of them."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(tokens.muted))
        bars = self._bars()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        foot = QRectF(0, 0, bars.left(), HIGH)
        painter.drawText(foot, left, self._words[0])
        after = QRectF(bars.right() + GAP, 0, max(self.width() - bars.right() - GAP, 0), HIGH)
        painter.drawText(after, left, self._words[1])
        metrics = QFontMetricsF(painter.font())
        place = after.adjusted(metrics.horizontalAdvance(self._words[1] + "  "), 0, 0, 0)
        words = self.said or self._unit
        if self.said:
            painter.setPen(QColor(tokens.text))
        end = Qt.TextElideMode.ElideRight
        painter.drawText(place, left, metrics.elidedText(words, end, place.width()))
        self._paint_bars(painter, bars)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bars.adjusted(-3.5, -1.5, 3.5, SCALE + 3.5), 4, 4)
        painter.end()

    def _paint_bars(self, painter: QPainter, bars: QRectF) -> None:
        tokens = theme.tokens()
        rgb = colours.by_value(self._edges[:-1], self._edges[0], self._edges[-2])
        step, highest = bars.width() / BINS, max(int(self._counts.max(initial=0)), 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for number, (count, tint) in enumerate(
            zip(self._counts.tolist(), rgb.tolist(), strict=True)
        ):
            colour = QColor(*tint)
            if self._range is not None and not self._holds(number):
                colour = QColor(tokens.border)
            x = bars.left() + number * step
            painter.fillRect(QRectF(x, bars.bottom() + 2, step + 0.5, SCALE), colour)
            if count:  # a bin that is not empty is not invisible
                tall = max(count / highest * bars.height(), 1.0)
                painter.fillRect(QRectF(x, bars.bottom() - tall, step - 1, tall), colour)
        self._paint_chosen(painter, bars, highest)
        if self._range is not None:
            painter.setPen(QPen(QColor(tokens.text), 1.0))
            span = self._edges[-1] - self._edges[0]
            for value in self._range:
                part = min(max((value - self._edges[0]) / span, 0.0), 1.0)
                x = bars.left() + part * bars.width()
                painter.drawLine(QPointF(x, bars.top()), QPointF(x, bars.bottom() + SCALE + 2))

    def _paint_chosen(self, painter: QPainter, bars: QRectF, highest: int) -> None:
        """What is chosen of the bars, parted by a line from colours that resemble its own."""
        if self._chosen_counts is None:
            return
        tokens, step = theme.tokens(), bars.width() / BINS
        for number, count in enumerate(self._chosen_counts.tolist()):
            if count:
                tall = max(count / highest * bars.height(), LEAST)
                x, top = bars.left() + number * step, bars.bottom() - tall
                painter.fillRect(QRectF(x, top - 1, step - 1, 1), QColor(tokens.surface))
                painter.fillRect(QRectF(x, top, step - 1, tall), QColor(tokens.accent))

    def _holds(self, number: int) -> bool:
        """Whether any of a bin lies in the range."""
        low, high = self._range or (-np.inf, np.inf)
        start, end = self._bins(number, number)
        return bool(end >= low and start <= high)


def _within(values: NDArray[np.float64], ends: Range) -> int:
    """How many values lie in a range."""
    return int(((values >= ends[0]) & (values <= ends[1])).sum())
