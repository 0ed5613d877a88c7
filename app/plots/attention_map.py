"""Where a place of a picture looks: click a place, and its attention lies over what it sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours
from app.plots.canvas import Canvas, ink
from app.plots.image_grid import NAME, Layout, laid_out_grid, paint_picture, rounded
from app.plots.raster import image_of, picture
from sslcore.diagnostics import Attention

HEAD = 20.0
READING = 20.0
BAR = 64.0
STRIP = 34.0
GAP = 6.0
EDGE = 2.0
"""Around the small pictures, so that the frame of one is never cut."""
LARGEST = 340.0
COVERED = 0.62
"""How much of a key's own picture the colours of its shares hide."""
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
HINT = "Click a place of the {}, or move with the arrow keys."

Place = tuple[int, int]
"""Row and column on the grid of places."""


class AttentionMap(Canvas):
    """Paints a :class:`sslcore.diagnostics.Attention`.

    The first picture is the query; a cross marks the place that looks. Over the others lie the
    shares of its attention, from nothing to the largest of them. Another place is chosen by a
    click, a drag or the arrow keys, another query by a click below or Page Up and Page Down. What
    is chosen stays so when other values come.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._shown: Attention | None = None
        self._place: Place | None = None
        self._column = 0
        self._under: tuple[int, Place] | None = None
        self._said = ""
        self.set_empty_text("No attention yet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(180, 180)

    def sizeHint(self) -> QSize:
        """Room for four pictures."""
        return QSize(420, 460)

    # What is shown --------------------------------------------------------------------------

    def set_diagnostic(self, diagnostic: Attention) -> None:
        """Paint this attention from now on; the chosen place and query stay where they can."""
        before, self._shown = self._shown, diagnostic
        if before is not None and self._column < len(before.ids):
            again = np.flatnonzero(diagnostic.ids == before.ids[self._column])
            self._column = int(again[0]) if len(again) else self._column
        self._column = min(self._column, max(len(diagnostic.queries) - 1, 0))
        self._under = None
        self._change()

    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return self._shown is None or not len(self._shown.queries)

    @property
    def place(self) -> Place:
        """The place that looks; the middle one until another is chosen."""
        if self._shown is None:
            return self._place or (0, 0)
        rows, columns = self._shown.grid
        row, column = self._place or divmod(self._shown.middle, columns)
        return min(row, rows - 1), min(column, columns - 1)

    @property
    def column(self) -> int:
        """Which query is shown."""
        return self._column

    def choose(self, row: int, column: int) -> None:
        """Another place looks; beyond the edge it is the one at the edge."""
        if self._shown is not None:
            rows, columns = self._shown.grid
            self._place = (min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
            self._change()

    def show_column(self, column: int) -> None:
        """Another query is shown."""
        if self._shown is not None:
            self._column = min(max(column, 0), len(self._shown.queries) - 1)
            self._under = None
            self._change()

    def shares(self) -> NDArray[np.float32]:
        """(R, rows, columns): where the chosen place looks."""
        shown = self._shown
        if shown is None or self.is_empty():
            return np.zeros((0, 1, 1), np.float32)
        row, column = self.place
        number = row * shown.grid[1] + column
        return shown.shares[self._column, number].astype(np.float32).reshape(-1, *shown.grid)

    def words_at(self, key: int, place: Place) -> str:
        """``"62 % at last reference, 4 places left and 1 up"``."""
        if self._shown is None:
            return ""
        share = float(self.shares()[key, place[0], place[1]])
        down, right = place[0] - self.place[0], place[1] - self.place[1]
        return f"{percent(share)} at {self._shown.key_names[key]}, {away(down, right)}"

    @property
    def words(self) -> str:
        """Which place is chosen, and where it looks most."""
        if self._shown is None or self.is_empty():
            return ""
        found = self.shares()
        key, row, column = np.unravel_index(int(found.argmax()), found.shape)
        most = self.words_at(int(key), (int(row), int(column)))
        return f"Row {self.place[0] + 1}, column {self.place[1] + 1}, most: {most}"

    def _change(self) -> None:
        """What is painted changed; say it to screen readers too, before the help."""
        told = self.accessibleDescription().removeprefix(self._said)
        self._said = f"{self.words}. " if self.words else ""
        self.setAccessibleDescription(self._said + told)
        self.invalidate()

    # Where things stand ---------------------------------------------------------------------

    def pictures_layout(self) -> Layout:
        """The query, and the keys after it, at the present size."""
        height, width = (1, 1) if self._shown is None else self._shown.queries.shape[1:3]
        count = 1 if self._shown is None else 1 + self._shown.keys.shape[1]
        strip = self._strip_side() + GAP + EDGE if self._strip_side() else 0.0
        high = max(self.height() - HEAD - READING - strip, 1.0)
        place = QRectF(0, HEAD, self.width(), high)
        return laid_out_grid(count, height / width, place, (False,), LARGEST)

    def cell(self, number: int, place: Place) -> QRectF:
        """Where a place of the query (0) or of a key (from 1) is painted."""
        rows, columns = (1, 1) if self._shown is None else self._shown.grid
        whole = self.pictures_layout().place(0, number)
        wide, high = whole.width() / columns, whole.height() / rows
        return QRectF(whole.left() + place[1] * wide, whole.top() + place[0] * high, wide, high)

    def thumbnail(self, column: int) -> QRectF:
        """Where the small picture of a query stands."""
        side = self._strip_side()
        return QRectF(EDGE + column * (side + GAP), self.height() - side - EDGE, side, side)

    def at(self, point: QPointF) -> tuple[int, Place] | None:
        """Picture (0 the query, then the keys) and place under a point."""
        shown = self._shown
        if shown is None or self.is_empty():
            return None
        layout = self.pictures_layout()
        for number in range(1 + shown.keys.shape[1]):
            whole = layout.place(0, number)
            if whole.contains(point):
                down = (point.y() - whole.top()) / whole.height()
                right = (point.x() - whole.left()) / whole.width()
                rows, columns = shown.grid
                return number, (
                    min(int(down * rows), rows - 1),
                    min(int(right * columns), columns - 1),
                )
        return None

    def _strip_side(self) -> float:
        count = 0 if self._shown is None else len(self._shown.queries)
        if count < 2:
            return 0.0
        return max(min(STRIP, (self.width() - 2 * EDGE - GAP * (count - 1)) / count), 1.0)

    # Events ---------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read off the place under the mouse; with the button down, choose it."""
        under = self.at(event.position())
        if under is not None and under[0] == 0 and event.buttons() & Qt.MouseButton.LeftButton:
            self.choose(*under[1])
        self._set_under(under)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing to read off."""
        self._set_under(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses a place of the query, or another query."""
        if event.button() == Qt.MouseButton.LeftButton and self._shown is not None:
            under = self.at(event.position())
            if under is not None and under[0] == 0:
                self.choose(*under[1])
            for column in range(len(self._shown.queries) if self._strip_side() else 0):
                if self.thumbnail(column).contains(event.position()):
                    self.show_column(column)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the place that looks, Home to the middle, Page Up and Down turn queries."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        turns = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        key = Qt.Key(event.key())
        if key in moves and not self.is_empty():
            self.choose(self.place[0] + moves[key][0], self.place[1] + moves[key][1])
        elif key in turns and not self.is_empty():
            self.show_column(self._column + turns[key])
        elif key == Qt.Key.Key_Home and self._shown is not None:
            self.choose(*divmod(self._shown.middle, self._shown.grid[1]))
        else:
            super().keyPressEvent(event)

    def _set_under(self, under: tuple[int, Place] | None) -> None:
        if under != self._under:
            self._under = under
            self.update()

    # Painting -------------------------------------------------------------------------------

    def paint_still(self, painter: QPainter) -> None:
        """Head with the colour bar, the query with its cross, the keys under their shares."""
        shown = self._shown
        found = self.shares()
        highest = float(found.max(initial=0.0))
        self._paint_head(painter, highest)
        if shown is None or self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        layout = self.pictures_layout()
        own = layout.place(0, 0)
        _paint_name(painter, own, shown.query_name)
        paint_picture(painter, own, image_of(shown.queries[self._column]))
        for number, name in enumerate(shown.key_names, 1):
            place = layout.place(0, number)
            part = found[number - 1]
            _paint_name(painter, place, name, percent(float(part.sum())))
            paint_picture(painter, place, image_of(_grey(shown.keys[self._column, number - 1])))
            painter.save()
            painter.setClipPath(rounded(place))
            painter.setOpacity(COVERED)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
            painter.drawImage(place, _heat(part, highest))
            painter.restore()
            _frame(painter, self.cell(number, self.place), "surface", 1.0)
        self._paint_cross(painter, own)
        self._paint_strip(painter, shown)

    def _paint_head(self, painter: QPainter, highest: float) -> None:
        right = float(self.width())
        painter.setFont(theme.font(11))
        if not self.is_empty():
            metrics = QFontMetricsF(painter.font())
            painter.setPen(ink("muted"))
            for words, bar_after in ((percent(highest), True), ("0", False)):
                wide = metrics.horizontalAdvance(words)
                painter.drawText(QRectF(right - wide - 1, 0, wide + 1, HEAD), RIGHT, words)
                right -= wide + 6
                if bar_after:
                    bar = QRectF(right - BAR, HEAD / 2 - 4, BAR, 8)
                    painter.drawImage(bar, image_of(colours.sequential()[None]))
                    right -= BAR + 6
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(ink("muted"))
        room = max(right - 8, 0.0)
        elided = QFontMetricsF(painter.font()).elidedText(
            self.title, Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRectF(0, 0, room, HEAD), LEFT, elided)

    def _paint_cross(self, painter: QPainter, own: QRectF) -> None:
        middle = self.cell(0, self.place).center()
        painter.save()
        painter.setClipPath(rounded(own))
        for colour, width in (("surface", 3.6), ("accent", 1.8)):
            painter.setPen(QPen(ink(colour), width))
            painter.drawLine(QPointF(own.left(), middle.y()), QPointF(own.right(), middle.y()))
            painter.drawLine(QPointF(middle.x(), own.top()), QPointF(middle.x(), own.bottom()))
        painter.restore()
        _frame(painter, self.cell(0, self.place), "accent", 2.0)

    def _paint_strip(self, painter: QPainter, shown: Attention) -> None:
        if not self._strip_side():
            return
        for column, one in enumerate(shown.queries):
            place = self.thumbnail(column)
            paint_picture(painter, place, image_of(one))
            if column == self._column:
                _frame(painter, place, "accent", 2.0)

    def paint_live(self, painter: QPainter) -> None:
        """The place under the mouse, and the line that reads it off."""
        shown = self._shown
        if shown is None:
            return
        words, colour = self.words, "muted"
        if self._under is not None:
            number, place = self._under
            _frame(painter, self.cell(number, place), "text", 1.4)
            words = self.words_at(number - 1, place) if number else HINT.format(shown.query_name)
            colour = "text" if number else "muted"
        layout = self.pictures_layout()
        bottom = max(layout.place(0, number).bottom() for number in range(1 + shown.keys.shape[1]))
        painter.setFont(theme.font(11))
        painter.setPen(ink(colour))
        metrics = QFontMetricsF(painter.font())
        elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, bottom + 1, self.width(), READING), LEFT, elided)


