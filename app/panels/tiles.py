"""Tiles of images that scroll: one stop for Tab, arrow keys walk from tile to tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app import theme
from app.panels.tile import WORDS, Tile
from app.pictures import Pictures

if TYPE_CHECKING:
    from app.selection import Selection

GAP = 8
SMALLEST = 60
"""Side of a picture in pixels; rather than smaller ones there are fewer side by side."""
SCROLL = 12
"""Kept free at the right for the scroll bar."""


@dataclass(frozen=True)
class Entry:
    """One image.

    Attributes:
        row: catalogue row.
        words: under the picture.
        name: what a tooltip and a screen reader call it.
    """

    row: int
    words: str
    name: str


class Tiles(QScrollArea):
    """Tiles side by side, that know what is chosen.

    Attributes:
        clicked: (catalogue row, keys held down) of a tile.
        menu_asked: (catalogue row, global place) where a menu is wanted.
        buttons: the tiles, in order.

    Args:
        pictures: where thumbnails come from.
        purpose: of the requests for them.
        selection: chosen images are marked.
        columns: tiles side by side at most.
    """

    clicked = Signal(int, object)
    menu_asked = Signal(int, QPoint)

    def __init__(
        self,
        pictures: Pictures,
        purpose: str,
        selection: Selection,
        columns: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures, self._purpose, self._selection = pictures, purpose, selection
        self._columns = columns
        self._entries: tuple[Entry, ...] = ()
        self.buttons: list[Tile] = []
        self._ground = QWidget()
        self._ground.setProperty("role", "scrolled")
        self.setWidget(self._ground)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(120)
        pictures.arrived.connect(self._draw)
        selection.changed.connect(self._mark)
        theme.current().changed.connect(self._draw)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show other images; the same ones stay as they are, scrolled and focused."""
        if tuple(entries) == self._entries:
            return
        before = [entry.row for entry in self._entries]
        self._entries = tuple(entries)
        rows = [entry.row for entry in self._entries]
        self._renew()
        if rows[: len(before)] != before:
            self.verticalScrollBar().setValue(0)
        self._pictures.ask(rows, self._purpose)
        self._draw()
        self._mark()

    def _renew(self) -> None:
        """As many tiles as there are images."""
        while len(self.buttons) > len(self._entries):
            button = self.buttons.pop()
            button.hide()
            button.deleteLater()
        while len(self.buttons) < len(self._entries):
            self.buttons.append(self._made(len(self.buttons)))
        for button, entry in zip(self.buttons, self._entries, strict=True):
            button.setText(entry.words)
            button.setToolTip(entry.name)
            button.setAccessibleName(entry.name)
            button.show()
        self._stop_at(next((n for n, one in enumerate(self.buttons) if one.hasFocus()), 0))
        self._place()

    def _made(self, number: int) -> Tile:
        button = Tile(self._ground)
        button.clicked.connect(partial(self._click, number))
        button.menu_asked.connect(partial(self._ask_menu, number))
        button.installEventFilter(self)
        return button

    def _click(self, number: int, _: bool = False) -> None:
        self.clicked.emit(self._entries[number].row, self.buttons[number].modifiers_held)

    def _ask_menu(self, number: int, place: QPoint) -> None:
        self.menu_asked.emit(self._entries[number].row, place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys, Home and End walk; where the focus is, Tab comes back to."""
        if isinstance(watched, Tile) and watched in self.buttons:
            number = self.buttons.index(watched)
            if event.type() == QEvent.Type.FocusIn:
                self._stop_at(number)
                self.ensureWidgetVisible(watched, 0, GAP)
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                wanted = self._walked(number, Qt.Key(event.key()))
                if wanted is not None:
                    self.buttons[wanted].setFocus(Qt.FocusReason.OtherFocusReason)
                    return True
        return super().eventFilter(watched, event)

    def _walked(self, number: int, key: Qt.Key) -> int | None:
        """Where a key leads from a tile, or None if it does not walk."""
        last, columns = len(self.buttons) - 1, self._across()
        steps = {
            Qt.Key.Key_Left: max(number - 1, 0),
            Qt.Key.Key_Right: min(number + 1, last),
            Qt.Key.Key_Up: number - columns if number >= columns else number,
            # Into the last row, though it may be shorter.
            Qt.Key.Key_Down: min(number + columns, last)
            if number // columns < last // columns
            else number,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        return steps.get(key)

    def _stop_at(self, number: int) -> None:
        """Only one tile is a stop for Tab."""
        for n, button in enumerate(self.buttons):
            policy = Qt.FocusPolicy.StrongFocus if n == number else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    def _draw(self) -> None:
        for button, entry in zip(self.buttons, self._entries, strict=True):
            button.set_picture(self._pictures.get(entry.row))

    def _mark(self) -> None:
        for button, entry in zip(self.buttons, self._entries, strict=True):
            button.set_chosen(entry.row in self._selection)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tiles fill the width."""
        super().resizeEvent(event)
        self._place()

    def _across(self) -> int:
        """Tiles side by side."""
        return max(min(self._columns, (self.width() - SCROLL + GAP) // (SMALLEST + GAP)), 1)

    def _place(self) -> None:
        columns = self._across()
        side = max((self.width() - SCROLL - (columns - 1) * GAP) // columns, 32)
        down = side + WORDS + 4
        for number, button in enumerate(self.buttons):
            row, column = divmod(number, columns)
            button.set_side(side)
            button.move(column * (side + GAP), row * down)
        self._ground.resize(self.width(), -(-len(self.buttons) // columns) * down)
