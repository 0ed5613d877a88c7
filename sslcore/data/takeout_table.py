"""A table of what is known of chosen images, as CSV, Parquet or JSON."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.data.contents import Catalogue
from sslcore.data.pool import CancelAsked, Progress
from sslcore.data.split import Split
from sslcore.data.takeout import Meter, TakeoutError, beside, settle, told

AXES = ("x", "y", "z")
_LINES = 1000
"""Lines written between two words about progress."""

Table = dict[str, list[Any] | NDArray[Any]]
"""Columns by name, all of one length; numbers without a value are NaN."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of images beside the catalogue.

    Attributes:
        split: which are trained on; None leaves the folder's own splits in the table.
        tags: catalogue row -> its tags.
        index: (N,) catalogue rows of ``points`` and ``features``.
        points: (N, 2) or (N, 3) where they lie on a map, or None.
        projection: name and settings of the map.
        features: (N, D), or None.
    """

    split: Split | None = None
    tags: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    index: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    points: NDArray[Any] | None = None
    projection: str = ""
    features: NDArray[Any] | None = None


def table(catalogue: Catalogue, rows: NDArray[np.int64], known: Known | None = None) -> Table:
    """Columns path, label, split, tags, those of the CSV, coordinates, features.

    Args:
        catalogue: whose images.
        rows: (K,) catalogue rows, in the order wanted.
        known: what else is known.

    Returns:
        Every column with K cells: texts, numbers, tags as lists. A CSV column whose name is
        taken gets ``metadata_`` in front.
    """
    known = known or Known()
    numbers = catalogue.labels[rows].tolist()
    made: Table = {
        "path": [catalogue.paths[row] for row in rows],
        "label": ["" if one < 0 else catalogue.classes[one] for one in numbers],
        "split": _splits(catalogue, rows, known.split),
        "tags": [list(known.tags.get(int(row), ())) for row in rows],
    }
    last: Table = {}
    places = _places(known.index, rows)
    if known.points is not None:
        axes = zip(AXES, known.points.T, strict=False)
        last |= {name: _numbers(column, places) for name, column in axes}
        last["projection"] = [known.projection] * len(rows)
    if known.features is not None:
        width = len(str(max(known.features.shape[1] - 1, 0)))
        for number, column in enumerate(known.features.T):
            last[f"feature_{number:0{width}d}"] = _numbers(column, places)
    for name, cells in catalogue.metadata.items():
        free = f"metadata_{name}" if name in made or name in last else name
        made[free] = [cells[row] for row in rows]
    return made | last


def write_table(
    file: Path,
    columns: Table,
    *,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> None:
    """Write a table as CSV, Parquet or JSON, by the file's suffix; whole or not at all.

    Tags are a list in Parquet and JSON; CSV has them in one cell with "; " between.

    Args:
        file: must not be there yet.
        columns: as :func:`table` makes them.
        progress: told (rows written, rows).
        cancelled: asked often; True calls the writing off.

    Raises:
        TakeoutError: if the file is there, cannot be written or has another suffix.
        Cancelled: if called off; nothing is left behind.
    """
    writer = WRITERS.get(file.suffix.lower())
    if writer is None:
        raise TakeoutError(f"{file}: name the file with one of {', '.join(WRITERS)}")
    part = beside(file)
    try:
        writer(part, columns, Meter(progress, cancelled))
        settle(part, file)
    except OSError as error:
        raise told(error, file) from None
    finally:
        part.unlink(missing_ok=True)


def _lines(columns: Table, meter: Meter) -> Iterator[tuple[Any, ...]]:
    """Rows of plain values, None for what is not finite."""
    total = len(columns["path"])
    for start in range(0, total, _LINES):
        meter(start, total)
        part = [_cells(column[start : start + _LINES]) for column in columns.values()]
        yield from zip(*part, strict=True)
    meter(total, total)


def _cells(column: list[Any] | NDArray[Any]) -> list[Any]:
    cells: list[Any] = column if isinstance(column, list) else column.tolist()
    return [None if isinstance(one, float) and not math.isfinite(one) else one for one in cells]


def _write_csv(file: Path, columns: Table, meter: Meter) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        for line in _lines(columns, meter):
            writer.writerow("; ".join(cell) if isinstance(cell, list) else cell for cell in line)
        _sync(stream)


def _write_json(file: Path, columns: Table, meter: Meter) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for number, line in enumerate(_lines(columns, meter)):
            entry = dict(zip(columns, line, strict=True))
            stream.write(",\n" if number else "\n")
            stream.write(json.dumps(entry, ensure_ascii=False, allow_nan=False))
        stream.write("\n]\n")
        _sync(stream)


def _write_parquet(file: Path, columns: Table, meter: Meter) -> None:
    # Half a second to import, and only this needs it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"tags": pa.list_(pa.string())}
    arrays = {
        name: pa.array(column, kinds.get(name), from_pandas=not isinstance(column, list))
        for name, column in columns.items()
    }
    total = len(columns["path"])
    meter(0, total)
    with pq.ParquetWriter(file, pa.table(arrays).schema) as writer:
        for start in range(0, total, 50 * _LINES):
            meter(start, total)
            part = {name: one[start : start + 50 * _LINES] for name, one in arrays.items()}
            writer.write_table(pa.table(part))
    with file.open("rb+") as stream:
        _sync(stream)
    meter(total, total)


WRITERS: dict[str, Callable[[Path, Table, Meter], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
}


def _sync(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _splits(catalogue: Catalogue, rows: NDArray[np.int64], split: Split | None) -> list[str]:
    if split is None:
        return [catalogue.splits[row] for row in rows]
    words = np.full(len(catalogue), "", object)
    words[split.excluded] = "excluded"
    words[split.train] = "train"
    words[split.held_out] = "held out"
    return words[rows].tolist()


def _places(index: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(K,) where each row stands in the index, -1 where it does not."""
    if not len(index):
        return np.full(len(rows), -1)
    order = np.argsort(index, kind="stable")
    at = np.minimum(np.searchsorted(index[order], rows), len(index) - 1)
    places = order[at]
    return np.where(index[places] == rows, places, -1)


def _numbers(column: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """(K,) of a column, NaN where a place is -1."""
    made = np.full(len(places), np.nan, np.float32)
    made[places >= 0] = column[places[places >= 0]]
    return made
