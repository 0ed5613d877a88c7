"""Pictures of the Views place: original with crop boxes, every view with its numbers."""

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
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.panels import view_plan

if TYPE_CHECKING:
    from app.panels.view_render import Preview

GAP = 16
TITLE = 26
LINE = 21
RADIUS = 4
MOST_NUMBERS = 9
NARROW = 210
"""Width of a column in pixels below which numbers are written smaller."""
WORDS = 230
"""Room the numbers of a view get, even if its picture is smaller."""
SECOND_LINE = LINE - 5

Entry = tuple[str, str, tuple[str, ...]]
"""Name of a step, words beside it, further lines of words below those."""


def view_colour(number: int) -> str:
    """Colour of the n-th view."""
    series = theme.tokens().series
    return series[number % len(series)]


def word_colour(number: int) -> str:
    """Colour of the n-th view's name."""
    return theme.readable(view_colour(number), theme.tokens().surface)


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
                f"{view.title}: "
                + ", ".join(f"{n} {view_plan.spelt_out(words)}" for n, words in view.numbers)
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
            extra = sum(len(rest) for _, _, rest in self._entries(view.numbers, wide))
            tall.append(lines * LINE + extra * SECOND_LINE)
        return max(tall)

    @staticmethod
    def _entries(numbers: Sequence[tuple[str, str]], wide: int) -> list[Entry]:
        """Every name with what stands beside it and what goes on below, in columns that wide."""
        if wide < NARROW:
            metrics = QFontMetrics(theme.font(11))
            fits = [metrics.horizontalAdvance("".join(one)) + 12 <= wide for one in numbers]
            shown = zip(_shown(numbers), fits, strict=False)
            return [(n, w, ()) if fit else (n, "", (w,)) for (n, w), fit in shown]
        metrics = QFontMetrics(theme.font(12))
        room = wide - _names_width(numbers, metrics)
        found: list[Entry] = []
        for name, words in _shown(numbers):
            lines = [""]
            for part in view_plan.spelt_out(words).split(" · "):
                joined = f"{lines[-1]} · {part}" if lines[-1] else part
                if lines[-1] and metrics.horizontalAdvance(joined) > room:
                    lines.append(part)
                else:
                    lines[-1] = joined
            found.append((name, lines[0], tuple(lines[1:])))
        return found

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
            self._title(painter, left, view.title, word_colour(number))
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
        wide = self._column_width()
        narrow = wide < NARROW
        painter.setFont(theme.font(11 if narrow else 12))
        metrics = painter.fontMetrics()
        names = _names_width(numbers, metrics)
        line = QRect(left, top, self._text_width(), LINE)
        for name, words, rest in self._entries(numbers, wide):
            colour = tokens.muted if words == "off" else tokens.text
            start = metrics.horizontalAdvance(name) + 8 if narrow else names
            _words(painter, line, name, tokens.muted)
            _words(painter, line.adjusted(start, 0, 0, 0), words, colour)
            for more in rest:
                line.translate(0, SECOND_LINE)
                _words(painter, line.adjusted(0 if narrow else names, 0, 0, 0), more, colour)
            line.translate(0, LINE)
        if len(answers) == 1:
            _words(painter, line, answers[0], tokens.accent)


def _names_width(numbers: Sequence[tuple[str, str]], metrics: QFontMetrics) -> int:
    return max((metrics.horizontalAdvance(name) for name, _ in numbers), default=0) + 12


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
