"""What a method can show: six kinds of picture, as arrays, without any knowledge of who paints.

A method declares ``DiagnosticSpec`` on its card and returns values by the same names from
``training_step`` when the clock asks for a snapshot. ``app/plots/painter`` paints each kind.
Everything is numpy: a diagnostic can be saved, sent and painted where torch is not loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["heatmap", "histogram", "image_grid", "bars", "curve", "attention"]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

HEATMAP_LIMIT = 512
"""Largest side of a stored matrix; larger ones are kept as block means."""


@dataclass(frozen=True)
class DiagnosticSpec:
    """What a method promises to show, declared on its card."""

    name: str
    kind: Kind
    title: str
    help: str


@dataclass(frozen=True)
class Heatmap:
    """A matrix, with its exact diagonal and histograms even where the matrix is block means.

    Attributes:
        values: (H, W) float32, at most 512 x 512.
        low, high: fixed limits of the colour scale.
        diverging: whether the scale has a neutral middle.
        shape: size of the full matrix.
        diagonal: (min(shape),) float32, exact; empty where a diagonal has no meaning.
        diagonal_histogram, off_diagonal_histogram: (bins,) counts between low and high.
        row_ids, column_ids: catalogue rows of the images behind rows and columns, or empty.
        row_label, column_label: what rows and columns are.
        summary: figures worth reading ("diagonal mean", "off-diagonal sd").
        row_names, column_names: of each row and column, where there are few; or empty.
    """

    kind: ClassVar[Kind] = "heatmap"
    values: Floats
    low: float
    high: float
    diverging: bool
    shape: tuple[int, int]
    diagonal: Floats
    diagonal_histogram: Ints
    off_diagonal_histogram: Ints
    row_ids: Ints
    column_ids: Ints
    row_label: str
    column_label: str
    summary: Mapping[str, float]
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Histogram:
    """Counts of one or more groups over the same bins.

    Attributes:
        edges: (bins + 1,) float32.
        counts: group name -> (bins,) counts.
        axis: what is counted, with its unit.
        marks: name -> position of a reference line.
    """

    kind: ClassVar[Kind] = "histogram"
    edges: Floats
    counts: Mapping[str, Ints]
    axis: str
    marks: Mapping[str, float]


@dataclass(frozen=True)
class ImageGrid:
    """Pictures in rows that belong together: original, corrupted, reconstructed.

    Attributes:
        images: (R, N, h, w, 3) uint8: R rows of N images.
        rows: R names.
        ids: (N,) catalogue rows of the columns.
        captions: R x N short texts, or empty.
    """

    kind: ClassVar[Kind] = "image_grid"
    images: NDArray[np.uint8]
    rows: tuple[str, ...]
    ids: Ints
    captions: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Bars:
    """One number per named thing.

    Attributes:
        labels: N names.
        values: (N,) float32.
        axis: what the length means, with its unit.
        reference: a line to hold the bars against (chance level), or None.
        percent: whether the numbers are shares, to be read in percent.
    """

    kind: ClassVar[Kind] = "bars"
    labels: tuple[str, ...]
    values: Floats
    axis: str
    reference: float | None = None
    percent: bool = False


@dataclass(frozen=True)
class Curve:
    """One or more lines over a common axis (a spectrum, a profile).

    Attributes:
        x: (N,) float32.
        lines: name -> (N,) float32.
        x_axis, y_axis: what the axes are, with units.
        log: whether the value axis is logarithmic.
        marks: name -> height of a horizontal reference line.
    """

    kind: ClassVar[Kind] = "curve"
    x: Floats
    lines: Mapping[str, Floats]
    x_axis: str
    y_axis: str
    log: bool
    marks: Mapping[str, float]


@dataclass(frozen=True)
class Attention:
    """Where every place of some pictures looks in others: queries, keys, and the shares.

    Places lie on a grid over each picture and are counted in reading order.

    Attributes:
        queries: (N, h, w, 3) uint8 pictures that look.
        keys: (N, R, h, w, 3) uint8 pictures that each of them looks at.
        shares: (N, P, R, P) float16: of query n, the part of the attention of a place that goes to
            every place of each key; over all keys, the parts of a place add up to 1.
        grid: rows and columns of places, P in all.
        query_name: what a query is.
        key_names: R names.
        ids: (N,) catalogue rows of the queries, or empty.
    """

    kind: ClassVar[Kind] = "attention"
    queries: NDArray[np.uint8]
    keys: NDArray[np.uint8]
    shares: NDArray[np.float16]
    grid: tuple[int, int]
    query_name: str
    key_names: tuple[str, ...]
    ids: Ints

    @property
    def middle(self) -> int:
        """The place in the middle of the grid, or just below and right of it."""
        return self.grid[0] // 2 * self.grid[1] + self.grid[1] // 2


Diagnostic = Heatmap | Histogram | ImageGrid | Bars | Curve | Attention
KINDS: dict[str, type[Diagnostic]] = {
    one.kind: one for one in (Heatmap, Histogram, ImageGrid, Bars, Curve, Attention)
}


def heatmap(
    matrix: NDArray[Any],
    *,
    low: float = -1.0,
    high: float = 1.0,
    diverging: bool = True,
    row_label: str = "",
    column_label: str = "",
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    row_ids: NDArray[Any] | None = None,
    column_ids: NDArray[Any] | None = None,
    bins: int = 64,
) -> Heatmap:
    """A matrix of any size made ready to be stored and painted.

    Args:
        matrix: (H, W) real numbers; not changed.
        low: colour limit below.
        high: colour limit above.
        diverging: whether the middle of the scale is neutral.
        row_label: what a row is.
        column_label: what a column is.
        row_names: H names, or none.
        column_names: W names, or none.
        row_ids: (H,) catalogue rows behind the rows.
        column_ids: (W,) catalogue rows behind the columns.
        bins: bins of the two histograms.

    Raises:
        ValueError: if the matrix is not two-dimensional or is empty, or names do not fit its sides.
    """
    full = np.asarray(matrix, dtype=np.float32)
    if full.ndim != 2 or full.size == 0:
        raise ValueError(f"a heatmap needs a matrix with entries, got shape {full.shape}")
    for names, size in zip((row_names, column_names), full.shape, strict=True):
        if names and len(names) != size:
            raise ValueError(f"{len(names)} names were given for a side of {size}")
    square = full.shape[0] == full.shape[1]
    diagonal = np.diagonal(full).copy() if square else np.zeros(0, np.float32)
    clipped = np.clip(np.nan_to_num(full), low, high)
    everything = np.histogram(clipped, bins=bins, range=(low, high))[0]
    on = np.histogram(np.clip(np.nan_to_num(diagonal), low, high), bins=bins, range=(low, high))[0]
    summary: dict[str, float] = {}
    if square and len(diagonal) > 1:
        count = full.size - len(diagonal)
        off_mean = float((full.sum(dtype=np.float64) - diagonal.sum(dtype=np.float64)) / count)
        squares = float(
            (np.square(full, dtype=np.float64).sum() - np.square(diagonal, dtype=np.float64).sum())
            / count
        )
        summary = {
            "diagonal mean": float(diagonal.mean()),
            "off-diagonal sd": float(np.sqrt(max(squares - off_mean**2, 0.0))),
        }
    return Heatmap(
        values=block_means(full, HEATMAP_LIMIT),
        low=low,
        high=high,
        diverging=diverging,
        shape=(full.shape[0], full.shape[1]),
        diagonal=diagonal,
        diagonal_histogram=on.astype(np.int64),
        off_diagonal_histogram=(everything - on).astype(np.int64),
        row_ids=_ids(row_ids),
        column_ids=_ids(column_ids),
        row_label=row_label,
        column_label=column_label,
        summary=summary,
        row_names=tuple(row_names),
        column_names=tuple(column_names),
    )


def block_starts(size: int, kept: int) -> Ints:
    """(kept,) first row of each block, where ``size`` rows are kept as ``kept`` block means."""
    return np.arange(kept, dtype=np.int64) * size // kept


def block_means(matrix: Floats, limit: int) -> Floats:
    """The matrix itself if it fits, else means of equal blocks so that no side exceeds limit.

    The diagonal of a block-mean matrix is fainter than the true one, which is why ``Heatmap``
    keeps the exact diagonal beside it.
    """
    reduced = matrix
    for axis in (0, 1):
        size = reduced.shape[axis]
        if size > limit:
            starts = block_starts(size, limit)
            sums = np.add.reduceat(reduced, starts, axis=axis)
            counts = np.diff(np.append(starts, size)).astype(np.float32)
            reduced = sums / (counts[:, None] if axis == 0 else counts[None, :])
    return np.ascontiguousarray(reduced, dtype=np.float32)


def histogram(
    groups: Mapping[str, NDArray[Any]],
    *,
    axis: str,
    low: float | None = None,
    high: float | None = None,
    bins: int = 48,
    marks: Mapping[str, float] | None = None,
) -> Histogram:
    """Counts of several groups of numbers over common bins (limits from the data if not given)."""
    finite = {
        name: values[np.isfinite(values)]
        for name, values in ((key, np.asarray(one, np.float32)) for key, one in groups.items())
    }
    everything = np.concatenate([np.zeros(0, np.float32), *finite.values()])
    start = low if low is not None else float(everything.min()) if everything.size else 0.0
    stop = high if high is not None else float(everything.max()) if everything.size else 1.0
    if stop <= start:
        stop = start + max(abs(start), 1.0) * 1e-3
    edges = np.linspace(start, stop, bins + 1).astype(np.float32)
    counts = {
        name: np.histogram(np.clip(values, start, stop), bins=bins, range=(start, stop))[0].astype(
            np.int64
        )
        for name, values in finite.items()
    }
    return Histogram(edges=edges, counts=counts, axis=axis, marks=dict(marks or {}))


def pack(diagnostic: Diagnostic) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Split a diagnostic into a JSON-ready header and its arrays (field or field/key -> array)."""
    header: dict[str, Any] = {"kind": diagnostic.kind}
    arrays: dict[str, NDArray[Any]] = {}
    for item in fields(diagnostic):
        value = getattr(diagnostic, item.name)
        if isinstance(value, np.ndarray):
            arrays[item.name] = value
        elif isinstance(value, Mapping) and any(isinstance(v, np.ndarray) for v in value.values()):
            header[item.name] = {"arrays": list(value)}
            arrays.update({f"{item.name}/{key}": one for key, one in value.items()})
        else:
            header[item.name] = value
    return header, arrays


