"""The mark that a demo set leaves in its folder: what was drawn, so that it can be finished."""

from __future__ import annotations

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
        (folder / LAST).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(json.dumps({"version": version, **mark}), "utf-8")
    return False


def _version(file: Path, mark: Mark) -> int | None:
    """Version of the set of these numbers that lies here; None if it is anything else."""
    try:
        found = json.loads(file.read_text("utf-8"))
        version = int(found.pop("version"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # no mark of ours: not a folder to write into
    return version if found == mark else None
