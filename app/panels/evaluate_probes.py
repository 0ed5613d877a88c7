"""Probes in the Evaluate place: what a line and a small network read, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.card import label
from app.panels.evaluate_view import FindingView
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.probes import ProbesFinding

FOLDED = 0.03
"""Points by which an MLP must read more before classes count as folded up."""


def verdict(finding: ProbesFinding) -> str:
    """What the MLP reads beyond the straight cut, in a sentence."""
    line = finding.scores["linear"]["trained"].top_1
    curved = finding.scores["mlp"]["trained"].top_1
    gain = curved - line
    points = f"{100 * gain:+.1f} points".replace("-", "−")
    error = math.sqrt(curved * (1 - curved) / max(finding.asked, 1))
    if gain > max(FOLDED, 2 * error):
        words = "Classes are there, but folded up: a small network reads clearly more"
    elif abs(gain) <= 2 * error:
        words = "A straight cut reads as much as a small network, as far as chance lets one tell"
    elif gain > 0:
        words = "A small network reads a little more than a straight cut"
    else:
        words = "A small network reads less than a straight cut: it learns the bank by heart"
    return f"{words} ({points}: {100 * curved:.1f} % against {100 * line:.1f} %)."


class Page(FindingView):
    """Bars of every probe of every encoder.

    Args:
        workspace: as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars("Accuracy of the probes")
        self.foot = label("", "caption", wrap=True)
        for one in (self.verdict, self.bars, self.foot):
            self.column.addWidget(one)
        self.column.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.probes import TITLES, ProbesFinding

        finding = kept.finding
        assert isinstance(finding, ProbesFinding)  # kept under this key

        def error(value: float) -> float:
            return math.sqrt(value * (1 - value) / max(finding.asked, 1))

        self.bars.show_groups(
            [
                Group(
                    f"{TITLES[probe]}, top 1",
                    tuple(Score(name, one.top_1, error(one.top_1)) for name, one in scores.items()),
                )
                for probe, scores in finding.scores.items()
            ]
        )
        self.verdict.setText(verdict(finding))
        chosen = "; ".join(
            f"{TITLES[probe]}: " + ", ".join(f"{name} {one.choice}" for name, one in scores.items())
            for probe, scores in finding.scores.items()
        )
        top_5 = "; ".join(
            f"{TITLES[probe]} {100 * scores['trained'].top_5:.1f} %"
            for probe, scores in finding.scores.items()
        )
        self.foot.setText(
            f"Part of {finding.asked:,} held-out images that have a label; ± is the standard error "
            f"of that part. Top 5 of the trained encoder: {top_5}. Chosen on a part of the "
            f"training images: {chosen}."
        )
