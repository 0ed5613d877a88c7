"""A small matrix with names at its sides and its numbers in the cells; cells can be picked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots.canvas import Canvas, ink

CENTRE = int(Qt.AlignmentFlag.AlignCenter)
WRAPPED = CENTRE | int(Qt.TextFlag.TextWordWrap)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
TOP, GAP = 44.0, 2.0
SMALLEST, LARGEST = 30.0, 92.0


class NamedMatrix(Canvas):
    """Cells from the surface's colour to the accent's, the largest value the fullest.

    Signals:
        picked(int, int): row and column of a cell with a value, by a click or Enter.
    """

    picked = Signal(int, int)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        self._values: NDArray[np.float64] = np.zeros((0, 0))
        self._texts: dict[tuple[int, int], str] = {}
        self._cell: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)

    def sizeHint(self) -> QSize:
        """Cells of a comfortable size."""
        rows, columns = self._values.shape
        return QSize(int(140 + columns * 84), int(TOP + rows * 56 + 8))

    def show_matrix(
        self,
        rows: Sequence[str],
        columns: Sequence[str],
        values: NDArray[np.float64],
        texts: dict[tuple[int, int], str] | None = None,
    ) -> None:
        """Show another matrix.

        Args:
            rows: names at the left.
            columns: names above.
            values: (R, K); NaN for a cell without a value.
            texts: words of cells; the others show nothing.
        """
        self._rows, self._columns = tuple(rows), tuple(columns)
        self._values, self._texts = values, dict(texts or {})
        if self._cell is not None and not self._known(*self._cell):
            self._cell = None
        told = [f"{rows[i]} and {columns[j]}: {text}" for (i, j), text in self._texts.items()]
        self.setAccessibleDescription(", ".join(told)[:1000])
        self.updateGeometry()
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no cell."""
        return not self._values.size

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column under the mouse or the keyboard."""
        return self._cell

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is painted."""
        left, width, height = self._measures()
        return QRectF(left + column * width, TOP + row * height, width, height)

    def _measures(self) -> tuple[float, float, float]:
        metrics = QFontMetricsF(theme.font(11))
        widest = max((metrics.horizontalAdvance(one) for one in self._rows), default=0.0)
        left = min(widest, self.width() * 0.3) + 10
        rows, columns = max(self._values.shape[0], 1), max(self._values.shape[1], 1)
        width = min(max((self.width() - left) / columns, SMALLEST), 1.5 * LARGEST)
        height = min(max((self.height() - TOP - 4) / rows, SMALLEST * 0.7), LARGEST)
        return left, width, height

    def paint_still(self, painter: QPainter) -> None:
        """Names, cells, numbers."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        tokens = theme.tokens()
        finite = self._values[np.isfinite(self._values)]
        low = float(finite.min()) if finite.size else 0.0
        reach = max(float(finite.max()) - low, 1e-9) if finite.size else 1.0
        small = theme.font(11)
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        left, width, _ = self._measures()
        painter.setPen(ink("muted"))
        for column, name in enumerate(self._columns):
            area = QRectF(left + column * width + 2, 0, width - 4, TOP - 4)
            longest = max(name.split(), key=len, default="")
            fits = metrics.horizontalAdvance(longest) <= area.width()
            words = name if fits else metrics.elidedText(
                name, Qt.TextElideMode.ElideRight, area.width()
            )  # fmt: skip
            painter.drawText(area, WRAPPED if fits else CENTRE, words)
        for row, name in enumerate(self._rows):
            area = self.cell_rect(row, 0)
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - 10)
            painter.setPen(ink("muted"))
            painter.drawText(QRectF(0, area.top(), left - 10, area.height()), RIGHT, words)
        painter.setFont(theme.font(12))
        for row in range(len(self._rows)):
            for column in range(len(self._columns)):
                value = float(self._values[row, column])
                area = self.cell_rect(row, column).adjusted(GAP / 2, GAP / 2, -GAP / 2, -GAP / 2)
                part = (value - low) / reach if np.isfinite(value) else 0.0
                ground = theme.mixed(tokens.raised, tokens.series[0], 0.9 * part)
                painter.setPen(Qt.PenStyle.NoPen)
                if np.isfinite(value):
                    painter.setBrush(QColor(ground))
                    painter.drawRoundedRect(area, 3, 3)
                text = self._texts.get((row, column), "")
                dark = QColor(ground).lightnessF() < 0.5
                painter.setPen(QColor("#ffffff" if dark else "#10141a"))
                if not np.isfinite(value):
                    painter.setPen(ink("muted"))
                painter.drawText(area, CENTRE, text)

    def paint_live(self, painter: QPainter) -> None:
        """A frame around the cell under the mouse or the keyboard."""
        if self._cell is not None:
            painter.setPen(QPen(ink("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.cell_rect(*self._cell).adjusted(1, 1, -1, -1), 3, 3)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Frame the cell under the mouse."""
        self._set(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Frame nothing."""
        self._set(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the cell."""
        cell = self._at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._set(cell)
            self.picked.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move from cell to cell, Enter picks."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cell is not None:
            if self._known(*self._cell):
                self.picked.emit(*self._cell)
        elif key in moves and not self.is_empty():
            row, column = self._cell or (0, 0)
            down, right = moves[key] if self._cell is not None else (0, 0)
            rows, columns = self._values.shape
            self._set((min(max(row + down, 0), rows - 1), min(max(column + right, 0), columns - 1)))
        else:
            super().keyPressEvent(event)

    def _known(self, row: int, column: int) -> bool:
        rows, columns = self._values.shape
        return row < rows and column < columns and bool(np.isfinite(self._values[row, column]))

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        left, width, height = self._measures()
        column, row = (place.x() - left) // width, (place.y() - TOP) // height
        if row < 0 or column < 0 or not self._known(int(row), int(column)):
            return None
        return int(row), int(column)

    def _set(self, cell: tuple[int, int] | None) -> None:
        if cell != self._cell:
            self._cell = cell
            if cell is not None:
                words = self._texts.get(cell, "no value")
                self.setToolTip(f"{self._rows[cell[0]]} and {self._columns[cell[1]]}: {words}")
            self.update()
