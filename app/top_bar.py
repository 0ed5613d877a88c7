"""The top bar: what is open (folder, method, backbone), running jobs, and the command search."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app import theme
from app.card import label
from app.commands import Commands
from app.icon import icon
from app.wording import count, spoken
from app.workspace import Workspace

SEARCH = ("Search or run a command    Ctrl+K", "Search    Ctrl+K")
WIDE = 1200
"""Pixels from which on there is room for all words."""


class TaskStrip(QWidget):
    """The oldest running job: its title, its progress, a button that cancels it."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words: QLabel = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(110)
        self.bar.setAccessibleName("Progress of the running job")
        self.button = QToolButton()
        self.button.setProperty("role", "quiet")
        self.button.setAccessibleName("Cancel the running job")
        self.button.setToolTip("Cancel (Esc)")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.words, self.bar, self.button):
            layout.addWidget(widget)
        workspace.tasks.changed.connect(self.refresh)
        theme.current().changed.connect(self._tint)
        self._tint()
        self.refresh()

    def refresh(self) -> None:
        """Show the oldest job that is not quiet, or nothing."""
        loud = [task for task in self._workspace.tasks.running() if not task.quiet]
        self.setVisible(bool(loud))
        if loud:
            more = f" (+{len(loud) - 1})" if len(loud) > 1 else ""
            self.words.setText(loud[0].title + more)
            self.bar.setRange(0, loud[0].total)
            self.bar.setValue(loud[0].done)

    def _cancel(self) -> None:
        loud = [task for task in self._workspace.tasks.running() if not task.quiet]
        if loud:
            loud[0].cancel()
            self.refresh()

    def _tint(self) -> None:
        self.button.setIcon(icon("close", theme.tokens().muted, 14))


class TopBar(QFrame):
    """Everything above the rail and the main area.

    Attributes:
        went: key of the place a chip leads to.
    """

    went = Signal(str)

    def __init__(
        self, workspace: Workspace, commands: Commands, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._commands = commands
        self.setProperty("role", "bar")
        self.setFixedHeight(48)
        self.brand = QPushButton("SSL Workbench")
        self.brand.setProperty("role", "brand")
        self.brand.setAccessibleName("Menu of all commands")
        self.brand.setToolTip("All commands (F10)")
        self.brand.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.brand.clicked.connect(self.open_menu)
        self.open_words = Elided()
        self.method = self._chip("Chosen method", "method")
        self.backbone = self._chip("Chosen backbone and image size", "method")
        self.strip = TaskStrip(workspace)
        self.search = QPushButton(SEARCH[0])
        self.search.setProperty("role", "search")
        self.search.setAccessibleName("Search or run a command")
        self.search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.search.clicked.connect(lambda: commands.run("palette"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 16, 0)
        layout.setSpacing(10)
        layout.addWidget(self.brand)
        layout.addWidget(self.open_words)
        for widget in (self.method, self.backbone):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.strip)
        layout.addWidget(self.search)
        for signal in (workspace.core_ready, workspace.catalogue_changed, workspace.recipe_changed):
            signal.connect(self.refresh)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the search says less, so that a running job can be read."""
        super().resizeEvent(event)
        self.search.setText(SEARCH[self.width() < WIDE])

    def _chip(self, name: str, place: str) -> QPushButton:
        chip = QPushButton()
        chip.setProperty("role", "chip")
        chip.setAccessibleName(name)
        chip.setToolTip(f"{name}: click to change")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.clicked.connect(lambda: self.went.emit(place))
        return chip

    def open_menu(self) -> None:
        """Every command, by group, under the brand."""
        menu = self._commands.menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.brand.mapToGlobal(self.brand.rect().bottomLeft()))

    def refresh(self) -> None:
        """Read what is open."""
        catalogue, recipe, core = (
            self._workspace.catalogue,
            self._workspace.recipe,
            self._workspace.core,
        )
        if catalogue is None:
            self.open_words.set_words("no folder is open")
        else:
            parts = [catalogue.root.name, count(len(catalogue), "image")]
            if catalogue.classes:
                parts.append(count(len(catalogue.classes), "class", "classes"))
            self.open_words.set_words(" · ".join(parts))
            self.open_words.setToolTip(str(catalogue.root))
        known = recipe is not None and core is not None
        self.method.setVisible(known)
        self.backbone.setVisible(known)
        if recipe is not None and core is not None:
            self.method.setText(core.method.find(recipe.method.key).card.title)
            self.backbone.setText(f"{spoken(recipe.backbone.name)} · {recipe.data.image_size} px")


class Elided(QLabel):
    """Words that give way: cut with an ellipsis in the middle where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setProperty("role", "muted")
        self.setProperty("elides", True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """Room for all the words."""
        wanted = self.fontMetrics().horizontalAdvance(self._words) + 4
        return QSize(wanted, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(min(60, self.sizeHint().width()), super().minimumSizeHint().height())

    def set_words(self, words: str) -> None:
        """Other words."""
        self._words = words
        self.setAccessibleName(words)
        self.updateGeometry()
        self._elide()

    def resizeEvent(self, event: object) -> None:
        """Cut anew."""
        del event
        self._elide()

    def _elide(self) -> None:
        room = self.width()
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._words, Qt.TextElideMode.ElideMiddle, room))
