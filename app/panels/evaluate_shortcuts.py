"""Shortcuts in the Evaluate place: warnings in words, and what can be read from the features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import icon, theme
from app.card import label
from app.plots.paired_bars import PairedBars, Row, Section
from app.scrolling import scrolled

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.shortcuts import Read, ShortcutsFinding

MARKS = {
    "open": ("warning", "danger"),
    "partly": ("warning", "warning"),
    "closed": ("check", "good"),
}
"""Icon and colour of a cue, by how far a shortcut is open."""
SOURCES = {
    "class": "what one wants to be read",
    "column": "a column of the table",
    "file": "of the file",
    "pixels": "",
}


class CueLine(QWidget):
    """A mark and what it means.

    Args:
        text: what a cue means for the pretext task.
        level: "open", "partly" or "closed".
    """

    def __init__(self, text: str, level: str) -> None:
        super().__init__()
        self.level = level
        self.mark = QLabel()
        self.mark.setAccessibleName({"open": "Warning", "partly": "Mind", "closed": "Fine"}[level])
        self.words = label(text, wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        theme.current().changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        """Draw the mark in a colour of the theme in use."""
        name, tone = MARKS[self.level]
        self.mark.setPixmap(icon.pixmap(name, str(getattr(theme.tokens(), tone)), 16))


def learned(finding: ShortcutsFinding) -> str:
    """What training made easier and harder to read, in a sentence; "" where it is neither."""
    parts: list[str] = []
    if finding.gained:
        parts.append(f"easier to read: {_listed(finding.gained)}")
    if finding.lost:
        parts.append(f"harder: {_listed(finding.lost)}")
    return f"Training made {'; '.join(parts)}." if parts else ""


def _listed(titles: tuple[str, ...]) -> str:
    lowered = [one if one[:2].isupper() else one[:1].lower() + one[1:] for one in titles]
    return ", ".join(lowered)


class Page(QWidget):
    """Warnings above, bars below, in an area that scrolls.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        content = QWidget()
        self.cues = QVBoxLayout()
        self.cues.setSpacing(8)
        self.none = label("", "muted", wrap=True)
        self.learned = label("", wrap=True)
        self.bars = PairedBars("What can be read from the features")
        self.foot = label("", "caption", wrap=True)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addLayout(self.cues)
        column.addWidget(self.none)
        column.addWidget(self.learned)
        column.addWidget(self.bars)
        column.addWidget(self.foot)
        column.addStretch(1)
        area = scrolled(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(area)

    @property
    def lines(self) -> list[CueLine]:
        """What is said about cues, from top to bottom."""
        items = [self.cues.itemAt(place) for place in range(self.cues.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [one for one in widgets if isinstance(one, CueLine)]

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.shortcuts import ShortcutsFinding

        finding = kept.finding
        assert isinstance(finding, ShortcutsFinding)  # kept under this key
        for line in self.lines:
            self.cues.removeWidget(line)
            line.deleteLater()
        for cue in finding.cues:
            self.cues.addWidget(CueLine(cue.text, cue.level))
        self.none.setVisible(not finding.cues)
        self.none.setText(finding.without_cue)
        words = learned(finding)
        self.learned.setText(words)
        self.learned.setVisible(bool(words))
        self.bars.show_sections(finding.encoders, _sections(finding))
        self.bars.setVisible(bool(finding.read))
        self.foot.setText(_foot(finding))


def _sections(finding: ShortcutsFinding) -> list[Section]:
    made: list[Section] = []
    for measure, title, words in (
        ("accuracy", "Categories", "accuracy"),
        ("R2", "Numbers", "R²"),
    ):
        rows = [one for one in finding.read if one.measure == measure]
        rows.sort(key=lambda one: (one.source != "class", -one.scores["trained"]))
        made.append(Section(title, words, tuple(_row(one) for one in rows), measure == "accuracy"))
    return made


def _row(one: Read) -> Row:
    note = ", ".join(filter(None, (one.unit, SOURCES.get(one.source, ""))))
    return Row(one.title, tuple(one.scores.values()), one.baseline, one.source == "class", note)


def _foot(finding: ShortcutsFinding) -> str:
    asked = max((one.images for one in finding.read), default=0)
    words = (
        f"Read by a straight line through feature space, of {asked:,} held-out images; R² is 1 for "
        "perfect and 0 for no better than a constant, accuracy is that of the right category."
        if asked
        else "Nothing could be read."
    )
    if finding.skipped:
        left = "; ".join(f"{title} ({why})" for title, why in finding.skipped.items())
        words += f" Not asked for: {left}."
    return words
