"""The steps of one view at a time, with Again, the seed and Reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import Card, label
from app.forms.number import WholeBox
from app.panels import view_plan
from app.panels.view_images import view_colour
from app.panels.view_row import StepRow

if TYPE_CHECKING:
    from sslcore.augment.step import Step
    from sslcore.augment.view import ViewPlan

_NO_COLOUR = {1: "These images have no colour, so this step cannot work on them."}
_OTHER_CHANNELS = (
    "These images have {} channels, which need not be colours, so this step cannot work on them."
)


class StepsCard(Card):
    """Edits a view plan.

    Attributes:
        edited: a new plan.
        view_chosen: name of the view whose steps are shown.
        seed_changed: another seed of the draws.
        reset: the method's own plan is wanted back.
    """

    edited = Signal(object)
    view_chosen = Signal(str)
    seed_changed = Signal(int)
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Steps", parent=parent)
        self._plan: ViewPlan | None = None
        self._view = ""
        self._shape: tuple[object, ...] = ()
        self._narrow = False
        self.rows: list[StepRow] = []
        self.tabs: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._tabs = QHBoxLayout()
        self._tabs.setSpacing(4)
        self._holder = QWidget()
        self._holder.setLayout(self._tabs)
        self._tabs.setContentsMargins(0, 0, 0, 0)
        self._scrolled = QWidget()
        self._scrolled.setProperty("role", "scrolled")
        self._list = QVBoxLayout(self._scrolled)
        self._list.setContentsMargins(0, 0, 10, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        area = QScrollArea()
        area.setWidget(self._scrolled)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        self.again = QPushButton("Again")
        self.again.setProperty("role", "primary")
        self.again.setToolTip("Draw new numbers for every step")
        self.seed = WholeBox()
        self.seed.setRange(0, 999_999)
        self.seed.setPrefix("Seed ")
        self.seed.setToolTip("The same seed draws the same numbers again")
        self.seed.setAccessibleName("Seed of the draws")
        self.back = QPushButton("Reset")
        self.back.setToolTip("Back to the method's own views")
        for button in (self.again, self.back):
            button.setAccessibleName(button.text())
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.again)
        buttons.addWidget(self.seed)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        self.note = label("", "caption", wrap=True)
        self.body.addWidget(self._holder)
        self.body.addWidget(area, 1)
        self.body.addLayout(buttons)
        self.body.addWidget(self.note)
        self.again.clicked.connect(lambda: self.seed.setValue((self.seed.value() + 1) % 1_000_000))
        self.seed.valueChanged.connect(self.seed_changed)
        self.back.clicked.connect(self.reset)
        self._group.buttonClicked.connect(self._choose)
        theme.current().changed.connect(self._tint)
        self._tint()

    @property
    def view(self) -> str:
        """Name of the view whose steps are shown."""
        return self._view

    def show_plan(self, plan: ViewPlan, own: ViewPlan, channels: int) -> None:
        """Show a plan; rows are kept where only values differ, so a slider is never torn away."""
        self._plan = plan
        edited = plan != own
        names = [view.name for view in plan.views]
        if self._view not in names:
            self._view = names[0]
        if list(self.tabs) != names:
            self._build_tabs(plan)
        view = plan.view(self._view)
        shape = (self._view, channels, *(step.kind for step in view.steps))
        if shape != self._shape:
            self._shape = shape
            self._build_rows(view.steps, _steps_of(own, self._view), channels)
        for row, step in zip(self.rows, view.steps, strict=True):
            row.show_step(step)
        for name, tab in self.tabs.items():
            tab.setChecked(name == self._view)
        self.set_title(f"Steps of {view_plan.view_phrase(view)}")
        self.back.setEnabled(edited)
        words = [
            "Edited: these views are part of the recipe."
            if edited
            else "The method's own views; edits become part of the recipe."
        ]
        if view.of is not None:
            words.insert(0, f"Goes on from {view_plan.view_phrase(plan.view(view.of))}.")
        if not view.steps:
            words.insert(0, f"No steps: the image, {view.size} px wide.")
        self.note.setText(" ".join(words))

    def set_narrow(self, narrow: bool) -> None:
        """Give the sliders less room where the card is narrow."""
        self._narrow = narrow
        for row in self.rows:
            row.set_narrow(narrow)

    def set_seed(self, seed: int) -> None:
        """Show a seed without saying so."""
        with QSignalBlocker(self.seed):
            self.seed.setValue(seed)

    def _build_tabs(self, plan: ViewPlan) -> None:
        for tab in self.tabs.values():
            self._group.removeButton(tab)
            tab.hide()
            tab.deleteLater()
        self.tabs = {}
        while self._tabs.count():
            self._tabs.takeAt(0)
        for view in plan.views:
            tab = QPushButton(view_plan.view_title(view))
            tab.setCheckable(True)
            tab.setProperty("role", "chip")
            tab.setAccessibleName(f"Steps of {view_plan.view_title(view)}")
            tab.setToolTip(f"Show the steps of {view_plan.view_phrase(view)}")
            self._group.addButton(tab)
            self._tabs.addWidget(tab)
            self.tabs[view.name] = tab
        self._tabs.addStretch(1)
        self._holder.setVisible(len(self.tabs) > 1)
        self._tint()

    def _build_rows(self, steps: tuple[Step, ...], own: tuple[Step, ...], channels: int) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for position, step in enumerate(steps):
            usable = ""
            if step.needs_colour and channels != 3:
                usable = _NO_COLOUR.get(channels, _OTHER_CHANNELS.format(channels))
            like = own[position] if position < len(own) else None
            like = like if like is not None and like.kind == step.kind else None
            row = StepRow(position, step, like, usable)
            row.edited.connect(self._take)
            row.set_narrow(self._narrow)
            self._list.insertWidget(position, row)
            self.rows.append(row)

    def _take(self, position: int, step: Step) -> None:
        if self._plan is not None:
            self.edited.emit(view_plan.with_step(self._plan, self._view, position, step))

    def _choose(self, button: QPushButton) -> None:
        for name, tab in self.tabs.items():
            if tab is button and name != self._view:
                self._view = name
                self.view_chosen.emit(name)

    def _tint(self) -> None:
        tokens = theme.tokens()
        chosen = theme.mixed(tokens.surface, tokens.accent, 0.16)  # ground of a checked chip
        for number, tab in enumerate(self.tabs.values()):
            words = theme.readable(view_colour(number), chosen)
            tab.setStyleSheet(f"QPushButton {{ color: {words}; }}")


def _steps_of(plan: ViewPlan, view: str) -> tuple[Step, ...]:
    return next((one.steps for one in plan.views if one.name == view), ())
