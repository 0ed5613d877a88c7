"""Charts as SVG: lines, outlines of histograms, bars and points. Colours are the page's classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from sslcore.report.axis import Axis

Floats = NDArray[np.floating]
WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 42
MOST_POINTS = 600
"""Of a line; a longer one is drawn through the means of equal parts."""
SERIES = 7
"""Colours that the page knows as s0 to s6."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a chart.

    Attributes:
        name: in the legend.
        x, y: (N,) each; gaps where y is not finite.
        raw: (N,) what y was smoothed from, drawn faintly behind it; or None.
    """

    name: str
    x: Floats
    y: Floats
    raw: Floats | None = None


def smoothed(values: Floats, part: float = 0.03) -> Floats:
    """(N,) means over a window of a part of the length, shorter at the ends; NaN is passed over."""
    reach = max(round(len(values) * part), 1)
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.where(known, values, 0.0).cumsum(dtype=np.float64)])
    counts = np.concatenate([[0], known.cumsum()])
    at = np.arange(len(values))
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(values))
    total, count = sums[last] - sums[first], counts[last] - counts[first]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def lines(
    drawn: Sequence[Line],
    x_label: str,
    y_label: str,
    *,
    references: Mapping[str, float] | None = None,
    log: bool = False,
    percent: bool = False,
    zero: bool = False,
    from_zero: bool = False,
) -> str:
    """A chart of lines with its legend.

    Args:
        drawn: at most seven are told apart by colour.
        x_label: with its unit.
        y_label: with its unit.
        references: name -> height of a thin line across.
        log: whether the value axis is logarithmic, where all values allow it.
        percent: whether values are parts of one.
        zero: whether 0 belongs on the value axis.
        from_zero: whether the other axis begins at 0, as epochs do.
    """
    references = references or {}
    across = Axis.around(
        (value for one in drawn for value in one.x.tolist()), zero=from_zero, tight=True
    )
    shown = [value for one in drawn for value in [*one.y.tolist(), *_usual(one.raw)]]
    up = Axis.around([*shown, *references.values()], log=log, percent=percent, zero=zero)
    frame = _Frame(across, up, x_label, y_label)
    for number, one in enumerate(drawn):
        colour = f"s{number % SERIES}"
        if one.raw is not None:
            frame.add(f'<path class="raw {colour}" d="{frame.path(one.x, one.raw)}"/>')
    for name, value in references.items():
        y = frame.y(value)
        frame.add(
            f'<line class="reference" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}">'
            f"<title>{escape(name)}: {up.written(value)}</title></line>"
        )
    for number, one in enumerate(drawn):
        colour = f"s{number % SERIES}"
        frame.add(f'<path class="line {colour}" d="{frame.path(one.x, one.y)}"/>')
        if len(one.x) == 1:  # a line of one point would not be seen
            frame.add(
                f'<circle class="dot {colour}" cx="{frame.x(one.x[0]):.1f}" '
                f'cy="{frame.y(one.y[0]):.1f}" r="4"/>'
            )
    legend = [(f"s{number % SERIES}", one.name) for number, one in enumerate(drawn)]
    legend += [("reference", name) for name in references]
    described = "; ".join(
        f"{one.name} from {up.written(first)} to {up.written(last)}"
        for one in drawn
        for first, last in [_ends(one.y)]
    )
    return _legend(legend) + frame.svg(f"{y_label} over {x_label}: {described}")


def outlines(
    edges: Floats, counts: Mapping[str, NDArray[np.int64]], axis: str, marks: Mapping[str, float]
) -> str:
    """Histograms over the same bins as filled outlines."""
    across = Axis(float(edges[0]), float(edges[-1]))
    parts = {name: one / max(int(one.sum()), 1) for name, one in counts.items()}
    up = Axis.around((v for one in parts.values() for v in one.tolist()), percent=True, zero=True)
    frame = _Frame(across, up, axis, "part of all")
    for number, one in enumerate(parts.values()):
        x = np.repeat(edges, 2)
        y = np.concatenate([[0.0], np.repeat(one, 2), [0.0]])
        frame.add(f'<path class="area s{number % SERIES}" d="{frame.path(x, y, whole=True)}"/>')
    for name, value in marks.items():
        at = frame.x(value)
        frame.add(
            f'<line class="reference" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" '
            f'y2="{HEIGHT - BOTTOM}"><title>{escape(name)}: {value:.3g}</title></line>'
        )
    legend = [(f"s{number % SERIES}", name) for number, name in enumerate(parts)]
    legend += [("reference", name) for name in marks]
    return _legend(legend) + frame.svg(f"distribution of {axis}: {', '.join(parts)}")


def bars(labels: Sequence[str], values: Floats, axis: str, reference: float | None) -> str:
    """Lying bars, one a row."""
    across = Axis.around([*values.tolist(), *([] if reference is None else [reference])], zero=True)
    row, left = 22, 150
    height = row * len(labels) + BOTTOM
    scale = WIDTH - RIGHT - left

    def x(value: float) -> float:
        return left + scale * across.part(value)

    parts: list[str] = []
    for mark in across.marks(5):
        parts.append(
            f'<line class="grid" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="0" '
            f'y2="{height - BOTTOM}"/><text class="tick" x="{x(mark):.1f}" '
            f'y="{height - BOTTOM + 16}" text-anchor="middle">{across.written(mark)}</text>'
        )
    for number, (label, value) in enumerate(zip(labels, values.tolist(), strict=True)):
        start, end = sorted((x(0.0), x(value if np.isfinite(value) else 0.0)))
        parts.append(
            f'<rect class="bar" x="{start:.1f}" y="{number * row + 3}" '
            f'width="{max(end - start, 1):.1f}" height="{row - 6}"><title>{escape(label)}: '
            f'{value:.4g}</title></rect><text class="tick" x="{left - 8}" y="{number * row + 15}" '
            f'text-anchor="end">{escape(_short(label, 20))}</text>'
        )
    if reference is not None:
        parts.append(
            f'<line class="reference" x1="{x(reference):.1f}" x2="{x(reference):.1f}" y1="0" '
            f'y2="{height - BOTTOM}"/>'
        )
    parts.append(
        f'<text class="label" x="{left + scale / 2:.0f}" y="{height - 8}" '
        f'text-anchor="middle">{escape(axis)}</text>'
    )
    return _svg(WIDTH, height, f"{axis} of {len(labels)} things", "".join(parts))


class _Frame:
    """Axes of a chart, and what is drawn between them."""

    def __init__(self, across: Axis, up: Axis, x_label: str, y_label: str) -> None:
        self._across, self._up = across, up
        self._labels = x_label, y_label
        self._parts: list[str] = []

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * self._across.part(value)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * self._up.part(value)

    def add(self, part: str) -> None:
        self._parts.append(part)

    def path(self, x: Floats, y: Floats, *, whole: bool = False) -> str:
        """Commands of a path; lifted where a value is not finite or not on a logarithmic axis."""
        if not whole and len(x) > MOST_POINTS:
            x, y = _thinned(x), _thinned(y)
        words: list[str] = []
        down = False
        for one, value in zip(x.tolist(), y.tolist(), strict=True):
            if not np.isfinite(value) or (self._up.log and value <= 0):
                down = False
                continue
            height = min(max(self.y(value), 0.0), float(HEIGHT - BOTTOM))
            words.append(f"{'L' if down else 'M'}{self.x(one):.1f} {height:.1f}")
            down = True
        return "".join(words)

    def svg(self, description: str) -> str:
        parts: list[str] = []
        for mark in self._up.marks(5):
            y = self.y(mark)
            parts.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
                f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
                f"{self._up.written(mark)}</text>"
            )
        for mark in self._across.marks(7):
            parts.append(
                f'<text class="tick" x="{self.x(mark):.1f}" y="{HEIGHT - BOTTOM + 16}" '
                f'text-anchor="middle">{self._across.written(mark)}</text>'
            )
        x_label, y_label = map(escape, self._labels)
        middle = (TOP + HEIGHT - BOTTOM) / 2
        parts.append(
            f'<text class="label" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" '
            f'text-anchor="middle">{x_label}</text>'
            f'<text class="label" transform="translate(13 {middle:.0f}) rotate(-90)" '
            f'text-anchor="middle">{y_label}</text>'
        )
        return _svg(WIDTH, HEIGHT, description, "".join(parts) + "".join(self._parts))


def _thinned(values: Floats) -> Floats:
    """(MOST_POINTS,) means of equal parts; not finite where a part has nothing finite."""
    edges = np.arange(MOST_POINTS + 1) * len(values) // MOST_POINTS
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), edges[:-1])
    counts = np.add.reduceat(known.astype(np.int64), edges[:-1])
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _usual(raw: Floats | None) -> list[float]:
    """What all but the wildest of the raw values lie between."""
    known = np.zeros(0) if raw is None else raw[np.isfinite(raw)]
    return np.quantile(known, (0.005, 0.995)).tolist() if len(known) else []


def _ends(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known[0]), float(known[-1])) if len(known) else (0.0, 0.0)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    words = "".join(
        f'<span class="key"><i class="{colour}"></i>{escape(name)}</span>'
        for colour, name in entries
    )
    return f'<p class="legend">{words}</p>'


def _svg(width: float, height: float, description: str, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(description, quote=True)}">{content}</svg>'
    )
