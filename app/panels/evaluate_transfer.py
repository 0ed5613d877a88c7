"""Transfer in the Evaluate place: every encoder on another folder, those from outside as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.evaluate_scores import ScoresPage, compared, group

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept

MUST_BEAT = ("untrained", "pixels")


class Page(ScoresPage):
    """Bars of the linear classifier and of nearest neighbours, and what they say.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Accuracy on another folder")
        del workspace

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.transfer import TransferFinding

        finding = kept.finding
        assert isinstance(finding, TransferFinding)  # kept under this key
        asked = finding.held_out
        linear = {name: one.top_1 for name, one in finding.scores.items()}
        near = {name: one.knn for name, one in finding.scores.items()}
        groups = [
            group("Linear classifier, top 1", linear, asked),
            group(f"Nearest neighbours, k = {finding.neighbours}", near, asked),
        ]
        self.bars.show_groups(groups, finding.chance)
        self.verdict.setText(f"On {finding.folder}: {_said(linear, asked)}")
        self.foot.setText(
            f"Learned from {finding.training:,} images of {finding.classes} classes, asked about "
            f"{finding.held_out:,} held-out ones. The dashed line is the most frequent class; ± is "
            "the standard error of a part. Other encoders are added below the list of measurements."
        )


def _said(linear: dict[str, float], asked: int) -> str:
    """The trained encoder beside what it must beat; those from outside are yardsticks only."""
    must = {name: value for name, value in linear.items() if name in ("trained", *MUST_BEAT)}
    words = compared(must, asked)
    outside = [
        f"{name} {100 * value:.1f} %"
        for name, value in linear.items()
        if name not in ("trained", *MUST_BEAT)
    ]
    words = words[:1].lower() + words[1:]
    return f"{words} From outside: {', '.join(outside)}." if outside else words
