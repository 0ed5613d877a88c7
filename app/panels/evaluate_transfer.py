"""Transfer in the Evaluate place: every encoder on another folder, those from outside as well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label
from app.panels.evaluate_knn import compared
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept

MUST_BEAT = ("untrained", "pixels")


class Page(QWidget):
    """Bars of the linear classifier and of nearest neighbours, and what they say.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars("Accuracy on another folder")
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
        from sslcore.assessment.kinds.transfer import TransferFinding

        finding = kept.finding
        assert isinstance(finding, TransferFinding)  # kept under this key

        def error(value: float) -> float:
            return math.sqrt(value * (1 - value) / max(finding.held_out, 1))

        def group(title: str, scores: dict[str, float]) -> Group:
            each = (Score(name, value, error(value)) for name, value in scores.items())
            return Group(title, tuple(each))

        linear = {name: one.top_1 for name, one in finding.scores.items()}
        near = {name: one.knn for name, one in finding.scores.items()}
        groups = [
            group("Linear classifier, top 1", linear),
            group(f"Nearest neighbours, k = {finding.neighbours}", near),
        ]
        self.bars.show_groups(groups, finding.chance)
        self.verdict.setText(f"On {finding.folder}: {_said(linear, error(linear['trained']))}")
        self.foot.setText(
            f"Learned from {finding.training:,} images of {finding.classes} classes, asked about "
            f"{finding.held_out:,} held-out ones. The dashed line is the most frequent class; ± is "
            "the standard error of a part. Other encoders are added below the list of measurements."
        )


def _said(linear: dict[str, float], error: float) -> str:
    """The trained encoder beside what it must beat; those from outside are yardsticks only."""
    must = {name: value for name, value in linear.items() if name in ("trained", *MUST_BEAT)}
    words = compared(must, error)
    outside = [
        f"{name} {100 * value:.1f} %"
        for name, value in linear.items()
        if name not in ("trained", *MUST_BEAT)
    ]
    words = words[:1].lower() + words[1:]
    return f"{words} From outside: {', '.join(outside)}." if outside else words
