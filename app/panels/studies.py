"""Studies in the Evaluate place: begin one, watch it fill, look into a trial."""

from __future__ import annotations

import importlib
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.panels.empty import Empty
from app.panels.study_new import NewStudy
from app.panels.study_result import StudyResult
from app.studying import Studying

if TYPE_CHECKING:
    from app.workspace import Workspace

NONE_YET = (
    "No study yet",
    "A study trains many short runs that differ in one thing: which augmentations are on, the "
    "value of a knob, or what a known experiment of the field asks. It runs in a process of its "
    "own, can be stopped, and goes on where it was.",
)


def named(folder: str) -> str:
    """A study's folder as a person reads it: ``"simclr, 28 Nov 11:30"``.

    A shipped one goes by its own name: ``"Denoising grid, 28 Nov 11:30"``.
    """
    found = re.fullmatch(r"(\d{8}-\d{6})-([a-z0-9_]+)-([a-z_]+)", folder)
    if found is None:
        return folder
    name = found[2]
    if found[3] == "known_experiment":
        name = name.replace("_", " ").capitalize()
    begun = time.strptime(found[1], "%Y%m%d-%H%M%S")
    return f"{name}, {begun.tm_mday} {time.strftime('%b %H:%M', begun)}"


class StudiesPage(QWidget):
    """The form of a new study, and the chosen one.

    Args:
        workspace: what is open.
        studying: the studies there are.
    """

    def __init__(self, workspace: Workspace, studying: Studying) -> None:
        super().__init__()
        self._workspace = workspace
        self.studying = studying
        wish: Any = importlib.import_module("sslcore.study.wish")
        self.new = NewStudy(workspace, wish)
        self.new.asked.connect(studying.begin)
        self.box = QComboBox()
        self.box.setAccessibleName("Study that is shown")
        self.box.setMinimumContentsLength(18)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.activated.connect(self._choose)
        self.action = QPushButton("Go on")
        self.action.clicked.connect(self._act)
        self.card = Card("Study")
        self.card.add_action(self.box)
        self.card.add_action(self.action)
        self.empty = Empty(*NONE_YET, mark="evaluate")
        self.result = StudyResult(workspace)
        self.result.opened.connect(self._open)
        self.problem: QLabel = label("", "danger", wrap=True)
        self.problem.hide()
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.result, 1)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(shown)
        self.card.body.addWidget(self.problem)
        self.card.body.addWidget(self._rooms, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.new)
        row.addWidget(self.card, 1)
        studying.listed.connect(self._list)
        studying.changed.connect(self._follow)
        studying.failed.connect(self._tell)
        studying.list()
        if studying.folders:
            studying.choose(studying.folders[0])
        self._follow()

    def _list(self) -> None:
        self.box.clear()
        for folder in self.studying.folders:
            self.box.addItem(named(folder.name), str(folder))
            self.box.setItemData(self.box.count() - 1, str(folder), Qt.ItemDataRole.ToolTipRole)
        self.box.setVisible(bool(self.studying.folders))

    def _choose(self, index: int) -> None:
        self.problem.hide()
        self.studying.choose(Path(str(self.box.itemData(index))))

    def _follow(self) -> None:
        standing = self.studying.shown
        self._rooms.setCurrentIndex(int(standing is not None))
        self.action.setVisible(standing is not None)
        if standing is None:
            self.card.set_title("Study")
            return
        self.card.set_title(standing.study.title)
        self.box.setCurrentIndex(self.box.findData(str(standing.folder)))
        self.result.show_standing(standing)
        words = "Stop" if standing.working else "Go on"
        self.action.setText(words)
        self.action.setAccessibleName(f"{words}: this study")
        self.action.setVisible(standing.working or not standing.finished)

    def _act(self) -> None:
        standing = self.studying.shown
        if standing is None:
            return
        self.problem.hide()
        if standing.working:
            self.studying.stop(standing.folder)
        else:
            self.studying.go_on(standing.folder)

    def _open(self, name: str) -> None:
        standing = self.studying.shown
        if standing is not None:
            self._workspace.open_run(standing.folder / "runs" / name)

    def _tell(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()
