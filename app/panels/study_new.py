"""A new study: what is to be tried, how long it will take, and the button that starts it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.card import Card, label
from app.forms.form import ConfigForm
from app.scrolling import scrolled
from app.wording import duration, sentence

if TYPE_CHECKING:
    from app.tasks import Ticket
    from app.workspace import Workspace
    from sslcore.study.plan import Study

WIDTH = 284


class NewStudy(Card):
    """The form of a study of the open recipe on the open folder.

    Attributes:
        asked: a study is to be started: the study, and the key of its method.

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
        self.subject = label("", "muted", wrap=True)
        self.forecast = label("", "caption", wrap=True)
        self.ask = QPushButton("How long will it take?")
        self.ask.setAccessibleName("Forecast the time of this study")
        self.ask.setToolTip("Trains a few steps of the first trial and times them")
        self.ask.clicked.connect(self._ask)
        self.start = QPushButton("Start study")
        self.start.setProperty("role", "primary")
        self.start.setAccessibleName("Start study")
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
        for widget in (self.forecast, self.ask, self.start):
            self.body.addWidget(widget)
        self.form.changed.connect(self._follow)
        self.form.validity_changed.connect(self._allow)
        for signal in (workspace.recipe_changed, workspace.catalogue_changed):
            signal.connect(self.refresh)
        self._follow()
        self.refresh()

    def refresh(self) -> None:
        """Say what would be studied."""
        workspace = self._workspace
        recipe, catalogue = workspace.recipe, workspace.catalogue
        if recipe is None or catalogue is None:
            self.subject.setText("Open a folder of images first (Ctrl+O).")
        else:
            methods: Any = importlib.import_module("sslcore.method")
            title = methods.find(recipe.method.key).card.title
            self.subject.setText(
                f"{title} on {catalogue.root.name}, with the settings of Method and Views."
            )
        self.forecast.setText("")
        self._allow()

    def _allow(self) -> None:
        ready = self._workspace.recipe is not None and self._workspace.catalogue is not None
        for button in (self.ask, self.start):
            button.setEnabled(ready and self.form.is_valid())

    def _follow(self) -> None:
        """Show only the fields that mean something for the kind of study."""
        wish: Any = self.form.config
        for name in self._wish.GRID_ONLY:
            self.form.field(name).setVisible(wish.kind == "grid")
        self.form.field("one_view").setVisible(wish.kind == "augmentation_pairs")
        self.forecast.setText("")

    def planner(self) -> Callable[[], Study]:
        """What makes the study that is asked for now, on a worker: a large one takes a while.

        Calling it raises ValueError if there is nothing to try; the message says what to do.
        """
        workspace, wish, wanted = self._workspace, self._wish, self.form.config
        recipe, catalogue, core = workspace.recipe, workspace.catalogue, workspace.core

        def plan() -> Study:
            if recipe is None or catalogue is None or core is None:
                raise ValueError("open a folder of images first")
            return wish.planned(wanted, recipe, recipe.view_plan(core.facts(recipe, catalogue)))

        return plan

    def _ask(self) -> None:
        self.say("Timing a few steps …")
        plan = self.planner()

        def work(ticket: Ticket) -> Any:
            module: Any = importlib.import_module("sslcore.study.forecast")
            return module.forecast(plan(), ticket)

        self._workspace.tasks.start(
            "Timing a few steps",
            work,
            self._tell,
            failed=lambda error: self.say(sentence(error)),
            key="study/forecast",
        )

    def _tell(self, found: Any) -> None:
        self.say(
            f"{found.trials} trials, {found.total_steps:,} steps in all: about "
            f"{duration(found.seconds)} of training on this machine, and some more for measuring."
        )

    def say(self, words: str) -> None:
        """A line above the buttons."""
        self.forecast.setText(words)

    def _start(self) -> None:
        recipe = self._workspace.recipe
        if recipe is None:
            return
        plan, method = self.planner(), recipe.method.key
        self._workspace.tasks.start(
            "Planning the study",
            lambda _: plan(),
            lambda study: self.asked.emit(study, method),
            failed=lambda error: self.say(sentence(error)),
            key="study/plan",
        )
