"""The pixel store: images decoded once to squares, kept on disk and read as float tensors."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.data import cache
from sslcore.data.cache import Cached, Layout
from sslcore.data.contents import Catalogue
from sslcore.data.decode import decode
from sslcore.data.image_file import UnreadableError
from sslcore.data.pairs import Targets
from sslcore.data.pool import CancelAsked, Progress, each, thread_count

MARGIN = 1.25
"""Stored side relative to the side of a view, so that crops need not enlarge as much."""

_RECENT_BYTES = 256 * 2**20  # Decoded images a streaming store remembers at most
_SPARE_BYTES = 256 * 2**20  # Left free on the disk


def stored_side(sizes: NDArray[np.int64], image_size: int) -> int:
    """Side at which images are stored.

    ``MARGIN`` times the view, but no more than the short side of the middle image has, and never
    less than the view.

    Args:
        sizes: (N, 2) int64, height and width.
        image_size: side of a training view.
    """
    middle = int(np.median(sizes.min(1)))
    return max(image_size, min(int(np.ceil(image_size * MARGIN)), middle))


class PixelStore:
    """All images of a catalogue, or all their targets, at one size; make one with :meth:`open`.

    Within its budget the store is a memory-mapped file that the next opening uses again. Beyond
    it, or where no disk lets itself be written, images are decoded when they are asked for.

    An image that cannot be decoded (damaged inside, gone since the scan) never stops a training:
    it reads as mid-grey and stands in :attr:`missing` with the reason. What was cached before is
    read from the cache, whatever happens to the files. A target that is missing reads as 0.

    Attributes:
        side: of the stored squares, in pixels.
        channels: of the images.
        cached: False where images are decoded on demand.
        notices: what a person should know of how the store came about (a folder that could not
            be written); usually empty.
    """

    def __init__(
        self,
        catalogue: Catalogue | Targets,
        side: int,
        kept: Cached | None,
        notices: Sequence[str] = (),
        recent_bytes: int = _RECENT_BYTES,
        temporary: Path | None = None,
    ) -> None:
        self.side = side
        self.channels = catalogue.channels
        self.cached = kept is not None
        self.notices = tuple(notices)
        self._catalogue = catalogue
        self._pixels = kept.pixels if kept is not None else None
        self._missing = dict(kept.missing) if kept is not None else {}
        self._temporary = temporary
        self._recent: OrderedDict[int, NDArray[Any]] = OrderedDict()
        self._recent_limit = max(0, recent_bytes) // max(1, self._image_bytes)
        self._lock = threading.Lock()
        self._closed = False
        self._executor: ThreadPoolExecutor | None = None
        if kept is None:
            self._executor = ThreadPoolExecutor(thread_count(), thread_name_prefix="pixels")

    @classmethod
    def open(
        cls,
        catalogue: Catalogue | Targets,
        image_size: int,
        *,
        cache_folder: Path | None = None,
        budget_bytes: int,
        progress: Progress | None = None,
        cancelled: CancelAsked | None = None,
    ) -> Self:
        """Open the store of a catalogue, decoding all images the first time.

        Args:
            catalogue: the images, or their targets.
            image_size: side of a training view in pixels.
            cache_folder: where caches lie; None is the default, see :mod:`sslcore.data.cache`.
            budget_bytes: a larger cache is not built, images are streamed.
            progress: called with (images decoded, images).
            cancelled: asked often; True calls the building off.

        Raises:
            Cancelled: if called off; nothing is left on the disk.
        """
        side = stored_side(catalogue.sizes, image_size)
        shape = (len(catalogue), catalogue.channels, side, side)
        layout = Layout(catalogue.fingerprint, shape, catalogue.bits)
        if layout.size > budget_bytes:
            return cls(catalogue, side, None, recent_bytes=min(budget_bytes, _RECENT_BYTES))
        folder = cache_folder or cache.default_folder()
        kept = cache.load(folder, layout)
        if kept is not None:
            store = cls(catalogue, side, kept)
            store._try_missing_again()
            return store
        notices: list[str] = []
        for place, temporary in ((folder, False), (None, True)):
            try:
                target = place or Path(tempfile.mkdtemp(prefix="ssl-workbench-"))
                try:
                    kept = _build(catalogue, side, layout, target, progress, cancelled)
                except BaseException:
                    if temporary:
                        shutil.rmtree(target, ignore_errors=True)
                    raise
                return cls(catalogue, side, kept, notices, temporary=target if temporary else None)
            except OSError as error:
                what = "the temporary folder" if temporary else f"the cache folder {folder}"
                instead = (
                    "images are decoded anew each time" if temporary else "trying a temporary one"
                )
                notices.append(f"{what} cannot be used ({error.strerror or error}); {instead}")
        return cls(catalogue, side, None, notices)

    def __len__(self) -> int:
        return len(self._catalogue)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def missing(self) -> Mapping[int, str]:
        """Row -> reason of every image found so far that could not be decoded, as a copy."""
        with self._lock:
            return dict(self._missing)

    def read(self, rows: Tensor | NDArray[np.int64] | Sequence[int]) -> Tensor:
        """Pixels of some rows; safe to call from several threads.

        Args:
            rows: (B,) row numbers of the catalogue.

        Returns:
            (B, C, side, side) float32 in [0, 1]; depth and class numbers as they are.

        Raises:
            IndexError: if a row is not in the catalogue.
            ValueError: if the store is closed.
        """
        wanted = np.asarray(rows, np.int64).reshape(-1)
        if self._closed:
            raise ValueError("this pixel store is closed; open it again")
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise IndexError(f"rows {wanted.min()} to {wanted.max()}: there are {len(self)} images")
        if self._pixels is not None:
            block = self._pixels[wanted].astype(np.float32)
            for place in np.flatnonzero(np.isin(wanted, list(self._recent))):
                block[place] = self._recent[int(wanted[place])]
        elif self._executor is not None and len(wanted):
            block = np.stack(list(self._executor.map(self._stream, wanted.tolist())))
            block = block.astype(np.float32)
        else:
            block = np.zeros((0, self.channels, self.side, self.side), np.float32)
        return torch.from_numpy(block).div_(self._scale)

    def close(self) -> None:
        """Let go of files and threads; closing twice is fine."""
        self._closed = True
        self._pixels = None
        self._recent.clear()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def _scale(self) -> int:
        """The number that stands for 1."""
        if isinstance(self._catalogue, Targets) and self._catalogue.role != "picture":
            return 1
        return 255 if self._catalogue.bits == 8 else 65535

    @property
    def _image_bytes(self) -> int:
        return self.channels * self.side**2 * (self._catalogue.bits // 8)

    def _stream(self, row: int) -> NDArray[Any]:
        """One image, from what was decoded lately or from its file."""
        with self._lock:
            if row in self._recent:
                self._recent.move_to_end(row)
                return self._recent[row]
        pixels, reason = _decode(self._catalogue, self.side, row)
        with self._lock:
            if reason:
                self._missing[row] = reason
            else:
                self._recent[row] = pixels
                while len(self._recent) > self._recent_limit:
                    self._recent.popitem(last=False)
        return pixels

    def _try_missing_again(self) -> None:
        """What could not be read while the cache was built may be back (a network disk)."""
        for row in list(self._missing):
            pixels, reason = _decode(self._catalogue, self.side, row)
            if not reason:
                self._recent[row] = pixels
                del self._missing[row]


def _decode(catalogue: Catalogue | Targets, side: int, row: int) -> tuple[NDArray[Any], str]:
    """Pixels and no reason, or a blank and the reason."""
    if isinstance(catalogue, Targets):
        if not catalogue.paths[row]:  # known since the scan, and never asked for
            return np.zeros((catalogue.channels, side, side), np.float32), ""
        try:
            return catalogue.decode(row, side), ""
        except UnreadableError as error:
            blank = np.zeros((catalogue.channels, side, side), np.float32)
            return blank, f"{catalogue.paths[row]}: {error}"
    try:
        path, native = catalogue.path(row), catalogue.native
        return decode(path, side, catalogue.channels, catalogue.bits, native=native), ""
    except UnreadableError as error:
        dtype = np.uint8 if catalogue.bits == 8 else np.uint16
        grey = np.full((catalogue.channels, side, side), np.iinfo(dtype).max // 2 + 1, dtype)
        return grey, f"{catalogue.paths[row]}: {error}"


def _build(
    catalogue: Catalogue | Targets,
    side: int,
    layout: Layout,
    folder: Path,
    progress: Progress | None,
    cancelled: CancelAsked | None,
) -> Cached:
    """Decode everything into a cache file (OSError if the disk refuses)."""
    folder.mkdir(parents=True, exist_ok=True)
    needed = layout.size + _SPARE_BYTES
    if shutil.disk_usage(folder).free < needed:
        raise OSError(f"its disk is nearly full; {needed / 1e9:.1f} GB must be free")
    missing: dict[int, str] = {}

    def work(row: int) -> tuple[NDArray[Any], str]:
        return _decode(catalogue, side, row)

    def images() -> Iterator[NDArray[Any]]:
        rows = range(len(catalogue))
        results = each(work, rows, progress=progress, cancelled=cancelled)
        for row, (pixels, reason) in enumerate(results):
            if reason:
                missing[row] = reason
            yield pixels

    return cache.build(folder, layout, images(), missing)
