"""Rows of pictures that belong together, as large as the place allows; larger under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots.canvas import Canvas, ink
from app.plots.head import laid_out
from app.plots.raster import image_of
from sslcore.diagnostics import ImageGrid

NAME = 16.0
CAPTION = 14.0
GAP = 4.0
LARGEST = 192.0
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Layout:
    """How many columns stand side by side, and how large one picture is.

    Columns that do not fit start again below, with all their rows.
    """

    per_block: int
    width: float
    height: float
    captions: tuple[float, ...]
    top: float

    def place(self, row: int, column: int) -> QRectF:
        """Where one picture stands."""
        block, across = divmod(column, self.per_block)
        above = (block * len(self.captions) + row) * (self.height + NAME + GAP)
        words = block * sum(self.captions) + sum(self.captions[:row])
        return QRectF(
            across * (self.width + GAP), self.top + above + words + NAME, self.width, self.height
        )


def laid_out_grid(
    count: int, aspect: float, place: QRectF, captions: Sequence[bool], largest: float = LARGEST
) -> Layout:
    """The number of columns side by side for which pictures become largest.

    Args:
        count: pictures per row.
        aspect: height of a picture over its width.
        place: where all of them go.
        captions: for each of the rows that belong together, whether a line of text stands under
            its pictures.
        largest: width of a picture at most.
    """
    best: Layout | None = None
    words = tuple(CAPTION if one else 0.0 for one in captions)
    for per_block in range(1, count + 1):
        blocks = -(-count // per_block)
        width = (place.width() - GAP * (per_block - 1)) / per_block
        height = (place.height() / blocks - sum(words)) / len(words) - NAME - GAP
        side = min(width, height / aspect, largest)
        if best is None or side > best.width:
            best = Layout(per_block, max(side, 1.0), max(side, 1.0) * aspect, words, place.top())
    return best or Layout(1, 1.0, 1.0, words, place.top())


class ImageGridPlot(Canvas):
    """Paints a :class:`sslcore.diagnostics.ImageGrid`.

    Signals:
        image_clicked(int): catalogue row of the picture, also by Enter on the keyboard.
    """

    image_clicked = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._shown: ImageGrid | None = None
        self._pictures: list[list[QImage]] = []
        self._at: tuple[int, int] | None = None
        self.set_empty_text("No images yet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 100)

    def sizeHint(self) -> QSize:
        """A calm default."""
        return QSize(420, 280)

    def set_diagnostic(self, diagnostic: ImageGrid) -> None:
        """Paint these pictures from now on."""
        self._shown = diagnostic
        self._pictures = [[image_of(one) for one in row] for row in diagnostic.images]
        self._at = None
        self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return not any(self._pictures)

    def layout_now(self) -> Layout:
        """Where pictures stand at the present size."""
        head = laid_out(self.title, (), self.width())
        count = len(self._pictures[0])
        picture = self._pictures[0][0]
        texts = self._shown.captions if self._shown is not None else ()
        captions = [any(one) for one in texts] or [False] * len(self._pictures)
        top = head.height + (4 if head.height else 0)
        place = QRectF(0, top, self.width(), max(self.height() - top, 1))
        aspect = picture.height() / picture.width()
        return laid_out_grid(count, aspect, place, captions)

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column of the picture under a point."""
        if self.is_empty():
            return None
        layout = self.layout_now()
        for row, pictures in enumerate(self._pictures):
            for column in range(len(pictures)):
                if layout.place(row, column).contains(point):
                    return row, column
        return None

    def paint_still(self, painter: QPainter) -> None:
        """Names of the rows, pictures, captions."""
        laid_out(self.title, (), self.width()).paint(painter, 0, 0, self.width())
        shown = self._shown
        if shown is None or self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        layout = self.layout_now()
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        for row, pictures in enumerate(self._pictures):
            for column, image in enumerate(pictures):
                place = layout.place(row, column)
                if column % layout.per_block == 0:
                    painter.setPen(ink("muted"))
                    above = QRectF(0, place.top() - NAME, self.width(), NAME)
                    painter.drawText(above, LEFT, shown.rows[row])
                paint_picture(painter, place, image)
                if layout.captions[row] and place.width() >= 28:
                    text = metrics.elidedText(
                        shown.captions[row][column], Qt.TextElideMode.ElideRight, place.width()
                    )
                    painter.setPen(ink("muted"))
                    below = QRectF(place.left(), place.bottom(), place.width(), CAPTION)
                    painter.drawText(below, LEFT, text)

    def paint_live(self, painter: QPainter) -> None:
        """The picture under the mouse, larger, beside its place."""
        if self._at is None or self._shown is None:
            return
        row, column = self._at
        place = self.layout_now().place(row, column)
        image = self._pictures[row][column]
        painter.setPen(QPen(ink("accent"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place, 4, 4)
        large = min(max(place.width() * 2.5, 96.0), self.width() * 0.6, self.height() * 0.8)
        if large < place.width() * 1.3:
            return
        size = QSize(int(large), int(large * image.height() / image.width()))
        x = place.right() + 8
        if x + size.width() > self.width():
            x = max(place.left() - 8 - size.width(), 0.0)
        y = min(max(place.center().y() - size.height() / 2, 4.0), self.height() - size.height() - 4)
        box = QRectF(x, y, size.width(), size.height())
        painter.setPen(QPen(ink("border"), 1.0))
        painter.setBrush(ink("surface"))
        painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), 7, 7)
        paint_picture(painter, box, image)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the picture under the mouse larger."""
        self._set_at(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is larger."""
        self._set_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click asks for this image elsewhere."""
        self._set_at(self.at(event.position()))
        if event.button() == Qt.MouseButton.LeftButton:
            self._click()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk over the pictures, Enter clicks."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in moves and not self.is_empty():
            row, column = self._at or (0, 0)
            if self._at is not None:
                row = min(max(row + moves[key][0], 0), len(self._pictures) - 1)
                column = min(max(column + moves[key][1], 0), len(self._pictures[0]) - 1)
            self._set_at((row, column))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._click()
        else:
            super().keyPressEvent(event)

    def _click(self) -> None:
        if self._at is not None and self._shown is not None and self._at[1] < len(self._shown.ids):
            self.image_clicked.emit(int(self._shown.ids[self._at[1]]))

    def _set_at(self, at: tuple[int, int] | None) -> None:
        if at != self._at:
            self._at = at
            self.update()


def paint_picture(painter: QPainter, place: QRectF, image: QImage) -> None:
    """Crisp pixels where they are shown much larger than they are, else smooth."""
    painter.save()
    smooth = place.width() < 2 * image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.setClipPath(rounded(place))
    painter.drawImage(place, image)
    painter.restore()


def rounded(place: QRectF) -> QPainterPath:
    """The outline of a picture."""
    path = QPainterPath()
    radius = min(4.0, place.width() / 8)
    path.addRoundedRect(place, radius, radius)
    return path
