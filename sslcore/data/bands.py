"""Files of bands: TIFF with any number of samples, their pages as bands, and arrays of NumPy.

Pillow knows pictures of one to four channels of which it knows the meaning. Images of satellites,
microscopes and depth cameras have more, or others; TIFF files of that kind are read by tifffile
(https://github.com/cgohlke/tifffile), ``.npy`` files by NumPy. Their numbers become 8 or 16 bits:

- 8-bit numbers stay as they are, true and false become 255 and 0;
- other whole numbers are clipped to 0 to 65535 (negative ones usually mark what is missing);
- floating-point numbers count as 0 to 1 if none of the file is above 1, else as 0 to 65535.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile

ARRAYS = ".npy"
"""How files with an array of NumPy end."""

MOST_BYTES = 356_000_000
"""Larger files are refused from their header: as much as the largest picture takes with alpha."""

_TIFF = frozenset({".tif", ".tiff"})
_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PLAIN = 4  # Samples that Pillow can make sense of at most
_ORIENTATION = 274
_BELOW_ZERO = 0.1  # Floating point: what lies this part of the largest below 0 is not clipped off
_PACKED = (
    "compressed in a way ({}) that needs the extra 'tiff': pip install \"ssl-workbench[tiff]\"; or "
    "save it uncompressed or with Deflate"
)


class BandsError(ValueError):
    """A file of bands that cannot be read; the message is the reason, for a person."""


@dataclass(frozen=True)
class Bands:
    """What is known of a file of bands without its numbers.

    Attributes:
        count: bands, which become the channels of the image.
        height, width: in pixels, as looked at.
        deep: whether it has more than 8 bits.
        source: an array, the first page of a TIFF file, or all its pages.
    """

    count: int
    height: int
    width: int
    deep: bool
    source: Literal["array", "page", "pages"]


def look(path: Path, native: bool = False) -> Bands | None:
    """What a file of bands holds; None for all others, which Pillow reads.

    Args:
        path: of any image file.
        native: True takes every file as it is: pages of a TIFF file that are alike are bands, and
            colours of 16 bits stay so. Else only what is no grey or colour picture has bands.

    Raises:
        BandsError: with the reason, if it is one and cannot be read.
    """
    ending = path.suffix.lower()
    if ending not in _TIFF | {ARRAYS} or not path.is_file():
        return None
    if ending == ARRAYS:
        return _look_at_array(path)
    with _tiff(path) as file:
        return None if file is None else _look_at_tiff(path, file, native)


def read(path: Path, bands: Bands) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The numbers of a file, upright.

    Args:
        path: the file.
        bands: from :func:`look`.

    Returns:
        (C, H, W) uint8 or, if it has more than 8 bits, uint16.

    Raises:
        BandsError: with the reason.
    """
    if bands.source == "array":
        return _whole_numbers(_mapped(path))
    with _tiff(path) as file:
        if file is None:
            raise BandsError("it is no TIFF file any more")
        part = file.series[0] if bands.source == "pages" else file.pages.first
        values = np.asarray(part.asarray(maxworkers=1))
        values = np.moveaxis(values, [part.axes.index(one) for one in "YX"], (-2, -1))
        values = values.reshape(-1, *values.shape[-2:])
        return _whole_numbers(_upright(values, _turn(file)))


