"""CSV files that list images: paths, classes, splits, groups and any other columns."""

from __future__ import annotations

import csv
import functools
import math
import os
import posixpath
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sslcore.data.folder import CatalogueError

PATH_COLUMNS = ("path", "file_name")
"""Names the column of paths may have (the second is what Hugging Face image folders use)."""

NAMES = ("labels.csv", "metadata.csv")
"""CSV files that are looked for at the top of a folder, before any single other one."""


@dataclass(frozen=True)
class Table:
    """A CSV file as columns of text, one row per image.

    Attributes:
        file: where it was read.
        paths: as a scan of the file's own folder writes them: relative to it, with forward
            slashes. A path that leaves the folder stays absolute or begins with ``..``.
        columns: all other columns, by name in lower case for ``label``, ``split``, ``group``.
    """

    file: Path
    paths: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]

    def rows(self) -> dict[str, int]:
        """Row of each path, in one Unicode form; of a path listed twice the first row counts."""
        found: dict[str, int] = {}
        for row, path in enumerate(self.paths):
            found.setdefault(path_key(path), row)
        return found


def path_key(path: str) -> str:
    """The form in which paths are compared: CSV files and disks may compose accents otherwise."""
    return unicodedata.normalize("NFC", path)


def leaves(path: str) -> bool:
    """Whether a path of a table leads out of the folder of the table."""
    return Path(path).is_absolute() or path == ".." or path.startswith(("../", "/"))


def read_table(file: Path) -> Table:
    """Read a CSV file with a header line; commas, semicolons and tabs are told apart.

    Raises:
        CatalogueError: naming the file, the line and the remedy.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CatalogueError(f"{file}: not UTF-8 text; save the table as CSV in UTF-8") from None
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be read ({error.strerror or error})") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error as error:
        raise CatalogueError(f"{file}: not a CSV table ({error}); save it anew as CSV") from None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if not lines:
        raise CatalogueError(f"{file}: empty; it needs a header line with a column 'path'")
    header = [_column_name(cell) for cell in lines[0]]
    place = next((header.index(name) for name in PATH_COLUMNS if name in header), None)
    if place is None:
        raise CatalogueError(
            f"{file}: no column 'path'; its columns are: {', '.join(header)}. Name the column "
            "with the image files 'path'"
        )
    doubled = {name for name in header if header.count(name) > 1}
    if doubled:
        raise CatalogueError(f"{file}: two columns are called {min(doubled)!r}; rename one")
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            raise CatalogueError(
                f"{file}: row {number} has {len(line)} cells, the header has {len(header)}; "
                "put text with commas in quotes"
            )
    columns = {
        name: tuple(line[i].strip() for line in lines[1:])
        for i, name in enumerate(header)
        if i != place and name
    }
    resolved = functools.cache(Path.resolve)
    paths = [_own_path(line[place].strip(), file.parent, resolved) for line in lines[1:]]
    return Table(file, tuple(paths), columns)


def find_table(folder: Path) -> Path | None:
    """The CSV file at the top of a folder that describes its images, if there is one."""
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    others = sorted(
        path for path in folder.glob("*.csv") if path.is_file() and not path.name.startswith(".")
    )
    return others[0] if len(others) == 1 else None


def numbers_or_text(cells: Sequence[str]) -> tuple[str, ...] | tuple[float, ...]:
    """A column as floats if every cell that is not empty is a number (empty: NaN), else as text."""
    try:
        values = tuple(float(cell) if cell else math.nan for cell in cells)
    except ValueError:
        return tuple(cells)
    return values if any(cells) else tuple(cells)


def _own_path(written: str, folder: Path, resolved: Callable[[Path], Path]) -> str:
    r"""``cat/0.png`` for ``./cat/0.png``, ``cat//0.png``, ``cat\0.png``, ``/the/folder/cat/0.png``.

    Args:
        written: path of a table.
        folder: the table's.
        resolved: resolves links; remembers them, as most rows share a few folders.
    """
    path = written
    # Except on Windows a file may have backslashes in its name; then it is that file.
    literal = "\\" in path and os.sep == "/" and os.path.exists(folder / path)  # noqa: PTH110 - a NUL is no error
    if not literal:
        path = path.replace("\\", "/")
    path = posixpath.normpath(path) if path else path
    full = Path(path)
    if not full.is_absolute():
        return path
    try:
        for inner, outer in (
            (full, folder.absolute()),
            (full, resolved(folder)),
            (resolved(full.parent) / full.name, resolved(folder)),
        ):
            if inner.is_relative_to(outer):
                return inner.relative_to(outer).as_posix()
    except (OSError, RuntimeError, ValueError):  # a link that leads to itself, a NUL in the path
        pass
    return path


def _column_name(cell: str) -> str:
    name = cell.strip()
    known = (*PATH_COLUMNS, "label", "split", "group", "caption", "text")
    return name.lower() if name.lower() in known else name
