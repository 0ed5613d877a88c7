"""What is opened: folders of images, run directories, and what was open in the last session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.autosave import Autosave
from app.pixels import Pixels
from app.settings import Settings
from app.tasks import Task, Tasks
from app.training import Training
from app.wording import DEMO, sentence
from sslcore.data.reading import AS_FOUND, Reading

if TYPE_CHECKING:
    from app.core import Core, Opened
    from sslcore.data.catalogue import Catalogue
    from sslcore.recipe import Recipe
    from sslcore.runs.directory import RunDirectory
    from sslcore.runs.record import RunRecord


def is_run(path: Path) -> bool:
    """Whether a folder is a run directory."""
    return (path / "recipe.toml").is_file() and (path / "events.jsonl").exists()


def _named(path: Path) -> bool:
    """Whether a path is that of something; nothing is the working directory to ``Path``."""
    return path != Path()


class Opening(Training):
    """The part of the workspace that opens things.

    Attributes:
        catalogue_changed: another folder was opened (or none is).
        recipe_changed: any part of the recipe changed, view plan included.
        run_changed: another run was opened or started; ``record`` and ``directory`` are new.
        snapshot_selected: step the timeline stands at, or None for the latest.
        notice: (level, what happened, what to do); level is "info", "warning" or "danger".
    """

    catalogue_changed = Signal()
    recipe_changed = Signal()
    run_changed = Signal()
    snapshot_selected = Signal(object)
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
        self._read: tuple[str, Reading] | None = None
        self._pixels: Pixels | None = None

    def set_recipe(self, recipe: Recipe) -> None:
        """Take another recipe; it is kept for the next session."""
        if recipe == self.recipe:
            return
        self.recipe = recipe
        self._autosave.later(recipe)
        self.recipe_changed.emit()

    def select_snapshot(self, step: int | None) -> None:
        """Stand at the snapshot of a step, or follow the latest one (None)."""
        self.snapshot_position = step
        self.snapshot_selected.emit(step)

    def _tell_unsaved(self, why: str) -> None:
        self.notice.emit("warning", why, "Set SSL_WORKBENCH_CONFIG to a folder you may write.")

    # Folders ----------------------------------------------------------------------------------

    def open_path(self, path: Path) -> Task | None:
        """Open a run directory, or a folder (or a CSV file) of images."""
        return self.open_run(path) if is_run(path) else self.open_folder(path)

    def open_folder(self, path: Path | str, reading: Reading = AS_FOUND) -> Task | None:
        """Scan a folder (or a CSV file) of images and make it the open one."""
        if not self._idle("another folder"):
            return None
        return self._read_folder(Path(path), reading)

    def _read_folder(self, folder: Path, reading: Reading) -> Task | None:
        if (core := self._ready()) is None:
            return None
        return self.tasks.start(
            f"Reading {folder.name or folder}",
            lambda ticket: core.scan(folder, ticket, reading),
            lambda catalogue: self.set_catalogue(catalogue, folder, reading),
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
            lambda catalogue: self.set_catalogue(catalogue, folder),
            key="scan",
        )

    def set_catalogue(
        self,
        catalogue: Catalogue,
        folder: Path,
        reading: Reading = AS_FOUND,
    ) -> None:
        """Make scanned images the open ones, and the recipe's."""
        self._close_pixels()
        self.catalogue, self._read = catalogue, (str(folder), reading)
        self._pixels = Pixels(catalogue, self.settings.cache_folder, self.tasks)
        self.settings.last_folder = str(folder)
        if self.recipe is not None:
            data = self.recipe.data
            if data.folder != str(folder):  # the list is about the other folder
                data = data.changed(excluded="")
            data = data.changed(folder=str(folder), **asdict(reading))
            self.set_recipe(self.recipe.changed(data=data))
        self.catalogue_changed.emit()

    # Runs -------------------------------------------------------------------------------------

    def open_run(self, path: Path | str) -> Task | None:
        """Replay a run directory: its record, its recipe and, where it still lies, its folder.

        A run that a live process trains is followed from there on.
        """
        return self._replay(Path(path), self._take_with_its_own)

    def restore(self, run: Path, folder: Path) -> None:
        """Bring back what was open when the window was closed.

        The recipe is the one that was autosaved, not the run's: a person may have gone on to
        prepare another one; and the folder may be another one as well. Only a run that somebody
        trains at this moment brings its own folder, into the recipe as well.

        Args:
            run: its directory; gone or no run: none is opened.
            folder: of images; gone: the run's own, without a run the demo set.
        """
        there = _named(folder) and folder.exists()
        ran = _named(run) and is_run(run)
        data = None if self.recipe is None else self.recipe.data
        if (there and folder == self.settings.demo_folder) or not (there or ran):
            self.open_demo()
        elif there and data is not None and data.folder == str(folder):
            self._read_folder(folder, data.reading)
        elif there:
            self._read_folder(folder, AS_FOUND)
        if ran:
            self._replay(run, self._take_restored if there else self._take_with_its_images)

    def _replay(self, folder: Path, take: Callable[[Opened], None]) -> Task | None:
        if (core := self._ready()) is None or not (self.isolated or self._idle("another run")):
            return None

        def done(opened: Opened) -> None:
            if not self.isolated and not self._idle("another run"):  # started in the meantime
                return
            self.leave()
            self._open(opened.directory, opened.record)
            take(opened)

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

    def _take_restored(self, opened: Opened) -> None:
        # A run that is trained at this moment is what its person comes back to see: its own
        # images belong beside it, whatever was open last.
        live = opened.holder is not None
        (self._take_with_its_images if live else self._take_as_it_was)(opened)

    def _take_as_it_was(self, opened: Opened) -> None:
        if opened.holder is not None:
            self.attach(opened.holder, opened.offset)
        self.record_changed.emit()

    def _take_with_its_own(self, opened: Opened) -> None:
        self.set_recipe(opened.recipe)
        self._take_with_its_images(opened)

    def _take_with_its_images(self, opened: Opened) -> None:
        self._take_as_it_was(opened)
        self._follow(opened.recipe.data.folder, opened.recipe.data.reading)

    def _follow(self, folder: str, reading: Reading) -> None:
        """Open the images of a run, read as it read them, unless that is done or they are gone."""
        if self.catalogue is not None and self._read == (folder, reading):
            return
        if Path(folder).exists():
            self._read_folder(Path(folder), reading)
            return
        self._close_pixels()
        self.catalogue = self._read = None
        self.catalogue_changed.emit()
        self.notice.emit("warning", f"The images of this run are not at {folder}.", "Open them.")

    def _open(self, directory: RunDirectory, record: RunRecord) -> None:
        self.directory, self.record = directory, record
        self.settings.last_run = str(directory.path)
        self.select_snapshot(None)
        self.run_changed.emit()

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
