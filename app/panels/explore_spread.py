"""Giving a tag to images near to those that have it, after a look at them."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.forms.number import DecimalBox, WholeBox
from app.gallery import ThumbnailGrid
from app.panels.explore_mapped import Mapped
from app.wording import count, sentence
from sslcore.data.tags import EXCLUDED

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.evaluation.tag_propagation import Candidates

MOST = 5000
"""Candidates that are offered; nobody looks at more."""
FIRST = 24
"""Candidates chosen at first."""
PLACES = 3
SIDE = 72


class SpreadDialog(QDialog):
    """Candidates ranked by their cosine to the nearest tagged image; the first ones are taken.

    Args:
        workspace: whose tags.
        mapped: the map with its features; only its images can be candidates.
        names: tags that can be spread.
        name: the one to begin with.
    """

    def __init__(
        self,
        workspace: Workspace,
        mapped: Mapped,
        names: Sequence[str],
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Spread a tag to near images")
        self.resize(640, 560)
        self._workspace, self._mapped = workspace, mapped
        self._found: Candidates | None = None
        self._task: Task | None = None
        self.tag = QComboBox()
        self.tag.addItems(list(names))
        self.tag.setCurrentText(name)
        self.tag.setAccessibleName("Tag to spread")
        self.others = QCheckBox("Leave out images with another tag")
        self.others.setToolTip("Excluded images are left out in any case")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("How many images")
        self.number = WholeBox()
        self.number.setAccessibleName("Number of images")
        self.number.setKeyboardTracking(False)
        self.least = DecimalBox()
        # Features of a young encoder lie within a few hundredths: three places tell them apart.
        self.least.setDecimals(PLACES)
        self.least.setRange(-1.0, 1.0)
        self.least.setSingleStep(0.005)
        self.least.setPrefix("cosine ≥ ")
        self.least.setAccessibleName("Smallest cosine")
        self.least.setToolTip("Take every image at least so similar to the nearest tagged one")
        self.least.setKeyboardTracking(False)
        self.words = label("", "muted", wrap=True)
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.set_side(SIDE)
        self.grid.setAccessibleName("Candidates, the most similar first")
        self.take = QPushButton("Tag")
        self.take.setProperty("role", "primary")
        self.take.setDefault(True)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel")
        self.others.setAccessibleName(self.others.text())
        self._lay_out()
        self.tag.currentIndexChanged.connect(self._search)
        self.others.toggled.connect(self._search)
        self.slider.valueChanged.connect(self._choose)
        self.number.valueChanged.connect(self._choose)
        self.least.valueChanged.connect(self._cut)
        self.take.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        workspace.catalogue_changed.connect(self.reject)
        self._search()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(label("Tag", "muted"))
        first.addWidget(self.tag)
        first.addSpacing(8)
        first.addWidget(self.others)
        first.addStretch(1)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(label("Take the first", "muted"))
        second.addWidget(self.slider, 1)
        second.addWidget(self.number)
        second.addWidget(self.least)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label("Spread a tag to near images", "title"))
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.words)
        column.addWidget(self.grid, 1)
        column.addLayout(foot)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Catalogue rows that would be tagged, the most similar first."""
        if self._found is None:
            return np.zeros(0, np.int64)
        return self._mapped.index[self._found.positions[: self.slider.value()]]

    def accept(self) -> None:
        """Tag what is shown, as one change."""
        if len(self.rows):
            self._workspace.tagging.tag(self.rows, self.tag.currentText())
        super().accept()

    def done(self, result: int, /) -> None:
        """Nothing is looked for any more."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    def _search(self) -> None:
        """Rank the candidates of the tag on a worker."""
        index, features = self._mapped.index, self._mapped.features
        tagged = self._workspace.tagging.tagged
        name, alone = self.tag.currentText(), self.others.isChecked()
        barred = [one for one in tagged.names if one == EXCLUDED or (alone and one != name)]

        def work(ticket: Ticket) -> Candidates:
            module: Any = importlib.import_module("sslcore.evaluation.tag_propagation")
            inside = np.flatnonzero(np.isin(index, tagged.of_tag(name)))
            others = [np.flatnonzero(np.isin(index, tagged.of_tag(one))) for one in barred]
            if not len(inside):
                raise ValueError(
                    f"No image on this map carries the tag “{name}”; tag one that is on it."
                )
            return module.candidates(
                features,
                inside,
                barred=np.concatenate([np.zeros(0, np.int64), *others]),
                most=MOST,
                cancelled=ticket.cancelled,
            )

        self._found = None
        self._show()
        self.words.setText("Looking for near images")
        self._task = self._workspace.tasks.start(
            "Looking for near images", work, self._take, failed=self._fail, key="explore/spread"
        )

    def _take(self, found: Candidates) -> None:
        self._found = found
        for control in (self.slider, self.number):
            with QSignalBlocker(control):
                control.setRange(min(len(found), 1), len(found))
                control.setValue(min(FIRST, len(found)))
        self._show()

    def _fail(self, error: Exception) -> None:
        self.words.setText(sentence(error))

    def _choose(self, number: int) -> None:
        """The slider or the number was moved: the other one follows."""
        for control in (self.slider, self.number):
            with QSignalBlocker(control):
                control.setValue(number)
        self._show()

    def _cut(self, least: float) -> None:
        """Take all that are at least so similar, but one."""
        if self._found is not None:
            # Shown rounded to two digits, so compared so too.
            number = int((np.round(self._found.cosines, PLACES) >= round(least, PLACES)).sum())
            self._choose(max(number, self.slider.minimum()))

    def _show(self) -> None:
        found, rows = self._found, self.rows
        some = found is not None and len(rows) > 0
        for control in (self.slider, self.number, self.least, self.take):
            control.setEnabled(some)
        self.take.setText(f"Tag {count(len(rows), 'image')}" if some else "Tag")
        self.take.setAccessibleName(self.take.text())
        if found is None or not some:
            self.grid.show_rows(self._workspace.catalogue, ())
            self.words.setText("No image is left to be tagged." if found is not None else "")
            return
        cosines = found.cosines[: len(rows)]
        with QSignalBlocker(self.least):
            self.least.setValue(float(np.round(cosines[-1], PLACES)))
        captions = [f"{one:.{PLACES}f}".replace("-", "−") for one in cosines]
        self.grid.show_rows(self._workspace.catalogue, rows, captions)
        self.words.setText(
            f"Of the {len(self._mapped.index):,} images on the map, the "
            f"{count(len(rows), 'untagged one', 'untagged ones')} nearest to “"
            f"{self.tag.currentText()}” in feature space; below each its cosine to the nearest "
            "image with the tag."
        )
