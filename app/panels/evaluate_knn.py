"""Nearest neighbours in the Evaluate place: accuracy for both k beside what it must beat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept


def compared(scores: dict[str, float], error: float) -> str:
    """What the trained encoder reached beyond its references, in a sentence."""
    trained = scores["trained"]
    parts = [
        f"{100 * (trained - value):+.1f} points against {name}".replace("-", "−")
        for name, value in scores.items()
        if name != "trained"
    ]
    if not parts:
        return "Nothing was measured beside it."
    beyond = min(trained - value for name, value in scores.items() if name != "trained")
    if beyond > 2 * math.sqrt(2) * error:
        words = "Above everything it must beat"
    elif beyond > 0:
        words = "Ahead, but within what chance can do"
    else:
        words = "Not above everything it must beat"
    return f"{words}: {', '.join(parts)}."


class Page(QWidget):
    """Bars of every encoder, and what they say.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars("Accuracy of nearest neighbours")
        self.foot = label("", "caption", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.verdict)
        layout.addWidget(self.bars)
        layout.addWidget(self.foot)
        layout.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.knn import KnnFinding

        finding = kept.finding
        assert isinstance(finding, KnnFinding)  # kept under this key
        asked = kept.images[1]

        def error(value: float) -> float:
            return math.sqrt(value * (1 - value) / max(asked, 1))

        groups = [
            Group(
                f"k = {k}",
                tuple(
                    Score(name, row[number], error(row[number]))
                    for name, row in finding.accuracy.items()
                ),
            )
            for number, k in enumerate(finding.neighbours)
        ]
        self.bars.show_groups(groups)
        first = {name: row[0] for name, row in finding.accuracy.items()}
        self.verdict.setText(compared(first, error(first["trained"])))
        self.foot.setText(
            f"Part of {asked:,} held-out images whose class the nearest training images vote for; "
            "± is the standard error of that part."
        )
