"""The legend of the map: names in their colours; a click isolates one, Ctrl+click adds or removes.

Values on a scale get a ramp with its ends instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QWidget

from app import theme
from app.card import label
from app.panels.explore_flow import Flow
from app.plots import colours
from app.plots.axis import reading
from app.plots.raster import image_of

MOST = 60
"""Names shown; more classes than that no eye can tell apart."""
TALLEST = 84


class Entry(QAbstractButton):
    """One name with its dot; faded while it is greyed out on the map."""

    def __init__(self, name: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.shown = True
        self.modifiers_held = Qt.KeyboardModifier.NoModifier
        self.setText(name)
        self.setAccessibleName(f"Isolate {name}")
        self.setToolTip(f"{name}: click to isolate, Ctrl+click to add or remove")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Dot and name."""
        width = QFontMetricsF(theme.font(12)).horizontalAdvance(self.text())
        return QSize(int(min(width, 180.0)) + 26, 22)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what was held down."""
        self.modifiers_held = event.modifiers()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space click."""
        self.modifiers_held = event.modifiers()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dot, name, focus."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.raised), 1))
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        tint = colours.series_colour(self.number)
        edge = QPen(QColor(tokens.outline or tokens.border), 1)
        painter.setPen(edge if colours.needs_outline(tint) else Qt.PenStyle.NoPen)
        painter.setBrush(tint if self.shown else QColor(tokens.border))
        painter.drawEllipse(QRectF(6, self.height() / 2 - 4, 8, 8))
        painter.setPen(QColor(tokens.text if self.shown else tokens.muted))
        painter.setFont(theme.font(12))
        place = QRectF(19, 0, self.width() - 22, self.height())
        words = QFontMetricsF(painter.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.end()


class Ramp(QWidget):
    """The scale of numbers: its ends and the colours between."""

    def __init__(self, low: float, high: float, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = (reading(low), f"{reading(high)} {unit}".strip())
        self.setFixedHeight(22)
        self.setAccessibleName(f"From {self._words[0]} to {self._words[1]}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Low, ramp, high."""
        del event
        painter = QPainter(self)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(theme.tokens().muted))
        metrics = QFontMetricsF(painter.font())
        left = metrics.horizontalAdvance(self._words[0]) + 8
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(0, 0, left, self.height()), middle, self._words[0])
        table = colours.by_value(np.linspace(0.0, 1.0, 128))
        painter.drawImage(QRectF(left, self.height() / 2 - 4, 160, 8), image_of(table[None]))
        place = QRectF(left + 168, 0, max(self.width() - left - 168, 0), self.height())
        painter.drawText(place, middle, self._words[1])
        painter.end()


class Legend(QScrollArea):
    """Names or a ramp.

    Attributes:
        isolated: numbers of the categories that stay in colour, or None for all.
    """

    isolated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self._chosen: set[int] = set()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Legend of the map")
        theme.current().changed.connect(self.viewport().update)
        self.show_names(())

    @property
    def chosen(self) -> frozenset[int] | None:
        """Categories that stay in colour, or None for all."""
        return frozenset(self._chosen) or None

    def show_names(
        self, names: Sequence[str], numbers: NDArray[np.int64] | None = None, title: str = ""
    ) -> None:
        """A name per category, those with a point on the map only.

        Args:
            names: of the categories.
            numbers: (N,) category of each point; None shows all names.
            title: what the names are names of.
        """
        inner = self._renew()
        flow = Flow(inner)
        if title:
            flow.addWidget(_titled(title))
        present = range(len(names)) if numbers is None else np.unique(numbers[numbers >= 0])
        kept = [int(number) for number in present]
        for number in kept[:MOST]:
            entry = Entry(names[number] or "(empty)", number)
            entry.clicked.connect(lambda _=False, one=entry: self._click(one))
            flow.addWidget(entry)
            self.entries.append(entry)
        if len(kept) > MOST:
            flow.addWidget(label(f"and {len(kept) - MOST:,} more", "caption"))
        self._fit()

    def show_ramp(self, low: float, high: float, unit: str, title: str = "") -> None:
        """A scale of numbers, and what they are the numbers of."""
        row = QHBoxLayout(self._renew())
        row.setContentsMargins(0 if title else 6, 0, 0, 0)
        if title:
            row.addWidget(_titled(title))
        row.addWidget(Ramp(low, high, unit), 1)
        self._fit()

    def show_note(self, words: str) -> None:
        """A sentence in place of names."""
        flow = Flow(self._renew())
        flow.addWidget(_titled(words))
        self._fit()

    def _renew(self) -> QWidget:
        self._chosen.clear()
        self.entries = []
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        self.setWidget(inner)
        return inner

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as its rows, within a limit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        inner = self.widget()
        flow = inner.layout() if inner is not None else None
        wanted = 22
        if isinstance(flow, Flow):
            wanted = flow.heightForWidth(self.viewport().width())
        self.setFixedHeight(min(max(wanted, 22), TALLEST))

    def _click(self, entry: Entry) -> None:
        if entry.modifiers_held & Qt.KeyboardModifier.ControlModifier:
            everything = {one.number for one in self.entries}
            chosen = set(self._chosen or everything) ^ {entry.number}
            self._chosen = set() if chosen == everything else chosen
        else:
            self._chosen = set() if self._chosen == {entry.number} else {entry.number}
        for one in self.entries:
            one.shown = not self._chosen or one.number in self._chosen
            one.update()
        self.isolated.emit(self.chosen)


def _titled(words: str) -> QWidget:
    """Words before the names, on their line."""
    made = label(words, "caption")
    made.setContentsMargins(6, 0, 6, 0)
    made.setFixedHeight(22)
    return made
