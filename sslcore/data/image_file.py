"""Image files: opening them safely, reading their headers, and saying why one cannot be read."""

from __future__ import annotations

import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.BmpImagePlugin import BmpImageFile, DibImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from sslcore.data import bands, video

_NAMES = "jpg jpeg jpe jfif png bmp dib webp gif tif tiff pgm ppm pnm npy"

SUFFIXES = frozenset(f".{name}" for name in _NAMES.split())
"""Names that promise an image; what a file really is, its first bytes tell."""

MAX_PIXELS = 89_000_000
"""Larger pictures are refused from their header: decoding one takes a quarter of a gigabyte.

Just under the size at which Pillow starts to warn of decompression bombs.
"""

_ORIENTATION = 0x0112
_STRIPS = ((273, 279), (324, 325))  # TIFF: where strips or tiles begin, and their lengths
_DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_GREY_MODES = frozenset({"1", "L", "LA", "La"}) | _DEEP_MODES
_CLEAR_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


class UnreadableError(ValueError):
    """An image that cannot be used; the message is the reason, for a person."""


@dataclass(frozen=True)
class Header:
    """What the first bytes tell of an image.

    Attributes:
        height: in pixels, as it is looked at (after the EXIF orientation).
        width: in pixels, as it is looked at.
        colour: False for grey, whatever its depth, and for palettes of greys only.
        deep: grey or bands with more than 8 bits.
        size: of the file in bytes.
        modified: time of the last change in nanoseconds.
        frames: of a video; 0 for an image.
        bands: channels of a file that is read as it is; 0 where it becomes grey or colour, as the
            folder has it.
    """

    height: int
    width: int
    colour: bool
    deep: bool
    size: int
    modified: int
    frames: int = 0
    bands: int = 0


@contextmanager
def opened(path: Path) -> Generator[Image]:
    """An image whose header is read and whose pixels are not decoded yet; its first frame.

    Of a frame's path in a video (see :mod:`sslcore.data.video`) that frame, decoded.

    The format is told by the first bytes. Pillow's own ``open`` would look at dozens of formats
    and answer a huge picture with a warning, which threads cannot safely turn into an error.

    Raises:
        UnreadableError: with the reason, also for what goes wrong while the caller decodes.
    """
    try:
        frame = video.split_path(str(path))
        if frame is not None and not path.exists():
            yield video.read_frame(Path(frame[0]), frame[1])
            return
        if not path.is_file() and path.exists():
            # Opening a named pipe would wait for ever.
            raise UnreadableError("not a file, although its name says so")
        with path.open("rb") as file:
            image = _kind(file)(file)
            width, height = image.size
            _check_size(width, height)
            if min(width, height) < 1:
                raise UnreadableError("damaged: its header says it has no pixels")
            yield image
    except UnreadableError:
        raise
    except video.VideoError as error:
        raise UnreadableError(str(error)) from None
    except Exception as error:  # Pillow raises almost anything on damaged files
        raise UnreadableError(_reason(error)) from error


def read_header(path: Path, native: bool = False) -> Header:
    """Size and kind of an image without decoding it.

    A file that does not end as its format should is decoded to see whether it is truncated.

    Args:
        path: the file.
        native: see :func:`sslcore.data.bands.look`; True also counts transparency.

    Raises:
        UnreadableError: with the reason.
    """
    banded = bands_of(path, native)
    if banded is not None:
        facts, count = path.stat(), banded.count
        size = (banded.height, banded.width, count >= 3, banded.deep)
        return Header(*size, facts.st_size, facts.st_mtime_ns, bands=count)
    with opened(path) as image:
        file = image.fp if isinstance(image, ImageFile) else None
        facts = os.fstat(file.fileno()) if file is not None else path.stat()
        width, height = image.size
        if orientation(image) >= 5:
            width, height = height, width
        grey, deep = is_grey(image), is_deep(image)
        count = len(native_names(image)) if native else 0
        if not _looks_whole(image, path, facts.st_size):
            image.draft(None, (64, 64))
            image.load()
    size = (height, width, not grey, deep)
    return Header(*size, facts.st_size, facts.st_mtime_ns, bands=count)


def bands_of(path: Path, native: bool) -> bands.Bands | None:
    """What a file of bands holds, None for all others; see :func:`sslcore.data.bands.look`.

    Raises:
        UnreadableError: with the reason.
    """
    try:
        found = bands.look(path, native)
    except bands.BandsError as error:
        raise UnreadableError(str(error)) from None
    if found is not None:
        _check_size(found.width, found.height)
    return found


