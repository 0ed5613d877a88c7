"""The tags of the open images: changes that are on the disk before they are shown, with undo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.settings import Settings
from app.tag_file import Read, read
from app.tagged import Tagged
from app.tasks import Tasks
from app.wording import count, sentence
from sslcore.data.tags import (
    BESIDE_IMAGES,
    EXCLUDED,
    IN_RUN,
    Change,
    TagError,
    TagStore,
    UnwritableError,
    tag_name,
)

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue

STEPS = 200
"""Changes that can be undone."""

Rows = NDArray[np.int64] | Sequence[int]
Act = Callable[[TagStore], Change]


class _Step(QUndoCommand):
    """One change; undone and done again by the inverse that the store gave for the last time."""

    def __init__(self, owner: Tagging, words: str, act: Act) -> None:
        super().__init__(words)
        self.words = words  # Qt deletes its own copy when the history is cut, work may wait still
        self._owner = owner
        self._act = act

    @property
    def act(self) -> Act:
        """What comes next, for a worker; it returns how to take it back."""
        return self._act

    def done(self, inverse: Change) -> None:
        """It was done: next comes the other way."""
        self._act = _applying(inverse)

    def redo(self) -> None:
        """Qt asks for it, at the first time too."""
        self._owner.enqueue(self)

    def undo(self) -> None:
        """Qt asks for it."""
        self._owner.enqueue(self)


class Tagging(QObject):
    """Tags of the rows of the open catalogue. Work on the file is done on a worker, in order.

    Attributes:
        changed: tags, what can be undone, or :attr:`problem` are others.
        notice: as the workspace's: why something could not be read or kept; nothing was changed.
        excluded: file with the list of excluded images ("" for none); and whether a person just
            changed them, rather than opened them.
        tagged: the tags as they are on the disk.
        problem: what is wrong with the file, or "".
    """

    changed = Signal()
    notice = Signal(str, str, str)
    excluded = Signal(str, bool)

    def __init__(self, settings: Settings, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._tasks = settings, tasks
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(STEPS)
        self._queue: deque[tuple[_Step, int]] = deque()
        self._working = False
        self._restoring = False
        self._loaded = False
        self._visit = 0
        self._catalogue: Catalogue | None = None
        self._run: Path | None = None
        self._store: TagStore | None = None
        self._places: Mapping[str, int] | None = None
        self._refused: tuple[str, Act] | None = None
        self.tagged = Tagged()
        self.problem = ""
        settings.changed.connect(self._look)

    def open(self, catalogue: Catalogue | None, run: Path | None) -> None:
        """Show the tags of these images, or of this run, as the settings say."""
        if catalogue is not self._catalogue:
            self._store, self._places = None, None
        self._catalogue, self._run = catalogue, run
        self._look()

    # What can be done ---------------------------------------------------------------------------

    @property
    def file(self) -> Path | None:
        """Where tags are kept now, or None while there is no such place."""
        if self._catalogue is None:
            return None
        if self._settings.tags_place == "run":
            return None if self._run is None else self._run / IN_RUN
        return self._catalogue.root / BESIDE_IMAGES

    @property
    def obstacle(self) -> str:
        """Why images cannot be tagged now, or ""."""
        if self._catalogue is None:
            return "Open a folder of images first."
        if self.file is None:
            return "Tags are kept in the run, and none is open: start one, or see the settings."
        if not self._loaded:
            return self.problem or "Tags are being read."
        return ""

    @property
    def can_move(self) -> bool:
        """Whether tags cannot be written beside the images, but could be in the open run."""
        return self._refused is not None and self._run is not None

    def tag(self, rows: Rows, name: str) -> bool:
        """Give images a tag; whether there was anything to do (TagError for a bad name)."""
        name = tag_name(name)
        new = np.setdiff1d(np.asarray(rows, np.int64), self.tagged.of_tag(name))
        what = count(len(new), "image")
        text = f"exclude {what}" if name == EXCLUDED else f"tag {what} “{name}”"
        return len(new) > 0 and self._push(text, _adding(name, self._paths(new)))

    def untag(self, rows: Rows, name: str) -> bool:
        """Take a tag from images; whether there was anything to do."""
        own = np.intersect1d(np.asarray(rows, np.int64), self.tagged.of_tag(name))
        what = count(len(own), "image")
        text = f"include {what} again" if name == EXCLUDED else f"untag {what} “{name}”"
        return len(own) > 0 and self._push(text, _removing(name, self._paths(own)))

    def rename(self, old: str, new: str) -> bool:
        """Give a tag another name, or join it with the tag of that name (TagError if bad)."""
        new = tag_name(new)
        if EXCLUDED in (old, new) and old != new:
            raise TagError(f"The tag '{EXCLUDED}' is kept for images that are not trained on.")
        return old != new and self._push(
            f"rename “{old}” to “{new}”", lambda store: store.rename(old, new)
        )

    def delete(self, name: str) -> bool:
        """Take a tag from all images."""
        return self._push(f"delete tag “{name}”", lambda store: store.delete(name))

    def recolour(self, name: str, colour: int | None) -> bool:
        """Give a tag a colour, or (None) that of its place; whether there was anything to do."""
        return self.tagged.colours.get(name) != colour and self._push(
            f"colour tag “{name}”", lambda store: store.recolour(name, colour)
        )

    def set_few_labels(self, names: Collection[str]) -> bool:
        """Make the images of these tags the few-label set; whether there was anything to do."""
        wanted = frozenset(names)
        what = " and ".join(f"“{one}”" for one in self.tagged.names if one in wanted)
        text = f"use {what} as few-label set" if wanted else "use no few-label set"
        return wanted != self.tagged.few_labels and self._push(
            text, lambda store: store.set_few_labels(wanted)
        )

    def keep_in_run(self) -> None:
        """Keep tags in the run from now on, those that can be read taken along, and try again."""
        refused, old = self._refused, self._store
        if refused is None or old is None or not self.can_move:
            return
        text, act = refused

        def along(store: TagStore) -> Change:
            store.change({tag.name: paths for tag, paths in old.contents().items()})
            return act(store)

        self._settings.tags_place = "run"
        self._look()
        self._push(text, along)

    def reload(self) -> None:
        """Read the file again, after an error."""
        self._store = None
        self._look()

    # Undo ---------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._stack.canUndo()

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to do again."""
        return self._stack.canRedo()

    @property
    def undo_words(self) -> str:
        """``Undo tag 312 images “horse”``."""
        return f"Undo {self._stack.undoText()}".strip()

    @property
    def redo_words(self) -> str:
        """``Redo tag 312 images “horse”``."""
        return f"Redo {self._stack.redoText()}".strip()

    def undo(self) -> None:
        """Take the last change back."""
        self._stack.undo()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        self._stack.redo()

    def enqueue(self, step: _Step) -> None:
        """Let a worker do a step once those before it are done."""
        if not self._restoring:
            self._queue.append((step, self._stack.index()))
            self._next()

    # Work ---------------------------------------------------------------------------------------

    def _push(self, text: str, act: Act) -> bool:
        if self._store is None:
            return False
        self._refused = None
        self._stack.push(_Step(self, text, act))
        return True

    def _paths(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        assert self._catalogue is not None
        return tuple(self._catalogue.paths[row] for row in rows.tolist())

    def _look(self) -> None:
        """Open the file that is the right one now, unless it is open already."""
        file = self.file
        if self._store is not None and file == self._store.path:
            return
        if self._store is None and file is None and not self.tagged.rows:
            self.changed.emit()
            return
        self._visit += 1
        self._queue.clear()
        self._stack.clear()
        self._working, self._loaded, self._refused = False, False, None
        self._store = None if file is None else TagStore(file)
        self.tagged, self.problem = Tagged(), ""
        self.changed.emit()
        if file is not None:
            self._work("Reading tags", None, -1)

    def _next(self) -> None:
        if self._queue and not self._working:
            step, before = self._queue.popleft()
            self._work(f"Tags: {step.words}", step, before)

    def _work(self, title: str, step: _Step | None, before: int) -> None:
        store, catalogue, places = self._store, self._catalogue, self._places
        if store is None or catalogue is None:
            return
        self._working = True
        lists = self._settings.lists_folder
        act = None if step is None else step.act

        def work(_: object) -> tuple[Change, Read]:
            if act is None:
                store.verify()
            inverse = Change() if act is None else act(store)
            return inverse, read(store, catalogue, places, lists)

        visit = self._visit
        self._tasks.start(
            title,
            work,
            partial(self._take, visit, step),
            failed=partial(self._fail, visit, step, before),
            quiet=True,
        )

    def _take(self, visit: int, step: _Step | None, answer: tuple[Change, Read]) -> None:
        if visit != self._visit:
            return
        inverse, found = answer
        self._working, self._loaded = False, True
        self._places, self.tagged, self.problem = found.places, found.tagged, found.problem
        touched = {*inverse.adds, *inverse.removes}
        if step is not None:
            step.done(inverse)
        if not found.problem:
            self.excluded.emit(found.listed, step is not None and EXCLUDED in touched)
        self.changed.emit()
        self._next()

    def _fail(self, visit: int, step: _Step | None, before: int, error: Exception) -> None:
        if visit != self._visit:
            return
        self._working, self.problem = False, sentence(error)
        if step is not None:
            if isinstance(error, UnwritableError) and self._settings.tags_place == "data":
                self._refused = (step.words, step.act)
            if self._queue:  # built upon what did not happen
                self._queue.clear()
                self._stack.clear()
            self._restoring = True
            self._stack.setIndex(before)
            self._restoring = False
        self.notice.emit("danger", self.problem, "")
        self.changed.emit()


def _applying(change: Change) -> Act:
    return lambda store: store.apply(change)


def _adding(name: str, paths: tuple[str, ...]) -> Act:
    return lambda store: store.change({name: paths})


def _removing(name: str, paths: tuple[str, ...]) -> Act:
    return lambda store: store.change(removes={name: paths})
