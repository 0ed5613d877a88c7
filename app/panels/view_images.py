"""Pictures of the Views place: original with crop boxes, every view with its likeness, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from app.panels import view_bars, view_plan
from app.panels.view_montage import paint_montage, paint_picture, rooms

if TYPE_CHECKING:
    from app.panels.view_encoder import Cosine, Likeness
    from app.panels.view_render import Preview, Seen

GAP = 16
TITLE = 26
LINE = 21
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


class Pictures(QWidget):
    """The original and all views of one image side by side, numbers below each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self._likeness: Likeness | None = None
        self._fresh = False
        self._note = ""
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
        self._renew()

    def show_likeness(self, likeness: Likeness | None, note: str, *, fresh: bool) -> None:
        """Show how alike original and views are.

        Args:
            likeness: what was measured last, or None.
            note: what it is, or why there is none; below the original.
            fresh: whether it belongs to the pictures shown.
        """
        self._likeness, self._note, self._fresh = likeness, note, fresh
        self._renew()

    def cosines(self, view: Seen) -> Sequence[Cosine]:
        """What is said below a view; nothing while nothing is known of it."""
        moved = None if self._likeness is None else self._likeness.views.get(view.name)
        return () if moved is None else moved.cosines

    def tip(self, position: QPoint) -> str:
        """Plain words about the cosines at a place, "" elsewhere."""
        preview, likeness = self._preview, self._likeness
        if preview is None or likeness is None:
            return ""
        top = TITLE + self.side() + 8
        for number, view in enumerate(preview.views):
            cosines = self.cosines(view)
            tall = view_bars.height(len(cosines), narrow=self._narrow)
            if QRect(self.column(number + 1), top, self._text_width(), tall).contains(position):
                phrase = view_plan.view_phrase(preview.wish.plan.view(view.name))
                return view_bars.tip(phrase, cosines, likeness.run, likeness.step)
        return ""

    def event(self, event: QEvent) -> bool:
        """Help where the mouse rests."""
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return super().event(event)
        words = self.tip(event.pos())
        if words:
            QToolTip.showText(event.globalPos(), words, self)
        else:
            QToolTip.hideText()
        return True

    def _renew(self) -> None:
        if self._preview is not None:
            told = [*map(self._spoken, self._preview.views), self._note]
            self.setAccessibleDescription("; ".join(filter(None, told)))
        self.updateGeometry()
        self.update()

    def _spoken(self, view: Seen) -> str:
        """A view for a screen reader."""
        parts = [f"{name} {view_plan.spelt_out(words)}" for name, words in view.numbers]
        parts += [
            f"cosine {one.words} {view_bars.number(one.trained)}" for one in self.cosines(view)
        ]
        return f"{view.title}: {', '.join(parts)}"

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

    @property
    def _narrow(self) -> bool:
        return self._column_width() < NARROW

    def _column_width(self) -> int:
        columns = 1 + (len(self._preview.views) if self._preview else 2)
        return (self.width() - GAP * (columns - 1)) // columns

    def _text_width(self) -> int:
        return min(self._column_width(), max(self.side(), WORDS))

    def _table_height(self, wide: int) -> int:
        """Of the longest table of numbers, where columns are that wide."""
        if self._preview is None:
            return 6 * LINE
        tall = [self._note_height(wide)]
        for view in self._preview.views:
            lines = len(_shown(view.numbers)) + (len(view.answers) == 1)
            extra = sum(len(rest) for _, _, rest in self._entries(view, wide))
            bars = view_bars.height(len(self.cosines(view)), narrow=wide < NARROW)
            tall.append(bars + lines * LINE + extra * SECOND_LINE)
        return max(tall)

    def _note_height(self, wide: int) -> int:
        if not self._note:
            return 0
        room = QRect(0, 0, min(wide, WORDS), 1000)
        metrics = QFontMetrics(theme.font(11))
        words = f"{self._note} {view_bars.MARK}" if self._likeness else self._note
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, words).height() + 4

    def _names(self, view: Seen) -> int:
        """Width of the column of names below a view."""
        narrow = self._narrow
        metrics = QFontMetrics(theme.font(11 if narrow else 12))
        return max(
            _names_width(view.numbers, metrics),
            view_bars.words_width(self.cosines(view), narrow=narrow),
        )

    def _entries(self, view: Seen, wide: int) -> list[Entry]:
        """Every name with what stands beside it and what goes on below, in columns that wide."""
        numbers = view.numbers
        if wide < NARROW:
            metrics = QFontMetrics(theme.font(11))
            fits = [metrics.horizontalAdvance("".join(one)) + 12 <= wide for one in numbers]
            shown = zip(_shown(numbers), fits, strict=False)
            return [(n, w, ()) if fit else (n, "", (w,)) for (n, w), fit in shown]
        metrics = QFontMetrics(theme.font(12))
        room = wide - self._names(view)
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
        self._write_note(painter, TITLE + side + 8)
        for number, view in enumerate(preview.views):
            left = self.column(number + 1)
            self._title(painter, left, view.title, word_colour(number))
            area = QRect(left, TITLE, side, side)
            paint_montage(painter, area, view, self._said(view))
            top = TITLE + side + 8
            top += self._bars(painter, left, top, view, word_colour(number))
            self._table(painter, left, top, view, told=bool(rooms(QRectF(area), view)))
        painter.end()

    def _said(self, view: Seen) -> Sequence[str]:
        """Cosines of every picture with the original, where there are several pictures."""
        moved = None if self._likeness is None else self._likeness.views.get(view.name)
        return [] if moved is None else [view_bars.number(one) for one in moved.pictures]

    def _write_note(self, painter: QPainter, top: int) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.tokens().muted))
        area = QRect(0, top, min(self._text_width(), WORDS), self.height() - top)
        views = self._preview.views if self._preview else ()
        marked = any(self._bar_width(view) for view in views)
        words = f"{self._note} {view_bars.MARK}" if marked else self._note
        painter.drawText(area, Qt.TextFlag.TextWordWrap, words)

    def _before(self, view: Seen) -> int:
        """Width of the words before the cosines of a view."""
        if self._narrow:
            return view_bars.words_width(self.cosines(view), narrow=True)
        return self._names(view)

    def _bar_width(self, view: Seen) -> int:
        room = self._text_width()
        cosines, narrow = self.cosines(view), self._narrow
        return view_bars.bar_width(room, self._before(view), cosines, narrow=narrow)

    def _bars(self, painter: QPainter, left: int, top: int, view: Seen, colour: str) -> int:
        """The cosines of a view; returns how tall they are."""
        cosines, narrow = self.cosines(view), self._narrow
        tall = view_bars.height(len(cosines), narrow=narrow)
        before, area = self._before(view), QRectF(left, top, self._text_width(), tall)
        view_bars.paint(painter, area, cosines, before, colour, fresh=self._fresh, narrow=narrow)
        return tall

    def _title(self, painter: QPainter, left: int, words: str, colour: str) -> None:
        painter.setFont(theme.font(12, bold=True))
        _words(painter, QRect(left, 0, self._text_width(), TITLE - 8), words, colour)

    def _table(self, painter: QPainter, left: int, top: int, view: Seen, *, told: bool) -> None:
        tokens = theme.tokens()
        wide = self._column_width()
        narrow = wide < NARROW
        painter.setFont(theme.font(11 if narrow else 12))
        metrics = painter.fontMetrics()
        names = self._names(view)
        line = QRect(left, top, self._text_width(), LINE)
        for name, words, rest in self._entries(view, wide):
            colour = tokens.muted if words == "off" else tokens.text
            start = metrics.horizontalAdvance(name) + 8 if narrow else names
            _words(painter, line, name, tokens.muted)
            _words(painter, line.adjusted(start, 0, 0, 0), words, colour)
            for more in rest:
                line.translate(0, SECOND_LINE)
                _words(painter, line.adjusted(0 if narrow else names, 0, 0, 0), more, colour)
            line.translate(0, LINE)
        if len(view.answers) == 1:
            _words(painter, line, view.answers[0], tokens.accent)
        elif not told and 1 < len(view.answers) < len(view.pictures):  # numbers are the first's too
            _words(painter, line, f"Answer: {view.answers[0]}", tokens.accent)


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
