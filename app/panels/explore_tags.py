"""Tags as chips with their counts: a click selects the images, a cross takes the tag from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QMenu,
    QWidget,
)

from app import theme
from app.panels.explore_chip import CHIP, CROSS, GAP, HIGH, Chip, ChipModel, ChipPainter
from app.panels.explore_flow import FlowList
from app.plots import colours
from app.selection import Mode, mode_of
from app.wording import count
from sslcore.data.tags import EXCLUDED

ROWS = 3
"""Rows of chips that are seen without scrolling."""


class TagChips(FlowList):
    """The chips; arrows walk among them, Enter selects, Delete takes the tag away, F2 renames.

    Attributes:
        select_asked: (name, mode of the selection): its images are wanted.
        untag_asked: name of the tag that the chosen images are to lose.
        rename_asked, delete_asked, spread_asked: name of a tag.
        few_labels_asked: name of a tag that is to enter or leave the few-label set.
        recolour_asked: name of a tag, and the number of its new colour or None.
        can_spread: whether images near to tagged ones can be found now.
    """

    select_asked = Signal(str, str)
    untag_asked = Signal(str)
    rename_asked = Signal(str)
    delete_asked = Signal(str)
    spread_asked = Signal(str)
    few_labels_asked = Signal(str)
    recolour_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tags", parent)
        self.can_spread = False
        self._chips = ChipModel(self)
        self._pressed = QPersistentModelIndex()
        self.setModel(self._chips)
        self.setItemDelegate(ChipPainter(self))

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What is shown."""
        return self._chips.chips

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these tags."""
        self._chips.show(chips)
        self.setVisible(bool(chips))
        self._fit()

    def place(self, name: str) -> QRectF:
        """Where a tag is painted in the viewport; empty for one that is not there."""
        row = next((n for n, chip in enumerate(self.chips) if chip.name == name), -1)
        return QRectF(self.visualRect(self._chips.index(row)))

    def cross(self, name: str) -> QRectF:
        """Where a click takes the tag from the chosen images."""
        place = self.place(name)
        return QRectF(place.right() - GAP - CROSS, place.top(), CROSS, place.height())

    def resizeEvent(self, event: Any) -> None:
        """As many rows as the width makes, up to a few."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        last = self._chips.index(self._chips.rowCount() - 1)
        if last.isValid():
            down = self.visualRect(last).bottom() + 1 + self.verticalScrollBar().value()
            all_seen = down <= ROWS * HIGH
            self.setVerticalScrollBarPolicy(
                Qt.ScrollBarPolicy.ScrollBarAlwaysOff
                if all_seen
                else Qt.ScrollBarPolicy.ScrollBarAlwaysOn
            )
            self.setFixedHeight(max(down, HIGH) if all_seen else ROWS * HIGH)

    # --- events -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what was pressed."""
        self._pressed = QPersistentModelIndex(self.indexAt(event.position().toPoint()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select the images, or take the tag from the chosen ones."""
        index = self.indexAt(event.position().toPoint())
        same = index.isValid() and self._pressed == QPersistentModelIndex(index)
        self._pressed = QPersistentModelIndex()
        if not same or event.button() != Qt.MouseButton.LeftButton:
            return
        chip: Chip = index.data(CHIP)
        if chip.here and self.cross(chip.name).contains(event.position()):
            self.untag_asked.emit(chip.name)
        else:
            self.select_asked.emit(chip.name, mode_of(event.modifiers()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space select, Delete takes away, F2 renames."""
        chip: Chip | None = self.currentIndex().data(CHIP)
        key = event.key()
        if chip is None or key not in (
            Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Delete,
            Qt.Key.Key_Backspace, Qt.Key.Key_F2,
        ):  # fmt: skip
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_F2:
            self.rename_asked.emit(chip.name)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.untag_asked.emit(chip.name)
        else:
            self.select_asked.emit(chip.name, mode_of(event.modifiers()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a tag."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if index.isValid():
            where = self.visualRect(index).bottomLeft() if keyboard else event.pos()
            self.menu(index.data(CHIP)).popup(self.viewport().mapToGlobal(where))
            event.accept()

    def menu(self, chip: Chip) -> QMenu:
        """The context menu of a tag."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(f"What to do with the tag {chip.name}")

        def add(words: str, signal: Any, *arguments: str) -> None:
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False: signal.emit(chip.name, *arguments))

        modes: tuple[tuple[str, Mode], ...] = (
            ("Select its images", "replace"),
            ("Add its images to the selection", "add"),
            ("Take its images from the selection", "subtract"),
        )
        for words, mode in modes:
            add(words, self.select_asked, mode)
        menu.addSeparator()
        if chip.here:
            add(f"Remove from {count(chip.here, 'chosen image')}\tDel", self.untag_asked)
        if self.can_spread and chip.name != EXCLUDED:
            add("Spread to near images…", self.spread_asked)
        if chip.name != EXCLUDED:
            words = "Take from the few-label set" if chip.few_labels else "Use as few-label set"
            add(words, self.few_labels_asked)
        menu.addSeparator()
        menu.addMenu(self._colours(chip, menu))
        if chip.name == EXCLUDED:
            add("Include all again", self.delete_asked)
        else:
            add("Rename…\tF2", self.rename_asked)
            add("Delete tag", self.delete_asked)
        return menu

    def _colours(self, chip: Chip, parent: QMenu) -> QMenu:
        """The colours a tag can have."""
        menu = QMenu("Colour", parent)
        menu.setAccessibleName(f"Colour of the tag {chip.name}")

        def add(words: str, colour: int | None) -> QAction:
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False: self.recolour_asked.emit(chip.name, colour))
            return action

        for number, words in enumerate(colours.SERIES):
            action = add(words, number)
            now = number == chip.number
            action.setIcon(swatch(colours.series_colour(number), ringed=now))
            action.setCheckable(True)  # for screen readers; the ring is what is seen
            action.setChecked(now)
        menu.addSeparator()
        add("By its place", None)
        return menu


def swatch(tint: QColor, *, ringed: bool) -> QIcon:
    """A disc of a colour, with a rim where it is hard to see, and a ring where it is in use."""
    picture = QPixmap(32, 32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tokens = theme.tokens()
    rim = QPen(QColor(tokens.outline or tokens.border), 2)
    painter.setPen(rim if colours.needs_outline(tint) else Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawEllipse(7, 7, 18, 18)
    if ringed:
        painter.setPen(QPen(QColor(tokens.text), 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(2, 2, 28, 28)
    painter.end()
    return QIcon(picture)
