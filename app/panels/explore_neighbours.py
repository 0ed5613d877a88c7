"""What is looked at and its nearest neighbours in feature space, as a grid that can be walked."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFontMetrics,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import PADDING, Card, label, tell
from app.forms.number import WholeBox
from app.gallery_files import OWN
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.tile import Tile
from app.panels.tiles import Entry, Tiles
from app.pictures import Pictures, framed
from app.selection import CLICKS, Selection, click_mode
from app.wording import count as counted

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

SIDE = 96
FEWEST, FIRST, MOST = 3, 12, 96
"""Neighbours that can be asked for."""
HINT = (
    "No image pinned",
    "Hover a point to see its image. Click it to pin it here with its nearest neighbours, or drop "
    "an image file of your own here. To choose many, draw around them with the lasso (L).",
)


@dataclass(frozen=True)
class Neighbour:
    """One image near to what is looked at.

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
    """Two cards: what is looked at, and what lies nearest to it.

    A click on a neighbour looks at that one; with Shift or Ctrl held it changes the selection.

    Attributes:
        chosen: catalogue row of a clicked neighbour.
        unpinned: what is looked at was taken away.
        any_asked: any image is to be pinned.
        count_changed: how many neighbours are wanted.
        file_asked: path of an image file of the person's own.
        menu_asked: (catalogue row, global place) where a menu is wanted.
        choosing: whether the selection is being changed from here at this moment.

    Args:
        pictures: where thumbnails come from.
        selection: the chosen images; one of its own without.
    """

    chosen = Signal(int)
    unpinned = Signal()
    any_asked = Signal()
    count_changed = Signal(int)
    file_asked = Signal(object)
    menu_asked = Signal(int, QPoint)

    def __init__(
        self,
        pictures: Pictures,
        selection: Selection | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._selection = Selection(self) if selection is None else selection
        self._row = -1
        self._own: QPixmap | None = None
        self._titles: tuple[str, ...] = ()
        self._folder = ""
        self.choosing = False
        self.setAcceptDrops(True)
        self.pin = self._pin_card()
        self.near = self._near_card()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.pin)
        column.addWidget(self.near, 1)
        pictures.arrived.connect(self._draw)
        theme.current().changed.connect(self._draw)
        self.show_nothing()

    @property
    def buttons(self) -> list[Tile]:
        """Tiles of the neighbours, nearest first."""
        return self.tiles.buttons

    def _pin_card(self) -> Card:
        card = Card("Pinned image")
        self.clear = QToolButton()
        self.clear.setText("Clear")
        self.clear.setAccessibleName("Clear the chosen image")
        self.clear.clicked.connect(self.unpinned)
        card.add_action(self.clear)
        self.picture: QLabel = label("")
        self.path = Elided("", "")
        self.path.setFont(theme.font(13, bold=True))
        self.facts = label("", "muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.path)
        words.addWidget(self.facts)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return card

    def _near_card(self) -> Card:
        card = Card("Nearest in feature space")
        self._unit = label("cosine", "caption")
        card.add_action(self._unit)
        self.hint = Empty(*HINT)
        self.any = QPushButton("Pin any image")
        self.any.setAccessibleName("Pin any image")
        self.any.setToolTip("Pin an image drawn by lot: a way in without the mouse")
        self.any.clicked.connect(self.any_asked)
        self.hint.add_action(self.any)
        self.note = label("", "muted", wrap=True)
        self.tiles = Tiles(self._pictures, "neighbours", self._selection)
        self.tiles.clicked.connect(self._click)
        self.tiles.menu_asked.connect(self.menu_asked)
        self.many = WholeBox()
        self.many.setRange(FEWEST, MOST)
        self.many.setSingleStep(3)
        self.many.setValue(FIRST)
        self.many.setPrefix("show ")
        self.many.setKeyboardTracking(False)
        self.many.setAccessibleName("How many neighbours are shown")
        self.many.setToolTip("How many neighbours are shown; Up and Down change it by three")
        self.many.valueChanged.connect(self.count_changed)
        self.another = QPushButton("Another file…")
        self.another.setAccessibleName("Another file")
        self.another.setToolTip(
            "Look for the neighbours of an image file of your own; it can be dropped here, too"
        )
        self.another.clicked.connect(self._browse)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.many)
        foot.addStretch(1)
        foot.addWidget(self.another)
        for widget, stretch in ((self.note, 0), (self.tiles, 1), (self.hint, 1)):
            card.body.addWidget(widget, stretch)
        card.body.addLayout(foot)
        return card

    # What is looked at ------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """Nothing is looked at."""
        self._look(-1, None, ("Nearest in feature space",))
        self._lay([])
        self.pin.hide()
        self.tiles.hide()
        self.hint.show()

    def show_pinned(self, row: int, path: str, facts: str) -> None:
        """Another image was pinned; its neighbours are being looked for."""
        if row != self._row:
            self._lay([])
        self._look(row, None, ("Nearest in feature space",))
        self.pin.set_title("Pinned image")
        self.path.say(path)
        self.facts.setText(facts)
        self.pin.show()
        self._pictures.ask([row], "pinned")
        self._draw()

    def show_mean(self, count: int) -> None:
        """Several images are chosen; the neighbours of their mean are being looked for."""
        words = f"Nearest to the mean of {count:,}"
        things = counted(count, "chosen image").partition(" ")[2]
        self._look(-1, None, (f"{words} {things}", f"{words} images", words))
        self.pin.hide()

    def show_outside(self, picture: QPixmap | None, name: str, facts: str) -> None:
        """A file of the person's own is looked at; its picture is None until it is read."""
        self._look(-1, picture, ("Nearest in feature space",))
        self._lay([])
        self.pin.set_title("A file of your own")
        self.path.say(name)
        self.facts.setText(facts)
        self.pin.show()
        self._draw()

    def show_neighbours(self, near: Sequence[Neighbour], facts: str) -> None:
        """The neighbours of what is looked at, nearest first."""
        self.facts.setText(facts)
        self._lay(near)
        self.note.hide()

    def say(self, words: str, role: str = "muted") -> None:
        """A sentence above the neighbours: what is being done, or why it could not be."""
        tell(self.note, words, role)

    def _look(self, row: int, own: QPixmap | None, titles: tuple[str, ...]) -> None:
        self._row, self._own, self._titles = row, own, titles
        self.note.hide()
        self.hint.hide()
        self.tiles.show()
        self._entitle()

    def _lay(self, near: Sequence[Neighbour]) -> None:
        self.tiles.show_entries(
            [
                Entry(one.row, one.words, f"{one.path}: cosine {one.cosine:.3f}\n{CLICKS}")
                for one in near
            ]
        )

    def _draw(self) -> None:
        picture = self._own if self._row < 0 else self._pictures.get(self._row)
        ratio, ground = self.devicePixelRatioF(), theme.tokens().raised
        self.picture.setPixmap(framed(picture, SIDE, ground, ratio))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The title takes the words there is room for."""
        super().resizeEvent(event)
        self._entitle()

    def _entitle(self) -> None:
        measure = QFontMetrics(theme.font(12, bold=True))
        room = self.width() - 2 * PADDING - self._unit.sizeHint().width() - 16
        fitting = (one for one in self._titles if measure.horizontalAdvance(one) <= room)
        self.near.set_title(next(fitting, self._titles[-1]))
        self.near.setAccessibleName(self._titles[0])

    # What is done -----------------------------------------------------------------------------

    def _click(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        mode = click_mode(modifiers)
        if mode == "replace":
            self.chosen.emit(row)
            return
        self.choosing = True
        try:
            self._selection.choose([row], mode)
        finally:
            self.choosing = False

    def _browse(self) -> None:
        suffixes = importlib.import_module("sslcore.data.image_file").SUFFIXES
        names = " ".join(f"*{one}" for one in sorted(suffixes))
        path, _ = QFileDialog.getOpenFileName(
            self, "An image of your own", self._folder, f"Images ({names});;All files (*)"
        )
        if path:
            self._folder = str(Path(path).parent)
            self.file_asked.emit(Path(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file may be dropped; folders, CSV and several files are for the window."""
        if _dropped(event.mimeData()) is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._invite(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went on."""
        super().dragLeaveEvent(event)
        self._invite(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Look for the neighbours of the dropped file."""
        self._invite(False)
        path = _dropped(event.mimeData())
        if path is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.file_asked.emit(path)

    def _invite(self, invited: bool) -> None:
        """Whether the card shows that a file may be dropped."""
        self.near.setProperty("target", invited)
        self.near.style().polish(self.near)


def _dropped(data: QMimeData) -> Path | None:
    """The one file that is dragged from elsewhere, or None; one that is no image is told why."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile() or data.hasFormat(OWN):
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.is_file() and path.suffix.lower() != ".csv" else None