def unpack(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Diagnostic:
    """The inverse of :func:`pack`, also after a trip through JSON.

    Raises:
        ValueError: if the kind is not one of the six, or a part is missing.
    """
    kind = KINDS.get(str(header.get("kind")))
    if kind is None:
        raise ValueError(f"unknown kind of diagnostic: {header.get('kind')!r}")
    values: dict[str, Any] = {}
    for item in fields(kind):
        if item.name in arrays:
            values[item.name] = arrays[item.name]
            continue
        if item.name not in header:
            if item.default is MISSING:
                raise ValueError(f"a {kind.kind} lacks its {item.name}")
            continue
        value = header[item.name]
        if isinstance(value, Mapping) and set(value) == {"arrays"}:
            names = {key: f"{item.name}/{key}" for key in value["arrays"]}
            if lost := [name for name in names.values() if name not in arrays]:
                raise ValueError(f"a {kind.kind} lacks its {', '.join(lost)}")
            value = {key: arrays[name] for key, name in names.items()}
        elif isinstance(value, list):
            value = tuple(tuple(v) if isinstance(v, list) else v for v in value)
        values[item.name] = value
    return kind(**values)


def _ids(ids: NDArray[Any] | None) -> Ints:
    return np.zeros(0, np.int64) if ids is None else np.asarray(ids, np.int64)
