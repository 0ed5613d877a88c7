"""Negatives in the Evaluate place: bound, neighbours, clusters and both faults by their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.card import label
from app.panels.evaluate_view import Columns, FindingView
from app.plots.band import Band, BandPlot

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.negatives import NegativesFinding

AXIS = "negatives N"


class Page(FindingView):
    """Four small plots over N, and what they say.

    Args:
        workspace: as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.words = label("", wrap=True)
        self.bound = BandPlot("Bound")
        self.knn = BandPlot("kNN, k = 20")
        self.nmi = BandPlot("NMI")
        self.faults = BandPlot("Faults")
        self.plots = Columns(280, 2)
        for one in (self.bound, self.knn, self.nmi, self.faults):
            one.setFixedHeight(196)
        self.plots.show_widgets([self.bound, self.knn, self.nmi, self.faults])
        self.foot = label("", "caption", wrap=True)
        for one in (self.words, self.plots, self.foot):
            self.column.addWidget(one)
        self.column.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.negatives import NegativesFinding

        finding = kept.finding
        assert isinstance(finding, NegativesFinding)  # kept under this key
        self.words.setText("\n".join(finding.sentences))
        points = finding.points
        self.plots.setVisible(bool(points))
        self.foot.setVisible(bool(points))
        if not points:
            return
        places = [f"{one.negatives:,}" for one in points]
        ceiling = Band("log(N + 1)", np.array([one.ceiling for one in points]), series=None)
        bound = [_band(finding, "bound", "bound", 0)]
        if any("bound" in one.values for one in points):  # a triplet loss proves none
            bound.append(ceiling)
        self.bound.show_bands(places, bound, AXIS, "nats")
        self.knn.show_bands(places, [_band(finding, "knn", "kNN", 0)], AXIS, percent=True)
        self.nmi.show_bands(places, [_band(finding, "nmi", "NMI", 0)], AXIS, percent=True)
        self.faults.show_bands(
            places,
            [
                _band(finding, "shared", "under-clustering", 1),
                _band(finding, "split", "over-clustering", 2),
            ],
            AXIS,
            "of the images",
            percent=True,
        )
        runs = ", ".join(f"{one.negatives:,}: {', '.join(one.runs)}" for one in points)
        self.foot.setText(
            f"Runs by N: {runs}. A band spans runs with the same N. Under-clustering: images in "
            "clusters that are not their class's own; over-clustering: in a second one that is."
        )


def _band(finding: NegativesFinding, key: str, name: str, series: int) -> Band:
    """One figure over N; not a number where no run has it."""
    rows = [one.values.get(key) for one in finding.points]
    ends = np.array(
        [(np.nan,) * 3 if one is None else (one.mean, one.low, one.high) for one in rows]
    )
    several = any(len(one.runs) > 1 for one in finding.points)
    return Band(
        name, ends[:, 0], ends[:, 1] if several else None, ends[:, 2] if several else None, series
    )
