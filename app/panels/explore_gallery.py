"""All images of the open folder as a gallery: ordered, filtered, and choosing with the map."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QStackedWidget, QToolButton, QWidget

from app.card import Card
from app.gallery import ThumbnailGrid
from app.gallery_size import SizeSlider
from app.panels.elided import Elided
from app.panels.empty import LOADING, Empty
from app.wording import count

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

FOLDER, CLASS = "In folder order", "By class"
ALL, CHOSEN = "All images", "Chosen images"
UNLABELLED = "No class"
NO_IMAGES = ("No images are open", "Open a folder in the Data place (Ctrl+1).")
NONE_CHOSEN = (
    "Nothing is chosen",
    "Choose images in the map or in the gallery; they are shown together here.",
)

Rows = NDArray[np.int64]
Sections = list[tuple[str, Rows]]


def by_class(labels: Rows, classes: tuple[str, ...], rows: Rows) -> Sections:
    """Rows in sections of one class each, in the order of the classes; those without one last."""
    numbers = np.where(labels[rows] < 0, len(classes), labels[rows])
    order = np.argsort(numbers, kind="stable")
    ends = np.searchsorted(numbers[order], np.arange(len(classes) + 2))
    names = (*classes, UNLABELLED)
    return [
        (name, rows[order[ends[number] : ends[number + 1]]])
        for number, name in enumerate(names)
        if ends[number + 1] > ends[number]
    ]


def by_score(scores: NDArray[np.float64], rows: Rows) -> Rows:
    """Rows with the largest score first; equal ones as they were, those without a score last."""
    return rows[np.argsort(-scores[rows], kind="stable")]


def score_words(score: float) -> str:
    """A score with so many digits that neighbours in a ranking differ, but no more."""
    if np.isnan(score):
        return "no score"
    digits = ",.0f" if abs(score) >= 1000 else ".1f" if abs(score) >= 100 else ".2f"
    if 0 < abs(score) < 0.01:
        digits = ".1e"
    return f"{score:{digits}}".replace("-", "−")


class GalleryView(Card):
    """The images of the open folder beside the map, with the same selection.

    ``grid.map_asked`` tells which images are to be shown in the map.

    Args:
        workspace: whose images and selection are shown.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Gallery", parent=parent)
        self._workspace = workspace
        self._scores: dict[str, NDArray[np.float64]] = {}
        self._stale = True
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.bind(workspace.selection)
        self.empty = Empty(*NO_IMAGES, mark="data")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(self.grid)
        self.order = _box("Order of the images")
        self.filter = _box("Images shown")
        self.names = QToolButton()
        self.names.setText("Names")
        self.names.setCheckable(True)
        self.names.setAccessibleName("Names below the images")
        self.names.setToolTip("Write the file's name below every image that has the room")
        self.slider = SizeSlider(workspace.settings, self.grid)
        self.line = Elided("", "caption")
        for widget in (self.filter, self.order, self.names, self.slider):
            self.add_action(widget)
        self.body.addWidget(self._rooms, 1)
        self.body.addWidget(self.line)
        self.order.activated.connect(self.refresh)
        self.filter.activated.connect(self.refresh)
        self.names.toggled.connect(self.refresh)
        self.grid.current_changed.connect(self._say)
        workspace.catalogue_changed.connect(self._take_catalogue)
        workspace.core_ready.connect(self._take_catalogue)
        workspace.selection.changed.connect(self._take_selection)
        self._take_catalogue()

    def offer_order(self, name: str, scores: NDArray[np.floating]) -> None:
        """Let images be ordered by a score, largest first; it is written below each image.

        Args:
            name: of the score ("Outlier score"); a score of the same name is replaced.
            scores: (N,) for every catalogue row, NaN where there is none.

        Raises:
            ValueError: if there is not one for every row.
        """
        catalogue = self._workspace.catalogue
        known = 0 if catalogue is None else len(catalogue)
        if scores.shape != (known,):
            raise ValueError(f"{name}: scores of shape {scores.shape} for {known} images")
        self._scores[name] = np.asarray(scores, np.float64)
        if self.order.findText(name) < 0:
            self.order.addItem(name)
        elif self.order.currentText() == name:
            self.refresh()

    def show_order(self, name: str) -> None:
        """Order by one of the offered names, as if it had been chosen in the box."""
        self.order.setCurrentText(name)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the gallery was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show what is asked for; it is ordered on a worker and comes a moment later."""
        self._stale = not self.isVisible()
        catalogue = self._workspace.catalogue
        if catalogue is None or self._stale:
            return
        order, kind = self.order.currentText(), self.filter.currentIndex()
        chosen = self._workspace.selection.rows
        scores = self._scores.get(order)

        def job(_: object) -> tuple[Catalogue, str, Rows, Sections | None]:
            rows = np.arange(len(catalogue))
            if kind == 1:
                rows = chosen
            elif kind > 1:
                rows = np.flatnonzero(catalogue.labels == kind - 2)
            if order == CLASS:
                return catalogue, order, rows, by_class(catalogue.labels, catalogue.classes, rows)
            return catalogue, order, rows if scores is None else by_score(scores, rows), None

        self._workspace.tasks.start(
            "Ordering images", job, self._show, key="gallery/order", quiet=True
        )

    def _show(self, answer: tuple[Catalogue, str, Rows, Sections | None]) -> None:
        catalogue, order, rows, sections = answer
        if catalogue is not self._workspace.catalogue:
            return
        words = None
        if (scores := self._scores.get(order)) is not None:
            words = partial(self._score_of, scores)
        elif self.names.isChecked():
            words = partial(self._name_of, catalogue)
        self.grid.show_rows(catalogue, rows, words, sections)
        if not len(rows):
            self.empty.say(*NONE_CHOSEN)
        self._rooms.setCurrentIndex(int(len(rows) > 0))
        self._say()

    def _name_of(self, catalogue: Catalogue, position: int) -> str:
        return catalogue.paths[int(self.grid.rows[position])].rpartition("/")[2]

    def _score_of(self, scores: NDArray[np.float64], position: int) -> str:
        return score_words(float(scores[self.grid.rows[position]]))

    def _say(self) -> None:
        catalogue = self._workspace.catalogue
        if catalogue is None:
            self.line.say("")
            return
        shown, chosen = self.grid.count, len(self._workspace.selection)
        whole = shown == len(catalogue)
        parts = [count(shown, "image") if whole else f"{shown:,} of {len(catalogue):,} images"]
        if chosen:
            parts.append(f"{chosen:,} chosen")
        if (row := self.grid.current) >= 0:
            parts.append(catalogue.paths[row])
            number = int(catalogue.labels[row])
            parts += [catalogue.classes[number]] if number >= 0 else []
        self.line.say(" · ".join(parts))

    def _take_selection(self) -> None:
        # What is chosen in here stays in sight with the rest until something else is asked for.
        if self.filter.currentIndex() == 1 and not self.grid.choosing:
            self.refresh()
        self._say()

    def _take_catalogue(self) -> None:
        catalogue = self._workspace.catalogue
        self._scores.clear()
        classes = () if catalogue is None else catalogue.classes
        with QSignalBlocker(self.order), QSignalBlocker(self.filter):
            self.order.clear()
            self.order.addItems([FOLDER, CLASS] if classes else [FOLDER])
            self.filter.clear()
            self.filter.addItems([ALL, CHOSEN, *classes])
        if catalogue is None:
            self.grid.show_rows(None, ())
            self.empty.say(*(NO_IMAGES if self._workspace.core_loaded else LOADING))
            self._rooms.setCurrentIndex(0)
        self.refresh()
        self._say()


def _box(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.setMinimumWidth(96)  # where the place is narrow, the words are cut
    made.setMaximumWidth(180)
    return made
