"""A matrix of pairs of images, its false negatives marked where classes are known.

Colour alone says nothing here: a mark is a corner, and a frame where a cell has room for one, in
whichever of the theme's two ends stands out more from the cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.canvas import ink
from app.plots.class_blocks import ClassBlocks
from app.plots.colour_space import contrast
from app.plots.heatmap import HeatmapPlot
from app.plots.pairs import Ints, Pairs
from sslcore.diagnostics import Heatmap

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
SMALLEST, FRAMED = 2.0, 9.0
"""Pixels of a cell from which on it gets a corner, and a frame as well."""
CORNER, LARGEST = 0.4, 8.0
"""Legs of the corner, as a part of a cell's side, and in pixels at most."""
SIDE = 13


class PairMap(HeatmapPlot):
    """A heat map that may know the classes of the images behind its rows and columns.

    Signals:
        pairs_changed: other pairs are shown, or there is another room for their marks.
    """

    pairs_changed = Signal()

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._classes: tuple[Ints, tuple[str, ...]] | None = None
        self._room = (False, False)
        self._by_class = False
        self._given: Ints | None = None
        self.pairs: Pairs | None = None
        self.blocks: ClassBlocks | None = None

    def set_classes(self, labels: Ints | None, names: Sequence[str] = ()) -> None:
        """Mark false negatives from now on, or none.

        Args:
            labels: (N,) class of every catalogue row, -1 for none; None where nobody knows.
            names: of the classes.
        """
        self._classes = None if labels is None else (labels, tuple(names))
        self._anew()

    def set_by_class(self, wanted: bool) -> None:
        """Order rows and columns by class wherever that can be done, or leave them as they came."""
        if wanted != self._by_class:
            self._by_class = wanted
            self._anew()

    def set_diagnostic(self, diagnostic: Heatmap, order: Ints | None = None) -> None:
        """Paint this matrix from now on (see :meth:`HeatmapPlot.set_diagnostic`).

        Ordered by class, where that is wanted and can be done, instead of by the order given.
        """
        before, self._given = self.pairs, order
        self.pairs = None if self._classes is None else Pairs.of(diagnostic, *self._classes)
        self.blocks = None
        if self._by_class and self.pairs is not None and _can_order(diagnostic, self.pairs):
            self.blocks = ClassBlocks.of(self.pairs.rows, self.pairs.names)
            order = self.blocks.order
        super().set_diagnostic(diagnostic, order)
        self._tell(before)

    def _anew(self) -> None:
        """The same matrix with other classes, or in another order."""
        if self.shown is not None:
            self.set_diagnostic(self.shown, self._given)

    def _tell(self, before: Pairs | None) -> None:
        self._room = (self.marks_fit, self.framed)
        if self.pairs is None and before is None:
            return
        told = [self.accessibleDescription()]
        if self.pairs is not None:
            told.append(self.pairs.counts.words)
        if self.blocks is not None:
            told.append("ordered by class")
        self.setAccessibleDescription("; ".join(told).removeprefix("; "))
        self.pairs_changed.emit()

    @property
    def can_order(self) -> bool:
        """Whether there is an order by class: single pairs of the same images on both sides."""
        return (
            self.shown is not None and self.pairs is not None and _can_order(self.shown, self.pairs)
        )

    def margins(self) -> tuple[float, float]:
        """Pixels that names need, those of classes among them."""
        left, above = super().margins()
        return (left if self.blocks is None else self.blocks.margin(self.width())), above

    @property
    def marks_fit(self) -> bool:
        """Whether cells are single pairs, and large enough to be marked."""
        if self.shown is None or any(side.blocked for side in self.sides):
            return False
        return self._cell_side(self.matrix_rect()) >= SMALLEST

    @property
    def framed(self) -> bool:
        """Whether marked cells have room for a frame beside their corner."""
        return self.marks_fit and self._cell_side(self.matrix_rect()) >= FRAMED

    def _cell_side(self, rect: QRectF) -> float:
        rows, columns = (side.size for side in self.sides)
        return min(rect.height() / rows, rect.width() / columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Marks may find room, or none any more."""
        super().resizeEvent(event)
        room = (self.marks_fit, self.framed)
        if self.pairs is not None and self._room != room:
            self._room = room
            self.pairs_changed.emit()

    def words_at(self, row: int, column: int) -> str:
        """The value, and what the pair is."""
        words, pairs = super().words_at(row, column), self.pairs
        if pairs is None or any(side.blocked for side in self.sides):
            return words
        return f"{words}, {pairs.words_at(row, column)}"

    def paint_still(self, painter: QPainter) -> None:
        """The marks lie over the cells, under the frame of the mouse; by class, blocks do."""
        super().paint_still(painter)
        if self.blocks is not None:
            self.blocks.paint(painter, self.matrix_rect(), self.margins()[0])
            return
        if self.pairs is None or self.shown is None or not self.marks_fit:
            return
        rect, ratio = self.matrix_rect(), self.devicePixelRatioF()
        rows, columns = (side.order for side in self.sides)
        picture = marks(
            self.pairs.false_negatives(rows, columns),
            wants_dark(self.shown)[np.ix_(rows, columns)],
            (round(rect.height() * ratio), round(rect.width() * ratio)),
            ratio,
            framed=self.framed,
        )
        painter.drawImage(rect, picture)


def _can_order(shown: Heatmap, pairs: Pairs) -> bool:
    known = pairs.rows[pairs.rows >= 0]
    return pairs.paired and shown.values.shape == shown.shape and len(np.unique(known)) > 1


def wants_dark(shown: Heatmap) -> Flags:
    """(H, W) whether the darker one of the two inks stands out more from the colour of a cell."""
    table = colours.diverging() if shown.diverging else colours.sequential()
    span = shown.high - shown.low if shown.high > shown.low else 1.0
    there = np.isfinite(shown.values)
    part = (np.where(there, shown.values, shown.low) - shown.low) / span
    place = np.round(np.clip(part, 0.0, 1.0) * (len(table) - 1)).astype(np.int64)
    grounds = np.concatenate([table, colours.missing_colour()[None]])
    dark, pale = _inks()
    better = contrast(dark, grounds) > contrast(pale, grounds)
    return better[np.where(there, place, len(table))]


def _inks() -> tuple[Bytes, Bytes]:
    """The theme's dark and its pale end: ground and words, or the other way round."""
    tokens = theme.tokens()
    ground, words = colours.bytes_of(tokens.background), colours.bytes_of(tokens.text)
    return (ground, words) if tokens.dark else (words, ground)


def marks(
    marked: Flags, dark: Flags, size: tuple[int, int], ratio: float = 1.0, *, framed: bool
) -> QImage:
    """Corners and frames of marked cells, on nothing.

    Args:
        marked: (R, C) which cells.
        dark: (R, C) which of them in the dark ink.
        size: height and width in pixels of the screen.
        ratio: pixels of the screen in one of the window.
        framed: whether cells have a frame as well.
    """
    cell, offset, ends = zip(*(_spread(*one) for one in zip(marked.shape, size, strict=True)),
                             strict=True)  # fmt: skip
    side = min(extent / count for extent, count in zip(size, marked.shape, strict=True))
    leg = max(round(min(side * CORNER, LARGEST * ratio)), 1)
    drawn = offset[0][:, None] + offset[1][None] < leg
    if framed:
        thick = max(round(ratio), 1)
        edge = [np.minimum(off, last) < thick for off, last in zip(offset, ends, strict=True)]
        drawn |= edge[0][:, None] | edge[1][None]
    drawn &= marked[np.ix_(*cell)]
    down, across = np.nonzero(drawn)
    pixels = np.zeros((*size, 4), np.uint8)
    darks, pales = (np.append(one, np.uint8(255)) for one in _inks())
    wanted = dark[cell[0][down], cell[1][across]][:, None]
    pixels[down, across] = np.where(wanted, darks, pales)
    return QImage(pixels.data, size[1], size[0], 4 * size[1], QImage.Format.Format_RGBA8888).copy()


def _spread(count: int, size: int) -> tuple[Ints, Ints, Ints]:
    """Of every pixel of a side: its cell, and how far it is from the first and the last of it."""
    cell = np.arange(size) * count // size
    first = np.searchsorted(cell, np.arange(count))
    last = np.searchsorted(cell, np.arange(count), side="right") - 1
    here = np.arange(size)
    return cell, here - first[cell], last[cell] - here


class MarkSwatch(QWidget):
    """A cell with the mark, for a legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._framed = True
        self.setFixedSize(SIDE, SIDE)
        theme.current().changed.connect(self.update)

    def set_framed(self, framed: bool) -> None:
        """Whether marks have frames where they are."""
        self._framed = framed
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A grey cell, marked as in the matrix."""
        del event
        ratio = self.devicePixelRatioF()
        pixels = round(SIDE * ratio)
        flag = np.ones((1, 1), np.bool_)
        painter = QPainter(self)
        painter.fillRect(self.rect(), ink("raised"))
        dark = flag & (not theme.tokens().dark)
        picture = marks(flag, dark, (pixels, pixels), ratio, framed=self._framed)
        painter.drawImage(QRectF(self.rect()), picture)
        painter.end()