def stretched(values: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Bands as a person looks at them: (C, H, W) -> (H, W, 3) uint8.

    The first three are shown as red, green and blue, of fewer the first as grey. 8-bit numbers
    stay; 16-bit numbers, of which files rarely use all, are stretched so that 98 % of them lie
    within what a screen can show.
    """
    shown = values[:3] if len(values) >= 3 else np.repeat(values[:1], 3, 0)
    if shown.dtype != np.uint8:
        low, high = np.percentile(shown, (1, 99))
        span = max(float(high - low), 1.0)
        shown = np.clip((shown.astype(np.float32) - low) * (255 / span), 0, 255)
    return np.ascontiguousarray(np.rint(shown).astype(np.uint8).transpose(1, 2, 0))


def _look_at_array(path: Path) -> Bands:
    array = _mapped(path)
    _check(array.dtype, array.shape)
    count, height, width = array.shape
    return Bands(count, height, width, _is_deep(array.dtype), "array")


def _mapped(path: Path) -> NDArray[Any]:
    """The array of a file, (C, H, W), not read yet.

    The shorter of its outer axes is C; but the first, where the others make a square with it not:
    200 bands of 32 x 32 pixels are more often kept than 32 bands of 200 x 32.
    """
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # whatever NumPy makes of damaged files
        raise BandsError(_reason(error)) from error
    if array.ndim != 3:
        raise BandsError(
            f"an array of shape {array.shape}; images are (height, width, channels) or (channels, "
            "height, width)"
        )
    first, second, third = array.shape
    square = second == third != first
    return array.transpose(2, 0, 1) if third <= first and not square else array


def _look_at_tiff(path: Path, file: Any, native: bool) -> Bands | None:
    page, series = file.pages.first, file.series[0]
    if {"Y", "X"} - set(series.axes):
        return None
    height, width = (int(series.shape[series.axes.index(one)]) for one in "YX")
    samples = int(page.samplesperpixel)
    alike = int(np.prod(series.shape)) // max(height * width, 1)  # bands of all pages
    count = alike if native else samples
    modes = _pillow_bands(path)
    if native:
        plain = alike == 1 or (alike == samples == modes and page.bitspersample == 8)
    else:
        plain = samples <= _PLAIN
    if plain and modes:
        return None
    _check(series.dtype, (count, height, width))
    _check_packing(page)
    source = "pages" if native else "page"
    _check_length(path, file, source)
    if _turn(file) >= 5:
        height, width = width, height
    return Bands(count, height, width, _is_deep(series.dtype), source)


@contextmanager
def _tiff(path: Path) -> Generator[Any]:
    """A TIFF file that is open; None where it is none, or damaged so that Pillow had better say."""
    with ExitStack() as stack:
        file = None
        with suppress(Exception):  # damaged files make it raise almost anything
            file = _opened(stack.enter_context(path.open("rb")))
        try:
            yield file
        except BandsError:
            raise
        except Exception as error:
            raise BandsError(_reason(error)) from error


def _opened(stream: BinaryIO) -> Any:
    """A TIFF file, None where it is none or has no picture; raises almost anything."""
    start = stream.read(4)
    stream.seek(0)
    if start not in _STARTS:
        return None
    tifffile: Any = importlib.import_module("tifffile")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # reasons are told by us
    # Files of the Open Microscopy Environment may point to others, which are images of their own.
    file = tifffile.TiffFile(stream, is_ome=False)
    first = file.pages.first
    return file if file.series and min(first.imagelength, first.imagewidth) > 0 else None


def _pillow_bands(path: Path) -> int:
    """Bands of the picture that Pillow sees in a TIFF file, 0 if it sees none."""
    try:
        with path.open("rb") as file:
            return len(TiffImageFile(file).getbands())
    except Exception:  # noqa: BLE001 - Pillow raises almost anything; then it is none
        return 0


def _check(dtype: np.dtype[Any] | None, shape: tuple[int, ...]) -> None:
    """Refuse what has no numbers to train on, or too many (BandsError)."""
    if dtype is None or dtype.kind not in "biuf":
        raise BandsError(f"numbers of type {dtype}; save it as whole or floating-point numbers")
    count, height, width = shape
    if min(shape) < 1:
        raise BandsError("damaged: its header says it has no pixels")
    if count * height * width * dtype.itemsize > MOST_BYTES:
        raise BandsError(
            f"too large: {width:,} x {height:,} pixels of {count:,} bands; at most "
            f"{MOST_BYTES // 10**6} million bytes are read, so cut it into smaller files first"
        )


def _check_packing(page: Any) -> None:
    """Refuse compressions that need a package which is not there (BandsError)."""
    tables: Any = importlib.import_module("tifffile").TIFF
    try:
        tables.DECOMPRESSORS[page.compression]
        tables.UNPREDICTORS[page.predictor]
    except KeyError:
        name = getattr(page.compression, "name", page.compression)
        raise BandsError(_PACKED.format(name)) from None


def _check_length(path: Path, file: Any, source: Literal["page", "pages"]) -> None:
    """Refuse a file that ends before its last band does (BandsError)."""
    size = path.stat().st_size
    pages = file.series[0].pages if source == "pages" else [file.pages.first]
    for page in pages:
        if page is None:  # stored right behind the one before
            continue
        pieces = list(zip(page.dataoffsets, page.databytecounts, strict=False))
        if not pieces or any(begin + length > size for begin, length in pieces):
            raise BandsError("truncated: the file ends before the picture does")


def _turn(file: Any) -> int:
    """Orientation of a TIFF file, 1 to 8."""
    tag = file.pages.first.tags.get(_ORIENTATION)
    value = 1 if tag is None else tag.value
    return int(value) if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(values: NDArray[Any], turn: int) -> NDArray[Any]:
    """(C, H, W) turned and mirrored as an orientation asks for."""
    if turn in (5, 7):
        values = values.transpose(0, 2, 1)
    if turn in (6, 8):
        values = np.rot90(values, -1 if turn == 6 else 1, (1, 2))
    if turn in (2, 3, 7):
        values = values[:, :, ::-1]
    return values[:, ::-1] if turn in (3, 4, 7) else values


def _is_deep(dtype: np.dtype[Any]) -> bool:
    return dtype.kind != "b" and dtype.itemsize > 1


def _whole_numbers(values: NDArray[Any]) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """(C, H, W) of any numbers as 8 or 16 bits; see the head of this module."""
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.itemsize == 1:
        return np.ascontiguousarray(np.maximum(values, 0).astype(np.uint8))
    if values.dtype.kind != "f":
        values = np.maximum(values, 0)
        top = min(65535, int(np.iinfo(values.dtype).max))
        return np.minimum(values, top).astype(np.uint16)
    values = values.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low + high):
        raise BandsError("damaged: some of its pixels are not finite numbers")
    if low < -_BELOW_ZERO * max(high, 0.0):
        raise BandsError(f"its numbers go from {low:.4g} to {high:.4g}; bring them to 0 to 1 first")
    scale = 65535.0 if high <= 1 else 1.0
    return np.clip(np.rint(values * scale), 0, 65535).astype(np.uint16)


def _reason(error: Exception) -> str:
    """What is wrong with a file, from what NumPy or tifffile say."""
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror[0].lower()}{error.strerror[1:]}"
    text = str(error).strip() or type(error).__name__
    short = ("truncated", "mmap length", "failed to read", "reading array header", "eof:")
    if any(word in text.lower() for word in short):
        return "truncated: the file ends before the picture does"
    return f"damaged: {text}"
