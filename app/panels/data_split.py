"""What the recipe takes from the folder: size of views, labels, and the held-out split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from app.card import Card, label
from app.forms.editors import Combo
from app.forms.number import WholeBox
from app.wording import sentence
from sslcore.config import ConfigError

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.recipe import DataSection

LABELS = {"auto": "Automatic", "none": "None"}
KINDS = {
    "auto": "Automatic",
    "images": "Single images",
    "sequences": "Sequences",
    "pairs": "Pairs",
    "captions": "Captions",
}


class SplitCard(Card):
    """Controls of the recipe's data section; every change is a new section in the recipe."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("For training and evaluation", parent=parent)
        self._workspace = workspace
        self._shown: tuple[str, DataSection] | None = None
        self.image_size = _spin(8, 1024, 8, " px", "Side of a training view; larger is slower.")
        self.held_out = _spin(
            0, 90, 5, " %", "Part of the images that never enters training and answers questions."
        )
        self.seed = _spin(0, 999_999, 1, "", "Seed of the split; keep it to compare runs.")
        self.limit = _spin(0, 10_000_000, 500, " images", "Train on at most so many images.")
        self.limit.setSpecialValueText("all")
        self.labels = Combo()
        self.labels.setToolTip(
            "Where class names come from; automatic is a CSV column, else the sub-folders. "
            "For evaluation only: training sees none."
        )
        self.labels.setMinimumContentsLength(8)
        self.labels.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.kind = Combo()
        self.kind.setToolTip(
            "What the folder holds; automatic finds sequences of frames, pairs of image and "
            "target, and captions by itself."
        )
        for key, words in KINDS.items():
            self.kind.addItem(words, key)
        self.result = label("", "muted", wrap=True)
        self.error = label("", "danger", wrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, QWidget]] = [
            ("Image size", self.image_size),
            ("Held out", self.held_out),
            ("Split seed", self.seed),
            ("Use at most", self.limit),
            ("Labels", self.labels),
            ("Holds", self.kind),
        ]
        for line, (name, widget) in enumerate(rows):
            words = label(name, "muted")
            words.setBuddy(widget)
            widget.setAccessibleName(name)
            grid.addWidget(words, line, 0)
            grid.addWidget(widget, line, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.result)
        self.body.addWidget(self.error)
        for spin in (self.image_size, self.held_out, self.seed, self.limit):
            spin.valueChanged.connect(self._take)
        self.labels.activated.connect(self._choose_labels)
        self.kind.activated.connect(self._choose_kind)
        self.error.hide()

    def refresh(self) -> None:
        """Show the recipe's data section and what it makes of the catalogue."""
        recipe, catalogue = self._workspace.recipe, self._workspace.catalogue
        if recipe is None or catalogue is None:
            return
        data = recipe.data
        if self._shown == (catalogue.fingerprint, data):
            return
        self._shown = (catalogue.fingerprint, data)
        for spin, value in (
            (self.image_size, data.image_size),
            (self.held_out, round(data.held_out * 100)),
            (self.seed, data.split_seed),
            (self.limit, data.limit or 0),
        ):
            with QSignalBlocker(spin):
                spin.setValue(value)
        with QSignalBlocker(self.labels):
            self.labels.clear()
            columns = {name: f"Column {name!r}" for name in catalogue.metadata}
            given = {data.labels: f"Column {data.labels!r}"}
            for key, words in {**given, **columns, **LABELS}.items():
                self.labels.addItem(words, key)
            self.labels.setCurrentIndex(self.labels.findData(data.labels))
        with QSignalBlocker(self.kind):
            self.kind.setCurrentIndex(self.kind.findData(data.kind))
        # Own test or val folders are the held-out images: a share would mean nothing.
        own = any(name in ("test", "val") for name in catalogue.splits) and any(
            name in ("train", "") for name in catalogue.splits
        )
        self.held_out.setEnabled(not own)
        self.seed.setEnabled(not own or data.limit is not None)
        # A hundred thousand images take a tenth of a second to split.
        self._workspace.tasks.start(
            "Splitting",
            lambda _ticket: describe(catalogue, data, own),
            self._describe,
            failed=self._fail,
            key="split",
            quiet=True,
        )

    def _describe(self, words: str) -> None:
        self.result.setText(words)
        self._explain("")

    def _fail(self, error: Exception) -> None:
        self._explain(sentence(error))

    def _take(self) -> None:
        """Put what the controls say into the recipe; what did not move stays to the last digit."""
        if self._workspace.recipe is None:
            return
        data = self._workspace.recipe.data
        values: dict[str, Any] = {
            "image_size": self.image_size.value(),
            "split_seed": self.seed.value(),
            "limit": self.limit.value() or None,
        }
        if self.held_out.value() != round(data.held_out * 100):
            values["held_out"] = self.held_out.value() / 100
        try:
            data = data.changed(**values)
        except ConfigError as error:
            self._explain(str(error))
            return
        self._workspace.change_section("data", data)

    def _choose_labels(self, index: int) -> None:
        recipe = self._workspace.recipe
        key = str(self.labels.itemData(index))
        if recipe is not None and recipe.data.labels != key:
            data = recipe.data
            self._workspace.open_folder(data.folder, key, data.kind, data.target)

    def _choose_kind(self, index: int) -> None:
        recipe = self._workspace.recipe
        key = str(self.kind.itemData(index))
        if recipe is not None and recipe.data.kind != key:
            self._shown = None
            task = self._workspace.open_folder(recipe.data.folder, recipe.data.labels, key)
            if task is not None:
                task.ended.connect(self.refresh)  # a folder that is no such thing stays as it was

    def _explain(self, words: str) -> None:
        self.error.setText(words)
        self.error.setVisible(bool(words))


def describe(catalogue: Catalogue, data: DataSection, own: bool) -> str:
    """How many images are trained on and held out, and by which rule.

    Raises:
        ValueError: if the section asks for a split that cannot be.
    """
    split = data.split(catalogue)
    words = f"{len(split.train):,} to train on, {len(split.held_out):,} held out"
    if excluded := len(np.setdiff1d(split.excluded, split.held_out)):
        words = f"{words}, {excluded:,} excluded"
    if own:
        return f"{words}, as the folder's own splits say."
    rule = "every class in proportion" if catalogue.classes else "drawn at random"
    return f"{words}, {rule}."


def _spin(low: int, high: int, step: int, unit: str, help_text: str) -> WholeBox:
    made = WholeBox()
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setSuffix(unit)
    made.setToolTip(help_text)
    # Typing 128 must not open stores for 1 and 12 pixels on the way.
    made.setKeyboardTracking(False)
    return made
