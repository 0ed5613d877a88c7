"""A matrix in colours: fixed limits, its exact diagonal, histograms below, a read-out, clicks."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.arrangement import Arrangement, words
from app.plots.axis import reading
from app.plots.canvas import Canvas, ink
from app.plots.cell_words import margins, paint_names, paint_values
from app.plots.counts import paint_counts
from app.plots.raster import fitted, image_of, picture, with_diagonal
from sslcore.diagnostics import Heatmap

HEAD = 20.0
CAPTION = 18.0
COUNTS = 70.0
BAR = 76.0
MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class HeatmapPlot(Canvas):
    """Paints a :class:`sslcore.diagnostics.Heatmap`.

    Signals:
        cell_clicked(int, int): row and column in the full matrix, also by Enter on the keyboard.
    """

    cell_clicked = Signal(int, int)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._shown: Heatmap | None = None
        self._sides = (Arrangement(1, 1), Arrangement(1, 1))
        self._cell: tuple[int, int] | None = None
        self._chosen: tuple[int, int] | None = None
        self._marked: int | None = None
        self._symbols = ("row ", "column ", "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(180, 200)

    def sizeHint(self) -> QSize:
        """Room for a square with its histograms."""
        return QSize(360, 480)

    def set_diagnostic(self, diagnostic: Heatmap, order: NDArray[np.int64] | None = None) -> None:
        """Paint this matrix from now on.

        Args:
            diagnostic: the matrix.
            order: (kept rows,) in which rows and columns of a square matrix are painted; None
                keeps their own order. Cells are named by their own row and column in any case.

        Raises:
            ValueError: if the order does not hold every row once.
        """
        rows, columns = (
            Arrangement(full, kept, order)
            for full, kept in zip(diagnostic.shape, diagnostic.values.shape, strict=True)
        )
        self._shown, self._sides = diagnostic, (rows, columns)
        if self._cell is not None:
            self._cell = self._clamped(*self._cell)
        if self._chosen is not None and self._clamped(*self._chosen) != self._chosen:
            self._chosen = None
        if self._marked is not None and self._marked >= min(diagnostic.shape):
            self._marked = None
        summary = ", ".join(f"{name} {reading(v)}" for name, v in diagnostic.summary.items())
        self.setAccessibleDescription(summary)
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether no matrix was given yet."""
        return self._shown is None

    def set_symbols(self, row: str, column: str, value: str) -> None:
        """What stands before the numbers in the read-out: ``"i = "``, ``"j = "``, ``"C = "``."""
        self._symbols = (row, column, value)
        self.update()

    def set_chosen(self, cell: tuple[int, int] | None) -> None:
        """Frame a cell (row and column of the full matrix) for as long as it is looked at."""
        self._chosen = cell
        self.update()

    def set_marked(self, dimension: int | None) -> None:
        """Lay a band over a row and the column of the same number."""
        self._marked = dimension
        self.update()

    @property
    def shown(self) -> Heatmap | None:
        """The matrix that is painted."""
        return self._shown

    @property
    def sides(self) -> tuple[Arrangement, Arrangement]:
        """Where rows and where columns stand."""
        return self._sides

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The cell that is framed."""
        return self._chosen

    @property
    def marked(self) -> int | None:
        """The dimension under the bands."""
        return self._marked

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column (of the full matrix) under the mouse or the keyboard."""
        return self._cell

    def matrix_rect(self) -> QRectF:
        """Where the matrix is painted: whole pixels, cells square unless it is very long."""
        if self._shown is None:
            return QRectF()
        rows, columns = self._shown.shape
        below = CAPTION + (COUNTS if self.height() >= 280 else 0.0)
        left, above = self.margins()
        width = self.width() - left
        height = max(self.height() - HEAD - above - below - 6, 20.0)
        shape = min(max(columns / rows, 1 / 3), 3.0)
        across = float(int(min(width, height * shape)))
        down = float(int(max(across / shape, 1.0)))
        return QRectF(float(int(left + (width - across) / 2)), HEAD + above + 4, across, down)

    def margins(self) -> tuple[float, float]:
        """Pixels that names need at the left of the matrix and above it."""
        return (0.0, 0.0) if self._shown is None else margins(self._shown, self.width())

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column of the full matrix under a point, or None beside it."""
        rect = self.matrix_rect()
        if self._shown is None or not rect.contains(point):
            return None
        across, down = point.x() - rect.left(), point.y() - rect.top()
        row = self._sides[0].row_at(down / rect.height())
        if self._widened(rect) and int(across) - int(down) in (-1, 0, 1):
            return row, row  # the painted diagonal is wider than its cells
        return row, self._sides[1].row_at(across / rect.width())

    def value_at(self, row: int, column: int) -> float:
        """The value there: exact on the diagonal, else of its block where there are blocks."""
        if self._shown is None:
            return float("nan")
        shown = self._shown
        if row == column and row < len(shown.diagonal):
            return float(shown.diagonal[row])
        rows, columns = self._sides
        return float(shown.values[rows.block(row), columns.block(column)])

    def words_at(self, row: int, column: int) -> str:
        """The value there and where it is, in words; of a block mean, which rows it is made of."""
        value = f"{self._symbols[2]}{reading(self.value_at(row, column))}"
        exact = self._shown is not None and row == column and row < len(self._shown.diagonal)
        rows, columns = (
            range(one, one + 1) if exact else side.members(one)
            for one, side in zip((row, column), self._sides, strict=True)
        )
        if (named := self._named(row, column)) is not None:
            return f"{named}: {value}"
        place = f"{self._symbols[0]}{words(rows)}, {self._symbols[1]}{words(columns)}"
        return f"{place}: {value}" + (" (mean)" if len(rows) * len(columns) > 1 else "")

    def _named(self, row: int, column: int) -> str | None:
        """``"turned by 90°, taken for 180°"`` of a matrix whose rows and columns have names."""
        shown = self._shown
        if shown is None or not shown.row_names or not shown.column_names:
            return None
        row_words = f"{shown.row_label} {shown.row_names[row]}".strip()
        return f"{row_words}, {shown.column_label} {shown.column_names[column]}"

    # Events ---------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the cell under the mouse."""
        self._set_cell(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_cell(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click asks what is behind the cell."""
        cell = self.cell_at(event.position())
        self._set_cell(cell)
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cell_clicked.emit(*cell)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk over the cells (ten at a time with Shift), Enter clicks."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in moves and self._shown is not None:
            stride = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            first = (int(self._sides[0].rows[0]), int(self._sides[1].rows[0]))
            row, column = self._cell or self._chosen or first
            if self._cell is not None:
                row = self._sides[0].beside(row, moves[key][0] * stride)
                column = self._sides[1].beside(column, moves[key][1] * stride)
            self._set_cell((row, column))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cell is not None:
            self.cell_clicked.emit(*self._cell)
        else:
            super().keyPressEvent(event)

    def _set_cell(self, cell: tuple[int, int] | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()

    def _clamped(self, row: int, column: int) -> tuple[int, int]:
        rows, columns = self._shown.shape if self._shown is not None else (1, 1)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    # Painting -------------------------------------------------------------------------------

    def paint_still(self, painter: QPainter) -> None:
        """Head with colour bar, matrix, histograms."""
        shown = self._shown
        if shown is None:
            self._paint_head(painter, None)
            self.paint_empty(painter, QRectF(self.rect()))
            return
        self._paint_head(painter, shown)
        rect = self.matrix_rect()
        ratio = self.devicePixelRatioF()
        painter.drawImage(
            rect, self._image(shown, round(rect.height() * ratio), round(rect.width() * ratio))
        )
        paint_names(painter, shown, rect)
        paint_values(
            painter,
            shown,
            (self._sides[0].order.tolist(), self._sides[1].order.tolist()),
            _table(shown),
            partial(self._box, rect),
        )
        top = rect.bottom() + CAPTION + 4
        if self.height() - top >= 40:
            self._paint_counts(
                painter, shown, QRectF(0, top, self.width(), min(self.height() - top, COUNTS))
            )

    def _widened(self, rect: QRectF) -> bool:
        """Whether the diagonal is painted over the cells, because these are means or tiny."""
        size = 0 if self._shown is None else len(self._shown.diagonal)
        return size > 0 and (self._sides[0].blocked or size > int(rect.height()) // 2)

    def _image(self, shown: Heatmap, height: int, width: int) -> QImage:
        rows, columns = self._sides
        pixels = fitted(shown.values[np.ix_(rows.order, columns.order)], height, width)
        if self._widened(QRectF(0, 0, width, height)):
            pixels = with_diagonal(pixels, rows.even(shown.diagonal))
        return picture(pixels, shown.low, shown.high, _table(shown), colours.missing_colour())

    def _paint_head(self, painter: QPainter, shown: Heatmap | None) -> None:
        right = float(self.width())
        if shown is not None:
            painter.setFont(theme.font(11))
            metrics = QFontMetricsF(painter.font())
            painter.setPen(ink("muted"))
            for text, bar_after in ((f"{shown.high:g}", True), (f"{shown.low:g}", False)):
                words = text.replace("-", "−")
                wide = metrics.horizontalAdvance(words)
                painter.drawText(QRectF(right - wide - 1, 0, wide + 1, HEAD), RIGHT, words)
                right -= wide + 6
                if bar_after:
                    bar = QRectF(right - BAR, HEAD / 2 - 4, BAR, 8)
                    painter.drawImage(bar, image_of(_table(shown)[None]))
                    right -= BAR + 6
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(ink("muted"))
        size = "" if shown is None else f", {shown.shape[0]:,} × {shown.shape[1]:,}"
        metrics = QFontMetricsF(painter.font())
        title = self.title + size if self.title else size.removeprefix(", ")
        if metrics.horizontalAdvance(title) > right - 8:
            title = self.title or title
        words = metrics.elidedText(title, Qt.TextElideMode.ElideRight, max(right - 8, 0.0))
        painter.drawText(QRectF(0, 0, right, HEAD), MIDDLE, words)

    def _paint_counts(self, painter: QPainter, shown: Heatmap, rect: QRectF) -> None:
        ends = (shown.low, shown.high)
        amber, blue = colours.series_colour(1), colours.series_colour(0)
        if not len(shown.diagonal):
            paint_counts(painter, rect, shown.off_diagonal_histogram, ends, "entries", blue)
            return
        captions = {"diagonal": "diagonal", "off-diagonal": "off-diagonal"}
        for name, value in shown.summary.items():
            part, _, figure = name.rpartition(" ")
            if part in captions:
                captions[part] += f", {figure} {reading(value)}"
        half = (rect.width() - 12) / 2
        left = QRectF(rect.left(), rect.top(), half, rect.height())
        right = QRectF(rect.right() - half, rect.top(), half, rect.height())
        paint_counts(painter, left, shown.diagonal_histogram, ends, captions["diagonal"], amber)
        paint_counts(
            painter, right, shown.off_diagonal_histogram, ends, captions["off-diagonal"], blue
        )

    def paint_live(self, painter: QPainter) -> None:
        """The cell's frame, and its row, column and value under the matrix."""
        shown = self._shown
        if shown is None:
            return
        rect = self.matrix_rect()
        painter.setFont(theme.font(11))
        place = QRectF(0, rect.bottom() + 2, self.width(), CAPTION)
        metrics = QFontMetricsF(painter.font())
        read = self._cell or self._chosen
        if read is None:
            painter.setPen(ink("muted"))
            names = [f"rows: {shown.row_label}" if shown.row_label else "",
                     f"columns: {shown.column_label}" if shown.column_label else ""]  # fmt: skip
            text = " · ".join(name for name in names if name)
        else:
            painter.setPen(ink("text"))
            text = self.words_at(*read)
        painter.drawText(
            place, MIDDLE, metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        )
        if self._marked is not None:
            self._paint_bands(painter, rect, self._marked)
        if self._chosen is not None:
            self._paint_cell(painter, rect, self._chosen, "accent", 2.0)
        if self._cell is not None:
            self._paint_cell(painter, rect, self._cell, "text", 1.2)

    def _box(self, rect: QRectF, row: int, column: int) -> QRectF:
        """Where a cell is painted."""
        top, high = self._sides[0].span(row)
        left, wide = self._sides[1].span(column)
        return QRectF(
            rect.left() + left * rect.width(),
            rect.top() + top * rect.height(),
            wide * rect.width(),
            high * rect.height(),
        )

    def _paint_cell(
        self, painter: QPainter, rect: QRectF, cell: tuple[int, int], colour: str, width: float
    ) -> None:
        box = self._box(rect, *cell)
        smallest = min(box.width(), box.height())
        if smallest < 6:  # a frame of a cell that small would hide it
            grow = (6 - smallest) / 2
            box.adjust(-grow, -grow, grow, grow)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink("surface"), width + 1.8))
        painter.drawRect(box)
        painter.setPen(QPen(ink(colour), width))
        painter.drawRect(box)

    def _paint_bands(self, painter: QPainter, rect: QRectF, dimension: int) -> None:
        box = self._box(rect, dimension, dimension)
        middle = box.center()
        wide, high = max(box.width(), 1.6), max(box.height(), 1.6)
        tint = ink("accent", 150)
        for band in (
            QRectF(rect.left(), middle.y() - high / 2, rect.width(), high),
            QRectF(middle.x() - wide / 2, rect.top(), wide, rect.height()),
        ):
            if min(wide, high) < 5:
                painter.fillRect(band, tint)
            else:  # between two lines the cells stay readable
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(ink("accent"), 1.2))
                painter.drawRect(band)


def _table(shown: Heatmap) -> NDArray[np.uint8]:
    """(K, 3) bytes between the limits of a matrix."""
    return colours.diverging() if shown.diverging else colours.sequential()
