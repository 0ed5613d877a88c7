"""What is open: data, recipe and run. Panels read it, change it and listen to its signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app.core import Core, import_core
from app.groups import Groups
from app.marks import Marks
from app.opening import Opening
from app.recipe_history import RecipeHistory
from app.remarks import Remarks
from app.selection import Selection
from app.settings import Settings
from app.tagging import Tagging
from app.tasks import Task
from app.wording import sentence

if TYPE_CHECKING:
    from sslcore.batch import Sample
    from sslcore.config import Config
    from sslcore.diagnostics import Diagnostic
    from sslcore.events import Snapshot
    from sslcore.method import DataFacts
    from sslcore.recipe import Recipe

Level = Literal["info", "warning", "danger"]


class Workspace(Opening):
    """The one object that panels, run bar and timeline share. Nothing here imports torch early.

    Attributes:
        core_ready: torch, methods and data are loaded; recipe is set.
        map_asked: (K,) catalogue rows that are to be seen on the map.
    """

    core_ready = Signal()
    map_asked = Signal(object)

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(settings, parent)
        self._facts: tuple[object, DataFacts] | None = None
        self.selection, self.marks, self.groups = Selection(self), Marks(self), Groups(self)
        for forget in (self.selection.forget, self.groups.clear):
            self.catalogue_changed.connect(forget)
        self.run_changed.connect(self.marks.clear)
        self.tagging = Tagging(self.settings, self.tasks, self)
        self.tagging.excluded.connect(self._exclude)
        self.tagging.notice.connect(self.notice)
        for signal in (self.catalogue_changed, self.run_changed):
            signal.connect(self._show_tags)
        self.history, self.remarks = RecipeHistory(self), Remarks(self)
        self.training_ended.connect(self._tell_end)
        self.tasks.failed.connect(self._tell_failure)

    @property
    def core_loaded(self) -> bool:
        """Whether torch and the methods can be used without waiting."""
        return self.core is not None

    def load_core(self) -> None:
        """Import torch and the library on a worker, then restore or choose a recipe."""
        if self.core is None:
            self.tasks.start("Loading torch", import_core, self.take_core, key="core", quiet=True)

    def take_core(self, core: Core) -> None:
        """Use the library from now on; the last session's recipe comes back."""
        self.core = core
        try:
            self.recipe = core.first_recipe(self.settings.recipe_text)
        except ValueError as error:
            self.notice.emit("warning", str(error), "The usual recipe was loaded instead.")
            self.recipe = core.first_recipe("")
        self.core_ready.emit()
        self.recipe_changed.emit()

    def _show_tags(self) -> None:
        self.tagging.open(self.catalogue, None if self.directory is None else self.directory.path)

    def _exclude(self, listed: str, asked: bool) -> None:
        """Train without the images that are tagged so; a list of the person's own comes first."""
        if self.recipe is None:
            return
        data = self.recipe.data
        ours = not data.excluded or Path(data.excluded).parent == self.settings.lists_folder
        if data.excluded != listed and (asked or ours):
            self.change_section("data", data.changed(excluded=listed))

    def facts(self) -> DataFacts | None:
        """Sizes of the open data under the open recipe; None before both are there."""
        core, recipe, catalogue = self.core, self.recipe, self.catalogue
        if core is None or recipe is None or catalogue is None:
            return None
        key = (catalogue.fingerprint, recipe.data, recipe.schedule, recipe.method, recipe.views)
        if self._facts is None or self._facts[0] != key:
            self._facts = (key, core.facts(recipe, catalogue))
        return self._facts[1]

    def sample(
        self,
        rows: Sequence[int],
        deliver: Callable[[Sample], None],
        size: int | None = None,
        key: str = "sample",
        as_trained: bool = False,
    ) -> Task | None:
        """Read images of the open catalogue on a worker and deliver them as a Sample.

        Args:
            rows: catalogue rows.
            deliver: called on the window's thread with ``image`` (B, C, side, side) in [0, 1].
            size: image size whose stored side is wanted; the recipe's unless given.
            key: a later call with the same key replaces this one.
            as_trained: with frames where the recipe's method is trained on sequences; a row that
                is in the middle of none gives way to the nearest one that is.
        """
        if self._pixels is None or self.recipe is None:
            return None
        wanted = size or self.recipe.data.image_size
        recipe = self.recipe if as_trained else None
        return self._pixels.sample(rows, wanted, deliver, key, recipe)

    def set_method(self, key: str) -> None:
        """Load a shipped recipe, keeping what was set for the data and the machine."""
        if (core := self._ready()) is None:
            return
        try:
            recipe = core.switching.switched(self.recipe, key)
        except ValueError as error:
            self.notice.emit("danger", str(error), "Choose a method in the gallery.")
            return
        self.set_recipe(recipe)

    def change_section(self, section: str, config: Config | None) -> None:
        """Put a new section ("data", "schedule", "views", ...) into the recipe."""
        if self.recipe is not None:
            self.set_recipe(self.recipe.changed(**{section: config}))

    @property
    def can_start(self) -> bool:
        """Whether Start would do something."""
        return self.recipe is not None and self.catalogue is not None and not self.running

    def start(self) -> None:
        """Train the open recipe on the open folder, in a new run directory."""
        core, recipe, catalogue = self.core, self.recipe, self.catalogue
        if core is None or recipe is None or catalogue is None or self.running:
            return
        folder = self.settings.new_run_folder(recipe.method.key, catalogue.root.name)
        try:
            directory = core.directory.RunDirectory.create(folder, recipe)
            recipe = directory.own(recipe)
        except (OSError, ValueError, RuntimeError) as error:
            self.notice.emit(
                "danger", sentence(error), "Choose another runs folder in the settings (Ctrl+,)."
            )
            return
        self._open(directory, core.record.RunRecord())
        self._train(core, recipe, None)

    def continue_run(self) -> None:
        """Go on with the open run from its last checkpoint."""
        core, directory = self.core, self.directory
        if core is None or directory is None or not self.can_continue:
            return
        try:
            recipe = directory.recipe()
        except (OSError, ValueError, RuntimeError) as error:
            self.notice.emit("danger", sentence(error), "Start a new run instead.")
            return
        if directory.busy:
            self.notice.emit("warning", "Another process trains this run.", "Stop it there first.")
            return
        self._train(core, recipe, "auto")

    def _train(self, core: Core, recipe: Recipe, resume: str | None) -> None:
        self.select_snapshot(None)
        if self.settings.own_process:
            self.train_apart()
        else:
            self.train_here(core, recipe, resume)
        self.record_changed.emit()

    def _tell_end(self) -> None:
        record = self.record
        if record is not None and record.stopped is not None and record.stopped.reason == "failed":
            remedy = "What was saved is kept; change the recipe and start again."
            if record.started is None and self.directory is not None and self.directory.discard():
                remedy = "Change the recipe or choose another folder, and start again."
            self.notice.emit("danger", f"Training failed: {record.stopped.error}", remedy)
        self.record_changed.emit()

    def snapshot(self) -> Snapshot | None:
        """The snapshot at the timeline's position (read from the run directory if it is old)."""
        record, directory, step = self.record, self.directory, self.snapshot_position
        if record is None:
            return None
        step = None if step is None else record.snapshot_at(step)
        if step is None or directory is None or (record.latest and record.latest.step == step):
            return record.latest
        try:
            return directory.snapshot(step)
        except (OSError, ValueError, KeyError) as error:
            why = f"Snapshot {step}: {sentence(error)}"
            self.notice.emit("warning", why, "The latest one is shown.")
            return record.latest

    def diagnostics(self) -> dict[str, Diagnostic]:
        """The pictures at the timeline's position, by name."""
        snapshot = self.snapshot()
        return {} if snapshot is None else dict(snapshot.diagnostics)

    def close(self) -> None:
        """Stop training (it saves) or leave it to its process, cancel jobs, wait for all."""
        self.end_training()
        self.tasks.close()
        self._close_pixels()
        self._autosave.flush()
        self.settings.sync()

    def _tell_failure(self, title: str, error: Exception) -> None:
        self.notice.emit("danger", f"{title}: {sentence(error)}", "")