def read_bands(path: Path, known: bands.Bands) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """(C, H, W) numbers of a file of bands, upright.

    Raises:
        UnreadableError: with the reason.
    """
    try:
        return bands.read(path, known)
    except bands.BandsError as error:
        raise UnreadableError(str(error)) from None
    except OSError as error:
        raise UnreadableError(_reason(error)) from None


def orientation(image: Image) -> int:
    """EXIF orientation 1 to 8; 1 where there is none or it is damaged.

    Pillow turns TIFF files by itself, so for them it is always 1.
    """
    if isinstance(image, TiffImageFile):
        return 1
    if not isinstance(image, JpegImageFile) and "exif" not in image.info:
        return 1
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, OSError, struct.error, KeyError, TypeError, UserWarning):
        return 1  # a broken note about a picture is no reason to lose the picture
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def is_grey(image: Image) -> bool:
    """Whether an image has no colour to lose, told by its mode and palette alone."""
    if image.mode in _GREY_MODES:
        return True
    if image.mode != "P" or image.palette is None:
        return False
    palette = image.getpalette("RGB") or []
    return palette[0::3] == palette[1::3] == palette[2::3]


def is_deep(image: Image) -> bool:
    """Whether an image is grey with more than 8 bits."""
    return image.mode in _DEEP_MODES


def native_names(image: Image) -> str:
    """The channels of a picture as it is in its file: "L", "LA", "RGB" or "RGBA"."""
    colours = "L" if is_grey(image) else "RGB"
    return colours + "A" if is_transparent(image) else colours


def is_transparent(image: Image) -> bool:
    """Whether a picture has transparency, in a channel of its own or by one of its colours."""
    return image.mode in _CLEAR_MODES or ("transparency" in image.info and not is_deep(image))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableError(
            f"too large: {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} "
            "million pixels are read, so make it smaller first"
        )


def _kind(file: BinaryIO) -> type[ImageFile]:
    start = file.read(16)
    file.seek(0)
    if not start:
        raise UnreadableError("empty: the file has no bytes")
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WebPImageFile
    for signature, kind in (
        (b"\xff\xd8\xff", JpegImageFile),
        (b"\x89PNG\r\n\x1a\n", PngImageFile),
        (b"GIF87a", GifImageFile),
        (b"GIF89a", GifImageFile),
        (b"II*\0", TiffImageFile),
        (b"MM\0*", TiffImageFile),
        (b"II+\0", TiffImageFile),
        (b"MM\0+", TiffImageFile),
        (b"BM", BmpImageFile),
        *((b"P%d" % number, PpmImageFile) for number in (2, 3, 5, 6)),
        (b"\x28\0\0\0", DibImageFile),
    ):
        if start.startswith(signature):
            return kind
    raise UnreadableError("not an image, although its name says so")


def _looks_whole(image: Image, path: Path, size: int) -> bool:
    """Whether a file ends where its format says; False where only decoding can tell."""
    with path.open("rb") as file:
        if isinstance(image, TiffImageFile):
            tags = image.tag_v2
            for begins, lengths in _STRIPS:
                if begins in tags and lengths in tags:
                    pieces = zip(tags[begins], tags[lengths], strict=False)
                    return all(begin + length <= size for begin, length in pieces)
            return False
        if isinstance(image, (WebPImageFile, BmpImageFile)):
            start = file.read(12)
            if start[:2] == b"BM":
                return 0 < int.from_bytes(start[2:6], "little") <= size
            return start[:4] == b"RIFF" and int.from_bytes(start[4:8], "little") + 8 <= size
        file.seek(max(0, size - 32))
        end = file.read(32)
    if isinstance(image, JpegImageFile):
        return b"\xff\xd9" in end
    if isinstance(image, PngImageFile):
        return b"IEND" in end
    return isinstance(image, GifImageFile) and end.endswith(b";")


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it; change its rights"
    if isinstance(error, FileNotFoundError):
        return "it is not there any more, or it is a link to nothing"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror[0].lower()}{error.strerror[1:]}"
    text = str(error).strip() or type(error).__name__
    if isinstance(error, EOFError) or "truncated" in text.lower():
        return "truncated: the file ends before the picture does"
    return f"damaged: {text}"
