"""The catalogue: which images a folder holds and what is known of each, without any pixels."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sslcore.data.folder import SPLIT_NAMES as SPLIT_NAMES
from sslcore.data.folder import CatalogueError as CatalogueError
from sslcore.data.folder import Problem as Problem
from sslcore.data.folder import find_images, splits_and_classes, well_named
from sslcore.data.image_file import Header, UnreadableError, read_header
from sslcore.data.pool import CancelAsked, Progress, each
from sslcore.data.pool import Cancelled as Cancelled
from sslcore.data.split import Split, carve, stratified
from sslcore.data.table import Table, find_table, numbers_or_text, path_key, read_table

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All readable images of a folder, in rows 0 to N - 1, sorted by path.

    Attributes:
        root: the folder.
        paths: relative to it, with forward slashes.
        labels: (N,) int64, position in ``classes``; -1 where there is none.
        classes: names of the classes, sorted.
        splits: "", "train", "val" or "test" for every row.
        groups: (N,) int64, equal for images that must stay together (a patient, a slide), or None.
        metadata: further CSV columns by name; numeric ones as floats, NaN where empty.
        sizes: (N, 2) int64, height and width as looked at.
        channels: 1 if all images are grey, else 3; transparency is laid on white.
        bits: 16 if all images are grey and any has more than 8 bits, else 8.
        problems: files left out, with the reason, and what was wrong with the CSV.
        kinds: what the folder can serve.
        fingerprint: of paths, file sizes and times; changes when any image does.
    """

    root: Path
    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    groups: NDArray[np.int64] | None
    metadata: Mapping[str, tuple[str, ...] | tuple[float, ...]]
    sizes: NDArray[np.int64]
    channels: int
    bits: Literal[8, 16]
    problems: tuple[Problem, ...]
    kinds: tuple[str, ...]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.paths)

    def path(self, row: int) -> Path:
        """Where the image of a row lies."""
        return self.root / self.paths[row]

    def split(
        self,
        seed: int,
        held_out: float,
        limit: int | None = None,
        source: Literal["auto", "train"] = "auto",
    ) -> Split:
        """Which rows are trained on, and which are held out to answer questions afterwards.

        With ``source="auto"`` the folder's own splits count: ``test`` is held out, or ``val`` if
        there is no test, and only ``train`` (and rows without a split) are trained on. Without
        such splits, and with ``source="train"``, a part of the training images is held out:
        stratified by class, groups never torn. ``source="train"`` does not look at own ``val``
        and ``test`` images at all: tune on that, and keep ``auto`` for the last word.

        Args:
            seed: of what is drawn, at least 0.
            held_out: part of the images to hold out, at least 0 and below 1.
            limit: train on at most so many images (stratified; held-out ones stay the same).
            source: see above.

        Raises:
            ValueError: if ``held_out`` or ``limit`` is out of range.
        """
        splits = np.array(self.splits)
        train = np.flatnonzero((splits == "train") | (splits == ""))
        test = np.flatnonzero(splits == "test")
        other = test if len(test) else np.flatnonzero(splits == "val")
        if not len(train):  # nothing is meant for training, so the names of splits mean nothing
            train, other = np.arange(len(self)), np.array([], np.int64)
        if source == "train" or not len(other):
            groups = None if self.groups is None else self.groups[train]
            held = carve(self.labels[train], groups, held_out, seed)
            train, other = train[~held], train[held]
        if limit is not None and limit < 1:
            raise ValueError(f"limit = {limit}: at least one image must be left to train on")
        if limit is not None and limit < len(train):
            train = train[stratified(self.labels[train], limit, seed)]
        return Split(train.astype(np.int64), other.astype(np.int64))

    def duplicates(
        self, progress: Progress | None = None, cancelled: CancelAsked | None = None
    ) -> tuple[tuple[int, ...], ...]:
        """Rows whose files are equal byte for byte, in sets of two or more.

        Only files that share their size with another are read.

        Raises:
            Cancelled: if called off.
        """
        by_size = self._alike(range(len(self)), _file_size, None, cancelled)
        suspects = [row for rows in by_size for row in rows]
        return self._alike(suspects, _file_hash, progress, cancelled)

    def _alike(
        self,
        rows: Sequence[int],
        look: Callable[[Path], Answer | None],
        progress: Progress | None,
        cancelled: CancelAsked | None,
    ) -> tuple[tuple[int, ...], ...]:
        found: defaultdict[Answer, list[int]] = defaultdict(list)
        paths = [self.path(row) for row in rows]
        answers = each(look, paths, progress=progress, cancelled=cancelled)
        for row, answer in zip(rows, answers, strict=True):
            if answer is not None:
                found[answer].append(row)
        return tuple(tuple(same) for same in found.values() if len(same) > 1)


