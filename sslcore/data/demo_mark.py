"""The mark that a demo set leaves in its folder: what was drawn, so that it can be finished."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Mapping
from pathlib import Path

NAME = ".demo.json"
LAST = "labels.csv"
"""The file that is written last: without it a set is unfinished."""

Mark = Mapping[str, int | str]


def begin(folder: Path, mark: Mark, version: int) -> bool:
    """Make the folder ready for a set.

    Args:
        folder: made if need be; must be empty or hold this very set.
        mark: what is to be drawn.
        version: of the drawing.

    Returns:
        Whether the whole set is there already, drawn by the same version.

    Raises:
        ValueError: if the folder holds something else.
        OSError: if it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: a file, not a folder; choose an empty folder")
    if folder.exists() and any(folder.iterdir()):
        found = _version(folder / NAME, mark)
        if found is None:
            raise ValueError(f"{folder}: holds something else already; choose an empty folder")
        if found == version and (folder / LAST).exists():
            return True
        if found != version:
            _clear(folder)
        (folder / LAST).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(json.dumps({"version": version, **mark}), "utf-8")
    return False


def whole(folder: Path, version: int) -> bool:
    """Whether a finished set of a version lies here, of whatever numbers."""
    try:
        found = json.loads((folder / NAME).read_text("utf-8"))
        return (folder / LAST).exists() and found["version"] == version
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _clear(folder: Path) -> None:
    """Remove what the table of an older set lists: its classes may have had other names."""
    try:
        with (folder / LAST).open(encoding="utf-8", newline="") as table:
            paths = [folder / str(row["path"]) for row in csv.DictReader(table)]
    except (OSError, ValueError, KeyError):
        return  # not finished: nothing tells its files from others
    inside = [one for one in paths if folder in one.parents and ".." not in one.parts]
    for path in inside:
        path.unlink(missing_ok=True)
    for parent in {one.parent for one in inside} - {folder}:
        with contextlib.suppress(OSError):  # something else lies there too
            parent.rmdir()


def _version(file: Path, mark: Mark) -> int | None:
    """Version of the set of these numbers that lies here; None if it is anything else."""
    try:
        found = json.loads(file.read_text("utf-8"))
        version = int(found.pop("version"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # no mark of ours: not a folder to write into
    return version if found == mark else None
