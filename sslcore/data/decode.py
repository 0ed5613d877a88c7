"""From an image file to the square of pixels that is stored for training.

Rules, the same for every format:

- the EXIF orientation is applied; colour profiles are not;
- transparency is laid on white, so a picture has one channel (grey) or three (colour); of a folder
  that is read natively it is one more channel, and nothing is laid on anything;
- files of bands (see :mod:`sslcore.data.bands`) have as many channels as bands, of 8 or 16 bits;
- CMYK, palettes, 1-bit and the rest become RGB or grey;
- grey of 16 bits stays 16 bits where the whole folder is grey; 32-bit integers are clipped to 16
  bits; floating-point pixels count as 0 to 1 if none is above 1, else as 0 to 65535;
- the largest centred square is resized, antialiased, to the stored side.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data.bands import stretched
from sslcore.data.channels import counted
from sslcore.data.image_file import (
    UnreadableError,
    bands_of,
    is_deep,
    is_transparent,
    native_names,
    opened,
    orientation,
    read_bands,
)

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_GAP = 2.0  # Scaled JPEG decoding and box reduction stop at this multiple of the final size


def decode(
    path: Path, side: int, channels: int = 3, bits: Literal[8, 16] = 8, *, native: bool = False
) -> Pixels:
    """Decode one image to a square.

    Args:
        path: the file; of animations the first frame counts.
        side: of the square in pixels; small images are enlarged.
        channels: 1 or 3, or as many as the file has.
        bits: for each number; what the file has fewer of is scaled up, what it has more of down.
        native: True leaves channels as they are in the file, transparency among them.

    Returns:
        (channels, side, side), uint8 or, with 16 bits, uint16.

    Raises:
        UnreadableError: with the reason; also if a file of bands, or one that is read natively,
            has another number of channels.
    """
    parts = [np.asarray(one) for one in _squares(path, side, channels, bits, native)]
    planes = [one[None] if one.ndim == 2 else one.transpose(2, 0, 1) for one in parts]
    pixels = np.ascontiguousarray(np.concatenate(planes))
    if bits == 16:
        return np.clip(np.rint(pixels), 0, 65535).astype(np.uint16)
    return pixels


def load_image(path: Path, longest: int = 1024, *, native: bool = False) -> Image.Image:
    """An image as a person looks at it, upright, RGB, no side above ``longest`` pixels.

    For thumbnails and previews of originals. Of more than three channels the first three are shown
    (see :func:`sslcore.data.bands.stretched`).

    Raises:
        UnreadableError: with the reason.
    """
    banded = bands_of(path, native)
    if banded is not None:
        picture = Image.fromarray(stretched(read_bands(path, banded)))
        picture.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=_GAP)
        return picture
    with opened(path) as file:
        file.draft(None, (longest, longest))
        turn = _TURNS.get(orientation(file))
        file.load()
        clear = native and is_transparent(file)
        picture = _with_alpha(file).convert("RGB") if clear else _plain(file, 3, 8)
        picture.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=_GAP)
        return picture if turn is None else picture.transpose(turn)


def centred_box(size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the largest centred square of (width, height)."""
    width, height = size
    short = min(width, height)
    left, top = (width - short) / 2, (height - short) / 2
    return left, top, left + short, top + short


def upright(square: Image.Image, file: Image.Image) -> Image.Image:
    """A picture turned as the EXIF orientation of its file asks for."""
    turn = _TURNS.get(orientation(file))
    return square if turn is None else square.transpose(turn)


def _squares(
    path: Path, side: int, channels: int, bits: Literal[8, 16], native: bool
) -> Iterator[Image.Image]:
    """The square of every channel (mode L or, with 16 bits, F), or of three at once (RGB)."""
    banded = bands_of(path, native)
    if banded is not None:
        _check_channels(banded.count, channels)
        for plane in read_bands(path, banded):
            yield _squared(_of_depth(plane, bits), side)
        return
    with opened(path) as file:
        if native or channels not in (1, 3):
            _check_channels(len(native_names(file)), channels)
        width, height = file.size
        shrink = _GAP * side / min(width, height)
        if shrink < 1:
            file.draft(None, (round(width * shrink), round(height * shrink)))
        turn = _TURNS.get(orientation(file))
        file.load()
        for part in _parts(file, channels, bits, native):
            square = _squared(part, side)
            yield square if turn is None else square.transpose(turn)


def _check_channels(have: int, wanted: int) -> None:
    if have != wanted:
        raise UnreadableError(f"it has {counted(have)} where {wanted} are needed")


def _parts(
    image: Image.Image, channels: int, bits: Literal[8, 16], native: bool
) -> list[Image.Image]:
    """A picture of mode L, F or RGB, or one of mode L or F for every channel."""
    if native and is_transparent(image):
        # Each by itself: Pillow would resize colours by how opaque they are.
        clear = _with_alpha(image)
        found = [clear.getchannel(one) for one in native_names(image).replace("L", "R")]
    elif channels == 1 or bits == 8:
        return [_plain(image, channels, bits)]
    else:
        found = list(_plain(image, 3, 8).split())
    return [_of_depth(np.asarray(one), bits) for one in found]


def _of_depth(plane: NDArray[np.uint8] | NDArray[np.uint16], bits: Literal[8, 16]) -> Image.Image:
    """(H, W) as L or, with 16 bits, as F holding 0 to 65535."""
    if bits == 16:
        scale = np.float32(257 if plane.dtype == np.uint8 else 1)
        return Image.fromarray(plane.astype(np.float32) * scale)
    if plane.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(plane))
    return Image.fromarray(np.rint(plane / 257).astype(np.uint8))


def _squared(image: Image.Image, side: int) -> Image.Image:
    """The centred square, resized; cutting first keeps a 1 x 20,000 strip from growing huge."""
    box = centred_box(image.size)
    left, top = box[:2]
    short = min(image.size)
    if short == side and left.is_integer() and top.is_integer():
        return image.crop((int(left), int(top), int(left) + side, int(top) + side))
    return image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=_GAP)


def _plain(image: Image.Image, channels: int, bits: int) -> Image.Image:
    """The image as L, RGB, or F holding 0 to 65535."""
    if is_deep(image):
        deep = _deep_values(image)
        if bits == 16:
            return Image.fromarray(deep)
        grey = Image.fromarray(np.rint(deep / 257).astype(np.uint8))
        return grey if channels == 1 else grey.convert("RGB")
    if is_transparent(image):
        image = _on_white(image)
    if bits == 16:
        return Image.fromarray(np.asarray(image.convert("L"), np.float32) * 257)
    wanted = "L" if channels == 1 else "RGB"
    return image.convert(wanted) if image.mode != wanted else image.copy()


def _deep_values(image: Image.Image) -> NDArray[np.float32]:
    values = np.asarray(image).astype(np.float32)
    if not np.isfinite(values).all():
        raise UnreadableError("damaged: some of its pixels are not finite numbers")
    if image.mode == "F" and values.max() <= 1:
        values = values * 65535
    return np.clip(values, 0, 65535)


def _on_white(image: Image.Image) -> Image.Image:
    picture = _with_alpha(image)
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture).convert("RGB")


def _with_alpha(image: Image.Image) -> Image.Image:
    """A picture with transparency as RGBA, its colours not weighed by it."""
    if image.mode in ("La", "RGBa"):  # Pillow only undoes premultiplied alpha mode by mode
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    return image.convert("RGBA")
