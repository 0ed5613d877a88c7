"""A new study: what is to be tried, how long it will take, and the button that starts it.

Nothing starts unforeseen: without a forecast of these very settings, Start makes it first and then
says the time on itself, so that one more click begins.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.card import Card, label, tell
from app.forms.form import ConfigForm
from app.scrolling import scrolled
from app.wording import count, duration, sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.contents import Catalogue
    from sslcore.recipe import Recipe
    from sslcore.sections import DataSection
    from sslcore.study.forecast import Forecast
    from sslcore.study.plan import Study

WIDTH = 284
EXPERIMENT = "known_experiment"
"""The kind of study that is shipped: it brings its own methods."""
START = "Start study"
ASK = "How long will it take?"
TIMING = "Timing a few steps"
TIMED = (
    "Trains a few steps of every kind of trial, of eight where only views differ, embeds some "
    "images, and times both"
)


@dataclass(frozen=True)
class Foreseen:
    """A study whose time is known.

    Attributes:
        settings: what it was made of: the form, the recipe and the catalogue.
        study: the study itself.
        forecast: its time.
    """

    settings: tuple[object, ...]
    study: Study
    forecast: Forecast

    @property
    def time(self) -> str:
        """Of the whole study, in words."""
        return f"about {duration(self.forecast.seconds)}"

    @property
    def words(self) -> str:
        """What it will take."""
        made = self.forecast
        return (
            f"{count(made.trials, 'trial')}, {count(made.total_steps, 'step')} in all: {self.time} "
            f"on this machine, {duration(made.measuring)} of it to measure."
        )


class NewStudy(Card):
    """The form of a study of the open recipe on the open folder.

    Attributes:
        asked: a study is to be started: the study, and the key of its method or, of a shipped one,
            its name.

    Args:
        workspace: whose recipe and folder.
        wish: class of the settings, ``sslcore.study.wish``.
    """

    asked = Signal(object, str)

    def __init__(self, workspace: Workspace, wish: Any) -> None:
        super().__init__("New study")
        self._workspace = workspace
        self._wish = wish
        self.setFixedWidth(WIDTH)
        self.form = ConfigForm(wish.StudyWish)
        self._foreseen: Foreseen | None = None
        self._timing: Task | None = None
        self._timed: tuple[object, ...] = ()
        self._keyboard = False  # whether it was on Start when that began to forecast
        self.subject = label("", "muted", wrap=True)
        self._shipped = ""  # the shipped study whose epochs and measurement stand in the form
        self.problem = label("", "danger", wrap=True)
        self.problem.hide()
        self.forecast = label("", "caption", wrap=True)
        self.ask = QPushButton(ASK)
        self.ask.clicked.connect(self._ask)
        self.start = QPushButton(START)
        self.start.setProperty("role", "primary")
        self.start.clicked.connect(self._start)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self.subject)
        column.addWidget(self.form)
        column.addStretch(1)
        area = scrolled(content)
        self.body.addWidget(area, 1)
        for widget in (self.problem, self.forecast, self.ask, self.start):
            self.body.addWidget(widget)
        self.form.changed.connect(self._follow)
        self.form.validity_changed.connect(self._allow)
        for signal in (workspace.recipe_changed, workspace.catalogue_changed):
            signal.connect(self.refresh)
        self._follow()

    def refresh(self) -> None:
        """Say what would be studied."""
        workspace = self._workspace
        recipe, catalogue = workspace.recipe, workspace.catalogue
        if recipe is None or catalogue is None:
            self.subject.setText("Open a folder of images first (Ctrl+O).")
        elif self._wanted.kind == EXPERIMENT:
            self.subject.setText(
                f"On {catalogue.root.name}: its own methods as they are shipped, with the settings "
                "of Data and of the run."
            )
        else:
            methods: Any = importlib.import_module("sslcore.method")
            title = methods.find(recipe.method.key).card.title
            self.subject.setText(
                f"{title} on {catalogue.root.name}, with the settings of Method and Views."
            )
        self._show()

    def _settings(self) -> tuple[object, ...]:
        return self.form.config, self._workspace.recipe, self._workspace.catalogue

    def _known(self) -> Foreseen | None:
        """The forecast of exactly what is asked for now."""
        found = self._foreseen
        return found if found is not None and found.settings == self._settings() else None

    def _show(self) -> None:
        """Say what is known of these settings; the timing of others is called off."""
        if self._timing is not None and self._timed == self._settings():
            return
        if self._timing is not None:
            self._timing.cancel()
        found = self._known()
        self.say("" if found is None else found.words)
        self._allow()

    def _allow(self) -> None:
        """Which buttons do something, and what they say."""
        timing, found = self._timing is not None, self._known()
        refused = self._refused()
        tell(self.problem, refused, "danger")
        ready = self._workspace.recipe is not None and self._workspace.catalogue is not None
        ready = ready and self.form.is_valid() and not refused
        self.start.setText(START if found is None else f"Start ({found.time})")
        self.start.setAccessibleName(START if found is None else f"{START}, {found.time}")
        self.start.setToolTip(
            "Tells first how long it will take; one more click begins"
            if found is None
            else "Begins, in a process of its own"
        )
        self.ask.setText("Cancel" if timing else ASK)
        self.ask.setAccessibleName(
            "Cancel the forecast" if timing else "Forecast the time of this study"
        )
        self.ask.setToolTip("" if timing else TIMED)
        self.ask.setEnabled(timing or ready)
        if timing and self.start.hasFocus():
            self.ask.setFocus()  # a button that is switched off gives the keyboard to some field
        self.start.setEnabled(ready and not timing)

    def _refused(self) -> str:
        """Why trials on this folder cannot be measured as is asked for, or ""."""
        recipe, catalogue, wanted = self._workspace.recipe, self._workspace.catalogue, self._wanted
        if recipe is None or catalogue is None:
            return ""
        judging: Any = importlib.import_module("sslcore.study.judging")
        words = judging.unclassed(wanted.measurement, recipe.data, catalogue)
        return f"{words[:1].upper()}{words[1:]}"

    @property
    def _wanted(self) -> Any:
        return self.form.config

    def _follow(self) -> None:
        """Show only the fields that mean something for the kind of study."""
        wish = self._wanted
        chosen = wish.shipped if wish.kind == EXPERIMENT else ""
        if chosen != self._shipped:
            self._shipped = chosen
            if chosen:  # its own epochs and measurement, to be changed from there
                self.form.set_config(self._wish.with_defaults(wish))
        for name in self._wish.GRID_ONLY:
            self.form.field(name).setVisible(wish.kind == "grid")
        self.form.field("one_view").setVisible(wish.kind == "augmentation_pairs")
        experiment = self.form.field("shipped")
        experiment.setVisible(bool(chosen))
        experiment.help.setText(self._wish.question(wish) if chosen else "")
        experiment.help.setVisible(bool(chosen))
        self.refresh()

    def planner(self) -> Callable[[], Study]:
        """What makes the study that is asked for now, on a worker: a large one takes a while.

        Calling it raises ValueError if there is nothing to try, or trials could not be measured;
        the message says what to do.
        """
        workspace, wish, wanted, chosen = self._workspace, self._wish, self._wanted, self._shipped
        recipe, catalogue, core = workspace.recipe, workspace.catalogue, workspace.core

        def make() -> Study:
            if recipe is None or catalogue is None or core is None:
                raise ValueError("open a folder of images first")
            judging: Any = importlib.import_module("sslcore.study.judging")
            read = _reader(recipe, catalogue)
            if chosen:
                study = wish.experiment(wanted, recipe)
                shipped: Any = importlib.import_module("sslcore.study.shipped")
                shipped.require_suited(shipped.find(chosen), study, read)
            else:
                plan = recipe.view_plan(core.facts(recipe, catalogue))
                study = wish.planned(wanted, recipe, plan)
            judging.require_measurable(study.measurement, study.trials, read)
            return study

        return make

    def _ask(self) -> None:
        """Make the forecast, or call it off."""
        if self._timing is not None:
            self._timing.cancel()
            return
        self.say(f"{TIMING} …")
        self._keyboard = self.start.hasFocus()
        plan, settings = self.planner(), self._settings()
        self._timed = settings

        def work(ticket: Ticket) -> Foreseen:
            module: Any = importlib.import_module("sslcore.study.forecast")
            study = plan()
            return Foreseen(settings, study, module.forecast(study, ticket))

        self._timing = self._workspace.tasks.start(
            TIMING,
            work,
            self._take,
            failed=lambda error: self.say(sentence(error)),
            key="study/forecast",
        )
        self._timing.ended.connect(self._end_timing)
        self._allow()

    def _take(self, found: Foreseen) -> None:
        self._foreseen = found
        self.say(found.words)

    def _end_timing(self) -> None:
        self._timing = None
        if self.forecast.text().startswith(TIMING):  # called off
            self.say("")
        self._allow()
        if self._keyboard and self.ask.hasFocus():
            self.start.setFocus()

    def say(self, words: str) -> None:
        """A line above the buttons."""
        self.forecast.setText(words)

    def _start(self) -> None:
        recipe, found = self._workspace.recipe, self._known()
        if found is None or recipe is None:
            self._ask()
            return
        # Whoever starts the same once more is told anew: this one takes its share of the machine.
        self._foreseen = None
        self._allow()
        self.asked.emit(found.study, self._shipped or recipe.method.key)


def _reader(recipe: Recipe, catalogue: Catalogue) -> Callable[[DataSection], Catalogue]:
    """Gives the catalogue of a trial's folder: the open one, unless trials differ in that."""

    def read(section: DataSection) -> Catalogue:
        if (section.folder, section.reading) == (recipe.data.folder, recipe.data.reading):
            return catalogue
        scanner: Any = importlib.import_module("sslcore.data.catalogue")
        return scanner.scan(Path(section.folder), section.reading)

    return read
