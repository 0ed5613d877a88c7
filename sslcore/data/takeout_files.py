"""The files of chosen images, copied or linked into a new folder."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.data.contents import Catalogue
from sslcore.data.pool import CancelAsked, Progress
from sslcore.data.takeout import Meter, TakeoutError, beside, file_of, told

Way = Literal["copy", "hard link", "symbolic link"]
"""How a file gets to another place."""


def take_files(
    catalogue: Catalogue,
    rows: NDArray[np.int64],
    folder: Path,
    way: Way = "copy",
    *,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> int:
    """Put the files of images into a new folder, under their paths; all of them or none.

    Frames of a video stand for the video, which is taken once.

    Args:
        catalogue: whose images.
        rows: (K,) catalogue rows.
        folder: must not be there yet, or be empty, and lie outside of the catalogue's folder.
        way: copies take room; hard links share the content on one disk; symbolic links point to
            where the images lie now.
        progress: told (files done, files).
        cancelled: asked before every file; True calls it off.

    Returns:
        Number of files.

    Raises:
        TakeoutError: naming the file and the remedy; nothing is left behind.
        Cancelled: if called off; nothing is left behind.
    """
    names = list(dict.fromkeys(file_of(catalogue.paths[row]) for row in rows))
    outside = [one for one in names if PurePosixPath(one).is_absolute() or ".." in one.split("/")]
    if outside:
        raise TakeoutError(
            f"{outside[0]}: lies outside of the folder {catalogue.root}, so its place among the "
            "exported files is not known; export a table instead"
        )
    folder = folder.absolute()
    if folder.resolve().is_relative_to(catalogue.root.resolve()):
        raise TakeoutError(
            f"{folder}: lies within the folder of the images, where the next scan would find every "
            "image twice; choose a folder outside of it"
        )
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise TakeoutError(f"{folder}: is there already and not empty; choose another name")
    part = beside(folder)
    meter = Meter(progress, cancelled)
    try:
        part.mkdir(parents=True)
        for number, name in enumerate(names):
            meter(number, len(names))
            _take(catalogue.root / name, part / name, way)
        meter(len(names), len(names))
        if folder.is_dir():
            folder.rmdir()  # empty; a rename onto a folder is not allowed everywhere
        part.rename(folder)
    except OSError as error:
        raise told(error, folder) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return len(names)


def _take(source: Path, target: Path, way: Way) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if way == "copy":
        shutil.copy2(source, target)
    elif way == "hard link":
        os.link(source.resolve(), target)
    else:
        if not source.exists():
            raise FileNotFoundError(errno.ENOENT, "No such file", str(source))
        target.symlink_to(source.resolve())
