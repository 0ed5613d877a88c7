"""Transfer in the Evaluate place: every encoder on another folder, those from outside as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.evaluate_scores import ScoresPage, compared, group
from app.plots.paired_bars import PairedBars, Row, Section
from app.plots.score_bars import Group, Score

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.transfer import TransferFinding

MUST_BEAT = ("untrained", "pixels")


class Page(ScoresPage):
    """Bars of the linear classifier and of nearest neighbours, and what they say.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Accuracy on another folder")
        del workspace
        self.more = PairedBars("Clusters and rank on another folder")
        self.column.insertWidget(2, self.more)

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
        for budget in finding.scores["trained"].few:
            scores = (
                Score(name, *one.few[budget]) for name, one in finding.scores.items() if one.few
            )
            groups.append(Group(f"Linear classifier with {budget} of the labels", tuple(scores)))
        mlp = {name: one.mlp for name, one in finding.scores.items() if one.mlp is not None}
        if mlp:
            groups.append(group("MLP", mlp, asked))
        self.bars.show_groups(groups, finding.chance)
        self._show_more(finding)
        self.verdict.setText(f"On {finding.folder}: {_said(linear, asked)}")
        ranks = [
            f"{name} {one.effective_rank:.1f}"
            for name, one in finding.scores.items()
            if one.effective_rank is not None
        ]
        self.foot.setText(
            f"Learned from {finding.training:,} images of {finding.classes} classes, asked about "
            f"{finding.held_out:,} held-out ones. The dashed line is the most frequent class; ± is "
            "the standard error of a part, with few labels the deviation over draws."
            + (f" Effective rank there: {', '.join(ranks)}." if ranks else "")
            + " Other encoders are added below the list of measurements."
        )

    def _show_more(self, finding: TransferFinding) -> None:
        """Clusters, where they were asked for."""
        known = {name: one for name, one in finding.scores.items() if one.nmi is not None}
        self.more.setVisible(bool(known))
        if not known:
            return
        rows = (
            Row("NMI", tuple(one.nmi or 0.0 for one in known.values())),
            Row("ARI", tuple(one.ari or 0.0 for one in known.values())),
        )
        section = Section("k-means clusters against classes", "agreement", rows)
        self.more.show_sections(tuple(known), [section], baselines=False)


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
