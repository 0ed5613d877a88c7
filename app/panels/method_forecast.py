"""What a run will take, told before it starts: weights, steps, memory, and time where known."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app import theme, wording
from app.card import Card, label, tell
from sslcore.config import ConfigError

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.method import DataFacts
    from sslcore.recipe import Recipe

STATES = {"sgd": 1, "lars": 1, "adamw": 2}
"""Numbers an optimiser keeps per weight."""
BYTES = 4


@dataclass(frozen=True)
class Forecast:
    """What can be said without a single step.

    Attributes:
        weights: numbers that are trained.
        encoder_weights: those of the encoder alone.
        memory: bytes of weights, gradients, optimiser and kept activations of one micro-batch.
        steps: of the whole run.
        steps_per_epoch: optimiser steps per pass.
    """

    weights: int
    encoder_weights: int
    memory: int
    steps: int
    steps_per_epoch: int


def forecast(recipe: Recipe, facts: DataFacts) -> Forecast:
    """Build the method without its numbers (torch's meta device) and count.

    Activations are what the encoder's layers put out for one image, measured on the meta device,
    times the pictures of a micro-batch; heads are small beside that.

    Raises:
        ConfigError: if method or backbone cannot be built like this.
    """
    torch: Any = importlib.import_module("torch")
    backbones = importlib.import_module("sslcore.nets.backbones")
    encoders = importlib.import_module("sslcore.nets.encoder")
    methods = importlib.import_module("sslcore.method")
    plan = recipe.view_plan(facts)
    with torch.device("meta"), torch.no_grad():
        backbone = backbones.build(
            recipe.backbone.name, facts.channels, facts.image_size, recipe.backbone.width
        )
        encoder = encoders.Encoder(backbone, [0.5] * facts.channels, [0.5] * facts.channels)
        alone = sum(one.numel() for one in encoder.parameters())
        method = methods.find(recipe.method.key)(recipe.method.config, encoder, facts)
        each = sum(
            _activations(torch, encoder, facts.channels, view.size) * view.count
            for view in plan.views
        )
    total = sum(one.numel() for one in method.parameters())
    trained = sum(one.numel() for one in method.parameters() if one.requires_grad)
    micro = math.ceil(recipe.schedule.batch_size / recipe.schedule.accumulate)
    kept = trained * (1 + STATES[recipe.optimiser.kind])
    return Forecast(
        weights=trained,
        encoder_weights=alone,
        memory=BYTES * (total + kept + each * micro),
        steps=facts.total_steps,
        steps_per_epoch=max(facts.total_steps // recipe.schedule.epochs, 1),
    )


def _activations(torch: Any, encoder: Any, channels: int, size: int) -> int:
    """Numbers the encoder's layers put out for one image of a side."""
    counted: list[int] = []

    def count(_layer: Any, _inputs: Any, output: Any) -> None:
        counted.append(output.numel())

    leaves = [layer for layer in encoder.modules() if not list(layer.children())]
    handles = [layer.register_forward_hook(count) for layer in leaves]
    # Two images, for batch norm wants more than one where a map has shrunk to a pixel.
    encoder(torch.empty(2, channels, size, size))
    for handle in handles:
        handle.remove()
    return sum(counted) // 2


class ForecastCard(Card):
    """The forecast in one row of figures."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Before you start", parent=parent)
        self._workspace = workspace
        self._like: tuple[object, Recipe | None] = (None, None)
        self._timed: tuple[Recipe, float] | None = None
        self._timing: Task | None = None
        self.time = QPushButton("Time some steps")
        self.time.setProperty("role", "link")
        self.time.setAccessibleName("Time some steps")
        self.time.setToolTip("Train a few steps, which are thrown away, to see how long all take")
        self.time.clicked.connect(self._time)
        self.add_action(self.time)
        self.values = {name: label("—") for name in ("Weights", "Steps", "Memory", "Time")}
        self._details = {name: label("", "caption", wrap=True) for name in self.values}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(1)
        for column, (name, value) in enumerate(self.values.items()):
            grid.addWidget(label(name, "caption"), 0, column)
            grid.addWidget(value, 1, column)
            grid.addWidget(self._details[name], 2, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
            value.setFont(theme.font(15, bold=True))
        self.error = label("", "danger", wrap=True)
        self.error.hide()
        self.body.addLayout(grid)
        self.body.addWidget(self.error)
        workspace.run_changed.connect(self.refresh)
        workspace.record_changed.connect(self._offer)
        workspace.training_ended.connect(self._offer)
        self._offer()

    def refresh(self) -> None:
        """Count again, on a worker."""
        recipe, facts = self._workspace.recipe, self._workspace.facts()
        self._offer()
        if recipe is None or facts is None:
            for name in self.values:
                self._put(name, "—")
            self._explain("Open a folder in Data to see what a run will take.", "muted")
            return
        self._workspace.tasks.start(
            "Counting weights",
            lambda _ticket: (recipe, forecast(recipe, facts)),
            self._show,
            failed=self._fail,
            key="forecast",
            quiet=True,
        )

    def _show(self, answer: tuple[Recipe, Forecast]) -> None:
        recipe, made = answer
        self._explain("", "muted")
        seconds, source = self._seconds(recipe, made)
        words = {
            "Weights": (short(made.weights), f"{short(made.encoder_weights)} in the encoder"),
            "Steps": (f"{made.steps:,}", f"{made.steps_per_epoch:,} per epoch"),
            "Memory": (f"about {wording.size(made.memory)}", "activations included"),
            "Time": ("unknown", "until the first steps")
            if seconds is None
            else (f"about {wording.duration(seconds)}", source),
        }
        for name, (text, detail) in words.items():
            self._put(name, text, detail)

    def _put(self, name: str, text: str, detail: str = "") -> None:
        self.values[name].setText(text)
        self.values[name].setAccessibleName(f"{name}: {text} {detail}".strip())
        self._details[name].setText(detail)

    def _offer(self) -> None:
        """Steps are timed while nothing else is trained here, and there is something to train."""
        if self._workspace.running and self._timing is not None:
            self._timing.cancel()  # the run needs the device, and would be timed as well
        self.time.setEnabled(self._workspace.can_start and self._timing is None)

    def _time(self) -> None:
        recipe = self._workspace.recipe
        if recipe is None:
            return

        def work(ticket: Ticket) -> float | None:
            study: Any = importlib.import_module("sslcore.study.forecast")
            told = study.timed(recipe, ticket)
            return None if told is None else told.seconds

        self._timing = self._workspace.tasks.start(
            "Timing a few steps",
            work,
            lambda seconds: self._take_time(recipe, seconds),
            failed=self._fail,
            key="forecast/time",
        )
        self._timing.ended.connect(self._stop_timing)
        self._offer()

    def _stop_timing(self) -> None:
        self._timing = None
        self._offer()

    def _take_time(self, recipe: Recipe, seconds: float | None) -> None:
        if seconds is not None:
            self._timed = (recipe, seconds)
            self.refresh()

    def _seconds(self, recipe: Recipe, made: Forecast) -> tuple[float | None, str]:
        """From steps that were timed, or from the open run's speed if it ran the same network."""
        if self._timed is not None and alike(recipe, self._timed[0]):
            return made.steps * self._timed[1], "as timed a moment ago"
        return self._by_the_open_run(recipe, made), "at the speed of the open run"

    def _by_the_open_run(self, recipe: Recipe, made: Forecast) -> float | None:
        record, earlier = self._workspace.record, self._earlier()
        if record is None or earlier is None or not alike(recipe, earlier):
            return None
        speeds = record.series.get("images_per_second")
        if speeds is None or not len(speeds) or not speeds.last > 0:
            return None
        return made.steps * recipe.schedule.batch_size / speeds.last

    def _earlier(self) -> Recipe | None:
        directory = self._workspace.directory
        if directory is None:
            return None
        if self._like[0] is not directory:
            try:
                self._like = (directory, directory.recipe())
            except (OSError, ValueError):
                self._like = (directory, None)
        return self._like[1]

    def _fail(self, error: Exception) -> None:
        for name in self.values:
            self._put(name, "—")
        words = str(error) if isinstance(error, ConfigError) else wording.sentence(error)
        self._explain(f"This cannot be trained: {words}", "danger")

    def _explain(self, words: str, role: str) -> None:
        tell(self.error, words, role)


def alike(one: Recipe, other: Recipe) -> bool:
    """Whether two recipes take the same time per image."""
    return (
        one.method == other.method
        and one.backbone == other.backbone
        and one.data.image_size == other.data.image_size
        and one.schedule.batch_size == other.schedule.batch_size
        and one.run.device == other.run.device
        and one.run.threads == other.run.threads
        and one.run.precision == other.run.precision
    )


def short(number: int) -> str:
    """``312 k``, ``11.2 M``."""
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= scale:
            value = number / scale
            return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"
    return str(number)
