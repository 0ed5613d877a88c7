"""The catalogue: from a folder to the list of its images, with what is known of each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sslcore.data import channels, pairs, video
from sslcore.data import kinds as known_kinds
from sslcore.data.contents import Catalogue as Catalogue
from sslcore.data.folder import SPLIT_NAMES as SPLIT_NAMES
from sslcore.data.folder import CatalogueError as CatalogueError
from sslcore.data.folder import Problem as Problem
from sslcore.data.folder import find_images, splits_and_classes, well_named
from sslcore.data.image_file import Header, UnreadableError, read_header
from sslcore.data.kinds import lacking
from sslcore.data.pairs import Pairing
from sslcore.data.pool import CancelAsked, Progress, each
from sslcore.data.pool import Cancelled as Cancelled
from sslcore.data.reading import AS_FOUND, Reading
from sslcore.data.serving import with_captions, with_pairs, with_sequences
from sslcore.data.table import Table, find_table, leaves, numbers_or_text, path_key, read_table

_LIKE_GROUPS = ("patient", "subject", "participant", "slide", "scene")
"""CSV columns that tell of images that belong together, the widest first; also with ``_id``."""


def scan(
    folder: Path,
    reading: Reading = AS_FOUND,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Catalogue:
    """Find the images of a folder, read their headers, and list what cannot be read.

    A CSV file (``labels.csv``, ``metadata.csv`` or the only one at the top of the folder) adds
    classes, splits, groups, captions and metadata to the images of the folder; a CSV file given in
    place of the folder also decides which images there are. Without one, sub-folders are the
    classes.

    Args:
        folder: a folder, or a CSV file with a column ``path``.
        reading: what is asked for, where not everything is to be found out.
        progress: called with (done, total); total is 0 while folders are still being listed.
        cancelled: asked often; True calls the scan off.

    Raises:
        CatalogueError: if there is nothing to show, or not what was asked for; one sentence with
            a remedy.
        Cancelled: if called off.
    """
    folder, kind = Path(folder).expanduser(), reading.kind
    if not well_named(str(folder)):
        shown = os.fsencode(folder).decode("utf-8", "replace")
        raise CatalogueError(f"{shown}: its name is not valid UTF-8; rename the folder")
    texts: tuple[str, ...] = ()
    if folder.is_dir():
        root = folder
        found = find_images(root, progress, cancelled)
        candidates, problems, others = list(found.images), list(found.problems), found.others
        if reading.channels != "native":
            candidates, arrays = channels.without_arrays(candidates)
            problems += arrays
        table, texts = _optional_table(root, reading, problems), found.texts
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
        what = "its only file is not an image" if others == 1 else what
        raise CatalogueError(
            f"{folder}: no images ({what}); choose a folder with JPEG, PNG, BMP, WebP, GIF, "
            "TIFF or NPY"
        )
    pairing = (
        pairs.match(candidates, reading.target) if kind in ("auto", "pairs") else Pairing.none()
    )
    native = reading.channels == "native"

    def looked(row: int) -> Header | str:
        # Targets are read as they always are: what they hold is told by their folder.
        return _look(root / candidates[row], native and row not in pairing.aside)

    looks = list(each(looked, range(len(candidates)), progress=progress, cancelled=cancelled))
    most = channels.usual(
        one for row, one in enumerate(looks) if isinstance(one, Header) and row not in pairing.aside
    )
    rows: list[int] = []
    paths: list[str] = []
    for row, (path, look) in enumerate(zip(candidates, looks, strict=True)):
        if isinstance(look, str):
            problems.append(Problem(path, look))
        elif row not in pairing.aside:
            if reason := channels.refusal(look, most):
                problems.append(Problem(path, reason))
                continue
            frames = [video.frame_path(path, i) for i in range(look.frames)] or [path]
            rows += [row] * len(frames)
            paths += frames
    if not paths:
        first, count = problems[-len(candidates)], len(candidates)
        what = f"none of its {count} images can be read; the first"
        what = "its only image cannot be read" if count == 1 else what
        raise CatalogueError(f"{folder}: {what}: {first.path}: {first.reason}")
    headers = [one for one in (looks[row] for row in rows) if isinstance(one, Header)]
    cells = _cells(table, paths, problems)
    plain = _assemble(root, paths, headers, table, cells, reading, problems)
    named = None
    if reading.captions not in ("auto", "none"):
        named = _column(root, cells, reading.captions, "captions")
    served = with_pairs(plain, pairing, rows, candidates, looks)
    served = with_captions(served, reading, named, table, texts, progress, cancelled)
    served = with_sequences(served, kind, reading.labels, table)
    lacks = {
        one: lacking(one, served.kinds, served.lacks.get(one, ""))
        for one in known_kinds.WHAT
        if one not in served.kinds
    }
    if kind in lacks:
        raise CatalogueError(f"{folder}: data.kind = {kind!r} {lacks[kind]}")
    return replace(served, lacks=lacks)


def _look(path: Path, native: bool) -> Header | str:
    try:
        if path.suffix.lower() in video.SUFFIXES:
            clip, facts = video.look(path), path.stat()
            size = (clip.height, clip.width, True, False)
            bands = 3 if native else 0
            return Header(*size, facts.st_size, facts.st_mtime_ns, clip.count, bands)
        return read_header(path, native)
    except (UnreadableError, video.VideoError) as error:
        return str(error)
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"


def _optional_table(root: Path, reading: Reading, problems: list[Problem]) -> Table | None:
    """The folder's CSV; one that cannot be used is a problem, unless a column of it is wanted.

    Raises:
        CatalogueError: then.
    """
    file = find_table(root)
    if file is None:
        return None
    try:
        table = read_table(file)
    except CatalogueError as error:
        if reading.names_a_column:
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


def _cells(
    table: Table | None, paths: Sequence[str], problems: list[Problem]
) -> dict[str, list[str]]:
    """Every column of the CSV with a cell for each row; what it lists in vain is a problem."""
    if table is None:
        return {}
    rows = table.rows()
    files = [_file(path) for path in paths]
    known = {path_key(path) for path in files} | {path_key(one.path) for one in problems}
    for path in table.paths:
        if path_key(path) not in known:
            why = (
                "outside the folder; list images within it, by their path from the folder"
                if leaves(path)
                else "not found here"
            )
            problems.append(Problem(path, f"listed in {table.file.name}, but {why}"))
    places = [rows.get(path_key(path)) for path in files]
    return {
        name: ["" if place is None else column[place] for place in places]
        for name, column in table.columns.items()
    }


def _assemble(
    root: Path,
    paths: list[str],
    headers: list[Header],
    table: Table | None,
    cells: Mapping[str, Sequence[str]],
    reading: Reading,
    problems: list[Problem],
) -> Catalogue:
    labels = reading.labels
    splits, found = splits_and_classes(paths)
    names: Sequence[str] = found
    if table is not None and reading.groups == "auto" and "group" not in cells:
        problems += _torn(table.file.name, cells, labels)
    if labels == "none":
        names = [""] * len(paths)
    elif labels != "auto" or "label" in cells:
        names = _column(root, cells, "label" if labels == "auto" else labels, "labels")
    if "split" in cells:
        splits = [SPLIT_NAMES.get(cell.lower(), "") for cell in cells["split"]]
        for odd in sorted({c for c in cells["split"] if c and c.lower() not in SPLIT_NAMES}):
            problems.append(Problem(odd, "unknown split in the CSV; use train, val or test"))
    together = _groups(root, cells, reading.groups)
    classes = sorted(set(names) - {""})
    number = {name: i for i, name in enumerate(classes)}
    bands = headers[0].bands  # all have the same
    grey = not any(header.colour for header in headers)
    deep = any(header.deep for header in headers) and (grey or bands > 0)
    problems += [] if bands else _reduced(paths, headers)
    hidden = {"split"} | ({"label"} if labels == "auto" else set[str]())
    hidden |= {"group"} if reading.groups == "auto" else set[str]()
    return Catalogue(
        root=root,
        paths=tuple(paths),
        labels=np.array([number.get(name, -1) for name in names], np.int64),
        classes=tuple(classes),
        splits=tuple(splits),
        groups=None if together is None else _numbered(together),
        metadata={k: numbers_or_text(v) for k, v in cells.items() if k not in hidden},
        sizes=np.array([(header.height, header.width) for header in headers], np.int64),
        channels=bands or (1 if grey else 3),
        bits=16 if deep else 8,
        problems=tuple(problems),
        kinds=("images",),
        fingerprint=_fingerprint(paths, headers, reading.channels == "native"),
        native=reading.channels == "native",
    )


def _file(path: str) -> str:
    """The file of a row: itself, or the video it is a frame of."""
    frame = video.split_path(path)
    return path if frame is None else frame[0]


def _groups(root: Path, cells: Mapping[str, Sequence[str]], asked: str) -> Sequence[str] | None:
    """The cells that say which images stay together, if any do."""
    if asked in ("auto", "none"):
        return cells.get("group") if asked == "auto" else None
    return _column(root, cells, asked, "groups")


def _column(root: Path, cells: Mapping[str, Sequence[str]], asked: str, what: str) -> Sequence[str]:
    """The cells of a column that a person names, to take ``what`` from."""
    if asked not in cells:
        raise CatalogueError(
            f"{root}: there is no CSV column {asked!r} to take {what} from; use 'auto', 'none'"
            + (f" or one of: {', '.join(cells)}" if cells else "; there is no CSV file")
        )
    return cells[asked]


def _torn(file: str, cells: Mapping[str, Sequence[str]], labels: str) -> list[Problem]:
    """A word on a column that looks like groups and is not one, if there is such a column."""
    columns = {name.lower().replace(" ", "_"): name for name in cells if name != labels}
    for word in _LIKE_GROUPS:
        name = columns.get(word, columns.get(f"{word}_id"))
        known = [] if name is None else [cell for cell in cells[name] if cell]
        if 1 < len(set(known)) < len(known):
            why = (
                f"its column {name!r} does not keep images together, so a {word} can be in "
                "training and held out at once; choose it as Groups in Data "
                f"(data.groups = {name!r}) to keep each whole"
            )
            return [Problem(file, why)]
    return []


def _reduced(paths: Sequence[str], headers: Sequence[Header]) -> list[Problem]:
    """A word on grey images that lose bits because others are in colour, if there are any."""
    deep = sum(header.deep for header in headers)
    coloured = sorted({_file(one) for one, h in zip(paths, headers, strict=True) if h.colour})
    if not deep or not coloured:
        return []
    why = (
        f"in colour, so the folder's 16-bit grey images (here {deep:,}) are reduced to 8 bits; to "
        f"keep 16 bits, move all files in colour (here {len(coloured):,}) elsewhere or save them "
        "as grey"
    )
    return [Problem(coloured[0], why)]


def _numbered(cells: Sequence[str]) -> NDArray[np.int64]:
    """Group numbers; an image without a group is a group of its own."""
    numbers: dict[tuple[str, int], int] = {}
    keys = [(cell, -1 if cell else row) for row, cell in enumerate(cells)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _fingerprint(paths: Sequence[str], headers: Sequence[Header], native: bool) -> str:
    digest = hashlib.blake2b(b"native\n" if native else b"", digest_size=16)
    for path, header in zip(paths, headers, strict=True):
        line = f"{path}\0{header.size}\0{header.modified}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
