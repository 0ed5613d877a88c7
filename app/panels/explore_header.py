"""The controls above the map: which map, its settings before it is computed, colours, dots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.panels.elided import Elided
from app.panels.explore_layouts import UmapSettings, Way
from app.panels.explore_tools import MapTools


class MapHeader(QWidget):
    """Two rows: the map and its look; below, for UMAP, settings, progress and cancel.

    Attributes:
        way_changed: another projection or other settings were chosen.
        compute_asked, cancel_asked: of the UMAP.
        colour_changed: word of the new colouring.
        size_changed: diameter of the dots in pixels, 0 for automatic.
        fit_asked: look at all points.
    """

    way_changed = Signal()
    compute_asked = Signal()
    cancel_asked = Signal()
    colour_changed = Signal(str)
    size_changed = Signal(int)
    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.projection = QComboBox()
        self.projection.addItems(["PCA", "UMAP"])
        self.projection.setAccessibleName("Projection")
        self.projection.setToolTip("PCA comes at once; UMAP is computed when asked for")
        self.colour = QComboBox()
        self.colour.setAccessibleName("Colour by")
        self.colour.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.dots = QSlider(Qt.Orientation.Horizontal)
        self.dots.setRange(0, 16)
        self.dots.setFixedWidth(84)
        self.dots.setAccessibleName("Size of the dots, 0 for automatic")
        self.dots.setToolTip("Size of the dots in pixels; at the left end it is automatic")
        self.whole = QToolButton()
        self.whole.setText("Fit")
        self.whole.setAccessibleName("Fit the map")
        self.whole.setToolTip("Look at all points (0)")
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.projection)
        first.addStretch(1)
        for widget in (label("Colour", "muted"), self.colour, label("Dots", "muted"), self.dots):
            first.addWidget(widget)
        self.tools = MapTools()
        first.addWidget(self.tools)
        first.addWidget(self.whole)
        self.settings_row = self._settings_row()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(first)
        column.addWidget(self.settings_row)
        self.settings_row.hide()
        self.projection.currentIndexChanged.connect(self._change_way)
        self.colour.textActivated.connect(self.colour_changed)
        self.dots.valueChanged.connect(self.size_changed)
        self.whole.clicked.connect(self.fit_asked)

    def _settings_row(self) -> QWidget:
        self.neighbours = QSpinBox()
        self.neighbours.setRange(2, 200)
        self.neighbours.setPrefix("neighbours ")
        self.neighbours.setAccessibleName("Neighbours")
        self.neighbours.setToolTip("Size of a neighbourhood: small shows detail, large the whole")
        self.spread = QDoubleSpinBox()
        self.spread.setRange(0.0, 1.0)
        self.spread.setSingleStep(0.05)
        self.spread.setPrefix("min dist ")
        self.spread.setAccessibleName("Minimum distance")
        self.spread.setToolTip("How close points may lie: small packs clusters tightly")
        self.distance = QComboBox()
        self.distance.addItems(["cosine", "euclidean"])
        self.distance.setAccessibleName("Metric")
        self.seed = QSpinBox()
        self.seed.setRange(0, 9999)
        self.seed.setPrefix("seed ")
        self.seed.setAccessibleName("Seed of the map")
        self.seed.setToolTip("The same seed gives the same map")
        usual = UmapSettings()
        self.neighbours.setValue(usual.n_neighbors)
        self.spread.setValue(usual.min_dist)
        self.compute = QPushButton("Compute")
        self.compute.setProperty("role", "primary")
        self.compute.setAccessibleName("Compute the UMAP")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the UMAP")
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(90)
        self.bar.setAccessibleName("Progress of the UMAP")
        self.stage = Elided("", "caption")
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._fields = (self.neighbours, self.spread, self.distance, self.seed)
        for widget in (*self._fields, self.compute, self.bar):
            layout.addWidget(widget)
        layout.addWidget(self.stage, 1)
        layout.addWidget(self.cancel)
        for spin in (self.neighbours, self.spread, self.seed):
            spin.valueChanged.connect(self.way_changed)
            spin.setKeyboardTracking(False)
        self.distance.currentIndexChanged.connect(self.way_changed)
        self.compute.clicked.connect(self.compute_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.set_idle()
        return row

    @property
    def way(self) -> Way:
        """None for PCA, else the settings of the UMAP."""
        if self.projection.currentIndex() == 0:
            return None
        metric: Literal["cosine", "euclidean"] = (
            "cosine" if self.distance.currentIndex() == 0 else "euclidean"
        )
        return UmapSettings(
            self.neighbours.value(), round(self.spread.value(), 2), metric, self.seed.value()
        )

    def offer_colours(self, choices: Sequence[str], chosen: str) -> None:
        """Fill the list of colourings."""
        with QSignalBlocker(self.colour):
            self.colour.clear()
            self.colour.addItems(list(choices))
            self.colour.setCurrentText(chosen)
        self.colour.setEnabled(bool(choices))
        self.colour.setToolTip(
            "What the dots are coloured by"
            if choices
            else "Colours come when the run's images are open"
        )

    def set_known(self, known: bool) -> None:
        """Whether the map of these settings is there already, so that nothing is to compute."""
        self.compute.setEnabled(not known)
        self.compute.setText("Computed" if known else "Compute")

    def set_progress(self, part: float, stage: str) -> None:
        """A UMAP is being computed."""
        self.compute.hide()
        for widget in (self.bar, self.stage, self.cancel):
            widget.show()
        for one in self._fields:
            one.setEnabled(False)
        self.bar.setValue(round(part * 100))
        self.stage.say(stage)

    def set_idle(self) -> None:
        """No UMAP is being computed."""
        self.compute.show()
        self.bar.hide()
        self.cancel.hide()
        self.stage.say("")
        for one in self._fields:
            one.setEnabled(True)

    def _change_way(self, index: int) -> None:
        self.settings_row.setVisible(index == 1)
        self.way_changed.emit()
