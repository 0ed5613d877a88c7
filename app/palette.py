"""The command palette: type a few letters, Enter runs the command."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.commands import Commands

WIDTH = 560
ROWS = 11
ROW_HEIGHT = 30


class Palette(QFrame):
    """A list of commands over the window, narrowed by typing; closes on Esc or a click outside."""

    closed = Signal()

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        self._window = parent
        self._before: QWidget | None = None
        self.setProperty("role", "popover")
        self.setAccessibleName("Command palette")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search or run a command")
        self.line.setAccessibleName("Search commands")
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QTreeWidget(self)
        self.list.setProperty("role", "bare")
        self.list.setAccessibleName("Commands found")
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.header().setStretchLastSection(False)
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 110))
        self.setGraphicsEffect(shadow)
        self.hide()

    def open(self) -> None:
        """Show it with an empty line, in the upper middle of the window."""
        self._before = QApplication.focusWidget()
        self.line.clear()
        self._fill("")
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus()

    def close_palette(self) -> None:
        """Hide it and give the focus back to the window."""
        if self.isVisible():
            self.hide()
            if self._before is not None and self._before.isVisible():
                self._before.setFocus()
            else:
                self._window.setFocus()
            self.closed.emit()

    def titles(self) -> list[str]:
        """What is listed now."""
        items = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item.text(0) for item in items if item is not None]

    def _place(self) -> None:
        parent = self._window
        width = min(WIDTH, parent.width() - 48)
        rows = max(min(self.list.topLevelItemCount(), ROWS), 1)
        height = 12 + self.line.sizeHint().height() + 8 + rows * ROW_HEIGHT + 6 + 12
        self.setGeometry((parent.width() - width) // 2, 56, width, height)
        room = width - 24 - self.list.verticalScrollBar().sizeHint().width()
        self.list.setColumnWidth(0, room - 120)
        self.list.setColumnWidth(1, 120)

    def _fill(self, words: str) -> None:
        self.list.clear()
        faded = QColor(theme.mixed(theme.tokens().muted, theme.tokens().surface, 0.35))
        muted = QColor(theme.tokens().muted)
        for command in self._commands.find(words):
            item = QTreeWidgetItem([command.words, command.keys])
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setSizeHint(0, QSize(0, ROW_HEIGHT))
            item.setForeground(1, muted)
            if not command.enabled():
                item.setForeground(0, faded)
            self.list.addTopLevelItem(item)
        self._choose(0)
        if self.isVisible():
            self._place()

    def _chosen(self) -> int:
        item = self.list.currentItem()
        return -1 if item is None else self.list.indexOfTopLevelItem(item)

    def _choose(self, row: int) -> None:
        item = self.list.topLevelItem(row % max(self.list.topLevelItemCount(), 1))
        if item is not None:
            self.list.setCurrentItem(item)

    def _run(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        name = str(item.data(0, Qt.ItemDataRole.UserRole))
        if self._commands.action(name).isEnabled():
            self.close_palette()
            self._commands.run(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move in the list, Enter runs, Esc and a lost focus close."""
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            self.close_palette()
        if watched is not self.line or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._choose(self._chosen() + (1 if key == Qt.Key.Key_Down else -1))
        else:
            return super().eventFilter(watched, event)
        return True
