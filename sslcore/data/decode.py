"""From an image file to the square of pixels that is stored for training.

Rules, the same for every format:

- the EXIF orientation is applied; colour profiles are not;
- transparency is laid on white, so a picture has one channel (grey) or three (colour);
- CMYK, palettes, 1-bit and the rest become RGB or grey;
- grey of 16 bits stays 16 bits where the whole folder is grey; 32-bit integers are clipped to 16
  bits; floating-point pixels count as 0 to 1 if none is above 1, else as 0 to 65535;
- the largest centred square is resized, antialiased, to the stored side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data.image_file import UnreadableError, is_deep, opened, orientation

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


def decode(path: Path, side: int, channels: int = 3, bits: Literal[8, 16] = 8) -> Pixels:
    """Decode one image to a square.

    Args:
        path: the file; of animations the first frame counts.
        side: of the square in pixels; small images are enlarged.
        channels: 1 or 3.
        bits: 16 only with one channel.

    Returns:
        (channels, side, side), uint8 or, with 16 bits, uint16.

    Raises:
        UnreadableError: with the reason.
        ValueError: if channels and bits do not go together.
    """
    if channels not in (1, 3) or (bits == 16 and channels != 1):
        raise ValueError(f"no pixels with {channels} channels of {bits} bits; use 1 or 3 of 8")
    with opened(path) as file:
        width, height = file.size
        shrink = _GAP * side / min(width, height)
        if shrink < 1:
            file.draft(None, (round(width * shrink), round(height * shrink)))
        turn = _TURNS.get(orientation(file))
        file.load()
        square = _squared(_plain(file, channels, bits), side)
        if turn is not None:
            square = square.transpose(turn)
        pixels = np.asarray(square)
    if bits == 16:
        return np.clip(np.rint(pixels), 0, 65535).astype(np.uint16)[None]
    if channels == 1:
        return np.ascontiguousarray(pixels)[None]
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def load_image(path: Path, longest: int = 1024) -> Image.Image:
    """An image as a person looks at it, upright, RGB, no side above ``longest`` pixels.

    For thumbnails and previews of originals.

    Raises:
        UnreadableError: with the reason.
    """
    with opened(path) as file:
        file.draft(None, (longest, longest))
        turn = _TURNS.get(orientation(file))
        file.load()
        picture = _plain(file, 3, 8)
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
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
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
    if image.mode in ("La", "RGBa"):  # Pillow only undoes premultiplied alpha mode by mode
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture).convert("RGB")
