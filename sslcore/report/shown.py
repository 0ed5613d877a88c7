"""Sections of what the method showed last: its matrix, reconstructions, distributions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import (
    Attention,
    Bars,
    Curve,
    Diagnostic,
    DiagnosticSpec,
    Heatmap,
    Histogram,
    ImageGrid,
)
from sslcore.export import colours, pictures
from sslcore.report import chart, parts
from sslcore.report.chart import Line
from sslcore.report.story import Story

MOST_BARS = 24


def sections(story: Story) -> list[tuple[str, bool]]:
    """One card for every diagnostic of the last snapshot, and whether it wants the whole width."""
    when = f"Epoch {story.shown_epoch:.1f}."
    return [
        (
            parts.section(spec.title, _drawn(spec, one), note=f"{spec.help} {when}".strip()),
            isinstance(one, ImageGrid | Attention),
        )
        for spec, one in story.shown
    ]


def _drawn(spec: DiagnosticSpec, one: Diagnostic) -> str:
    match one:
        case Heatmap():
            return _matrix(spec, one)
        case ImageGrid():
            return _pictures(spec, pictures.grid(one), " / ".join(one.rows))
        case Attention():
            rows = " / ".join((f"middle of the {one.query_name}", *one.key_names))
            return _pictures(spec, pictures.attention(one), rows)
        case Histogram():
            return chart.outlines(one.edges, one.counts, one.axis, one.marks)
        case Bars():
            few = slice(0, MOST_BARS)
            size = 100 if one.percent else 1
            axis = f"{one.axis}, %" if one.percent else one.axis
            line = None if one.reference is None else size * one.reference
            drawn = chart.bars(one.labels[few], size * one.values[few], axis, line)
            rest = len(one.labels) - MOST_BARS
            return drawn + (f'<p class="quiet">{rest} more are left out.</p>' if rest > 0 else "")
        case Curve():
            lines = [Line(name, one.x, values) for name, values in one.lines.items()]
            return chart.lines(lines, one.x_axis, one.y_axis, references=one.marks, log=one.log)


def _matrix(spec: DiagnosticSpec, one: Heatmap) -> str:
    pixels = pictures.matrix(one)
    if one.diverging:
        pixels = see_through(pixels)
        ends = colours.theme()["diverging"]
        stops = f"{ends['low']}, transparent, {ends['high']}"
        names = (f"{one.low:g}", f"{one.high:g}")
    else:
        table = colours.sequential(np.linspace(0, 1, 5), 0, 1)
        stops = ", ".join(f"rgb({r},{g},{b})" for r, g, b in table.tolist())
        names = (f"{one.low:g}", f"{one.high:g}")
    rows, columns = one.shape
    size = f"{rows:,} x {columns:,}"
    figures = ", ".join(f"{name} {value:.3f}" for name, value in one.summary.items())
    sides = ((one.row_label, one.row_names), (one.column_label, one.column_names))
    labels = (f"{label} ({', '.join(names)})" if names else label for label, names in sides)
    axes = " against ".join(label for label in labels if label)
    words = "; ".join(part for part in (axes, size, figures) if part)
    return (
        f"<figure>{parts.image(pixels, f'{spec.title}: {words}', 'matrix')}"
        f'<div class="scale"><span>{names[0]}</span>'
        f'<i style="background: linear-gradient(90deg, {stops})"></i><span>{names[1]}</span></div>'
        f"<figcaption>{words}</figcaption></figure>"
    )


def see_through(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 4) of a picture on white: the more of the page is seen, the whiter it was.

    So the middle of a diverging scale is the ground of the theme in use.
    """
    values = pixels.astype(np.float64) / 255
    # The ends of the scale have a darkest channel of their own; that sets how much covers.
    darkest = values.min(-1)
    alpha = np.clip((1 - darkest) / (1 - _darkest_end()), 0, 1)
    covered = np.where(alpha > 0, alpha, 1)[..., None]
    colour = np.clip((values - (1 - covered)) / covered, 0, 1)
    return np.round(255 * np.concatenate([colour, alpha[..., None]], -1)).astype(np.uint8)


def _darkest_end() -> float:
    """The larger of the darkest channels of both ends, from 0 to 1."""
    ends = colours.diverging(np.array([-1.0, 1.0]), 1.0)
    return float(ends.min(-1).max()) / 255


def _pictures(spec: DiagnosticSpec, shown: NDArray[np.uint8], rows: str) -> str:
    times = max(1, min(4, 1000 // shown.shape[1]))
    pixels = np.repeat(np.repeat(shown, times, 0), times, 1)
    return (
        f"<figure>{parts.image(pixels, f'{spec.title}: {rows}', 'pictures')}"
        f"<figcaption>rows from above: {rows}</figcaption></figure>"
    )
