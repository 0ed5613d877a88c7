"""Nearest neighbours in the Evaluate place: accuracy for both k beside what it must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.evaluate_scores import ScoresPage, group
from app.panels.evaluate_view import beside

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept


class Page(ScoresPage):
    """Bars of every encoder, and what they say.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Accuracy of nearest neighbours")
        del workspace

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.knn import KnnFinding

        finding = kept.finding
        assert isinstance(finding, KnnFinding)  # kept under this key
        asked = kept.images[1] if finding.asked is None else finding.asked
        by_k = [
            {name: row[number] for name, row in finding.accuracy.items()}
            for number in range(len(finding.neighbours))
        ]
        self.bars.show_groups(
            [
                group(f"k = {k}", parts, asked)
                for k, parts in zip(finding.neighbours, by_k, strict=True)
            ]
        )
        self.verdict.setText(beside(by_k[0], asked))
        self.foot.setText(
            f"Part of {asked:,} held-out images"
            + ("" if finding.asked is None else " that have a label,")
            + " whose class the nearest training images vote for; ± is the standard error of that "
            "part."
        )
