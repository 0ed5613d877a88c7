"""The pinned image and its nearest neighbours in feature space, as a grid that can be walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import Card, label
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_pictures import Pictures, framed
from app.panels.explore_tile import WORDS, Tile

COLUMNS = 3
SIDE = 96
GAP = 8
LARGEST = 112


@dataclass(frozen=True)
class Neighbour:
    """One image near the pinned one.

    Attributes:
        row: catalogue row.
        cosine: similarity of the features, -1 to 1.
        path, label: of the image; label is "" without a class.
    """

    row: int
    cosine: float
    path: str
    label: str

    @property
    def words(self) -> str:
        """``0.97 horse``."""
        return f"{self.cosine:.2f} {self.label}".replace("-", "−").strip()


class NeighboursColumn(QWidget):
    """Two cards: what is pinned, and what lies nearest to it.

    Attributes:
        chosen: catalogue row of a clicked neighbour.
        unpinned: the pin was taken away.
        any_asked: any image is to be pinned.

    Args:
        pictures: where thumbnails come from.
    """

    chosen = Signal(int)
    unpinned = Signal()
    any_asked = Signal()

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._row = -1
        self._near: tuple[Neighbour, ...] = ()
        self.buttons: list[Tile] = []
        self.pin = Card("Chosen image")
        self.clear = QToolButton()
        self.clear.setText("Clear")
        self.clear.setAccessibleName("Clear the chosen image")
        self.clear.clicked.connect(self.unpinned)
        self.pin.add_action(self.clear)
        self.picture: QLabel = label("")
        self.path = Elided("", "")
        self.path.setFont(theme.font(13, bold=True))
        self.facts = label("", "muted", wrap=True)
        self.hint = Empty(
            "No image chosen",
            "Hover a point to see its image. Click it to pin it here with its nearest neighbours.",
        )
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.path)
        words.addWidget(self.facts)
        words.addStretch(1)
        row.addLayout(words, 1)
        self.pin.body.addLayout(row)
        self.pin.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.near = Card("Nearest in feature space")
        self.near.add_action(label("cosine", "caption"))
        self.any = QPushButton("Pin any image")
        self.any.setAccessibleName("Pin any image")
        self.any.setToolTip("Pin an image drawn by lot: a way in without the mouse")
        self.any.clicked.connect(self.any_asked)
        self.hint.add_action(self.any)
        self.near.body.addWidget(self._grid_area(), 1)
        self.near.body.addWidget(self.hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.pin)
        column.addWidget(self.near, 1)
        pictures.arrived.connect(self._draw)
        theme.current().changed.connect(self._draw)
        self.show_nothing()

    def _grid_area(self) -> QWidget:
        self._area = QWidget()
        self._area.setMinimumHeight(120)
        self._grid = QGridLayout(self._area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._area.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._area.installEventFilter(self)
        return self._area

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tiles follow the room there is for them."""
        if watched is self._area and event.type() == QEvent.Type.Resize:
            self._size()
        return super().eventFilter(watched, event)

    def show_nothing(self) -> None:
        """Nothing is pinned."""
        self._row, self._near = -1, ()
        self.pin.hide()
        self._area.hide()
        self.hint.show()
        self._renew()

    def show_pinned(self, row: int, path: str, facts: str) -> None:
        """Another image was pinned; its neighbours are being looked for."""
        if row != self._row:
            self._near = ()
            self._renew()
        self._row = row
        self.path.say(path)
        self.facts.setText(facts)
        self.hint.hide()
        self.pin.show()
        self._area.show()
        self._pictures.ask([row], "pinned")
        self._draw()

    def show_neighbours(self, near: Sequence[Neighbour], facts: str) -> None:
        """The neighbours of the pinned image, nearest first."""
        self.facts.setText(facts)
        if tuple(near) != self._near:
            self._near = tuple(near)
            self._renew()
        self._pictures.ask([one.row for one in near], "neighbours")
        self._draw()

    def _renew(self) -> None:
        while len(self.buttons) > len(self._near):
            button = self.buttons.pop()
            self._grid.removeWidget(button)
            button.deleteLater()
        while len(self.buttons) < len(self._near):
            number = len(self.buttons)
            button = Tile()
            button.clicked.connect(lambda _=False, n=number: self.chosen.emit(self._near[n].row))
            self._grid.addWidget(button, number // COLUMNS, number % COLUMNS)
            self.buttons.append(button)
        for button, one in zip(self.buttons, self._near, strict=True):
            button.setToolTip(f"{one.path}: cosine {one.cosine:.3f}")
            button.setAccessibleName(f"{one.path}, {one.words}")
            button.setText(one.words)
        self._size()

    def _draw(self) -> None:
        ratio, ground = self.devicePixelRatioF(), theme.tokens().raised
        if self._row >= 0:
            picture = self._pictures.get(self._row)
            self.picture.setPixmap(framed(picture, SIDE, ground, ratio))
        for button, one in zip(self.buttons, self._near, strict=True):
            button.set_picture(self._pictures.get(one.row))

    def _size(self) -> None:
        """Three tiles side by side, as many rows as the height holds; the rest is left out."""
        wide, high = self._area.width(), self._area.height()
        side = min(max((wide - (COLUMNS - 1) * GAP) // COLUMNS, 40), LARGEST)
        rows = max((high + GAP) // (side + WORDS + GAP), 1)
        smaller = (high + GAP) // (rows + 1) - WORDS - GAP
        if smaller >= 0.86 * side:
            side, rows = smaller, rows + 1
        self._grid.setHorizontalSpacing(max((wide - COLUMNS * side) // (COLUMNS - 1), GAP))
        for number, button in enumerate(self.buttons):
            button.set_side(side)
            button.setVisible(number < rows * COLUMNS)
