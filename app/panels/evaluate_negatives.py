"""Negatives in the Evaluate place: bound, neighbours, clusters and both faults by their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.card import label
from app.panels.evaluate_view import Columns, FindingView
from app.plots.band import Band, BandPlot

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.negatives import SweepPoint

AXIS = "negatives N"


class Page(FindingView):
    """Small plots over N, a line for every method, and what they say.

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
        self.over = BandPlot("Over-clustering")
        self.plots = Columns(280, 2)
        widgets = [self.bound, self.knn, self.nmi, self.faults, self.over]
        for one in widgets:
            one.setFixedHeight(196)
        self.plots.show_widgets([*widgets])
        self.apart = label("", wrap=True)
        self.foot = label("", "caption", wrap=True)
        for one in (self.words, self.plots, self.apart, self.foot):
            self.column.addWidget(one)
        self.column.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.negatives import NegativesFinding

        finding = kept.finding
        assert isinstance(finding, NegativesFinding)  # kept under this key
        together, apart = finding.said
        self.words.setText("\n".join(together))
        self.apart.setText("\n".join(apart))
        self.apart.setVisible(bool(apart))
        lines = finding.by_method
        self.plots.setVisible(bool(lines))
        self.foot.setVisible(bool(lines))
        if not lines:
            return
        counts = sorted({one.negatives for points in lines.values() for one in points})
        places = [f"{one:,}" for one in counts]

        def bands(key: str, name: str, series: int = 0) -> list[Band]:
            """One figure of the only method, or of every method under its title."""
            if len(lines) == 1:
                return [_band(finding.points, counts, key, name, series)]
            made = [
                _band(points, counts, key, title, number)
                for number, (title, points) in enumerate(lines.items())
            ]
            return [one for one in made if np.isfinite(one.middle).any()]

        bound = bands("bound", "bound")
        if any("bound" in one.values for points in lines.values() for one in points):
            bound.append(Band("log(N + 1)", np.log1p(np.array(counts)), series=None))
        self.bound.show_bands(places, bound, AXIS, "nats")
        self.knn.show_bands(places, bands("knn", "kNN"), AXIS, percent=True)
        self.nmi.show_bands(places, bands("nmi", "NMI"), AXIS, percent=True)
        under, over = bands("shared", "under-clustering", 1), bands("split", "over-clustering", 2)
        several = len(lines) > 1
        self.faults.set_title("Under-clustering" if several else "Faults")
        self.faults.show_bands(
            places, under if several else [*under, *over], AXIS, "of the images", percent=True
        )
        self.over.setVisible(several)
        if several:
            self.over.show_bands(places, over, AXIS, "of the images", percent=True)
        self.foot.setText(
            f"{_runs(lines)} A band spans runs with the same N. Under-clustering: images in "
            "clusters that are not their class's own; over-clustering: in a second one that is."
        )


def _runs(lines: Mapping[str, Sequence[SweepPoint]]) -> str:
    """Which runs stand behind the lines."""
    told: list[str] = []
    for title, points in lines.items():
        names = ", ".join(f"{one.negatives:,}: {', '.join(one.runs)}" for one in points)
        told.append(f"Runs by N: {names}." if len(lines) == 1 else f"{title}: {names}.")
    return " ".join(told)


def _band(
    points: Sequence[SweepPoint], counts: Sequence[int], key: str, name: str, series: int
) -> Band:
    """One figure over N; not a number where no run has it."""
    by_count = {one.negatives: one.values.get(key) for one in points}
    rows = [by_count.get(count) for count in counts]
    ends = np.array(
        [(np.nan,) * 3 if one is None else (one.mean, one.low, one.high) for one in rows]
    )
    several = any(len(one.runs) > 1 for one in points)
    return Band(
        name, ends[:, 0], ends[:, 1] if several else None, ends[:, 2] if several else None, series
    )
