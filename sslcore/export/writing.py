"""How exports reach the disk: whole or not at all, and never over something that is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sslcore.data import takeout


class ExportError(ValueError):
    """Something that cannot be taken away; one sentence with the remedy."""


def names_a_file(out: Path, main: str) -> bool:
    """Whether a path has the suffix of a format's main file, and so means that file."""
    suffix = Path(main).suffix
    return bool(suffix) and out.suffix.lower() == suffix


def refuse_what_is_there(out: Path) -> None:
    """Refuse a path that is taken (ExportError)."""
    if os.path.lexists(out):
        raise ExportError(f"{out}: is there already; choose another name")


@contextmanager
def beside(out: Path) -> Generator[Path]:
    """A hidden folder next to a path, to be filled and settled; whatever is left of it goes.

    Raises:
        ExportError: if it cannot be made, and for what cannot be written inside the ``with``.
    """
    part = takeout.beside(out)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        yield part
    except OSError as error:
        raise ExportError(str(takeout.told(error, out))) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, through to the disk."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())


def settle(part: Path, out: Path) -> None:
    """Give a finished file or folder its name (``FileExistsError`` if another has it)."""
    if part.is_dir():
        # A rename onto an empty folder would succeed, so the look comes first.
        refuse_what_is_there(out)
        part.rename(out)
    else:
        takeout.settle(part, out)
