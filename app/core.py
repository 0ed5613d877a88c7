"""The library behind the window, imported on a worker so that the window shows first."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.tasks import Ticket
from sslcore.data.reading import AS_FOUND, Reading
from sslcore.runs.remote import Remote

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue
    from sslcore.engine.control import Control
    from sslcore.events import RunEvent
    from sslcore.method import DataFacts
    from sslcore.recipe import Recipe
    from sslcore.runs.claim import Holder
    from sslcore.runs.directory import RunDirectory
    from sslcore.runs.record import RunRecord

FIRST_METHOD = "barlow_twins"
MODULES = (
    "torch",
    "sslcore.method",
    "sslcore.recipe",
    "sslcore.switching",
    "sslcore.data.catalogue",
    "sslcore.data.pixel_store",
    "sslcore.data.demo",
    "sslcore.runs.directory",
    "sslcore.runs.record",
    "sslcore.engine.train",
    "sslcore.engine.devices",
)


@dataclass(frozen=True)
class Opened:
    """A run directory that was read.

    Attributes:
        directory, record, recipe: of the run.
        holder: the live process that trains there, or None.
        offset: bytes of the log that were folded.
    """

    directory: RunDirectory
    record: RunRecord
    recipe: Recipe
    holder: Holder | None
    offset: int


@dataclass(frozen=True)
class Core:
    """Modules of sslcore, loaded; attributes are the modules of the same name."""

    method: Any
    recipe: Any
    switching: Any
    catalogue: Any
    demo: Any
    directory: Any
    record: Any
    engine: Any
    devices: Any

    def first_recipe(self, text: str) -> Recipe:
        """The recipe of the last session, or the usual one; ConfigError if the text is not one."""
        if text:
            return self.recipe.Recipe.from_toml(text, "the last session's recipe")
        return self.recipe.preset(FIRST_METHOD)

    def facts(self, recipe: Recipe, catalogue: Catalogue) -> DataFacts:
        """What the method may know of the open data under this recipe."""
        try:
            return recipe.facts(catalogue)
        except ValueError:  # no sequence is long enough, or a list of excluded images is gone:
            # that is told when a run starts
            data = recipe.data.changed(excluded="")
            return recipe.facts(catalogue, data.split(catalogue).train)

    def train(
        self, recipe: Recipe, control: Control, directory: RunDirectory, resume: str | None
    ) -> Iterator[RunEvent]:
        """The events of a run; other windows and ``control.jsonl`` steer it too."""
        with Remote(directory.path / "control.jsonl", control):
            yield from self.engine.train(recipe, control, directory, resume)
        self.devices.release()  # a process that goes on with the run needs it

    def scan(self, folder: Path, ticket: Ticket, reading: Reading = AS_FOUND) -> Catalogue:
        """The images of a folder, and what else it serves."""
        return self.catalogue.scan(folder, reading, ticket.progress, ticket.cancelled)

    def demo_catalogue(self, folder: Path, ticket: Ticket) -> Catalogue:
        """The demo set, generated beside its place the first time and moved: never half a set."""
        # Caches are emptied now and then, and an older version drew other pictures.
        if not (self.demo.is_made(folder) and any(folder.rglob("*.png"))):
            shutil.rmtree(folder, ignore_errors=True)
            partial = folder.with_name(folder.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            self.demo.make(partial, progress=ticket.progress, cancelled=ticket.cancelled)
            partial.replace(folder)
        return self.scan(folder, ticket)

    def replay(self, folder: Path, cancelled: Callable[[], bool]) -> Opened:
        """Open a run directory and fold its events."""
        directory = self.directory.RunDirectory.open(folder)
        record = self.record.RunRecord()
        offset = _fold(directory, record, 0, cancelled)
        # A claim is given back before the last word is written. So whoever has it now has not said
        # that word in what was read; and if nobody has it, a second look finds the word.
        holder, before = directory.holder, record.stopped
        offset = _fold(directory, record, offset, cancelled)
        if record.stopped is not before and record.stopped is not None:
            holder = None
        return Opened(directory, record, directory.recipe(), holder, offset)


def _fold(
    directory: RunDirectory, record: RunRecord, offset: int, cancelled: Callable[[], bool]
) -> int:
    """Fold the log from an offset to its present end; returns how far it came."""
    end = directory.log_end()  # what is written while this reads is for whoever follows
    while offset < end and not cancelled():
        events, after = directory.read_from(offset)
        for event in events:
            record.apply(event)
        if after == offset:  # an endless line
            break
        offset = after
    return offset


def import_core(ticket: Ticket) -> Core:
    """Import everything that is slow to import, telling how far it is."""
    loaded: dict[str, Any] = {}
    for number, name in enumerate(MODULES):
        ticket.progress(number, len(MODULES))
        loaded[name] = importlib.import_module(name)
    loaded["sslcore.method"].registry()
    return Core(
        method=loaded["sslcore.method"],
        recipe=loaded["sslcore.recipe"],
        switching=loaded["sslcore.switching"],
        catalogue=loaded["sslcore.data.catalogue"],
        demo=loaded["sslcore.data.demo"],
        directory=loaded["sslcore.runs.directory"],
        record=loaded["sslcore.runs.record"],
        engine=loaded["sslcore.engine.train"],
        devices=loaded["sslcore.engine.devices"],
    )
