"""What happens to a line before it is painted: smoothing, and thinning to the pixels there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def smoothed(values: NDArray[Any], smoothing: float) -> Numbers:
    """Exponential moving average without the pull towards zero of its first values.

    With weights a^k for the value k places back, y_t = sum a^k x_(t-k) / sum a^k: the bias
    correction of Adam (https://arxiv.org/abs/1412.6980, section 3). Values that are not finite
    take no part in either sum.

    Args:
        values: (N,) numbers.
        smoothing: a, in [0, 1); 0 gives the values back.

    Returns:
        (N,) float64; not a number until the first finite value.

    Raises:
        ValueError: if smoothing is outside [0, 1).
    """
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(f"smoothing = {smoothing}: must be at least 0 and below 1")
    numbers = np.asarray(values, np.float64)
    if smoothing < 1e-6 or not numbers.size:
        return numbers.copy()
    there = np.isfinite(numbers)
    sums = _decaying_sums(np.where(there, numbers, 0.0), smoothing)
    weights = _decaying_sums(there.astype(np.float64), smoothing)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weights > 1e-280, sums / weights, np.nan)


def _decaying_sums(values: Numbers, keep: float) -> Numbers:
    """s_t = keep * s_(t-1) + x_t, in blocks short enough that keep**-block stays a float."""
    block = int(min(max(-100.0 / np.log10(keep), 1.0), 4096.0, len(values)))
    rows = -(-len(values) // block)
    padded = np.zeros(rows * block)
    padded[: len(values)] = values
    powers = keep ** np.arange(block)
    inside = np.cumsum(padded.reshape(rows, block) / powers, axis=1) * powers
    carried = np.zeros(rows)
    for row in range(1, rows):
        carried[row] = carried[row - 1] * powers[-1] * keep + inside[row - 1, -1]
    return (inside + carried[:, None] * (powers * keep)).ravel()[: len(values)]


def thinned(x: NDArray[Any], y: NDArray[Any], columns: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """At most four points per pixel column: its first, lowest, highest and last value.

    What is painted looks the same as all points, peaks included, at a cost of the width.

    Args:
        x: (N,) rising positions.
        y: (N,) finite values.
        columns: (N,) pixel of each position, rising; thinning is by its integer part.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if not len(x):
        return x, y
    first, last = np.floor(columns[0]), np.floor(columns[-1])
    if last - first >= len(x):
        return x, y
    starts = np.unique(np.searchsorted(columns, np.arange(first, last + 1)))
    if len(x) <= 4 * len(starts):
        return x, y
    stops = np.append(starts[1:], len(x)) - 1
    lowest, highest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    rising = y[starts] <= y[stops]
    middle = np.where(rising, lowest, highest), np.where(rising, highest, lowest)
    centre = (x[starts] + x[stops]) / 2
    return (
        np.stack([x[starts], centre, centre, x[stops]], 1).ravel(),
        np.stack([y[starts], *middle, y[stops]], 1).ravel(),
    )
