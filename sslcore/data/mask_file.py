"""Masks as image files: a number for every pixel, 0 for the ground.

Palette entries and grey values are numbers as they stand in the file, as in DAVIS; so a mask of 0
and 255 has one label, 255. A picture in colour is none: its colours would have to be guessed apart.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data.decode import upright
from sslcore.data.image_file import UnreadableError, opened

MOST_LABELS = 64
"""Different numbers a mask may have: more are a photograph, or edges that were smoothed."""

Labels = NDArray[np.int64]


def read_mask(path: Path, *, empty: bool = False) -> Labels:
    """(H, W) labels of a mask file, upright.

    Args:
        path: of the file.
        empty: whether all pixels may have one value, as where an object has left the picture.

    Raises:
        UnreadableError: with the file, what is wrong with it and the remedy.
    """
    try:
        with opened(path) as file:
            file.load()
            picture = upright(file.copy(), file)
    except UnreadableError as error:
        raise UnreadableError(f"{path}: {error}") from None
    if picture.mode == "1":
        picture = picture.convert("L")
    values = np.asarray(picture)
    if values.ndim == 3:
        colours = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        if (colours != colours[..., :1]).any():
            raise UnreadableError(
                f"{path}: a picture in colour; save the mask with a palette or in grey, a number "
                "for every object and 0 for the ground"
            )
        values = colours[..., 0]
    if values.dtype.kind == "f":
        raise UnreadableError(f"{path}: its pixels are fractions; save the mask as a PNG")
    return _checked(values.astype(np.int64), path, least=1 if empty else 2)


def _checked(labels: Labels, path: Path, least: int) -> Labels:
    count = len(np.unique(labels))
    if count > MOST_LABELS:
        raise UnreadableError(
            f"{path}: holds {count:,} different values, more than a mask has objects; save it "
            "without smoothed edges, a number for every object"
        )
    if count < least:
        raise UnreadableError(
            f"{path}: every pixel has the same value, so nothing is marked; give an object another "
            "number than the ground"
        )
    return labels


def save_mask(path: Path, labels: Labels, palette: NDArray[np.uint8]) -> None:
    """Write labels as a PNG: with a palette, or in 16 bits where a number is above 255.

    Args:
        path: of the file.
        labels: (H, W) from 0 to 65535.
        palette: (256, 3) colours that viewers show.
    """
    if labels.max() > 255:
        Image.fromarray(labels.astype(np.uint16)).save(path, "PNG")
        return
    picture = Image.fromarray(labels.astype(np.uint8))
    picture.putpalette(palette.astype(np.uint8).tobytes())
    picture.save(path, "PNG")
