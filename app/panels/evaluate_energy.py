"""Energies in the Evaluate place: sentences, pairs, damaged images, and images to look at."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from app.card import label
from app.panels.evaluate_energy_damage import DamageView
from app.panels.evaluate_energy_pairs import PairsView
from app.panels.evaluate_images import Section
from app.panels.evaluate_view import Columns, FindingView

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.energy import EnergyFinding

LINKS = {
    "ends": "Least and most energy",
    "farthest": "Positives farthest apart",
    "closest": "Closest negatives",
    "false_closest": "Closest of one class",
}


class Page(FindingView):
    """Energies of a run; the timeline moves its pairs.

    Args:
        workspace: whose images, selection and timeline.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._finding: EnergyFinding | None = None
        self.words = label("", wrap=True)
        self.pairs = PairsView()
        self.damage = DamageView()
        self.links: dict[str, QPushButton] = {}
        links = Columns(176, 4)
        for key, words in LINKS.items():
            made = QPushButton(words)
            made.setProperty("role", "link")
            made.setStyleSheet("text-align: left")
            made.setAccessibleName(f"Show images: {words}")
            made.clicked.connect(partial(self._show, key))
            self.links[key] = made
        links.show_widgets(list(self.links.values()))
        for one in (self.words, links, self.pairs, self.damage):
            self.column.addWidget(one)
        self.column.addStretch(1)
        self.pairs.asked.connect(self._ask)
        workspace.snapshot_selected.connect(self.pairs.stand_at)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding; what its method is about comes first."""
        from sslcore.assessment.kinds.energy import EnergyFinding

        finding = kept.finding
        assert isinstance(finding, EnergyFinding)  # kept under this key
        self._finding = finding
        self.images.hide()
        self.words.setText(
            "\n".join((f"Energy of this method: {finding.meaning}.", *finding.sentences))
        )
        first, second = (
            (self.pairs, self.damage) if finding.comparing else (self.damage, self.pairs)
        )
        for place, one in enumerate((first, second)):
            self.column.removeWidget(one)
            self.column.insertWidget(2 + place, one)
        self.damage.show_damaged(finding.damaged)
        self.pairs.show_finding(finding)
        self.pairs.stand_at(self._workspace.snapshot_position)
        self.links["false_closest"].setVisible(bool(finding.pairs.shown.false_closest))

    def _ask(self, step: int) -> None:
        """Move the timeline to the snapshot nearest to a step."""
        record = self._workspace.record
        if record is None or not record.snapshots:
            self.pairs.stand_at(step)
            return
        near = min((one for one, _ in record.snapshots), key=lambda one: abs(one - step))
        self._workspace.select_snapshot(near)

    def _show(self, key: str) -> None:
        finding = self._finding
        if finding is None:
            return
        shown = finding.pairs.shown
        sections: dict[str, list[Section]] = {
            "ends": [
                ("least energy", finding.damaged.lowest),
                ("most energy", finding.damaged.highest),
            ],
            "farthest": [("", shown.farthest)],
            # Side by side: the first with the second, the third with the fourth, ...
            "closest": [("", list(chain.from_iterable(shown.closest)))],
            "false_closest": [("", list(chain.from_iterable(shown.false_closest)))],
        }
        words = LINKS[key] + (" (in pairs)" if "closest" in key else "")
        self.images.show_images(words, sections[key])
