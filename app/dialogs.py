"""The few dialogs of the window: settings and help."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cache_button import CacheButton
from app.card import label, rule
from app.commands import GROUPS, Commands
from app.disk import cache_bytes
from app.forms.switch import Switch
from app.panels.elided import Elided
from app.selection import CHOOSING
from app.wording import size
from app.workspace import Workspace

ABOUT = (
    "Train self-supervised encoders on a folder of images, watch whether they learn or collapse, "
    "and walk around in what they learned. Everything stays on this machine."
)


class SettingsDialog(QDialog):
    """Theme, how runs train, runs folder, tags, cache folder. Every change acts at once."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setWindowTitle("Settings")
        self.setMinimumWidth(520)
        settings = workspace.settings
        self.themes = QComboBox()
        self.themes.addItems(["Dark", "Light"])
        self.themes.setAccessibleName("Theme")
        self.themes.setCurrentIndex(theme.NAMES.index(theme.current().name))
        self.themes.currentIndexChanged.connect(self._change_theme)
        self.runs = _path(settings.runs_folder)
        change = QPushButton("Change…")
        change.setAccessibleName("Change the runs folder")
        change.clicked.connect(self._choose_runs)
        self.own_process = Switch()
        self.own_process.setAccessibleName("Train in a process of its own")
        self.own_process.setChecked(settings.own_process)
        self.own_process.toggled.connect(self._choose_process)
        process = _explained(
            self.own_process,
            "Train in a process of its own",
            "The next runs go on when the window closes.",
        )
        self.tags = QComboBox()
        self.tags.addItem("Beside the images", "data")
        self.tags.addItem("In the open run", "run")
        self.tags.setAccessibleName("Where tags are kept")
        self.tags.setToolTip(
            "Beside the images they are there for every run; in the run they belong to it alone"
        )
        self.tags.setCurrentIndex(self.tags.findData(settings.tags_place))
        self.tags.currentIndexChanged.connect(self._choose_tags)
        self.cache = _path(settings.cache_folder)
        self.cache_size: QLabel = label("measuring", "muted")
        self.clear = CacheButton(workspace)
        self.clear.done.connect(self._measure)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, (name, *widgets) in enumerate(
            (
                ("Theme", self.themes),
                ("Training", process),
                ("New runs go to", self.runs, change),
                ("Tags are kept", self.tags),
                ("Cache", self.cache, self.clear),
                ("Size of the cache", self.cache_size),
            )
        ):
            grid.addWidget(label(name, "muted"), row, 0)
            for column, widget in enumerate(widgets, start=1):
                # What stands alone may take the room of the buttons of other rows.
                grid.addWidget(widget, row, column, 1, 2 if widget is process else 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label("Settings", "title"))
        layout.addLayout(grid)
        layout.addStretch(1)
        layout.addLayout(foot)
        self._measure()

    def _change_theme(self, number: int) -> None:
        self._workspace.settings.theme = theme.NAMES[number]
        theme.current().apply(theme.NAMES[number])

    def _choose_process(self, wanted: bool) -> None:
        self._workspace.settings.own_process = wanted

    def _choose_tags(self) -> None:
        self._workspace.settings.tags_place = self.tags.currentData()

    def _choose_runs(self) -> None:
        start = self._workspace.settings.runs_start
        chosen = QFileDialog.getExistingDirectory(self, "Folder for new runs", start)
        if chosen:
            self._workspace.settings.runs_folder = Path(chosen)
            self.runs.say(str(self._workspace.settings.runs_folder))

    def _measure(self) -> None:
        settings = self._workspace.settings
        self._workspace.tasks.start(
            "Measuring the cache",
            lambda _ticket: cache_bytes(settings),
            self._show_size,
            key="cache",
            quiet=True,
        )

    def _show_size(self, count: int) -> None:
        self.cache_size.setText(size(count))
        self.clear.offer(count)


class HelpDialog(QDialog):
    """What this is, and every shortcut."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self.setMinimumWidth(460)
        inside = QWidget()
        inside.setProperty("role", "scrolled")
        grid = QGridLayout(inside)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        grid.setContentsMargins(0, 0, 12, 0)
        row = 0
        for group in GROUPS:
            grid.addWidget(label(group, "heading"), row, 0)
            grid.setRowMinimumHeight(row, 28)
            row += 1
            for command in commands.all():
                if command.group == group and command.keys:
                    grid.addWidget(label(command.title), row, 0)
                    grid.addWidget(label(command.keys, "muted"), row, 1)
                    row += 1
        grid.addWidget(label("Choosing images", "heading"), row, 0)
        grid.setRowMinimumHeight(row, 28)
        for words, keys in CHOOSING:
            row += 1
            grid.addWidget(label(words), row, 0)
            grid.addWidget(label(keys, "muted"), row, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setMinimumHeight(380)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("SSL Workbench", "title"))
        layout.addWidget(label(ABOUT, "muted", wrap=True))
        layout.addWidget(rule())
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)


def _path(path: Path) -> Elided:
    """A path has no spaces to wrap at: it is cut, and its tooltip has it all."""
    made = Elided(str(path), cut=Qt.TextElideMode.ElideMiddle)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _explained(switch: QWidget, name: str, words: str) -> QWidget:
    """A switch, its name, and what it does below it."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    grid.addWidget(switch, 0, 0)
    grid.addWidget(label(name), 0, 1)
    grid.addWidget(label(words, "muted"), 1, 1)
    return made
