"""One measurement of the Evaluate place: its finding, and the card with its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.panels import evaluate_page
from app.panels.empty import Empty
from app.panels.evaluate_history import History
from app.panels.evaluate_settings import MeasureCard

if TYPE_CHECKING:
    from app.assessing import Assessing
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept


class MeasurementRoom(QWidget):
    """Finding and settings side by side.

    Args:
        workspace: what is open.
        assessing: measures.
        key: of the measurement.
    """

    def __init__(self, workspace: Workspace, assessing: Assessing, key: str) -> None:
        super().__init__()
        self._assessing, self._key = assessing, key
        self._newest: Kept | None = None
        self._shown: Kept | None = None
        one = assessing.measurements[key]
        self.card = Card(one.title)
        self.problem = label("", "danger", wrap=True)
        self.problem.hide()
        self.caution = label("", "warning", wrap=True)
        self.caution.hide()
        self.empty = Empty(
            "Not measured yet",
            "Measure works on the newest checkpoint of the run and keeps what it finds with it.",
        )
        self.page = evaluate_page.page_for(key, workspace)
        self.history = History()
        self.history.chosen.connect(self._show)
        self.card.add_action(self.history)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self._rooms.addWidget(self.page)
        self.card.body.addWidget(self.problem)
        self.card.body.addWidget(self.caution)
        self.card.body.addWidget(self._rooms, 1)
        self.settings = MeasureCard(assessing, key)
        self.settings.explained.connect(self._explain)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.card, 1)
        row.addWidget(self.settings)
        assessing.changed.connect(self._follow)
        self._follow(key)

    def _follow(self, key: str) -> None:
        if key != self._key:
            return
        self.settings.refresh()
        problem = self._assessing.problems.get(key, "")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        newest = self._assessing.found.get(key)
        if newest is not self._newest:
            self._newest = newest
            self._show(newest)
        self.history.show_findings(self._assessing.history.get(key, []), self._shown)

    def _show(self, kept: Kept | None) -> None:
        """Show a finding with what it was measured with."""
        self._shown = kept
        words = [] if kept is None else evaluate_page.cautions(self.page, kept)
        self.caution.setText("\n".join(words))
        self.caution.setVisible(bool(words))
        if kept is not None:
            self.settings.show_finding(kept)
            evaluate_page.show(self.page, kept)
        self._rooms.setCurrentIndex(int(kept is not None))

    def _explain(self) -> None:
        one = self._assessing.measurements[self._key]
        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(one.title)
        dialog.resize(560, 420)
        words = QLabel(one.help)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setMargin(16)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        area = QScrollArea()
        area.setWidget(words)
        area.setWidgetResizable(True)
        column = QVBoxLayout(dialog)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        dialog.open()
