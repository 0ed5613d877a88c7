"""Asking for a tag: one that is there, or a new one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.wording import sentence
from sslcore.data.tags import EXCLUDED, LONGEST, TagError, tag_name

ROW = 26
MOST = 6
"""Known tags seen without scrolling."""


class TagDialog(QDialog):
    """A line to type in, and the known tags below it, fewer with every letter.

    Attributes:
        named: the tag that was asked for, when the dialog is accepted.

    Args:
        title: what it is for ("Tag 312 images").
        verb: on the button.
        known: tags and their numbers of images.
        text: what stands in the line at first.
    """

    named = Signal(str)

    def __init__(
        self,
        title: str,
        verb: str,
        known: Mapping[str, int],
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(340)
        self._known = dict(known)
        self._first = text
        self.line = QLineEdit(text)
        self.line.setAccessibleName("Tag")
        self.line.setPlaceholderText("A new tag, or one of those below")
        self.line.setMaxLength(2 * LONGEST)
        completer = QCompleter(list(known), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.line.setCompleter(completer)
        self.line.installEventFilter(self)
        self.error = label("", "danger", wrap=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Known tags")
        self.list.setVisible(bool(known))
        self.list.setFixedHeight(min(len(known), MOST) * ROW + 10)
        self.button = QPushButton(verb)
        self.button.setProperty("role", "primary")
        self.button.setDefault(True)
        self.button.setAccessibleName(verb)
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName("Cancel")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(label(title, "title"))
        column.addWidget(self.line)
        column.addWidget(self.error)
        column.addWidget(self.list)
        column.addStretch(1)
        column.addLayout(foot)
        self.line.textChanged.connect(self._check)
        self.list.itemClicked.connect(self._pick)
        self.list.itemActivated.connect(self._take)
        self.button.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._check(text)
        self.line.selectAll()

    @property
    def name(self) -> str:
        """The tag as it will be kept: a known one is spelled as it is known. "" if it cannot be."""
        try:
            name = tag_name(self.line.text())
        except TagError:
            return ""
        if name in self._known:
            return name
        alike = (one for one in self._known if one.casefold() == name.casefold())
        return next(alike, name)

    def accept(self) -> None:
        """Tell the tag, if it can be one."""
        if self.button.isEnabled():
            name = self.name
            super().accept()
            self.named.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from the line into the list."""
        if (
            watched is self.line
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
            and self.list.count()
        ):
            self.list.setFocus()
            self.list.setCurrentRow(0)
            return True
        return super().eventFilter(watched, event)

    def _check(self, text: str) -> None:
        """Say what is wrong with the words, and list the known tags that have them."""
        error = ""
        try:
            name = tag_name(text)
            if EXCLUDED in (name, self._first) and self._first and name != self._first:
                error = f"'{EXCLUDED}' is kept for images that are not trained on."
        except TagError as problem:
            name, error = "", sentence(problem) if text.strip() else ""
        self.error.setText(error)
        self.error.setVisible(bool(error))
        self.button.setEnabled(bool(name) and not error and name != self._first)
        wanted = "" if text == self._first else " ".join(text.split()).casefold()
        selected = self.line.selectedText().casefold()  # completed, not typed
        wanted = wanted.removesuffix(selected) if selected else wanted
        self.list.clear()
        for known, count in self._known.items():
            if wanted in known.casefold():
                item = QListWidgetItem(f" {known}  ·  {count:,}")
                item.setData(Qt.ItemDataRole.UserRole, known)
                item.setSizeHint(QSize(0, ROW))
                self.list.addItem(item)

    def _pick(self, item: QListWidgetItem) -> None:
        self.line.setText(str(item.data(Qt.ItemDataRole.UserRole)))
        self.line.setFocus()

    def _take(self, item: QListWidgetItem) -> None:
        self._pick(item)
        self.accept()
