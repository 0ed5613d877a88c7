"""The thumbnails of a window: read on workers, newest request first, kept in memory and on disk."""

from __future__ import annotations

import importlib
import io
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from app.settings import Settings
from app.thumbnail_file import ThumbnailFile, key_of
from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Tasks, Ticket
    from sslcore.data.catalogue import Catalogue

SIDES = (64, 128, 256, 512)
"""Thumbnails are made in these sizes, so that one on disk serves many sizes on the screen."""
KEPT = 192 * 2**20
"""Bytes of pixels kept in memory."""
CHUNK = 12
"""Images of one job: few, since those of a newer request wait for its end."""
LANES = min(max(os.cpu_count() or 2, 2), 4)
"""Jobs at the same time, so that workers stay free for others."""

_ROWS = 1 << 40  # Above every row: a catalogue's number and a row make one key


def stored_side(side: int) -> int:
    """The size that is made for a picture of ``side`` pixels; a tenth too small is not seen."""
    return next((one for one in SIDES if 1.1 * one >= side), SIDES[-1])


@dataclass(frozen=True)
class Read:
    """What became of one image.

    Attributes:
        row: of the catalogue.
        picture: the thumbnail, or why there is none.
        whole: whether a larger thumbnail would show nothing more.
    """

    row: int
    picture: QImage | str
    whole: bool = True


def read_thumbnails(
    paths: Sequence[tuple[int, Path]],
    side: int,
    file: ThumbnailFile,
    wanted: Callable[[int], bool],
    native: bool = False,
) -> list[Read]:
    """Make or look up thumbnails, on a worker.

    Args:
        paths: (row, path) of each image.
        side: no thumbnail is wider or taller, in pixels.
        file: where thumbnails are kept. Those of images that are not larger are not: the image
            itself is read as fast.
        wanted: asked before each image; rows it says no to are left out.
        native: whether the folder is read with all channels of its files, so that transparency is
            not laid on white; such thumbnails are kept apart.
    """
    decode = importlib.import_module("sslcore.data.decode")
    keys = {row: key for row, path in paths if (key := _key(path, side, native)) is not None}
    kept = file.read(keys.values())
    made: dict[bytes, bytes] = {}
    found: list[Read] = []
    for row, path in paths:
        if not wanted(row):
            continue
        known = _unpacked(kept.get(keys.get(row, b"")))
        if known is not None:
            found.append(Read(row, known, whole=False))
            continue
        try:
            picture = decode.load_image(path, side, native=native)
        except (OSError, ValueError) as error:
            found.append(Read(row, str(error)))
            continue
        whole = max(picture.size) < side
        found.append(Read(row, _image(picture), whole))
        if row in keys and not whole:
            packed = io.BytesIO()
            picture.save(packed, "JPEG", quality=90, subsampling=0)
            made[keys[row]] = packed.getvalue()
    file.write(made)
    return found


def _key(path: Path, side: int, native: bool = False) -> bytes | None:
    """What the thumbnail is kept under; None where the file is gone."""
    try:
        return key_of(f"{path}\0native" if native else str(path), path.stat(), side)
    except OSError:
        return _key_of_frame(path, side)


def _key_of_frame(path: Path, side: int) -> bytes | None:
    """The same for a frame of a video, whose path names no file."""
    frame = importlib.import_module("sslcore.data.video").split_path(str(path))
    if frame is None:
        return None
    try:
        return key_of(str(path), Path(frame[0]).stat(), side)
    except OSError:
        return None


def _unpacked(packed: bytes | None) -> QImage | None:
    """A kept thumbnail; None where there is none, or it is damaged and must be made again."""
    if packed is None:
        return None
    pillow = importlib.import_module("PIL.Image")
    try:
        return _image(pillow.open(io.BytesIO(packed)))
    except (OSError, ValueError):
        return None


def _image(picture: Any) -> QImage:
    """A Pillow picture as Qt paints it fastest: four bytes for each pixel."""
    width, height = picture.size
    # RGB32 wants its fourth byte full; Pillow fills in zeros, which some ways of scaling keep.
    data = picture.convert("RGBA").tobytes("raw", "BGRA")
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


@dataclass
class _Wish:
    """What one asker wants: rows, most urgent last."""

    catalogue: Catalogue
    side: int
    rows: list[int]
    keys: frozenset[int] = field(default_factory=frozenset)


