"""A run on the disk: recipe, log, snapshots, checkpoints and embeddings in one folder.

    recipe.toml  excluded-DIGEST.txt  events.jsonl  control.jsonl  run.lock  training.log
    snapshots/step_XXXXXXXX.npz  embeddings/step_XXXXXXXX.npz  checkpoints/step_XXXXXXXX/

Loads no torch unless the recipe is asked for, so that a window can open old runs at once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from sslcore.engine.store import CheckpointError, Loaded, SaveError
from sslcore.events import (
    CheckpointSaved,
    RunEvent,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
    from_line,
    to_line,
)
from sslcore.runs import arrays, atomic, exclusion, kept_features, shelf
from sslcore.runs.claim import Claim, Holder

if TYPE_CHECKING:
    from sslcore.recipe import Recipe

_BLOCK = 1 << 20
_FOLDERS = ("snapshots", "checkpoints", "embeddings")


class RunError(ValueError):
    """A folder that is no run, or cannot become one; the message names it and the remedy."""


class RunDirectory:
    """One run directory; it is the ``Store`` of its training and the memory of its viewers.

    Use :meth:`create` or :meth:`open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shelf = shelf.Shelf(path / "checkpoints")
        self._claim = Claim(path / "run.lock")
        self._log: IO[bytes] | None = None
        self._foreign = False
        self._made = False

    @classmethod
    def create(cls, path: Path, recipe: Recipe) -> Self:
        """Make a new run directory, with a copy of the list of excluded images if there is one.

        Raises:
            ConfigError: if that list cannot be read.
            RunError: if the folder already holds a run.
            SaveError: if it cannot be written.
        """
        if (path / "recipe.toml").exists() or (path / "events.jsonl").exists():
            raise RunError(f"{path}: holds a run already; resume it or choose another folder")
        for name in _FOLDERS:
            if (path / name).exists():  # old checkpoints are removed: never somebody else's
                raise RunError(
                    f"{path}: holds {name!r} of something else; choose an empty or a new folder"
                )
        recipe = exclusion.own(path, recipe)
        with atomic.explained(path):
            path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made.replace_recipe(recipe)
        made._made = True
        return made

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a run directory for reading or for going on.

        Raises:
            RunError: if the folder is no run directory.
        """
        if not (path / "recipe.toml").is_file():
            if (path / "events.jsonl").is_file():
                raise RunError(
                    f"{path / 'recipe.toml'}: missing, although the folder holds a run; put it "
                    "back, or go on with: sslcore train --recipe FILE --out RUN_DIR"
                )
            raise RunError(f"{path}: not a run directory (no recipe.toml in it)")
        return cls(path)

    def recipe(self) -> Recipe:
        """The recipe of the run (ConfigError if it was damaged). Imports torch."""
        from sslcore.recipe import Recipe

        return Recipe.from_file(self.path / "recipe.toml")

    def replace_recipe(self, recipe: Recipe) -> None:
        """Keep another recipe: what the run goes on with (SaveError if it cannot be written)."""
        text = exclusion.as_written(self.own(recipe)).to_toml()
        atomic.write(self.path / "recipe.toml", text.encode())

    def own(self, recipe: Recipe) -> Recipe:
        """A recipe that names this run's own list of excluded images (see :mod:`.exclusion`)."""
        return exclusion.own(self.path, recipe)

    def discard(self) -> bool:
        """Remove a run that ended before it began, e.g. because its folder cannot be trained.

        Only whoever made it may, and nothing else that lies in the folder is touched.

        Returns:
            Whether it was removed.
        """
        if not self._made or self.busy or self.shelf.entries():
            return False
        self.close()
        with suppress(OSError, RunError):  # what cannot be read or removed stays
            if any(isinstance(event, RunStarted) for event in self.replay()):
                return False
            for name in (
                "events.jsonl",
                "control.jsonl",
                "training.log",
                "run.lock",
                "recipe.toml",
            ):
                (self.path / name).unlink(missing_ok=True)
            for path in self.path.glob(exclusion.COPIES):
                path.unlink()
            self.path.rmdir()
        self._made = (self.path / "recipe.toml").exists()
        return not self._made

    # The log

    @property
    def log_path(self) -> Path:
        """The file of events, one JSON line each."""
        return self.path / "events.jsonl"

    def append(self, event: RunEvent) -> None:
        """Write an event; a snapshot's arrays go to their own file first.

        Nothing is written to the log of a run that another process was found to train.

        Raises:
            SaveError: if it cannot be written.
        """
        if self._foreign:
            return
        if self._log is not None and not self._log_is_there(self._log):
            self.close()
            raise SaveError(
                f"{self.path}: was removed or moved while training wrote to it; start a new run"
            )
        extra: dict[str, Any] = {}
        if isinstance(event, Snapshot):
            name = f"snapshots/step_{event.step:08d}.npz"
            atomic.write(self.path / name, arrays.pack_snapshot(event))
            extra["file"] = name
        line = to_line(event, extra).encode() + b"\n"
        with atomic.explained(self.log_path):
            try:
                if self._log is None:
                    self._log = self._open_log()
                rest = memoryview(line)
                while rest:
                    rest = rest[self._log.write(rest) :]
                if isinstance(event, (CheckpointSaved, RunStopped)):
                    os.fsync(self._log.fileno())
            except OSError:
                self.close()  # opened anew, what there is of this line is cut off
                raise

    def record(self, events: Iterable[RunEvent]) -> Iterator[RunEvent]:
        """Write every event, then pass it on: what a driver of ``train()`` loops over.

        If an event cannot be written the training is closed and a ``RunStopped`` with the reason
        is passed on (and, if at all possible, written) as the last event.
        """
        source = iter(events)
        step = 0
        for event in source:
            step = event.step if isinstance(event, StepDone) else step
            try:
                self.append(event)
            except SaveError as error:
                close = getattr(source, "close", None)
                if close is not None:
                    close()
                if isinstance(event, RunStopped):
                    yield event  # it has its own reason, which counts
                    return
                stopped = RunStopped(step, "failed", str(error), time.time())
                with suppress(SaveError):
                    self.append(stopped)
                yield stopped
                return
            yield event

    def replay(self) -> Iterator[RunEvent]:
        """All events of the log; snapshots read their arrays when these are first looked at.

        A last line cut short by a killed process is passed over; a damaged line elsewhere becomes
        a ``Warned``.

        Raises:
            RunError: if the log cannot be read.
        """
        offset = 0
        while True:
            events, after = self.read_from(offset)
            yield from events
            if after == offset:
                return
            offset = after

    def read_from(self, offset: int) -> tuple[list[RunEvent], int]:
        """Whole lines from a byte offset on, a block at a time, and the offset to go on from.

        Called again and again it follows a run of another process.

        Raises:
            RunError: if the log cannot be read.
        """
        try:
            with self.log_path.open("rb") as file:
                file.seek(offset)
                block = file.read(_BLOCK)
                while block and b"\n" not in block:
                    more = file.read(_BLOCK)
                    if not more:
                        break
                    block += more
        except FileNotFoundError:
            return [], offset
        except OSError as error:
            raise RunError(f"{self.log_path}: cannot be read ({error.strerror})") from None
        end = block.rfind(b"\n") + 1
        events = [self._event(line) for line in block[:end].split(b"\n") if line.strip()]
        return events, offset + end

    def _event(self, line: bytes) -> RunEvent:
        try:
            event = from_line(line.decode())
        except ValueError as error:
            return Warned(0, "log_damaged", f"A line of the log was lost: {error}", "")
        if isinstance(event, Snapshot):
            return replace(event, diagnostics=arrays.StoredDiagnostics(self._snapshot(event.step)))
        return event

    def _open_log(self) -> IO[bytes]:
        """Open for appending; what a killed process left of its last line is cut off."""
        if self.log_path.exists():
            kept = self.log_end()
            if kept < self.log_path.stat().st_size:
                with self.log_path.open("rb+") as file:
                    file.truncate(kept)
        return self.log_path.open("ab", buffering=0)

    def log_end(self) -> int:
        """Bytes of the log up to its last whole line: where what is written next begins."""
        try:
            with self.log_path.open("rb") as file:
                start = max(0, file.seek(0, os.SEEK_END) - _BLOCK)
                file.seek(start)
                return start + file.read(_BLOCK).rfind(b"\n") + 1
        except FileNotFoundError:
            return 0

    def _log_is_there(self, log: IO[bytes]) -> bool:
        """Whether the open file still has its name; else lines would go nowhere, unnoticed."""
        try:
            return os.path.samestat(os.fstat(log.fileno()), self.log_path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Close the log file; it is opened anew when needed."""
        if self._log is not None:
            self._log.close()
            self._log = None

    # Snapshots and embeddings

    def _snapshot(self, step: int) -> Path:
        return self.path / "snapshots" / f"step_{step:08d}.npz"

    def snapshot(self, step: int) -> Snapshot:
        """A snapshot with its arrays.

        Raises:
            RunError: if there is none of that step or its file is damaged.
        """
        try:
            return arrays.unpack_snapshot(self._snapshot(step))
        except ValueError as error:
            raise RunError(str(error)) from None

    def kept(self, step: int) -> kept_features.KeptFeatures:
        """Features of the probe images saved at a step, with all that is known of them.

        Raises:
            RunError: if there are none of that step or the file is damaged.
        """
        try:
            return kept_features.read(self.path / "embeddings" / f"step_{step:08d}.npz")
        except ValueError as error:
            raise RunError(str(error)) from None

    def embedding(self, step: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(N,) catalogue rows and (N, D) features saved at a step (RunError as :meth:`kept`)."""
        found = self.kept(step)
        return found.rows, found.features

    # What training asks for (engine.store.Store)

    def claim(self) -> None:
        """Make this process the only one that trains here (SaveError if another does)."""
        try:
            self._claim.take()
        except SaveError:
            self._foreign = self._claim.held
            raise
        self._foreign = False
        atomic.sweep(self.path)

    def release(self) -> None:
        """Give the claim back."""
        self._claim.release()

    @property
    def busy(self) -> bool:
        """Whether a live process trains here."""
        return self._claim.held

    @property
    def holder(self) -> Holder | None:
        """The live process that trains here, or None."""
        return self._claim.holder

    def save_checkpoint(self, step: int, files: Mapping[str, bytes], keep: int) -> str:
        """Write a checkpoint whole; return its path relative to the run directory."""
        return self.shelf.save(step, files, keep).relative_to(self.path).as_posix()

    def load(self, which: str = "auto") -> Loaded | None:
        """The newest whole checkpoint (None if there is none), or one by path or name.

        Raises:
            CheckpointError: if the one asked for is missing or damaged, or all there are.
        """
        if which == "auto":
            return self.shelf.newest()
        tried = (Path(which), self.path / which, self.shelf.folder / which)
        for path in tried:
            if path.is_dir():
                try:
                    return Loaded(str(path), shelf.read(path))
                except CheckpointError as error:
                    raise CheckpointError(f"{error}; resume from another checkpoint") from None
        names = ", ".join(path.name for _, path in self.shelf.entries()) or "none"
        raise CheckpointError(
            f"{which}: no such checkpoint in {self.shelf.folder}; there are: {names}"
        )

    def save_array(self, name: str, arrays_by_name: Mapping[str, NDArray[Any]]) -> str:
        """Write named arrays as ``NAME.npz``; return the path relative to the run directory."""
        relative = f"{name}.npz"
        atomic.write(self.path / relative, arrays.to_bytes(arrays_by_name))
        return relative

    def send(self, control: str) -> None:
        """Write a request for the process that trains here: pause, resume, stop, snapshot_now.

        Raises:
            SaveError: if it cannot be written.
        """
        path = self.path / "control.jsonl"
        with atomic.explained(path), path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"control": control}) + "\n")
