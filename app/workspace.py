"""What is open: data, recipe and run. Panels read it, change it and listen to its signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app.autosave import Autosave
from app.core import Core, Opened, import_core
from app.groups import Groups
from app.marks import Marks
from app.pixels import Pixels
from app.selection import Selection
from app.settings import Settings
from app.tagging import Tagging
from app.tasks import Task, Tasks
from app.training import Training
from app.wording import DEMO, sentence

if TYPE_CHECKING:
    from sslcore.batch import Sample
    from sslcore.config import Config
    from sslcore.data.catalogue import Catalogue
    from sslcore.diagnostics import Diagnostic
    from sslcore.events import Snapshot
    from sslcore.method import DataFacts
    from sslcore.recipe import Recipe
    from sslcore.runs.directory import RunDirectory
    from sslcore.runs.record import RunRecord

Level = Literal["info", "warning", "danger"]


class Workspace(Training):
    """The one object that panels, run bar and timeline share. Nothing here imports torch early.

    Attributes:
        core_ready: torch, methods and data are loaded; recipe is set.
        catalogue_changed: another folder was opened (or none is).
        recipe_changed: any part of the recipe changed, view plan included.
        run_changed: another run was opened or started; ``record`` and ``directory`` are new.
        snapshot_selected: step the timeline stands at, or None for the latest.
        map_asked: (K,) catalogue rows that are to be seen on the map.
        notice: (level, what happened, what to do); level is "info", "warning" or "danger".
    """

    core_ready = Signal()
    catalogue_changed = Signal()
    recipe_changed = Signal()
    run_changed = Signal()
    snapshot_selected = Signal(object)
    map_asked = Signal(object)
    notice = Signal(str, str, str)

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings or Settings()
        self.tasks = Tasks(self)
        self._autosave = Autosave(self.settings, self)
        self._autosave.failed.connect(self._tell_unsaved)
        self.core: Core | None = None
        self.recipe: Recipe | None = None
        self.catalogue: Catalogue | None = None
        self.snapshot_position: int | None = None
        self._facts: tuple[object, DataFacts] | None = None
        self._pixels: Pixels | None = None
        self.selection, self.marks, self.groups = Selection(self), Marks(self), Groups(self)
        for forget in (self.selection.forget, self.groups.clear):
            self.catalogue_changed.connect(forget)
        self.run_changed.connect(self.marks.clear)
        self.tagging = Tagging(self.settings, self.tasks, self)
        self.tagging.excluded.connect(self._exclude)
        self.tagging.notice.connect(self.notice)
        for signal in (self.catalogue_changed, self.run_changed):
            signal.connect(self._show_tags)
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

    def open_folder(
        self, path: Path | str, labels: str = "auto", kind: str = "auto", target: str = "auto"
    ) -> Task | None:
        """Scan a folder (or a CSV file) of images and make it the open one.

        Args:
            path: the folder.
            labels: where class names come from.
            kind: what it holds; "auto" finds out.
            target: of pairs, name of the folder with what is to be predicted.
        """
        if not self._idle("another folder"):
            return None
        return self._read_folder(Path(path), labels, kind, target)

    def _read_folder(
        self, folder: Path, labels: str, kind: str = "auto", target: str = "auto"
    ) -> Task | None:
        if (core := self._ready()) is None:
            return None
        return self.tasks.start(
            f"Reading {folder.name or folder}",
            lambda ticket: core.scan(folder, labels, ticket, kind, target),
            lambda catalogue: self.set_catalogue(catalogue, folder, labels, kind, target),
            failed=lambda error: self.notice.emit(
                "danger", sentence(error), "Choose another folder with Ctrl+O."
            ),
            key="scan",
        )

    def open_demo(self) -> Task | None:
        """Open the built-in demo set; it is generated in the cache folder the first time."""
        if (core := self._ready()) is None or not self._idle("the demo set"):
            return None
        folder = self.settings.demo_folder

        return self.tasks.start(
            DEMO,
            lambda ticket: core.demo_catalogue(folder, ticket),
            lambda catalogue: self.set_catalogue(catalogue, folder, "auto"),
            key="scan",
        )

    def set_catalogue(
        self,
        catalogue: Catalogue,
        folder: Path,
        labels: str = "auto",
        kind: str = "auto",
        target: str = "auto",
    ) -> None:
        """Make scanned images the open ones, and the recipe's."""
        self._close_pixels()
        self.catalogue = catalogue
        self._pixels = Pixels(catalogue, self.settings.cache_folder, self.tasks)
        self.settings.last_folder = str(folder)
        if self.recipe is not None:
            data = self.recipe.data
            if data.folder != str(folder):  # the list is about the other folder
                data = data.changed(excluded="")
            data = data.changed(folder=str(folder), labels=labels, kind=kind, target=target)
            self.set_recipe(self.recipe.changed(data=data))
        self.catalogue_changed.emit()

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

    def set_recipe(self, recipe: Recipe) -> None:
        """Take another recipe; it is kept for the next session."""
        if recipe == self.recipe:
            return
        self.recipe = recipe
        self._autosave.later(recipe)
        self.recipe_changed.emit()

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

    def open_run(self, path: Path | str) -> Task | None:
        """Replay a run directory: its record, its recipe and, where it still lies, its folder.

        A run that a live process trains is followed from there on.
        """
        if (core := self._ready()) is None or not (self.isolated or self._idle("another run")):
            return None
        folder = Path(path)

        def done(opened: Opened) -> None:
            if not self.isolated and not self._idle("another run"):  # started in the meantime
                return
            self.leave()
            self._open(opened.directory, opened.record)
            self.set_recipe(opened.recipe)
            if opened.holder is not None:
                self.attach(opened.holder, opened.offset)
            self.record_changed.emit()
            self._follow(Path(opened.recipe.data.folder), opened.recipe.data.labels)

        return self.tasks.start(
            f"Opening run {folder.name}",
            lambda ticket: core.replay(folder, ticket.cancelled),
            done,
            failed=lambda error: self.notice.emit(
                "danger",
                sentence(error),
                "Mend it, or choose a folder that holds recipe.toml and events.jsonl.",
            ),
            key="run",
        )

    def _follow(self, folder: Path, labels: str) -> None:
        """Open the images of a run, unless they are open already or gone."""
        if self.catalogue is not None and self.catalogue.root == folder:
            return
        if folder.exists():
            self._read_folder(folder, labels)
            return
        self._close_pixels()
        self.catalogue = None
        self.catalogue_changed.emit()
        self.notice.emit("warning", f"The images of this run are not at {folder}.", "Open them.")

    def _open(self, directory: RunDirectory, record: RunRecord) -> None:
        self.directory, self.record = directory, record
        self.settings.last_run = str(directory.path)
        self.select_snapshot(None)
        self.run_changed.emit()

    def _tell_end(self) -> None:
        record = self.record
        if record is not None and record.stopped is not None and record.stopped.reason == "failed":
            remedy = "What was saved is kept; change the recipe and start again."
            if record.started is None and self.directory is not None and self.directory.discard():
                remedy = "Change the recipe or choose another folder, and start again."
            self.notice.emit("danger", f"Training failed: {record.stopped.error}", remedy)
        self.record_changed.emit()

    def select_snapshot(self, step: int | None) -> None:
        """Stand at the snapshot of a step, or follow the latest one (None)."""
        self.snapshot_position = step
        self.snapshot_selected.emit(step)

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

    def _tell_unsaved(self, why: str) -> None:
        self.notice.emit("warning", why, "Set SSL_WORKBENCH_CONFIG to a folder you may write.")

    def _close_pixels(self) -> None:
        if self._pixels is not None:
            self._pixels.close()
            self._pixels = None

    def _ready(self) -> Core | None:
        if self.core is None:
            self.notice.emit("info", "Still loading torch.", "Try again in a few seconds.")
        return self.core

    def _idle(self, what: str) -> bool:
        if self.running:
            remedy = "Stop it first."
            if self.isolated:
                remedy = "Stop it first, or open another run: this one goes on in its own process."
            words = f"A run is being trained; {what} cannot be opened now."
            self.notice.emit("warning", words, remedy)
        return not self.running

    def _tell_failure(self, title: str, error: Exception) -> None:
        self.notice.emit("danger", f"{title}: {sentence(error)}", "")
