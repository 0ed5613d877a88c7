"""The Views place: what the method will see, with the numbers drawn, and every knob of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label
from app.panels import view_plan
from app.panels.empty import LOADING, Empty
from app.panels.view_images import Pictures
from app.panels.view_likeness import LikenessWatch
from app.panels.view_render import Preview, Wish, render
from app.panels.view_steps import StepsCard
from app.panels.view_strip import Strip
from app.panels.view_sweep import SweepChooser
from app.wording import sentence

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.augment.view import ViewPlan
    from sslcore.batch import Sample

CHOSEN = 8
NOTHING = ("No images are open", "Open a folder or the demo set in Data (Ctrl+1).")
DRAWS = "Eight more draws"
TAKE = "Click a value to take it"
SAME = "No change in this draw: try Again"


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
        self.likeness = LikenessWatch(workspace, self)
        self.strip = Strip()
        self.sweep = SweepChooser()
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
        self.steps.view_chosen.connect(self.refresh)
        self.steps.seed_changed.connect(self._redraw)
        self.steps.reset.connect(lambda: workspace.change_section("views", None))
        self.sweep.changed.connect(self._redraw)
        self.strip.picked.connect(self._take_value)
        self.before.clicked.connect(lambda: self._look_at(self._image - 1))
        self.after.clicked.connect(lambda: self._look_at(self._image + 1))
        self.other.clicked.connect(self._choose_others)
        workspace.catalogue_changed.connect(self._take_catalogue)
        workspace.recipe_changed.connect(self.refresh)
        self.likeness.changed.connect(self._show_likeness)
        workspace.run_changed.connect(self._check_likeness)
        workspace.record_changed.connect(self._check_likeness)
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
        self.sweep.show_view(plan.view(self.steps.view))
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
        own, facts, recipe = self._own_plan(), self._workspace.facts(), self._workspace.recipe
        if facts is not None and recipe is not None:
            plan = plan.kept_for(facts.channels, recipe.views)
        self._workspace.change_section("views", None if plan == own else plan)

    def _take_value(self, number: int) -> None:
        """Use the value below a picture of the strip as it was shown: with its step switched on."""
        preview, plan, sweep = self.preview, self.plan, self.sweep.sweep
        shown = None if preview is None else preview.wish.sweep
        if plan is None or preview is None or sweep is None or shown is None:
            return
        if (sweep.view, sweep.position, sweep.knob) != (shown.view, shown.position, shown.knob):
            return  # something else was chosen, and its pictures are not there yet
        step = plan.view(sweep.view).steps[sweep.position].changed(enabled=True)
        step = view_plan.with_knob(step, sweep.knob, preview.strip_values[number])
        self._edit(view_plan.with_step(plan, sweep.view, sweep.position, step))

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
        served = (recipe.served(catalogue), recipe.data.window)
        wanted = (catalogue.fingerprint, recipe.data.image_size, tuple(self._rows), served)
        if wanted == self._asked:
            if self._sample is not None:
                self._redraw()
            return
        self._asked, self._sample = wanted, None
        self._workspace.sample(self._rows, self._take_sample, key="views", as_trained=True)

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
            self.sweep.sweep,
            self._workspace.catalogue is not None and self._workspace.catalogue.bits > 8,
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
        self.likeness.ask(preview)
        self._show_strip(preview)
        self.place.setText(f"image {preview.wish.image + 1} of {len(self._rows)}")
        catalogue = self._workspace.catalogue
        if catalogue is not None and preview.wish.image < len(self._rows):
            self.place.setToolTip(catalogue.paths[self._rows[preview.wish.image]])
        self.rendered.emit()

    def _check_likeness(self) -> None:
        if self.isVisible():
            self.likeness.check()

    def _show_likeness(self) -> None:
        watch = self.likeness
        self.pictures.show_likeness(watch.likeness, watch.words, fresh=watch.fresh)

    def _show_strip(self, preview: Preview) -> None:
        view, sweep = preview.wish.plan.view(preview.wish.view), preview.wish.sweep
        if sweep is None:
            self.strip.show_pictures(preview.strip, ())
            self.bottom.set_title(f"{DRAWS} of {view_plan.view_phrase(view)}")
            return
        step = view.steps[sweep.position]
        now = getattr(step, sweep.knob) if step.enabled or step.structural else None
        values = preview.strip_values
        chosen = values.index(now) if now in values else -1
        self.strip.show_pictures(preview.strip, preview.strip_words, chosen, pickable=True)
        # A step that comes by chance may be left out of this draw, at every value of its knob.
        same = len(values) > 1 and all(one == preview.strip[0] for one in preview.strip)
        self.bottom.set_title(SAME if same else TAKE)

    def _explain(self, error: Exception) -> None:
        self.problem.setText(f"{sentence(error)}. Switch the step off, or press Reset.")
        self.problem.show()

    def _say(self, title: str, remedy: str) -> None:
        self.empty.say(title, remedy)
        self._rooms.setCurrentIndex(0)
