"""A row of small pictures with a number under each: as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.plots.canvas import Canvas, ink

GAP = 6
CAPTION = 15
SIDE = 46
MIDDLE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)

Modifiers = Qt.KeyboardModifier


@dataclass(frozen=True)
class Thumbnail:
    """One picture.

    Attributes:
        row: catalogue row.
        caption: written under it.
        name: what a tooltip and a screen reader call it.
    """

    row: int
    caption: str
    name: str


class PictureStrip(Canvas):
    """Pictures side by side; arrow keys walk over them, Enter clicks.

    Signals:
        clicked(int, object): catalogue row, and the keys held down.

    Args:
        title: what the pictures are, for screen readers.
        picture: the picture of a catalogue row, None until it is there.
        hint: what a click does, for tooltips.
    """

    clicked = Signal(int, object)

    def __init__(
        self,
        title: str,
        picture: Callable[[int], QPixmap | None],
        parent: QWidget | None = None,
        *,
        hint: str = "",
    ) -> None:
        super().__init__(title, parent)
        self._picture, self._hint = picture, hint
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._chosen: frozenset[int] = frozenset()
        self._at: int | None = None
        self.set_empty_text("Looking for images")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(SIDE)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(7 * (SIDE + GAP), SIDE + CAPTION + 2)

    def show_thumbnails(self, thumbnails: Sequence[Thumbnail]) -> None:
        """Show other pictures, the first at the left."""
        if tuple(thumbnails) != self._thumbnails:
            self._set_at(None)
            self._thumbnails = tuple(thumbnails)
            self.setAccessibleDescription(", ".join(one.name for one in thumbnails))
            self.invalidate()

    def set_chosen(self, rows: frozenset[int]) -> None:
        """Frame the pictures of these catalogue rows."""
        if rows != self._chosen:
            self._chosen = rows
            self.invalidate()

    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return not self._thumbnails

    @property
    def visible_rows(self) -> list[int]:
        """Catalogue rows there is room for, from the left."""
        room = max((self.width() + GAP) // (SIDE + GAP), 1)
        return [one.row for one in self._thumbnails[:room]]

    def place(self, number: int) -> QRectF:
        """Where a picture stands, its caption left out; the row is spread over the width."""
        room = max((self.width() + GAP) // (SIDE + GAP), 1)
        step = (self.width() - SIDE) / (room - 1) if room > 1 else 0.0
        if len(self._thumbnails) < room:
            step = SIDE + GAP
        return QRectF(round(number * step), 1, SIDE, SIDE)

    def paint_still(self, painter: QPainter) -> None:
        """Pictures and captions."""
        if self.is_empty():
            self.paint_empty(painter, QRectF(self.rect()))
            return
        painter.setFont(theme.font(11))
        metrics = QFontMetricsF(painter.font())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, one in enumerate(self._thumbnails[: len(self.visible_rows)]):
            place = self.place(number)
            picture = self._picture(one.row)
            if picture is None:
                painter.fillRect(place, ink("raised"))
            else:
                painter.drawPixmap(place, picture, _middle(picture))
            if one.row in self._chosen:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(ink("surface"), 4.0))
                painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 3, 3)
                painter.setPen(QPen(ink("accent"), 2.0))
                painter.drawRoundedRect(place, 3, 3)
            painter.setPen(ink("muted"))
            words = metrics.elidedText(one.caption, Qt.TextElideMode.ElideRight, SIDE + GAP)
            below = QRectF(place.left() - GAP / 2, place.bottom() + 1, SIDE + GAP, CAPTION)
            painter.drawText(below, MIDDLE, words)

    def paint_live(self, painter: QPainter) -> None:
        """The picture under the mouse or the keyboard."""
        if self._at is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink("text"), 1.6))
            painter.drawRoundedRect(self.place(self._at).adjusted(1, 1, -1, -1), 3, 3)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the picture under the mouse."""
        self._set_at(self._under(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """No picture is meant."""
        self._set_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        self._set_at(self._under(event.position()))
        if event.button() == Qt.MouseButton.LeftButton:
            self._click(event.modifiers())
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk, Home and End jump, Enter chooses."""
        last = len(self.visible_rows) - 1
        here = self._at
        steps = {
            Qt.Key.Key_Left: 0 if here is None else max(here - 1, 0),
            Qt.Key.Key_Right: 0 if here is None else min(here + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in steps and last >= 0:
            self._set_at(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._click(event.modifiers() & ~Modifiers.KeypadModifier)
        else:
            super().keyPressEvent(event)

    def _click(self, modifiers: Modifiers) -> None:
        if self._at is not None:
            self.clicked.emit(self._thumbnails[self._at].row, modifiers)

    def _under(self, point: QPointF) -> int | None:
        numbers = range(len(self.visible_rows))
        return next((one for one in numbers if self.place(one).contains(point)), None)

    def _set_at(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            words = "" if at is None else f"{self._thumbnails[at].name}\n{self._hint}".strip()
            self.setToolTip(words)
            self.update()


def _middle(picture: QPixmap) -> QRectF:
    """The largest square in the middle of a picture: it is cut, not squeezed."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
