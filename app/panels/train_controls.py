"""The row above the curves: which charts are shown, smoothing, axes."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QWidget

from app.card import label
from app.forms.switch import Switch
from app.panels.train_charts import FIRST, WORDS

SMOOTHING = 60
"""Per cent of the past in the smoothed lines at first."""
ROOMY = 1020
"""Pixels from which there is room for every name."""
LONG, SHORT = 72, 40
"""Pixels of the slider with room and without."""


class CurveControls(QWidget):
    """Switches for the charts at the left, how they are drawn at the right.

    Attributes:
        changed: anything was switched or moved.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.chips: dict[str, QPushButton] = {}
        for key, word in WORDS.items():
            chip = QPushButton(word)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(key in FIRST)
            chip.setAccessibleName(f"Show {word}")
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.toggled.connect(self.changed)
            layout.addWidget(chip)
            self.chips[key] = chip
        layout.addStretch(1)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 99)
        self.slider.setPageStep(10)
        self.slider.setValue(SMOOTHING)
        self.slider.setFixedWidth(LONG)
        self.slider.setAccessibleName("Smoothing of the curves, per cent")
        self.slider.setToolTip("Weight of the past in the smoothed lines")
        self._value = label("", "muted")
        self._value.setFixedWidth(30)
        self.log = Switch()
        self.log.setAccessibleName("Logarithmic value axis")
        self.log.setToolTip("Logarithmic value axis of loss, terms and learning rate")
        self.over = QComboBox()
        self.over.addItems(["epochs", "steps"])
        self.over.setAccessibleName("Time axis")
        self.over.setToolTip("What the curves run over")
        self._word = label("Smooth", "muted")
        layout.addWidget(self._word)
        layout.addSpacing(4)
        layout.addWidget(self.slider)
        layout.addSpacing(4)
        layout.addWidget(self._value)
        layout.addSpacing(8)
        layout.addWidget(self.log)
        layout.addWidget(label("Log", "muted"))
        layout.addSpacing(8)
        layout.addWidget(self.over)
        self.slider.valueChanged.connect(self._show_value)
        self.slider.valueChanged.connect(self.changed)
        self.log.toggled.connect(self.changed)
        self.over.currentIndexChanged.connect(self.changed)
        self._show_value()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window the slider is short, without word and figure: no chart's name is cut.

        The tooltip and the name for screen readers say both.
        """
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY
        for widget in (self._word, self._value):
            widget.setVisible(roomy)
        self.slider.setFixedWidth(LONG if roomy else SHORT)

    @property
    def smoothing(self) -> float:
        """Weight of the past, 0 to 0.99."""
        return self.slider.value() / 100

    @property
    def in_steps(self) -> bool:
        """Whether the time axis counts steps."""
        return self.over.currentIndex() == 1

    def wants(self, key: str) -> bool:
        """Whether a chart is switched on and exists."""
        return self.chips[key].isChecked() and not self.chips[key].isHidden()

    def offer(self, keys: Collection[str]) -> None:
        """Show switches for these charts only."""
        for key, chip in self.chips.items():
            if chip.isHidden() == (key in keys):
                chip.setVisible(key in keys)

    def _show_value(self) -> None:
        self._value.setText(f"{self.smoothing:.2f}")
