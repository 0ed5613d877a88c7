"""Pictures of the Views place: original with crop boxes, every view with its numbers, the strip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme

if TYPE_CHECKING:
    from app.panels.view_render import Preview

GAP = 14
TITLE = 26
LINE = 21
RADIUS = 4
MOST_NUMBERS = 9
NARROW = 210
"""Width of a column in pixels below which numbers are written smaller."""
WORDS = 230
"""Room the numbers of a view get, even if its picture is smaller."""
SECOND_LINE = LINE - 5


def view_colour(number: int) -> str:
    """Colour of the n-th view."""
    series = theme.tokens().series
    return series[number % len(series)]


def paint_picture(painter: QPainter, area: QRectF, image: QImage) -> None:
    """A picture with round corners; few pixels are shown as the squares they are."""
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(area, RADIUS, RADIUS)
    painter.setClipPath(path)
    coarse = area.width() > 2.5 * image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not coarse)
    painter.drawImage(area, image)
    painter.restore()


class Pictures(QWidget):
    """The original and all views of one image side by side, numbers below each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Original and views")
        theme.current().changed.connect(self.update)

    @property
    def preview(self) -> Preview | None:
        """What is shown."""
        return self._preview

    def show_preview(self, preview: Preview | None) -> None:
        """Show another rendering."""
        self._preview = preview
        if preview is not None:
            lines = [
                f"{view.title}: " + ", ".join(f"{name} {words}" for name, words in view.numbers)
                for view in preview.views
            ]
            self.setAccessibleDescription("; ".join(lines))
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Pictures of 120 px with their numbers."""
        return QSize(3 * 120, TITLE + 120 + self._table_height(self._column_width()))

    def sizeHint(self) -> QSize:
        """Pictures of 280 px with their numbers."""
        return QSize(3 * 280, TITLE + 280 + self._table_height(280))

    def side(self) -> int:
        """Of every picture, in pixels."""
        wide = self._column_width()
        return max(min(wide, self.height() - TITLE - self._table_height(wide) - 8), 24)

    def column(self, number: int) -> int:
        """Left edge of the n-th picture."""
        # Pictures that the height keeps small move together, as far as their words allow.
        wide = min(self._column_width(), max(self.side(), WORDS))
        return number * (wide + GAP)

    def _column_width(self) -> int:
        columns = 1 + (len(self._preview.views) if self._preview else 2)
        return (self.width() - GAP * (columns - 1)) // columns

    def _text_width(self) -> int:
        return min(self._column_width(), max(self.side(), WORDS))

    def _table_height(self, wide: int) -> int:
        """Of the longest table of numbers, where columns are that wide."""
        if self._preview is None:
            return 6 * LINE
        tall = [0]
        for view in self._preview.views:
            lines = len(_shown(view.numbers)) + (len(view.answers) == 1)
            extra = sum(self._wraps(words, wide) for words in _shown(view.numbers))
            tall.append(lines * LINE + extra * SECOND_LINE)
        return max(tall)

    def _wraps(self, words: tuple[str, str], wide: int) -> bool:
        """Whether a value needs a line of its own below its name."""
        metrics = QFontMetrics(theme.font(11))
        return wide < NARROW and metrics.horizontalAdvance("".join(words)) + 12 > wide

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything by hand: a slider redraws this many times a second."""
        del event
        preview = self._preview
        if preview is None:
            return
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.side()
        boxes = any(view.boxes for view in preview.views)
        self._title(painter, 0, "Original, with its crops" if boxes else "Original", tokens.muted)
        area = QRectF(0, TITLE, side, side)
        paint_picture(painter, area, preview.original)
        for number, view in enumerate(preview.views):
            for box in view.boxes:
                _paint_box(painter, area, box, view_colour(number))
        for number, view in enumerate(preview.views):
            left = self.column(number + 1)
            self._title(painter, left, view.title, readable(view_colour(number)))
            area = QRect(left, TITLE, side, side)
            _paint_montage(painter, area, view.pictures, view.answers)
            self._table(painter, left, TITLE + side + 8, view.numbers, view.answers)
        painter.end()

    def _title(self, painter: QPainter, left: int, words: str, colour: str) -> None:
        painter.setFont(theme.font(12, bold=True))
        _words(painter, QRect(left, 0, self._text_width(), TITLE - 8), words, colour)

    def _table(
        self,
        painter: QPainter,
        left: int,
        top: int,
        numbers: Sequence[tuple[str, str]],
        answers: Sequence[str],
    ) -> None:
        tokens = theme.tokens()
        whole = self._text_width()
        narrow = self._column_width() < NARROW
        painter.setFont(theme.font(11 if narrow else 12))
        metrics = painter.fontMetrics()
        names = max((metrics.horizontalAdvance(name) for name, _ in numbers), default=0) + 10
        line = QRect(left, top, whole, LINE)
        for name, words in _shown(numbers):
            colour = tokens.muted if words == "off" else tokens.text
            _words(painter, line, name, tokens.muted)
            if narrow and self._wraps((name, words), self._column_width()):
                line.translate(0, SECOND_LINE)
                _words(painter, line, words, colour)
            else:
                start = metrics.horizontalAdvance(name) + 8 if narrow else names
                _words(painter, line.adjusted(start, 0, 0, 0), words, colour)
            line.translate(0, LINE)
        if len(answers) == 1:
            _words(painter, line, answers[0], tokens.accent)


