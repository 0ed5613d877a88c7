"""The Views place: what the method will see, with the numbers drawn, and every knob of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.panels import view_plan
from app.panels.empty import LOADING, Empty
from app.panels.view_images import Pictures, Strip
from app.panels.view_render import STRIP, Preview, Sweep, Wish, render
from app.panels.view_steps import StepsCard
from app.wording import sentence

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.augment.view import ViewPlan
    from sslcore.batch import Sample

CHOSEN = 8
NOTHING = ("No images are open", "Open a folder or the demo set in Data (Ctrl+1).")
DRAWS = "Eight more draws"


class ViewsPanel(QWidget):
    """Preview and editor of the recipe's view plan.

    Attributes:
        rendered: a preview is on the screen.

    Args:
        workspace: what is open.
    """

    title = "Views"
    icon = "views"
    order = 3
    rendered = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._sample: Sample | None = None
        self._asked: tuple[object, ...] = ()
        self._rows: list[int] = []
        self._image = 0
        self._busy = False
        self._again = False
        self.steps = StepsCard()
        self.pictures = Pictures()
        self.strip = Strip()
        self.sweep = QComboBox()
        self.sweep.setAccessibleName("What the strip shows")
        self.sweep.setToolTip("Further draws, or one knob run through its range")
        self.sweep.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.before = QPushButton("‹")
        self.after = QPushButton("›")
        self.other = QPushButton("Other images")
        self.place = label("", "muted")
        self.problem = label("", "danger", wrap=True)
        self.problem.hide()
        names = {
            self.before: "Previous image",
            self.after: "Next image",
            self.other: "Choose eight other images at random",
        }
        for button, name in names.items():
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.top = Card("What the method sees")
        for widget in (self.place, self.before, self.after, self.other):
            self.top.add_action(widget)
        self.top.body.addWidget(self.problem)
        self.top.body.addWidget(self.pictures, 1)
        self.bottom = Card(DRAWS)
        self.bottom.add_action(self.sweep)
        self.bottom.body.addWidget(self.strip)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.top, 1)
        right.addWidget(self.bottom)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.steps)
        row.addLayout(right, 1)
        self.empty = Empty(*NOTHING, mark="views")
        self._rooms = QStackedWidget()
        blank = Card()
        blank.body.addWidget(self.empty)
        self._rooms.addWidget(blank)
        self._rooms.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._rooms)

        self.steps.edited.connect(self._edit)
        self.steps.view_chosen.connect(self._choose_view)
        self.steps.seed_changed.connect(self._redraw)
        self.steps.reset.connect(lambda: workspace.change_section("views", None))
        self.sweep.activated.connect(self._redraw)
        self.before.clicked.connect(lambda: self._look_at(self._image - 1))
        self.after.clicked.connect(lambda: self._look_at(self._image + 1))
        self.other.clicked.connect(self._choose_others)
        workspace.catalogue_changed.connect(self._take_catalogue)
        workspace.recipe_changed.connect(self.refresh)
        self._take_catalogue()

    @property
    def plan(self) -> ViewPlan | None:
        """The recipe's view plan, or None while data or recipe are missing."""
        facts, recipe = self._workspace.facts(), self._workspace.recipe
        return None if facts is None or recipe is None else recipe.view_plan(facts)

    @property
    def preview(self) -> Preview | None:
        """What is on the screen."""
        return self.pictures.preview

    def refresh(self) -> None:
        """Bring steps and pictures up to date with the recipe."""
        if not self.isVisible():
            return
        try:
            plan, own = self.plan, self._own_plan()
        except ValueError as error:
            self._say("This method has no views for these images", sentence(error))
            return
        facts = self._workspace.facts()
        if plan is None or own is None or facts is None:
            self._say(*(NOTHING if self._workspace.core_loaded else LOADING))
            return
        self._rooms.setCurrentIndex(1)
        self.steps.show_plan(plan, own, facts.channels)
        self._list_sweeps(plan)
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while another place was shown."""
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps take less where there is less."""
        super().resizeEvent(event)
        wide = self.width() >= 1100
        self.steps.set_narrow(not wide)
        self.steps.setFixedWidth(400 if wide else 336)

    # --- edits ----------------------------------------------------------------------------------

    def _own_plan(self) -> ViewPlan | None:
        facts, recipe = self._workspace.facts(), self._workspace.recipe
        if facts is None or recipe is None:
            return None
        return recipe.changed(views=None).view_plan(facts)

    def _edit(self, plan: ViewPlan) -> None:
        own = self._own_plan()
        self._workspace.change_section("views", None if plan == own else plan)

    def _choose_view(self) -> None:
        self.sweep.setCurrentIndex(0)
        self.refresh()

    def _list_sweeps(self, plan: ViewPlan) -> None:
        """The strip can run through the strength of every step of the view."""
        entries: list[tuple[str, tuple[int, str] | None]] = [("Random draws", None)]
        for position, step in enumerate(plan.view(self.steps.view).steps):
            knob = view_plan.strength(step)
            if knob is not None:
                words = f"{step.title}: {knob.title.lower()}"
                entries.append((words, (position, knob.name)))
        if [self.sweep.itemText(n) for n in range(self.sweep.count())] != [e[0] for e in entries]:
            self.sweep.clear()
            for words, data in entries:
                self.sweep.addItem(words, data)

    def _sweep(self, plan: ViewPlan) -> Sweep | None:
        data = self.sweep.currentData()
        if data is None:
            return None
        position, name = data
        step = plan.view(self.steps.view).steps[position]
        knob = next(one for one in view_plan.step_knobs(step) if one.name == name)
        low, high = knob.low or 0.0, knob.high or 1.0
        values = (
            np.geomspace(low, high, STRIP)
            if knob.log and low > 0
            else np.linspace(low, high, STRIP)
        )
        rounded = tuple(min(max(float(f"{value:.2g}"), low), high) for value in values)
        return Sweep(self.steps.view, position, name, rounded)

    # --- images ---------------------------------------------------------------------------------

    def _take_catalogue(self) -> None:
        catalogue = self._workspace.catalogue
        self._sample, self._asked, self._image = None, (), 0
        self._rows = []
        if catalogue is not None:
            spread = np.linspace(0, len(catalogue) - 1, min(CHOSEN, len(catalogue)))
            self._rows = sorted({int(one) for one in spread})
        self.refresh()

    def _choose_others(self) -> None:
        catalogue = self._workspace.catalogue
        if catalogue is None:
            return
        count = min(CHOSEN, len(catalogue))
        # What is looked at is no part of a run, so these need no seed.
        self._rows = sorted(np.random.default_rng().choice(len(catalogue), count, False).tolist())
        self._image = 0
        self._load()

    def _look_at(self, image: int) -> None:
        self._image = image % max(len(self._rows), 1)
        self._redraw()

    def _load(self) -> None:
        """Read the chosen images, unless they are there, then draw."""
        recipe, catalogue = self._workspace.recipe, self._workspace.catalogue
        if recipe is None or catalogue is None:
            return
        wanted = (catalogue.fingerprint, recipe.data.image_size, tuple(self._rows))
        if wanted == self._asked:
            if self._sample is not None:
                self._redraw()
            return
        self._asked, self._sample = wanted, None
        self._workspace.sample(self._rows, self._take_sample, key="views")

    def _take_sample(self, sample: Sample) -> None:
        self._sample = sample
        self._redraw()

    # --- rendering ------------------------------------------------------------------------------

    def _redraw(self) -> None:
        """Draw what is wanted now; while a drawing is under way only the latest wish is kept."""
        if self._busy:
            self._again = True
            return
        plan, sample = self.plan, self._sample
        if plan is None or sample is None or not len(sample):
            return
        wish = Wish(
            plan,
            self.steps.seed.value(),
            min(self._image, len(sample) - 1),
            self.steps.view,
            self._sweep(plan),
        )
        self._busy, self._again = True, False
        task = self._workspace.tasks.start(
            "Drawing views",
            lambda _ticket: render(wish, sample),
            self._show,
            failed=self._explain,
            key="view-render",
            quiet=True,
        )
        task.ended.connect(self._free)

    def _free(self) -> None:
        self._busy = False
        if self._again:
            self._redraw()

    def _show(self, preview: Preview) -> None:
        self.problem.hide()
        self.pictures.show_preview(preview)
        self.strip.show_pictures(preview.strip, preview.strip_words)
        view = preview.wish.plan.view(preview.wish.view)
        if preview.wish.sweep is None:
            self.bottom.set_title(f"{DRAWS} of {view_plan.view_phrase(view)}")
        else:
            self.bottom.set_title("One knob through its range, all else as drawn")
        self.place.setText(f"image {preview.wish.image + 1} of {len(self._rows)}")
        catalogue = self._workspace.catalogue
        if catalogue is not None and preview.wish.image < len(self._rows):
            self.place.setToolTip(catalogue.paths[self._rows[preview.wish.image]])
        self.rendered.emit()

    def _explain(self, error: Exception) -> None:
        self.problem.setText(f"{sentence(error)}. Switch the step off, or press Reset.")
        self.problem.show()

    def _say(self, title: str, remedy: str) -> None:
        self.empty.say(title, remedy)
        self._rooms.setCurrentIndex(0)
