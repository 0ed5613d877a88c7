"""Asking which tags make the few-label set: the images an evaluation may take labels from."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.wording import count, sentence
from sslcore.data.tags import EXCLUDED, Tag

if TYPE_CHECKING:
    from app.tasks import Task
    from app.workspace import Workspace
    from sslcore.data.few_labels import FewLabelSet

ROW = 28
MOST = 8
"""Tags seen without scrolling."""
ABOUT = (
    "A handful of images whose labels a classifier gets to see. Evaluate, Few labels trains on "
    "those that are training images, and asks how far they go: write “tagged” among its budgets."
)
BY_TAG = (
    "This folder has no classes: each tag below that is marked is a class of its own. Tag held-out "
    "images too: they are asked."
)
NOTHING = "No tag is marked: there is no few-label set."


class FewLabelDialog(QDialog):
    """The tags with a box each, and what the marked ones come to.

    Args:
        workspace: whose tags and images.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Few-label set")
        self.setMinimumWidth(400)
        self._workspace = workspace
        self._task: Task | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Tags of the few-label set")
        self.words = label("", "muted", wrap=True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.use = QPushButton("Use")
        self.use.setProperty("role", "primary")
        self.use.setAccessibleName("Use these tags as few-label set")
        self.use.setDefault(True)
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName("Cancel")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(label("Few-label set", "title"))
        column.addWidget(label(ABOUT, "muted", wrap=True))
        catalogue = workspace.catalogue
        if catalogue is not None and not catalogue.classes:
            column.addWidget(label(BY_TAG, wrap=True))
        column.addWidget(self.list)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addLayout(foot)
        self._fill()
        self.list.itemChanged.connect(self._count)
        self.use.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._count()

    def _fill(self) -> None:
        tagged = self._workspace.tagging.tagged
        names = [name for name in tagged.names if name != EXCLUDED]
        for name in names:
            item = QListWidgetItem(f"{name}  ·  {count(len(tagged.of_tag(name)), 'image')}")
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setSizeHint(QSize(0, ROW))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = name in tagged.few_labels
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        if names:
            self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(max(len(names), 1), MOST) * ROW + 10)

    @property
    def marked(self) -> tuple[str, ...]:
        """Tags whose box is checked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        )

    def accept(self) -> None:
        """Keep what is marked; Ctrl+Z takes it back."""
        if self.use.isEnabled():
            self._workspace.tagging.set_few_labels(self.marked)
            super().accept()

    def done(self, result: int, /) -> None:
        """Nothing goes on behind a closed dialog."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    # What the marked tags come to ---------------------------------------------------------------

    def _count(self) -> None:
        """Ask a worker: a folder may have a million images."""
        catalogue, marked = self._workspace.catalogue, self.marked
        self.use.setEnabled(False)
        if catalogue is None or not marked:
            self._say(NOTHING, possible=catalogue is not None)
            return
        rows = {name: self._workspace.tagging.tagged.of_tag(name).tolist() for name in marked}

        def work(_: object) -> FewLabelSet:
            module: Any = importlib.import_module("sslcore.data.few_labels")
            contents = {
                Tag(name, number, few_labels=True): tuple(catalogue.paths[row] for row in own)
                for number, (name, own) in enumerate(rows.items())
            }
            return module.of_tags(contents, catalogue)

        self._task = self._workspace.tasks.start(
            "Counting the few-label set", work, self._tell, failed=self._fail,
            key="few labels", quiet=True,
        )  # fmt: skip

    def _tell(self, found: FewLabelSet) -> None:
        counts = found.counts
        # A class and its number stay on one line.
        told = [f"{name}\N{NO-BREAK SPACE}{number:,}" for name, number in counts.items()]
        shown = " · ".join(told[:12])
        more = f" · {len(counts) - 12:,} more" if len(counts) > 12 else ""
        left = found.unlabelled
        out = f"; {count(left, 'image')} without a class left out" if left else ""
        self._say(
            f"{count(len(found), 'image')} in {count(len(counts), 'class', 'classes')}{out}: "
            f"{shown}{more}",
            possible=True,
        )

    def _fail(self, error: Exception) -> None:
        self._say(sentence(error), possible=False)

    def _say(self, words: str, *, possible: bool) -> None:
        """Say it, and let go on only with what an evaluation can use."""
        self.words.setText(words)
        self.use.setEnabled(possible)