class Strip(QWidget):
    """Small pictures in a row, with a word below each where there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Sequence[QImage] = ()
        self._words: Sequence[str] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("More draws")
        theme.current().changed.connect(self.update)

    def show_pictures(self, pictures: Sequence[QImage], words: Sequence[str]) -> None:
        """Show other pictures."""
        self._pictures, self._words = pictures, words
        self.setAccessibleDescription(", ".join(words))
        self._fit()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Eight pictures of 48 px."""
        return QSize(8 * 56, 48)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Squares: the width says how tall."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight((self.width() - 7 * 8) // 8 + (18 if self._words else 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = (self.width() - 7 * 8) // 8
        step = (self.width() + 8) / 8
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.tokens().muted))
        for number, image in enumerate(self._pictures):
            paint_picture(painter, QRectF(number * step, 0, side, side), image)
            if number < len(self._words):
                area = QRectF(number * step, side + 2, side, 16)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._words[number])
        painter.end()


def _shown(numbers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """As many lines as there is room for."""
    if len(numbers) <= MOST_NUMBERS:
        return numbers
    hidden = len(numbers) - MOST_NUMBERS + 1
    return [*numbers[: MOST_NUMBERS - 1], (f"and {hidden} more", "")]


def _words(painter: QPainter, area: QRect, words: str, colour: str) -> None:
    painter.setPen(QColor(colour))
    short = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)


def _paint_box(
    painter: QPainter, area: QRectF, box: tuple[float, float, float, float], colour: str
) -> None:
    top, left, height, width = box
    corner = QPointF(area.left() + left * area.width(), area.top() + top * area.height())
    frame = QRectF(corner.x(), corner.y(), width * area.width(), height * area.height())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # A dark edge below the colour keeps the box visible on any picture.
    painter.setPen(QPen(QColor(0, 0, 0, 130), 4))
    painter.drawRect(frame.adjusted(1.5, 1.5, -1.5, -1.5))
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawRect(frame.adjusted(1.5, 1.5, -1.5, -1.5))


def _paint_montage(
    painter: QPainter, area: QRect, pictures: Sequence[QImage], answers: Sequence[str]
) -> None:
    """One picture, or several as a grid with their answers in a corner."""
    if not pictures:
        return
    across = math.ceil(math.sqrt(len(pictures)))
    gap = 4 if across > 1 else 0
    side = (area.width() - gap * (across - 1)) / across
    painter.setFont(theme.font(11, bold=True))
    metrics = painter.fontMetrics()
    for number, image in enumerate(pictures):
        row, column = divmod(number, across)
        place = QRectF(
            area.left() + column * (side + gap), area.top() + row * (side + gap), side, side
        )
        paint_picture(painter, place, image)
        if len(answers) == len(pictures) and len(answers) > 1:
            wide = metrics.horizontalAdvance(answers[number]) + 10
            tag = QRectF(place.left() + 5, place.bottom() - 23, wide, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(tag, 4, 4)
            painter.setPen(QColor("#FFFFFF"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, answers[number])


def readable(colour: str) -> str:
    """A series colour as words: darker on the light ground, where pale ones vanish."""
    return colour if theme.tokens().dark else theme.mixed(colour, "#000000", 0.3)
