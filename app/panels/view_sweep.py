"""What the strip shows: further draws, or one knob of one step at values from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.forms.editors import Combo
from app.panels import view_plan
from app.panels.view_render import Sweep

if TYPE_CHECKING:
    from sslcore.augment.view import View

DRAWS = "Random draws"
SWEPT = 7
"""Values of a knob that are shown at once."""


class SweepChooser(QWidget):
    """Two boxes: a step (or random draws), and which of its knobs.

    Attributes:
        changed: a person chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: View | None = None
        self.steps = Combo()
        self.steps.setAccessibleName("What the strip shows")
        self.steps.setToolTip("Further draws, or the step whose knob runs through its range")
        self.knobs = Combo()
        self.knobs.setAccessibleName("Knob that runs through its range")
        self.knobs.setToolTip("The knob that runs through its range; all else stays as drawn")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for box in (self.steps, self.knobs):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            row.addWidget(box)
        self.knobs.hide()
        self.steps.addItem(DRAWS, None)
        self.steps.activated.connect(self._choose_step)
        self.knobs.activated.connect(self.changed)

    def show_view(self, view: View) -> None:
        """Offer the steps of a view; the choice stays where the steps are the same."""
        offered: list[tuple[str, int | None]] = [(DRAWS, None)]
        offered += [
            (step.title, position)
            for position, step in enumerate(view.steps)
            if view_plan.turnable(step)
        ]
        self._view = view
        there = [(self.steps.itemText(n), self.steps.itemData(n)) for n in range(len(self))]
        if there != offered:
            self.steps.clear()
            for words, position in offered:
                self.steps.addItem(words, position)
            self._list_knobs()

    def __len__(self) -> int:
        """Entries of the first box."""
        return self.steps.count()

    @property
    def sweep(self) -> Sweep | None:
        """The knob at its values, or None for random draws."""
        position, name = self.steps.currentData(), self.knobs.currentData()
        if self._view is None or position is None:
            return None
        step = self._view.steps[position]
        values = view_plan.sweep_values(step, name, SWEPT)
        return Sweep(self._view.name, position, name, values)

    def _choose_step(self) -> None:
        self._list_knobs()
        self.changed.emit()

    def _list_knobs(self) -> None:
        """The knobs of the chosen step, the one that says most first chosen."""
        self.knobs.clear()
        position = self.steps.currentData()
        self.knobs.setVisible(position is not None)
        if self._view is None or position is None:
            return
        step = self._view.steps[position]
        strongest = view_plan.strength(step)
        for knob in view_plan.turnable(step):
            self.knobs.addItem(knob.title, knob.name)
        if strongest is not None:
            self.knobs.setCurrentIndex(max(self.knobs.findData(strongest.name), 0))