class Thumbnails(QObject):
    """Thumbnails by catalogue and row.

    Attributes:
        arrived: (catalogue, rows) that can be had now.

    Args:
        tasks: whose workers read.
        folder: where thumbnails are kept from one start to the next.
        parent: the owner, ``tasks`` unless given.
    """

    arrived = Signal(object, object)

    def __init__(self, tasks: Tasks, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent or tasks)
        self._tasks = tasks
        self._file = ThumbnailFile(folder)
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._counter = count(1)
        self._kept: OrderedDict[int, tuple[QPixmap | str, int]] = OrderedDict()
        self._bytes = 0
        self._wishes: dict[Hashable, _Wish] = {}
        self._wanted: frozenset[int] = frozenset()
        self._pending: set[int] = set()
        self._lanes = 0

    def get(self, catalogue: Catalogue, row: int) -> QPixmap | str | None:
        """The picture of a row in whatever size it was read, why there is none, or None."""
        kept = self._kept.get(self._first(catalogue) + row)
        return None if kept is None else kept[0]

    def all(self, catalogue: Catalogue, rows: Sequence[int]) -> list[QPixmap | str | None]:
        """The same for many rows at once, as for each frame of a gallery."""
        first, kept = self._first(catalogue), self._kept.get
        return [None if (one := kept(first + row)) is None else one[0] for row in rows]

    def ask(self, asker: Hashable, catalogue: Catalogue, rows: Sequence[int], side: int) -> None:
        """Read what is missing. It replaces what the asker asked before, and goes before others.

        Args:
            asker: who asks, and for what.
            catalogue: whose images.
            rows: catalogue rows, most urgent first. More than fit into the memory are left out.
            side: of the pictures on the screen, in its pixels.
        """
        side = stored_side(side)
        first = self._first(catalogue)
        missing: list[int] = []
        for row in rows[: max(KEPT // (4 * side * side), 1)]:
            kept = self._kept.get(first + row)
            if kept is None or kept[1] < side:
                missing.append(row)
            else:
                self._kept.move_to_end(first + row)  # what is wanted is forgotten last
        self._wishes.pop(asker, None)
        keys = frozenset(first + row for row in missing)
        if missing:
            self._wishes[asker] = _Wish(catalogue, side, missing[::-1], keys)
        self._wanted = frozenset[int]().union(*(wish.keys for wish in self._wishes.values()))
        self._pump()

    def forget(self, asker: Hashable) -> None:
        """What the asker wanted is not needed any more."""
        if self._wishes.pop(asker, None) is not None:
            self._wanted = frozenset[int]().union(*(wish.keys for wish in self._wishes.values()))

    def _first(self, catalogue: Catalogue) -> int:
        """The key of a catalogue's first row."""
        number = self._numbers.get(catalogue)
        if number is None:
            number = self._numbers[catalogue] = next(self._counter)
        return number * _ROWS

    def _pump(self) -> None:
        while self._lanes < LANES:
            for wish in reversed(list(self._wishes.values())):
                rows = self._next(wish)
                if rows:
                    self._read(wish.catalogue, rows, wish.side)
                    break
            else:
                return

    def _next(self, wish: _Wish) -> list[int]:
        """The most urgent rows of a wish that nobody reads yet."""
        first = self._first(wish.catalogue)
        rows: list[int] = []
        while wish.rows and len(rows) < CHUNK:
            row = wish.rows.pop()
            kept = self._kept.get(first + row)
            if first + row not in self._pending and (kept is None or kept[1] < wish.side):
                rows.append(row)
        return rows

    def _read(self, catalogue: Catalogue, rows: Sequence[int], side: int) -> None:
        first, file = self._first(catalogue), self._file
        self._lanes += 1
        self._pending.update(first + row for row in rows)
        paths = [(row, catalogue.path(row)) for row in rows]

        def job(ticket: Ticket) -> tuple[Catalogue, Sequence[int], int, list[Read]]:
            # The set is replaced, never changed: what is out of sight by now is not read.
            def wanted(row: int) -> bool:
                return first + row in self._wanted and not ticket.cancelled()

            found = read_thumbnails(paths, side, file, wanted, catalogue.native)
            return catalogue, rows, side, found

        # A bound method, not a closure: Qt drops the answer once the store is gone.
        self._tasks.start(
            "Reading thumbnails",
            job,
            self._take,
            failed=partial(self._fail, catalogue, rows),
            quiet=True,
        )

    def _fail(self, catalogue: Catalogue, rows: Sequence[int], error: Exception) -> None:
        """Not one image but the whole job failed: its images say why, and the next are read."""
        self._take((catalogue, rows, SIDES[-1], [Read(row, sentence(error)) for row in rows]))

    def _take(self, answer: tuple[Catalogue, Sequence[int], int, list[Read]]) -> None:
        catalogue, rows, side, found = answer
        first = self._first(catalogue)
        self._lanes -= 1
        self._pending.difference_update(first + row for row in rows)
        for read in found:
            picture = read.picture
            kept = picture if isinstance(picture, str) else QPixmap.fromImage(picture)
            self._keep(first + read.row, kept, SIDES[-1] if read.whole else side)
        # Passed over while they were pending, and now too small, or dropped a moment too early.
        for wish in self._wishes.values():
            if wish.catalogue is catalogue:
                wish.rows += [row for row in rows if first + row in wish.keys]
        if found:
            self.arrived.emit(catalogue, [read.row for read in found])
        self._pump()

    def _keep(self, key: int, picture: QPixmap | str, side: int) -> None:
        old = self._kept.pop(key, None)
        self._bytes += _weight(picture) - (0 if old is None else _weight(old[0]))
        self._kept[key] = (picture, side)
        while self._bytes > KEPT and len(self._kept) > 1:
            self._bytes -= _weight(self._kept.popitem(last=False)[1][0])


def _weight(picture: QPixmap | str) -> int:
    """Bytes in memory; reasons count, so that a folder of broken files is bounded too."""
    if isinstance(picture, str):
        return 200
    return 4 * picture.width() * picture.height()


def shared(tasks: Tasks) -> Thumbnails:
    """The one store of a window, made when it is first asked for; it ends with its tasks."""
    found = tasks.findChild(Thumbnails)
    if found is None:
        found = Thumbnails(tasks, Settings(remember=False).cache_folder / "thumbnails")
    return found