def percent(share: float) -> str:
    """``"62 %"``, ``"0.4 %"``."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def away(down: int, right: int) -> str:
    """``"4 places left and 1 up"``, ``"same place"``."""
    steps = ((right, "left", "right"), (down, "up", "down"))
    words = [f"{abs(count)} {back if count < 0 else on}" for count, back, on in steps if count]
    if not words:
        return "same place"
    number, _, way = words[0].partition(" ")
    return " and ".join([f"{number} {'place' if number == '1' else 'places'} {way}", *words[1:]])


def _heat(part: NDArray[np.float32], highest: float) -> QImage:
    table = colours.sequential()
    return picture(part, 0.0, highest or 1.0, table, colours.missing_colour())


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) without colours, which would be taken for shares."""
    light = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(np.round(light).astype(np.uint8)[..., None], 3, -1)


def _paint_name(painter: QPainter, place: QRectF, name: str, share: str = "") -> None:
    painter.setFont(theme.font(11))
    metrics = QFontMetricsF(painter.font())
    above = QRectF(place.left(), place.top() - NAME, place.width(), NAME)
    wide = metrics.horizontalAdvance(share) + 6 if share else 0.0
    if metrics.horizontalAdvance(name) + wide > above.width():
        share, wide = "", 0.0  # which picture it is matters more; the mouse reads shares off
    painter.setPen(ink("muted"))
    elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(above.width() - wide, 0.0))
    painter.drawText(above, LEFT, elided)
    painter.setPen(ink("text"))
    painter.drawText(above, RIGHT, share)


def _frame(painter: QPainter, place: QRectF, colour: str, width: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink("surface" if colour != "surface" else "text"), width + 1.8))
    painter.drawRect(place)
    painter.setPen(QPen(ink(colour), width))
    painter.drawRect(place)
