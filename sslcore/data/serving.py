"""What a folder serves beside single images: targets, captions and sequences of a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sslcore.data import pairs, video
from sslcore.data.captions import COLUMNS, beside
from sslcore.data.contents import Catalogue
from sslcore.data.decode import decode
from sslcore.data.folder import Problem
from sslcore.data.image_file import Header, UnreadableError
from sslcore.data.kinds import Kind
from sslcore.data.pairs import Pairing
from sslcore.data.pool import CancelAsked, Progress
from sslcore.data.reading import Reading
from sslcore.data.sequences import continuous, numbered
from sslcore.data.split import together
from sslcore.data.table import Table


def with_pairs(
    plain: Catalogue,
    pairing: Pairing,
    rows: Sequence[int],
    candidates: Sequence[str],
    looks: Sequence[Header | str],
) -> Catalogue:
    """The catalogue with targets, if there are any."""
    if not pairing.partner:
        return replace(plain, lacks={**plain.lacks, "pairs": pairing.lacks})
    targets, reasons = pairs.build(plain.root, pairing, rows, candidates, looks)
    problems = (*plain.problems, *(Problem(path, why) for path, why in reasons.items()))
    if not len(targets.rows):
        why = f"none of the files in {pairing.folder}/ fits its image"
        return replace(plain, problems=problems, lacks={**plain.lacks, "pairs": why})
    return replace(plain, problems=problems, targets=targets, kinds=(*plain.kinds, "pairs"))


def with_captions(
    plain: Catalogue,
    reading: Reading,
    named: Sequence[str] | None,
    table: Table | None,
    texts: Sequence[str],
    progress: Progress | None,
    cancelled: CancelAsked | None,
) -> Catalogue:
    """The catalogue with captions, if there are any: of the CSV file, or of text files.

    Args:
        plain: without.
        reading: what is asked for.
        named: N cells of the column that ``reading`` names, if it names one.
        table: the CSV file.
        texts: relative paths of text files.
        progress: called with (read, files).
        cancelled: asked often.

    Raises:
        Cancelled: if called off.
    """
    if reading.kind not in ("auto", "captions"):
        return plain
    if reading.captions == "none":
        return replace(
            plain, lacks={**plain.lacks, "captions": "data.captions = 'none' takes none"}
        )
    column = next((one for one in COLUMNS if one in plain.metadata), None)
    why = "no text file has the name of an image" if texts and table is None else ""
    if named is not None:
        column, captions = reading.captions, list(named)
        why = f"its CSV column {column!r} has no text for any image"
    elif column is not None:
        captions = ["" if isinstance(cell, float) else cell for cell in plain.metadata[column]]
    else:
        captions = beside(plain.root, plain.paths, texts, progress, cancelled)
    if not any(captions):
        return replace(plain, lacks={**plain.lacks, "captions": why})
    rest = {name: cells for name, cells in plain.metadata.items() if name != column}
    return replace(plain, captions=tuple(captions), metadata=rest, kinds=(*plain.kinds, "captions"))


def with_sequences(plain: Catalogue, kind: Kind, labels: str, table: Table | None) -> Catalogue:
    """The catalogue with sequences, if there are any; the split then keeps each of them whole."""
    if kind not in ("auto", "sequences"):
        return plain
    found = numbered(plain.paths, plain.splits)
    if found is None:
        return plain
    films = any(video.split_path(path) is not None for path in plain.paths)
    if kind == "auto" and not films and not continuous(found, _glance(plain)):
        why = (
            "its images are numbered, but neighbours look no more alike than others; if they are "
            "frames all the same, say so: data.kind = 'sequences'"
        )
        return replace(plain, lacks={**plain.lacks, "sequences": why})
    numbers = found.numbers(len(plain))
    classes, own = plain.classes, plain.labels
    from_folders = labels == "auto" and (table is None or "label" not in table.columns)
    pairs_seen = set(zip(own[found.rows].tolist(), numbers[found.rows].tolist(), strict=True))
    if from_folders and len({label for label, _ in pairs_seen}) == len(pairs_seen):
        # Every folder is one sequence: its name tells a scene apart, not a class.
        classes, own = (), np.full(len(plain), -1, np.int64)
    groups = together(numbers, plain.groups)
    kinds = ("images", "sequences", *plain.kinds[1:])
    return replace(plain, sequences=found, groups=groups, classes=classes, labels=own, kinds=kinds)


def _glance(catalogue: Catalogue) -> Callable[[int], NDArray[np.float32] | None]:
    """Small pictures to compare."""

    def picture(row: int) -> NDArray[np.float32] | None:
        try:
            path, native = catalogue.path(row), catalogue.native
            look = decode(path, 16, catalogue.channels, catalogue.bits, native=native)
            return look.astype(np.float32)
        except UnreadableError:
            return None

    return picture