def scan(
    folder: Path,
    labels: str = "auto",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Catalogue:
    """Find the images of a folder, read their headers, and list what cannot be read.

    A CSV file (``labels.csv``, ``metadata.csv`` or the only one at the top of the folder) adds
    classes, splits, groups and metadata to the images of the folder; a CSV file given in place of
    the folder also decides which images there are. Without one, sub-folders are the classes.

    Args:
        folder: a folder, or a CSV file with a column ``path``.
        labels: "auto" (CSV column ``label``, else sub-folders), "none", or a CSV column.
        progress: called with (done, total); total is 0 while folders are still being listed.
        cancelled: asked often; True calls the scan off.

    Raises:
        CatalogueError: if there is nothing to show; one sentence with a remedy.
        Cancelled: if called off.
    """
    folder = Path(folder).expanduser()
    if not well_named(str(folder)):
        shown = os.fsencode(folder).decode("utf-8", "replace")
        raise CatalogueError(f"{shown}: its name is not valid UTF-8; rename the folder")
    if folder.is_dir():
        root = folder
        found = find_images(root, progress, cancelled)
        candidates, problems, others = list(found.images), list(found.problems), found.others
        table = _optional_table(root, labels, problems)
    elif folder.suffix.lower() == ".csv" and folder.exists():
        root, table = folder.parent, read_table(folder)
        candidates, problems, others = _listed(table)
    elif folder.exists():
        raise CatalogueError(
            f"{folder}: a file, not a folder; choose the folder it lies in, or a CSV file"
        )
    else:
        raise CatalogueError(f"{folder}: there is no such folder; check the path")
    if not candidates:
        what = f"none of its {others} files is an image" if others else "it is empty"
        raise CatalogueError(
            f"{folder}: no images ({what}); choose a folder with JPEG, PNG, BMP, WebP, GIF or TIFF"
        )
    headers: list[Header] = []
    paths: list[str] = []
    looks = each(
        _look, [root / path for path in candidates], progress=progress, cancelled=cancelled
    )
    for path, look in zip(candidates, looks, strict=True):
        if isinstance(look, Header):
            headers.append(look)
            paths.append(path)
        else:
            problems.append(Problem(path, look))
    if not paths:
        raise CatalogueError(
            f"{folder}: none of its {len(candidates)} images can be read; the first: "
            f"{problems[-len(candidates)].path}: {problems[-len(candidates)].reason}"
        )
    return _assemble(root, paths, headers, table, labels, problems)


def _look(path: Path) -> Header | str:
    try:
        return read_header(path)
    except UnreadableError as error:
        return str(error)


def _optional_table(root: Path, labels: str, problems: list[Problem]) -> Table | None:
    """The folder's CSV; one that cannot be used is a problem, unless labels are asked of it."""
    file = find_table(root)
    if file is None:
        return None
    try:
        table = read_table(file)
    except CatalogueError as error:
        if labels not in ("auto", "none"):
            raise
        problems.append(Problem(file.name, str(error).removeprefix(f"{file}: ")))
        return None
    problems += _listed(table)[1]
    return table


def _listed(table: Table) -> tuple[list[str], list[Problem], int]:
    """The images a CSV file names, sorted, each once, and those it names again."""
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for path in table.paths:
        if path_key(path) in seen:
            problems.append(Problem(path, f"listed twice in {table.file.name}; the first counts"))
        elif path:
            seen[path_key(path)] = path
    return sorted(seen.values()), problems, 0


def _assemble(
    root: Path,
    paths: list[str],
    headers: list[Header],
    table: Table | None,
    labels: str,
    problems: list[Problem],
) -> Catalogue:
    splits, names = splits_and_classes(paths)
    cells: dict[str, list[str]] = {}
    if table is not None:
        rows = table.rows()
        known = {path_key(path) for path in paths} | {path_key(one.path) for one in problems}
        for path in table.paths:
            if path_key(path) not in known:
                problems.append(Problem(path, f"listed in {table.file.name}, but not found here"))
        places = [rows.get(path_key(path)) for path in paths]
        for name, column in table.columns.items():
            cells[name] = ["" if place is None else column[place] for place in places]
    if labels == "none":
        names = [""] * len(paths)
    elif labels != "auto" or "label" in cells:
        name = "label" if labels == "auto" else labels
        if name not in cells:
            raise CatalogueError(
                f"{root}: there is no CSV column {name!r} to take labels from; use 'auto', 'none'"
                + (f" or one of: {', '.join(cells)}" if cells else "; there is no CSV file")
            )
        names = cells[name]
    if "split" in cells:
        splits = [SPLIT_NAMES.get(cell.lower(), "") for cell in cells["split"]]
        for odd in sorted({c for c in cells["split"] if c and c.lower() not in SPLIT_NAMES}):
            problems.append(Problem(odd, "unknown split in the CSV; use train, val or test"))
    classes = sorted(set(names) - {""})
    number = {name: i for i, name in enumerate(classes)}
    grey = not any(header.colour for header in headers)
    hidden = {"split", "group"} | ({"label"} if labels == "auto" else set[str]())
    return Catalogue(
        root=root,
        paths=tuple(paths),
        labels=np.array([number.get(name, -1) for name in names], np.int64),
        classes=tuple(classes),
        splits=tuple(splits),
        groups=_numbered(cells["group"]) if "group" in cells else None,
        metadata={k: numbers_or_text(v) for k, v in cells.items() if k not in hidden},
        sizes=np.array([(header.height, header.width) for header in headers], np.int64),
        channels=1 if grey else 3,
        bits=16 if grey and any(header.deep for header in headers) else 8,
        problems=tuple(problems),
        kinds=("images",),
        fingerprint=_fingerprint(paths, headers),
    )


def _numbered(cells: Sequence[str]) -> NDArray[np.int64]:
    """Group numbers; an image without a group is a group of its own."""
    numbers: dict[tuple[str, int], int] = {}
    keys = [(cell, -1 if cell else row) for row, cell in enumerate(cells)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _fingerprint(paths: Sequence[str], headers: Sequence[Header]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path, header in zip(paths, headers, strict=True):
        line = f"{path}\0{header.size}\0{header.modified}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _file_size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None  # gone since the scan: equal to nothing


def _file_hash(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None
