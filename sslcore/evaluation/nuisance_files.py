"""Nuisances that the files of images and the columns of their table tell."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile

from sslcore.data.contents import Catalogue
from sslcore.data.image_file import UnreadableError, opened
from sslcore.data.pool import CancelAsked, Progress, each
from sslcore.evaluation.nuisances import Nuisance, Nuisances, told_apart

MOST_CATEGORIES = 50
"""A column of text with more different entries is a name or a note, not a category."""

_STANDARD = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 "
    "62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 "
    "98 112 100 103 99"
)
"""Luminance quantisation table of the JPEG standard (ITU-T T.81, table K.1)."""


def of_files(
    catalogue: Catalogue,
    rows: NDArray[np.int64],
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Nuisances:
    """Size of the files, quality of JPEG files, size and shape of the pictures.

    Args:
        catalogue: the images.
        rows: N of them.
        progress: told (files looked at, files).
        cancelled: asked often.

    Raises:
        Cancelled: if called off.
    """
    heights, widths = (catalogue.sizes[rows, axis].astype(np.float64) for axis in (0, 1))
    looks = list(
        each(
            lambda row: _look(catalogue, int(row)),
            rows.tolist(),
            progress=progress,
            cancelled=cancelled,
        )
    )
    sizes, qualities = (np.array(one, np.float64) for one in zip(*looks, strict=True))
    found = (
        Nuisance(
            "file_size", "File size", "log10 bytes", np.log10(np.maximum(sizes, 1)), (), "file"
        ),
        Nuisance("jpeg_quality", "JPEG quality", "1 to 100", qualities, (), "file"),
        Nuisance("width", "Width of the file's picture", "px", widths, (), "file"),
        Nuisance("height", "Height of the file's picture", "px", heights, (), "file"),
        Nuisance("aspect", "Aspect ratio", "width by height", widths / heights, (), "file"),
    )
    return told_apart(found)


def of_columns(catalogue: Catalogue, rows: NDArray[np.int64]) -> Nuisances:
    """The columns of the table beside the images, and their classes for comparison.

    Args:
        catalogue: the images.
        rows: N of them.
    """
    found: list[Nuisance] = []
    skipped: dict[str, str] = {}
    if catalogue.classes:
        labels = catalogue.labels[rows]
        found.append(Nuisance("class", "Class", "", labels, catalogue.classes, "class"))
    for name, cells in catalogue.metadata.items():
        title = name[:1].upper() + name[1:].replace("_", " ")
        column = np.asarray(cells)[rows]
        if column.dtype.kind == "f":
            found.append(Nuisance(name, title, "", column.astype(np.float64), (), "column"))
            continue
        names = tuple(sorted(set(column.tolist()) - {""}))
        if len(names) > MOST_CATEGORIES:
            skipped[title] = (
                f"{len(names):,} different entries, so it is no category (at most "
                f"{MOST_CATEGORIES})"
            )
            continue
        number = {one: place for place, one in enumerate(names)}
        values = np.array([number.get(one, -1) for one in column.tolist()], np.int64)
        if len(names) > 1:
            found.append(Nuisance(name, title, "", values, names, "column"))
        else:
            skipped[title] = "the same for all images" if names else "empty for all images"
    apart = told_apart(found)
    return Nuisances(apart.found, {**skipped, **apart.skipped})


def jpeg_quality(tables: Sequence[Sequence[int]]) -> float:
    """The quality, 1 to 100, whose table of the Independent JPEG Group is most like a file's own.

    Exact for files of its library (Pillow, most cameras' software); for other encoders it is the
    quality that rounds away about as much.

    Args:
        tables: quantisation tables of a file, the first that of luminance; NaN if there is none.
    """
    if not tables:
        return math.nan
    # In order of size, so that it does not matter in which order a reader lists the 64 numbers.
    own = np.sort(np.asarray(tables[0], np.float64))
    if own.shape != (64,):
        return math.nan
    return float(np.abs(_scaled() - own).sum(1).argmin()) + 1


def _scaled() -> NDArray[np.float64]:
    """(100, 64) sorted luminance tables of the qualities 1 to 100 (jpeg_quality_scaling)."""
    standard = np.array(_STANDARD.split(), np.float64)
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    tables = np.floor((standard * scale[:, None] + 50) / 100)
    return np.sort(np.clip(tables, 1, 255), axis=1)


def _look(catalogue: Catalogue, row: int) -> tuple[float, float]:
    """Bytes and JPEG quality of one file; NaN for what it does not have."""
    path = catalogue.path(row)
    try:
        size = float(os.stat(path).st_size)  # noqa: PTH116 - a frame of a video has no file
    except OSError:
        return math.nan, math.nan
    try:
        with opened(path) as image:
            tables = list(image.quantization.values()) if isinstance(image, JpegImageFile) else []
    except UnreadableError:
        tables = []
    return size, jpeg_quality(tables)
