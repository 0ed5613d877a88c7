"""Beside a finding: what the measurement is, its settings, and the button that measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.card import Card, label
from app.forms.form import ConfigForm
from app.scrolling import scrolled
from app.wording import duration

if TYPE_CHECKING:
    from app.assessing import Assessing
    from sslcore.assessment.kept import Kept

WIDTH = 264


class MeasureCard(Card):
    """Idea, form, Measure and Cancel, progress, and of when the finding is.

    Attributes:
        explained: somebody wants to read the whole page of the measurement.

    Args:
        assessing: measures.
        key: of the measurement.
    """

    explained = Signal()

    def __init__(self, assessing: Assessing, key: str) -> None:
        one = assessing.measurements[key]
        super().__init__("Settings")
        self._assessing, self._key = assessing, key
        self._shown: Kept | None = None
        self.setFixedWidth(WIDTH)
        self.form = ConfigForm(one.config)
        self.more = QPushButton("How it works")
        self.more.setProperty("role", "link")
        self.more.setAccessibleName(f"How {one.title} works")
        self.more.clicked.connect(self.explained)
        self.add_action(self.more)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(label(one.idea, "muted", wrap=True))
        column.addWidget(self.form)
        column.addStretch(1)
        area = scrolled(content)
        self.body.addWidget(area, 1)
        self.age = label("", "caption", wrap=True)
        self.words = label("", "caption", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {one.title}")
        self.start = QPushButton("Measure")
        self.start.setProperty("role", "primary")
        self.start.setAccessibleName(f"Measure: {one.title}")
        self.start.clicked.connect(self._start)
        self.stop = QPushButton("Cancel")
        self.stop.setAccessibleName(f"Cancel: {one.title}")
        self.stop.clicked.connect(lambda: assessing.cancel(key))
        for widget in (self.age, self.words, self.bar, self.start, self.stop):
            self.body.addWidget(widget)
        self.form.validity_changed.connect(self.start.setEnabled)
        self.refresh()

    def _start(self) -> None:
        self._assessing.measure(self._key, self.form.config)

    def show_finding(self, kept: Kept) -> None:
        """Say of when a finding is, and put its settings into the form."""
        self._shown = kept
        self.form.set_config(kept.settings)
        self.refresh()

    def refresh(self) -> None:
        """Say how it stands."""
        assessing, key = self._assessing, self._key
        busy = assessing.running == key or assessing.waits(key)
        self.start.setVisible(not busy)
        self.stop.setVisible(busy)
        self.bar.setVisible(busy)
        self.words.setVisible(busy)
        newest = assessing.found.get(key)
        kept = None if newest is None else self._shown or newest
        self.start.setText("Measure" if kept is None else "Measure again")
        self.age.setVisible(kept is not None and not busy)
        if kept is not None:
            last = assessing.newest if kept is newest else None
            words = age(kept.epoch, kept.images, kept.seconds, last)
            if newest is not None and kept.step < newest.step:
                words += f" The newest finding is of epoch {newest.epoch:.1f}."
            self.age.setText(words)
        if busy:
            now = assessing.progress
            here = assessing.running == key
            self.words.setText(f"{now.words} …" if here else "Waits for its turn")
            self.bar.setRange(0, max(now.total, 0) if here else 1)
            self.bar.setValue(now.done if here else 0)


def age(
    epoch: float,
    images: tuple[int, int],
    seconds: float,
    newest: tuple[int, float] | None,
) -> str:
    """Of when and of how many images a finding is, and whether there is a newer checkpoint."""
    words = (
        f"Epoch {epoch:.1f}. {images[0]:,} training and {images[1]:,} held-out images, "
        f"{duration(seconds)}."
    )
    if newest is not None and newest[1] > epoch + 0.05:
        words += f" The run has a checkpoint of epoch {newest[1]:.1f} now: measure again."
    return words
