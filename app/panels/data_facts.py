"""What the open folder holds: counts, sizes, classes, problems, and duplicates on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QListWidget, QPushButton, QWidget

from app.card import Card, label
from app.panels.data_classes import ClassBars
from app.panels.data_hha import HhaButton
from app.wording import count, sentence

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

LISTED = 200
LINE = 18
NARROW = 280
"""Pixels a line of a list has at least."""


def size_words(catalogue: Catalogue) -> str:
    """``48 × 48 px``, or the range of widths and heights."""
    heights, widths = catalogue.sizes[:, 0], catalogue.sizes[:, 1]
    smallest = f"{widths.min():,} × {heights.min():,}"
    largest = f"{widths.max():,} × {heights.max():,}"
    return f"{smallest} px" if smallest == largest else f"{smallest} to {largest} px"


def facts_of(catalogue: Catalogue) -> list[tuple[str, str]]:
    """(what, value with unit) pairs, in the order a person asks."""
    colour = {1: "grey", 3: "colour"}.get(catalogue.channels, f"{catalogue.channels} channels")
    unlabelled = int((catalogue.labels < 0).sum())
    classes = f"{len(catalogue.classes):,}" if catalogue.classes else "none found"
    if catalogue.classes and unlabelled:
        classes += f" ({unlabelled:,} without)"
    facts = [
        ("Images", f"{len(catalogue):,}"),
        ("Sizes", size_words(catalogue)),
        ("Pixels", f"{colour}, {catalogue.bits} bit"),
        ("Usable as", ", ".join(catalogue.kinds)),
        ("Classes", classes),
    ]
    own = [name for name in ("train", "val", "test") if name in catalogue.splits]
    if own:
        parts = [f"{name} {catalogue.splits.count(name):,}" for name in own]
        facts.insert(4, ("Own splits", ", ".join(parts)))
    if catalogue.sequences is not None:
        lengths = catalogue.sequences.lengths
        frames = (
            f"{lengths.min():,}"
            if lengths.min() == lengths.max()
            else (f"{lengths.min():,} to {lengths.max():,}")
        )
        facts.append(("Sequences", f"{len(lengths):,} of {frames} frames, kept whole"))
    if catalogue.targets is not None:
        known = catalogue.targets
        holds = {"depth": "depth", "labels": "classes", "picture": "pictures"}[known.role]
        facts.append(("Targets", f"{len(known.rows):,} in {known.folder}/ ({holds})"))
    if catalogue.captions is not None:
        facts.append(("Captions", f"{sum(map(bool, catalogue.captions)):,}"))
    if catalogue.groups is not None and catalogue.sequences is None:
        facts.append(("Groups", f"{len(np.unique(catalogue.groups)):,}, kept together"))
    if catalogue.metadata:
        facts.append(("Columns", ", ".join(catalogue.metadata)))
    return facts


class FactsCard(Card):
    """The facts of a catalogue.

    Attributes:
        class_chosen: position of the class to look at, or -1 for all.
    """

    class_chosen = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("What is in it", parent=parent)
        self._workspace = workspace
        self._catalogue: Catalogue | None = None
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._values: list[tuple[QWidget, QWidget]] = []
        self.bars = ClassBars()
        self.bars.chosen.connect(self.class_chosen)
        self._problems_title = label("", "warning", wrap=True)
        self.problems = _list("Files that are not used as they are")
        self.look = QPushButton("Find duplicates")
        self.look.setAccessibleName("Find duplicates")
        self.look.setToolTip("Look for files that are equal byte for byte")
        self.look.clicked.connect(self._look_for_duplicates)
        self.hha = HhaButton(workspace)
        self._duplicates_title = label("", "muted", wrap=True)
        self.duplicates = _list("Duplicates")
        self.body.addLayout(self._grid)
        for widget in (self.bars, self._problems_title, self.problems):
            self.body.addWidget(widget)
        for button in (self.hha, self.look):
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._duplicates_title)
        self.body.addWidget(self.duplicates)

    def text(self) -> str:
        """Everything the card says, line by line."""
        lines = [f"{a.property('text')}: {b.property('text')}" for a, b in self._values]
        return "\n".join([*lines, self._problems_title.text(), self._duplicates_title.text()])

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Facts of another catalogue."""
        self._catalogue = catalogue
        for pair in self._values:
            for widget in pair:
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._values = []
        for line, (what, value) in enumerate(facts_of(catalogue)):
            pair = (label(what, "muted"), label(value, wrap=True))
            self._grid.addWidget(pair[0], line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(pair[1], line, 1)
            self._values.append(pair)
        labelled = catalogue.labels[catalogue.labels >= 0]
        counts = np.bincount(labelled, minlength=len(catalogue.classes))
        self.bars.show_counts(catalogue.classes, counts.tolist())
        found = catalogue.problems
        used = "it is" if len(found) == 1 else "they are"
        title = f"{count(len(found), 'file')} not used as {used}" if found else ""
        self._problems_title.setText(title)
        self._problems_title.setVisible(bool(found))
        _fill(self.problems, [f"{one.path}: {one.reason}" for one in found])
        self._duplicates_title.hide()
        _fill(self.duplicates, [])
        self.look.setEnabled(True)
        self.hha.refresh()

    def _look_for_duplicates(self) -> None:
        catalogue = self._catalogue
        if catalogue is None:
            return
        self.look.setEnabled(False)
        task = self._workspace.tasks.start(
            "Looking for duplicates",
            lambda ticket: (catalogue, catalogue.duplicates(ticket.progress, ticket.cancelled)),
            self._show_duplicates,
            failed=self._fail,
            key="duplicates",
        )
        task.ended.connect(self._allow)

    def _allow(self) -> None:
        self.look.setEnabled(True)

    def _fail(self, error: Exception) -> None:
        self._say(sentence(error))

    def _show_duplicates(self, answer: tuple[Catalogue, tuple[tuple[int, ...], ...]]) -> None:
        catalogue, sets = answer
        if catalogue is not self._catalogue:
            return
        copies = sum(len(same) - 1 for same in sets)
        if not sets:
            self._say("No two files are equal.")
            return
        self._say(
            f"{count(copies, 'file is a copy', 'files are copies')} of another. A copy on both "
            "sides of the split makes evaluation look better than it is."
        )
        _fill(self.duplicates, [" = ".join(catalogue.paths[row] for row in same) for same in sets])

    def _say(self, words: str) -> None:
        self._duplicates_title.setText(words)
        self._duplicates_title.show()


def _list(name: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    # The end of a line has the reason: shorten the path in its middle.
    made.setWordWrap(True)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setVisible(False)
    return made


def _fill(widget: QListWidget, lines: list[str]) -> None:
    widget.clear()
    widget.addItems(lines[:LISTED])
    for number, line in enumerate(lines[:LISTED]):
        widget.item(number).setToolTip(line)
    if len(lines) > LISTED:
        widget.addItem(f"and {len(lines) - LISTED:,} more")
    metrics, wrapped = widget.fontMetrics(), int(Qt.TextFlag.TextWordWrap)
    heights = [
        metrics.boundingRect(QRect(0, 0, NARROW, 1000), wrapped, line).height() + 4
        for line in lines[:3]
    ]
    widget.setFixedHeight(min(sum(heights), 8 * LINE) + 8)
    widget.setVisible(bool(lines))
