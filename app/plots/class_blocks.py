"""Rows and columns of a matrix of pairs in the order of their classes: blocks, lines and names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app import theme
from app.plots.canvas import ink

Ints = NDArray[np.int64]

NO_CLASS = "no class"
GAP = 6.0
LINE = 13.0
"""Height of a block from which on its name is written."""
PART = 0.25
"""Of the width that names may take."""
NARROWEST = 260.0
"""Width of a plot from which on there is room for names."""
MANY = 32
"""Classes from which on lines between them would be all there is to see."""
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Block:
    """Rows of one class, side by side.

    Attributes:
        name: of the class.
        start, stop: places from the top, the last one not among them.
        known: whether its rows have a class.
    """

    name: str
    start: int
    stop: int
    known: bool

    @property
    def rows(self) -> int:
        """How many."""
        return self.stop - self.start


@dataclass(frozen=True)
class ClassBlocks:
    """An order by class.

    Attributes:
        order: (N,) rows as they stand from the top down; within a class as they came.
        blocks: from the top down, rows without a class last.
    """

    order: Ints
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, classes: Ints, names: Sequence[str]) -> ClassBlocks:
        """The order of rows of these classes.

        Args:
            classes: (N,) numbers, -1 for none.
            names: of the classes.
        """
        order = np.argsort(np.where(classes < 0, len(names), classes), kind="stable")
        sorted_classes = classes[order]
        ends = [0, *(np.flatnonzero(np.diff(sorted_classes)) + 1).tolist(), len(classes)]
        blocks: list[Block] = []
        for start, stop in pairwise(ends):
            number = int(sorted_classes[start])
            name = names[number] if number >= 0 else NO_CLASS
            blocks.append(Block(name, start, stop, known=number >= 0))
        return cls(order.astype(np.int64), tuple(blocks))

    def margin(self, width: float) -> float:
        """Pixels that names need at the left of a matrix; 0 where there is no room."""
        row = (1 - PART) * width / len(self.order)  # about as high as it will be
        named = [one for one in self.blocks if one.rows * row >= LINE]
        if width < NARROWEST or 2 * sum(one.rows for one in named) < len(self.order):
            return 0.0
        metrics = QFontMetricsF(theme.font(11))
        widest = max(metrics.horizontalAdvance(one.name) for one in named)
        return min(math.ceil(widest) + GAP + 1, PART * width)

    def paint(self, painter: QPainter, rect: QRectF, margin: float) -> None:
        """Thin lines between classes, a frame around pairs of one class, names at the left.

        Args:
            painter: on the plot.
            rect: where the matrix is painted.
            margin: pixels at its left for names.
        """
        step = rect.height() / len(self.order), rect.width() / len(self.order)
        painter.setPen(QPen(ink("text", 110), 1.0))
        for block in self.blocks[1:] if len(self.blocks) < MANY else ():
            down, across = (round(block.start * one) for one in step)
            y, x = rect.top() + down - 0.5, rect.left() + across - 0.5
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink("text"), 1.0))
        for block in self.blocks:
            if block.known and block.rows > 1:  # one row has no false negatives
                painter.drawRect(_frame(block, rect, step))
        if margin > 0:
            self._paint_names(painter, rect, margin, step[0])

    def _paint_names(self, painter: QPainter, rect: QRectF, margin: float, high: float) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(ink("muted"))
        metrics = QFontMetricsF(painter.font())
        for block in self.blocks:
            tall = block.rows * high
            if tall < LINE:
                continue
            room = QRectF(rect.left() - margin, rect.top() + block.start * high, margin - GAP, tall)
            words = metrics.elidedText(block.name, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, RIGHT, words)


def _frame(block: Block, rect: QRectF, step: tuple[float, float]) -> QRectF:
    top, bottom = (rect.top() + round(one * step[0]) for one in (block.start, block.stop))
    left, right = (rect.left() + round(one * step[1]) for one in (block.start, block.stop))
    return QRectF(left + 0.5, top + 0.5, right - left - 1.5, bottom - top - 1.5)
