"""Energies of damaged images: one small plot a kind of damage, and the spread of the chosen one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app.card import label
from app.panels.evaluate_view import Columns, chip
from app.plots.band import Band, BandPlot
from app.plots.histogram import HistogramPlot
from sslcore.diagnostics import Histogram

if TYPE_CHECKING:
    from sslcore.assessment.damage import Damaged, Kind
    from sslcore.assessment.spread import Spread

SIDES = {
    "image": "All that the method sees comes from the damaged image.",
    "view": "A view of the clean image is compared with a view of the damaged one.",
}


class DamageView(QWidget):
    """Medians with their bands over the strength of the damage, or AUROC, and histograms."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Damaged | None = None
        self.plots: dict[str, BandPlot] = {}
        self.grid = Columns(220, 3)
        self.chosen = ""
        self.histogram = HistogramPlot("Spread")
        self.histogram.setFixedHeight(190)
        self.energies = chip("Energies", "Show energies of damaged images")
        self.aurocs = chip("AUROC", "Show how often damaged images have more energy")
        self._group = QButtonGroup(self)
        self._group.addButton(self.energies)
        self._group.addButton(self.aurocs)
        self.energies.setChecked(True)
        self._group.buttonClicked.connect(self._fill)
        self.words = label("", "caption", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(label("Clean and damaged images", "heading"))
        head.addStretch(1)
        head.addWidget(self.energies)
        head.addWidget(self.aurocs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self.grid)
        column.addWidget(self.histogram)

    def show_damaged(self, found: Damaged) -> None:
        """Show other energies."""
        self._found = found
        self.plots = {one.key: self._plot(one) for one in found.kinds}
        self.grid.show_widgets(list(self.plots.values()))
        self._fill()
        self._choose(self.chosen if self.chosen in self.plots else found.kinds[0].key)

    def _plot(self, kind: Kind) -> BandPlot:
        made = BandPlot(kind.title)
        made.setFixedHeight(168)
        parts = [f"{kind.title}: AUROC {kind.auroc[-1]:.2f} at full strength"]
        if kind.untrained is not None:
            parts.append(f"untrained {kind.untrained[-1]:.2f}")
        parts.append(f"{100 * kind.rises[-1]:.0f} % of the images have more energy than before")
        made.setToolTip(", ".join(parts))
        made.clicked.connect(partial(self._choose, kind.key))
        return made

    def _fill(self) -> None:
        """Energies or AUROC into the small plots."""
        found = self._found
        if found is None:
            return
        energies = self.energies.isChecked()
        for kind in found.kinds:
            plot = self.plots[kind.key]
            places = [f"{value:g}" for value in kind.strengths]
            summary = f"AUROC {kind.auroc[-1]:.2f}"
            if energies:
                quantiles = np.array([one.quantiles for one in kind.spreads])
                bands = [Band("damaged", quantiles[:, 2], quantiles[:, 1], quantiles[:, 3])]
                clean = ("clean", found.clean.median)
                plot.show_bands(
                    places,
                    bands,
                    kind.axis,
                    log=found.logarithmic,
                    reference=clean,
                    summary=summary,
                )
            else:
                bands = [Band("trained", np.array(kind.auroc))]
                if kind.untrained is not None:
                    bands.insert(0, Band("untrained", np.array(kind.untrained), series=None))
                plot.show_bands(places, bands, kind.axis, reference=("", 0.5), summary=summary)
        told = (
            f"Median and middle half of {found.clean.count:,} {found.split} images, over the "
            "strength of the damage; dashed: clean images. "
            if energies
            else "AUROC: how often damaged images have more energy than clean ones; dashed: as "
            "often as not; dotted: the untrained encoder. "
        )
        self.words.setText(f"{told}{SIDES[found.side]} Click a plot to see the spread.")

    def _choose(self, key: str) -> None:
        """Show the spread of one kind: clean, in the middle, at full strength."""
        found = self._found
        if found is None:
            return
        self.chosen = key
        for name, plot in self.plots.items():
            plot.set_chosen(name == key)
        kind = next(one for one in found.kinds if one.key == key)
        middle = len(kind.strengths) // 2
        groups: dict[str, Spread] = {"clean": found.clean}
        for place in (middle, len(kind.strengths) - 1):
            groups[f"{kind.strengths[place]:g}"] = kind.spreads[place]
        self.histogram.set_title(f"{kind.title}: {kind.axis}")
        self.histogram.set_diagnostic(
            Histogram(
                edges=np.asarray(found.edges, np.float32),
                counts={name: np.asarray(one.counts, np.int64) for name, one in groups.items()},
                axis="log10 energy" if found.logarithmic else "energy",
                marks={},
            )
        )
        self.histogram.setAccessibleDescription(
            ", ".join(f"median {name}: {one.median:.4g}" for name, one in groups.items())
        )
