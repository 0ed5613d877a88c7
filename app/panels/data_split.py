"""What the recipe takes from the folder: size of views, held-out split, samples of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QWidget

from app.card import Card, label
from app.forms.editors import Combo
from app.forms.number import WholeBox
from app.panels.data_reading import FIELDS, Answer
from app.wording import sentence
from sslcore.config import ConfigError

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.sections import DataSection

SOURCES = {"auto": "Test images", "train": "Training images"}
"""Values of ``data.held_out_from`` where a folder has test images of its own."""


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
        self.seed = _spin(0, 2**31 - 1, 1, "", "Seed of the split; keep it to compare runs.")
        self.limit = _spin(0, 10_000_000, 500, " images", "Train on at most so many images.")
        self.limit.setSpecialValueText("all")
        self.source = Combo()
        self.source.setToolTip(
            "Training images, for trying things out: the folder's own test images are not looked "
            "at until you come back to them."
        )
        for key, words in SOURCES.items():
            self.source.addItem(words, key)
        self.frames = _spin(2, 64, 1, " frames", "Frames of one sample, in order.")
        self.step = _spin(
            1, 1000, 1, "", "2 takes every other frame, so that more happens between them."
        )
        self.vocabulary = _spin(
            1, 1_000_000, 512, " words", "The most frequent words that get a number of their own."
        )
        self.words = _spin(1, 256, 4, " words", "Longer captions are cut.")
        self.answers = {field: Answer(workspace, field) for field in FIELDS}
        self.result = label("", "muted", wrap=True)
        self.error = label("", "danger", wrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, QWidget]] = [
            ("Image size", self.image_size),
            ("Held out from", self.source),
            ("Held out", self.held_out),
            ("Split seed", self.seed),
            ("Use at most", self.limit),
            ("Labels", self.answers["labels"]),
            ("Groups", self.answers["groups"]),
            ("Channels", self.answers["channels"]),
            ("Holds", self.answers["kind"]),
            ("Target", self.answers["target"]),
            ("Captions", self.answers["captions"]),
            ("A sample is", self.frames),
            ("Frame step", self.step),
            ("Vocabulary", self.vocabulary),
            ("Captions up to", self.words),
        ]
        self._names: dict[QWidget, QWidget] = {}
        for line, (name, widget) in enumerate(rows):
            words = label(name, "muted")
            words.setBuddy(widget)
            widget.setAccessibleName(name)
            grid.addWidget(words, line, 0)
            grid.addWidget(widget, line, 1)
            self._names[widget] = words
        self.body.addLayout(grid)
        self.body.addWidget(self.result)
        self.body.addWidget(self.error)
        self._spins = {
            "image_size": self.image_size,
            "held_out": self.held_out,
            "split_seed": self.seed,
            "limit": self.limit,
            "frames": self.frames,
            "frame_step": self.step,
            "vocabulary": self.vocabulary,
            "caption_words": self.words,
        }
        for spin in self._spins.values():
            spin.valueChanged.connect(self._take)
        self.source.activated.connect(self._take)
        for answer in self.answers.values():
            answer.refused.connect(self._show_again)
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
        for name, spin in self._spins.items():
            with QSignalBlocker(spin):
                spin.setValue(_shown_as(name, getattr(data, name)))
        for answer in self.answers.values():
            self._show_row(answer, answer.refresh(catalogue, data))
        for spin, matters in (
            (self.frames, catalogue.sequences is not None),
            (self.step, catalogue.sequences is not None),
            (self.vocabulary, catalogue.captions is not None),
            (self.words, catalogue.captions is not None),
        ):
            self._show_row(spin, matters)
        # Own test or val folders are the held-out images: a share would mean nothing.
        named = any(name in ("test", "val") for name in catalogue.splits) and any(
            name in ("train", "") for name in catalogue.splits
        )
        own = named and data.held_out_from == "auto"
        self.source.setCurrentIndex(self.source.findData(data.held_out_from))
        self._show_row(self.source, named)
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
        values: dict[str, Any] = {"held_out_from": self.source.currentData()}
        for name, spin in self._spins.items():
            if spin.value() != _shown_as(name, getattr(data, name)):
                values[name] = spin.value()
        if "held_out" in values:
            values["held_out"] /= 100
        if "limit" in values:
            values["limit"] = values["limit"] or None
        try:
            data = data.changed(**values)
        except ConfigError as error:
            self._explain(str(error))
            return
        self._workspace.change_section("data", data)

    def _show_again(self) -> None:
        self._shown = None
        self.refresh()

    def _show_row(self, widget: QWidget, shown: bool) -> None:
        widget.setVisible(shown)
        self._names[widget].setVisible(shown)

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
    # Of sequences everybody expects it.
    whole = catalogue.groups is not None and catalogue.sequences is None
    return f"{words}, {rule}{', groups whole' if whole else ''}."


def _shown_as(name: str, value: Any) -> int:
    """The whole number that stands in a field for a value of the recipe."""
    return round(value * 100) if name == "held_out" else value or 0


def _spin(low: int, high: int, step: int, unit: str, help_text: str) -> WholeBox:
    made = WholeBox()
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setSuffix(unit)
    made.setToolTip(help_text)
    # Typing 128 must not open stores for 1 and 12 pixels on the way.
    made.setKeyboardTracking(False)
    return made
