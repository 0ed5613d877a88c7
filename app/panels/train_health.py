"""The health strip: in plain words how the run is doing, what to try, and the number to beat.

What the run warned of stands behind a link in it: a notice is closed, or replaced by the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import label
from app.panels.train_charts import judged_by_labels
from app.wording import count
from sslcore.runs.health import verdict

if TYPE_CHECKING:
    from sslcore.runs.record import RunRecord

EDGE = 4
LISTED = 8
"""Warnings that are listed, the newest ones."""
TOKENS = {
    "learning": "good",
    "stuck": "warning",
    "collapsing": "danger",
    "diverging": "danger",
    "failed": "danger",
}
"""Level of a verdict -> colour of the theme; the others (waiting, done) take the accent."""


class HealthStrip(QFrame):
    """Verdict at the left, its level as colour and as words; the newest score at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.level = "waiting"
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.headline = label("")
        self.headline.setFont(theme.font(13, bold=True))
        self.detail = label("", wrap=True)
        self.remedy = label("", "muted", wrap=True)
        self.warned = QPushButton()
        self.warned.setProperty("role", "link")
        self.warned.setCheckable(True)
        self.warned.setToolTip("What this run warned of")
        self.warnings = label("", "muted", wrap=True)
        self.warnings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.warned.toggled.connect(self.warnings.setVisible)
        self.figure = label("", "figure")
        self.caption = label("", "caption")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight)
        words = QVBoxLayout()
        words.setSpacing(2)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.headline, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self.detail, 1)
        first.addWidget(self.warned, 0, Qt.AlignmentFlag.AlignTop)
        words.addStretch(1)
        words.addLayout(first)
        words.addWidget(self.remedy)
        words.addWidget(self.warnings)
        words.addStretch(1)
        score = QVBoxLayout()
        score.setSpacing(0)
        score.addWidget(self.figure, 0, Qt.AlignmentFlag.AlignRight)
        score.addWidget(self.caption)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12 + EDGE, 8, 16, 8)
        layout.setSpacing(16)
        layout.addLayout(words, 1)
        layout.addLayout(score)
        self.setMinimumHeight(58)
        theme.current().changed.connect(self._tint)

    @property
    def text(self) -> str:
        """All words, for screen readers and tests."""
        parts = (self.headline.text(), self.detail.text(), self.remedy.text())
        return " ".join(part for part in parts if part)

    def show_record(self, record: RunRecord) -> None:
        """Judge the run as it stands."""
        found = verdict(record)
        failed = record.stopped is not None and record.stopped.reason == "failed"
        self.level = "failed" if failed else found.level
        for widget, words in (
            (self.headline, found.headline),
            (self.detail, found.detail),
            (self.remedy, found.remedy),
        ):
            if widget.text() != words:
                widget.setText(words)
            widget.setVisible(bool(words))
        self._show_warnings(record)
        self._show_score(record)
        self.setAccessibleName(f"Health of the run: {found.headline}")
        self.setAccessibleDescription(self.text)
        self._tint()

    def _show_warnings(self, record: RunRecord) -> None:
        found = record.warnings
        self.warned.setVisible(bool(found))
        self.warnings.setVisible(bool(found) and self.warned.isChecked())
        words = count(len(found), "warning")
        if self.warned.text() != words:
            self.warned.setText(words)
        lines = [f"Step {one.step:,}: {one.message} {one.remedy}" for one in found[-LISTED:]]
        if len(found) > LISTED:
            lines.insert(0, f"{count(len(found) - LISTED, 'earlier warning')} in the run's log.")
        if self.warnings.text() != (listed := "\n".join(lines)):
            self.warnings.setText(listed)

    def _show_score(self, record: RunRecord) -> None:
        labelled = judged_by_labels(record)
        metric = "knn_20" if labelled else "view_retrieval"
        name = "kNN, k = 20, held out" if labelled else "view retrieval"
        series, untrained = record.metrics.get(metric), record.reference.get(metric)
        value = series.last if series is not None else untrained
        self.figure.setText("" if value is None else f"{value:.1%}".replace("%", " %"))
        if series is not None and untrained is not None:
            name += f" · untrained {untrained:.1%}".replace("%", " %")
        elif untrained is not None:
            name += " · untrained encoder"
        self.caption.setText("" if value is None else name)
        self.figure.setVisible(value is not None)
        self.caption.setVisible(value is not None)

    def _colour(self) -> str:
        tokens = theme.tokens()
        return str(getattr(tokens, TOKENS.get(self.level, "accent")))

    def _tint(self) -> None:
        self.headline.setStyleSheet(f"color: {self._colour()}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, and its left edge in the colour of the verdict."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 10, 10)
        painter.setClipPath(outline)
        painter.fillRect(QRectF(0, 0, EDGE, self.height()), QColor(self._colour()))
        painter.end()
