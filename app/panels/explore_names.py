"""Names of classes in their colours, in rows like words of a text; a thousand cost little more.

Only what is seen is painted, so the list is a view on a model and not a widget per name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import theme
from app.panels.explore_flow import FlowList
from app.plots import colours
from app.plots.marks import draw, mark_of
from app.selection import SELECTING, mode_of

Index = QModelIndex | QPersistentModelIndex
NUMBER = Qt.ItemDataRole.UserRole
WIDEST = 180.0
HIGH = 22
HINT = "click to isolate, Ctrl+click to add or remove, S to select its images"


class NamesModel(QAbstractListModel):
    """Names with the numbers of their classes; some may be filtered out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[tuple[int, str]] = []
        self._listed: list[tuple[int, str]] = []

    def set_names(self, names: Sequence[tuple[int, str]]) -> None:
        """Others: (number, name) in order."""
        self.beginResetModel()
        self._all = self._listed = list(names)
        self.endResetModel()

    def filter(self, words: str) -> None:
        """List only names with these words in them."""
        wanted = words.casefold().split()
        self.beginResetModel()
        self._listed = [
            one for one in self._all if all(word in one[1].casefold() for word in wanted)
        ]
        self.endResetModel()

    @property
    def listed(self) -> list[tuple[int, str]]:
        """(number, name) of those that are listed."""
        return self._listed

    def rowCount(self, parent: Index | None = None) -> int:
        """Names listed."""
        return 0 if parent is not None and parent.isValid() else len(self._listed)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, number, hint, and what a screen reader says."""
        if not 0 <= index.row() < len(self._listed):
            return None
        number, name = self._listed[index.row()]
        return {
            Qt.ItemDataRole.DisplayRole: name,
            NUMBER: number,
            Qt.ItemDataRole.ToolTipRole: f"{name}: {HINT}",
            Qt.ItemDataRole.AccessibleTextRole: f"Isolate {name}",
        }.get(Qt.ItemDataRole(role))


class Painter(QStyledItemDelegate):
    """Paints a name behind its mark; faded while its class is greyed out on the map.

    Attributes:
        isolated: classes in colour, or None for all.
        marked: whether classes have marks of their own.
        tints: number of the colour of each class; empty where it is that of the class.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.isolated: frozenset[int] | None = None
        self.marked = False
        self.tints: tuple[int, ...] = ()
        self._widths: dict[str, float] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Mark and name."""
        del option
        name = str(index.data())
        if name not in self._widths:
            self._widths[name] = QFontMetricsF(theme.font(12)).horizontalAdvance(name)
        return QSize(int(min(self._widths[name], WIDEST)) + 30, HIGH)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Mark, name, focus."""
        tokens = theme.tokens()
        fields: Any = option  # which PySide's stubs leave out
        state: QStyle.StateFlag = fields.state
        place = QRectF(fields.rect)
        number = int(index.data(NUMBER))
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(tokens.accent if focused else tokens.raised), 1))
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        shown = self.isolated is None or number in self.isolated
        tint = colours.series_colour(self.tints[number] if self.tints else number)
        edge = QPen(QColor(tokens.outline or tokens.border), 1)
        painter.setPen(edge if colours.needs_outline(tint) else Qt.PenStyle.NoPen)
        painter.setBrush(tint if shown else QColor(tokens.border))
        mark = mark_of(number) if self.marked else "circle"
        middle = QPointF(place.left() + 10.5, place.center().y())
        draw(painter, mark, middle, 9 if self.marked else 8)
        painter.setPen(QColor(tokens.text if shown else tokens.muted))
        painter.setFont(theme.font(12))
        words = QFontMetricsF(painter.font()).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, place.width() - 24
        )
        painter.drawText(place.adjusted(20, 0, -4, 0), int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.restore()


class Names(FlowList):
    """The list; arrows walk in it.

    Attributes:
        isolate_asked: (number, whether to add or remove it instead of isolating it alone).
        select_asked: (number, mode of the selection) of the class whose images are wanted.
    """

    isolate_asked = Signal(int, bool)
    select_asked = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Classes on the map", parent)
        self.names = NamesModel(self)
        self.painter = Painter(self)
        self._pressed = QPersistentModelIndex()
        self.setModel(self.names)
        self.setItemDelegate(self.painter)
        self.verticalScrollBar().setSingleStep(HIGH)

    def show_state(self, isolated: frozenset[int] | None, *, marked: bool) -> None:
        """Which classes are in colour, and whether they have marks."""
        self.painter.isolated, self.painter.marked = isolated, marked
        self.viewport().update()

    def height_wanted(self) -> int:
        """Height of all rows at the width it has."""
        last = self.names.index(self.names.rowCount() - 1)
        if not last.isValid():
            return HIGH
        return self.visualRect(last).bottom() + 1 + self.verticalScrollBar().value()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what was pressed; the keyboard stays where it is."""
        self._pressed = QPersistentModelIndex(self.indexAt(event.position().toPoint()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click isolates a class, with Ctrl it adds or removes it."""
        index = self.indexAt(event.position().toPoint())
        same = index.isValid() and self._pressed == QPersistentModelIndex(index)
        if same and event.button() == Qt.MouseButton.LeftButton:
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.isolate_asked.emit(int(index.data(NUMBER)), control)
        self._pressed = QPersistentModelIndex()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space isolate, with Ctrl they add or remove; S selects the images."""
        index, key = self.currentIndex(), event.key()
        number = int(index.data(NUMBER)) if index.isValid() else -1
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if number >= 0:
                control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
                self.isolate_asked.emit(number, control)
        elif key == Qt.Key.Key_S:
            if number >= 0:
                self.select_asked.emit(number, mode_of(event.modifiers()))
        elif event.text().isprintable() and event.text():
            event.ignore()  # letters are for the tools of the map
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a class."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if not index.isValid():
            return
        where = self.visualRect(index).bottomLeft() if keyboard else event.pos()
        menu = self.menu(index)
        menu.popup(self.viewport().mapToGlobal(where))
        event.accept()

    def menu(self, index: Index) -> QMenu:
        """The context menu of a class."""
        number = int(index.data(NUMBER))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, plus in (("Isolate", False), ("Show or grey out", True)):
            menu.addAction(words).triggered.connect(
                lambda _=False, plus=plus: self.isolate_asked.emit(number, plus)
            )
        menu.addSeparator()
        for words, mode in SELECTING:
            menu.addAction(words).triggered.connect(
                lambda _=False, mode=mode: self.select_asked.emit(number, mode)
            )
        return menu
