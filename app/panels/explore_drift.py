"""Which images moved most between two moments of the run, and which changed their neighbours."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.gallery import ThumbnailGrid
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_probe import CHANGED
from app.panels.same_images import same_images
from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Ticket
    from app.workspace import Workspace
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

Ranking = Literal["moved", "neighbours"]
RANKINGS: tuple[tuple[Ranking, str, str], ...] = (
    (
        "moved",
        "Moved most",
        "How far an image went in feature space, turns and scale of the whole space apart: "
        "0 stayed, 1 went elsewhere, 2 to the opposite side",
    ),
    (
        "neighbours",
        "New neighbours",
        "How many of the ten nearest images are others than before: 0 none, 1 all",
    ),
)
SHOWN = 500
"""Images listed, those that changed most first."""
CHOOSE = 20
Answer = tuple[tuple[str, int, int], NDArray[np.int64], tuple[str, ...], dict[str, Any]]
"""Run and two steps; of the images both looked at rows, paths and scores."""
TOO_FEW = (
    "Nothing to compare yet",
    "Features are kept at every evaluation of a run. Start a run, or open an old one: as soon as "
    "there are two evaluations, the images that changed most are found here.",
)


class DriftCard(Card):
    """Images of the open run ranked by how much they changed between marks A and B.

    Attributes:
        looked_at: catalogue row of an image that was clicked.

    Args:
        workspace: whose run, marks and selection.
    """

    looked_at = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Between two moments", parent=parent)
        self._workspace = workspace
        self._found: Answer | None = None
        self._asked: tuple[str, int, int] | None = None
        self._moments: tuple[EmbeddingSaved, EmbeddingSaved] | None = None
        self.line = label("", "caption", wrap=True)
        self.marks = {name: self._mark_button(name) for name in ("a", "b")}
        self.rankings: dict[Ranking, QToolButton] = {}
        self._group = QButtonGroup(self)
        switch = QHBoxLayout()
        switch.setSpacing(6)
        for name, words, hint in RANKINGS:
            button = QToolButton()
            button.setText(words)
            button.setToolTip(hint)
            button.setAccessibleName(f"Rank by: {words}")
            button.setCheckable(True)
            self._group.addButton(button)
            self.rankings[name] = button
            switch.addWidget(button)
        switch.addStretch(1)
        self.rankings["moved"].setChecked(True)
        self._group.buttonClicked.connect(self._show)
        marks = QHBoxLayout()
        marks.setSpacing(6)
        for button in self.marks.values():
            marks.addWidget(button, 1)
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.bind(workspace.selection)
        self.grid.current_changed.connect(self.looked_at)
        self.found = Elided("", "caption")
        self.choose = QPushButton(f"Choose the first {CHOOSE}")
        self.choose.setAccessibleName(self.choose.text())
        self.choose.setToolTip("Make the images that changed most the chosen ones")
        self.choose.clicked.connect(self._choose)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(marks)
        column.addWidget(self.line)
        column.addLayout(switch)
        column.addWidget(self.found)
        column.addWidget(self.grid, 1)
        column.addWidget(self.choose)
        self.empty = Empty(*TOO_FEW, mark="explore")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(content)
        self.body.addWidget(self._rooms, 1)
        workspace.marks.changed.connect(self.refresh)
        workspace.run_changed.connect(self.refresh)
        workspace.record_changed.connect(self.refresh)
        self.refresh()

    def _mark_button(self, name: str) -> QPushButton:
        button = QPushButton()
        button.setToolTip(
            f"Mark {name.upper()}: press to put it at the snapshot the timeline shows "
            f"({'[' if name == 'a' else ']'})"
        )
        button.clicked.connect(lambda _=False: self._put(name))
        return button

    def _put(self, name: str) -> None:
        record, position = self._workspace.record, self._workspace.snapshot_position
        if record is not None and record.embeddings:
            step = record.embeddings[-1].step if position is None else position
            self._workspace.marks.put(**{name: step})

    def showEvent(self, event: Any) -> None:
        """Compare when somebody looks."""
        super().showEvent(event)
        self.refresh()

    @property
    def moments(self) -> tuple[EmbeddingSaved, EmbeddingSaved] | None:
        """The evaluations that are compared: those at or before the marks, else first and last."""
        record, marks = self._workspace.record, self._workspace.marks
        if record is None or len(record.embeddings) < 2:
            return None
        saved = record.embeddings
        return _at(saved, marks.a, saved[0]), _at(saved, marks.b, saved[-1])

    def refresh(self) -> None:
        """Say what is compared, and compare it unless that was done."""
        self._moments = moments = self.moments
        directory = self._workspace.directory
        self._rooms.setCurrentIndex(int(moments is not None))
        if moments is None or directory is None:
            return
        for button, name, one in zip(self.marks.values(), "AB", moments, strict=True):
            words = f"{name}: epoch {one.epoch:.1f}"
            button.setText(words)
            button.setAccessibleName(f"Mark {words}; press to put it at the timeline's place")
        if moments[0].step == moments[1].step:
            self.line.setText("Both marks stand at the same evaluation: put one elsewhere.")
        else:
            self.line.setText("Of the images every evaluation of this run looks at.")
        key = (str(directory.path), moments[0].step, moments[1].step)
        if self.isVisible() and key != self._asked:
            self._asked = key
            self._compare(directory, key)

    def _compare(self, directory: RunDirectory, key: tuple[str, int, int]) -> None:
        self.found.say("Comparing …")

        def work(ticket: Ticket) -> Answer:
            return key, *compared(directory, key[1], key[2], ticket)

        self._workspace.tasks.start(
            "Comparing two moments", work, self._take, failed=self._fail, key="explore/drift"
        )

    def _take(self, answer: Answer) -> None:
        if answer[0] == self._asked:
            self._found = answer
            self._show()

    def _fail(self, error: Exception) -> None:
        self._asked = None
        self.found.say(sentence(error))

    def _show(self) -> None:
        catalogue = self._workspace.catalogue
        if self._found is None or catalogue is None:
            return
        _, index, paths, scores = self._found
        if not same_images(index, paths, catalogue):
            self.grid.show_rows(catalogue, np.zeros(0, np.int64), [])
            self.found.say(CHANGED[:1].upper() + CHANGED[1:])
            return
        name = next(one for one, button in self.rankings.items() if button.isChecked())
        score = scores[name]
        order = np.argsort(-score, kind="stable")
        order = order[:SHOWN]
        captions = [f"{score[one]:.2f}" for one in order]
        self.grid.show_rows(catalogue, index[order], captions)
        middle = float(np.median(score)) if len(score) else 0.0
        self.found.say(f"{len(index):,} images, half of them above {middle:.2f}")

    def _choose(self) -> None:
        self._workspace.selection.choose(self.grid.rows[:CHOOSE])


def _at(saved: list[EmbeddingSaved], step: int | None, usual: EmbeddingSaved) -> EmbeddingSaved:
    """The evaluation at or before a step, the first one if all are later."""
    if step is None:
        return usual
    before = [one for one in saved if one.step <= step]
    return before[-1] if before else saved[0]


def compared(
    directory: RunDirectory, first: int, second: int, ticket: Ticket
) -> tuple[NDArray[np.int64], tuple[str, ...], dict[str, NDArray[np.float32]]]:
    """Catalogue rows both evaluations looked at, their paths if kept, and both scores of each."""
    drift: Any = importlib.import_module("sslcore.evaluation.drift")
    before = directory.kept(first)
    old_index, old, paths = before.rows, before.features, before.paths
    new_index, new = directory.embedding(second)
    index, here, there = np.intersect1d(old_index, new_index, return_indices=True)
    old, new = old[here], new[there]
    kept = tuple(paths[one] for one in here) if paths else ()
    moved = drift.movement(old, new)
    ticket.progress(1, 2)
    if ticket.cancelled() or len(index) < 2:
        return index, kept, {"moved": moved, "neighbours": np.zeros(len(index), np.float32)}
    return index, kept, {"moved": moved, "neighbours": drift.neighbour_change(old, new)}
