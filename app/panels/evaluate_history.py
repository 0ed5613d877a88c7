"""Which of several findings of one measurement is shown: those of other steps or settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.forms import plain
from app.forms.choosing import FOLDER
from app.forms.editors import Combo
from sslcore.config import knobs

if TYPE_CHECKING:
    from sslcore.assessment.kept import Kept


class History(Combo):
    """A list of findings, the newest first; hidden where there is nothing to choose.

    Signals:
        chosen(Kept): one of them.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: list[Kept] = []
        self.setAccessibleName("Finding")
        self.setToolTip("Findings of other checkpoints and with other settings")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaximumWidth(420)
        self.activated.connect(self._choose)
        self.hide()

    def _choose(self, index: int) -> None:
        self.chosen.emit(self._findings[index])

    def show_findings(self, findings: Sequence[Kept], shown: Kept | None) -> None:
        """List findings, and mark the one that is shown."""
        alike = len(findings) == len(self._findings)
        if alike and all(a is b for a, b in zip(findings, self._findings, strict=True)):
            return  # somebody may be looking through the list
        self._findings = list(findings)
        with QSignalBlocker(self):
            self.clear()
            self.addItems(names(findings))
            if shown is not None and shown in self._findings:
                self.setCurrentIndex(self._findings.index(shown))
        self.setVisible(len(findings) > 1)


def names(findings: Sequence[Kept]) -> list[str]:
    """Step of every finding, and the settings in which they differ."""
    if not findings:
        return []
    titles = {
        one.name: one.title if one.title.isupper() else one.title.lower()
        for one in knobs(type(findings[0].settings))
    }
    written = [
        {name: plain.text(getattr(one.settings, name)) for name in titles} for one in findings
    ]
    differing = [name for name in titles if len({one[name] for one in written}) > 1]
    if FOLDER in differing:
        last = {one[FOLDER]: PurePath(one[FOLDER]).name for one in written}
        if len(set(last.values())) == len(last):  # else only the whole path tells them apart
            written = [{**one, FOLDER: last[one[FOLDER]]} for one in written]
    told: list[str] = []
    for one, said in zip(findings, written, strict=True):
        parts = [
            f"{titles[name]} {said[name]}" if said[name] else f"no {titles[name]}"
            for name in differing
        ]
        told.append(" · ".join([f"Step {one.step:,}", *parts]))
    return told
