"""Sections with images: the map of features, and images beside their nearest neighbours."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.projection import Components
from sslcore.evaluation.vectors import as_matrix, unit
from sslcore.export import colours
from sslcore.report import parts
from sslcore.report.story import Story

MOST_POINTS = 3000
MOST_CLASSES = 24
"""Names in the legend; further classes are coloured, but not listed."""
ASKED, NEIGHBOURS = 6, 8
SIDE = 108
WIDTH, HEIGHT, EDGE = 760, 460, 14


def sections(story: Story) -> list[str]:
    """The map if there are features, neighbours if there are images too; else why not."""
    probe = story.probe
    if len(probe.index) < 3:
        words = probe.reason or "Too few images."
        return [parts.section("Map of the features", f"<p>{escape(words)}</p>")]
    made = [_map(story)]
    if probe.catalogue is not None:
        made.append(_neighbours(story))
    return made


def _map(story: Story) -> str:
    probe = story.probe
    features = probe.features.astype(np.float64)
    components = Components.of(features, 2)
    points = components.project(features)
    spread = features.var(0).sum()
    part = float(points.astype(np.float64).var(0).sum() / spread) if spread > 0 else 0.0
    order = np.random.default_rng(0).permutation(len(points))[:MOST_POINTS]
    labels = probe.labels
    low, high = points.min(0), points.max(0)
    # One scale for both axes: distances are what a map is read by.
    scale = min((WIDTH - 2 * EDGE) / _span(low, high, 0), (HEIGHT - 2 * EDGE) / _span(low, high, 1))
    middle = (low + high) / 2
    radius = 3.2 if len(order) < 800 else 2.3
    dots: list[str] = []
    for row in order.tolist():
        x = WIDTH / 2 + (points[row, 0] - middle[0]) * scale
        y = HEIGHT / 2 - (points[row, 1] - middle[1]) * scale
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{_colour(int(labels[row]))}"/>'
        )
    said = parts.count(len(points), "image")
    drawn = f"{len(order):,} of {said} drawn" if len(order) < len(points) else said
    note = (
        f"PCA of the features at step {probe.step:,}; {drawn}. The two directions hold "
        f"{100 * part:.0f} % of the spread."
    )
    svg = (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Map of {said} by their features">'
        f'<g fill-opacity=".85">{"".join(dots)}</g></svg>'
    )
    return parts.section("Map of the features", _legend(story) + svg, note=note)


def _span(low: NDArray[np.floating], high: NDArray[np.floating], axis: int) -> float:
    return float(high[axis] - low[axis]) or 1.0


def _colour(label: int) -> str:
    return colours.of_class(label)


def _legend(story: Story) -> str:
    classes = story.probe.classes
    if not classes:
        reason = story.probe.reason or "There are no classes to colour by."
        return f'<p class="quiet">{escape(reason)}</p>'
    keys = "".join(
        f'<span class="key"><i class="point" style="background:{_colour(number)}"></i>'
        f"{escape(name)}</span>"
        for number, name in enumerate(classes[:MOST_CLASSES])
    )
    more = len(classes) - MOST_CLASSES
    rest = f'<span class="quiet">and {more} more</span>' if more > 0 else ""
    return f'<p class="legend">{keys}{rest}</p>'


def _neighbours(story: Story) -> str:
    """Some images, each with those whose features point most nearly the same way."""
    probe = story.probe
    assert probe.catalogue is not None
    rows = unit(as_matrix(probe.features, "features")).numpy()
    asked = _asked(probe.labels)
    likeness = rows[asked] @ rows.T
    likeness[np.arange(len(asked)), asked] = -np.inf
    nearest = np.argsort(-likeness, 1, kind="stable")[:, : min(NEIGHBOURS, len(rows) - 1)]
    pixels = probe.pixels(probe.index[np.concatenate([asked, nearest.ravel()])], SIDE)
    made: list[str] = []
    width = nearest.shape[1]
    for number, first in enumerate(asked.tolist()):
        own = int(probe.labels[first])
        figures = [_figure(story, first, pixels[number], "", own)]
        for place, other in enumerate(nearest[number].tolist()):
            picture = pixels[len(asked) + number * width + place]
            cosine = f"{likeness[number, other]:.2f}"
            figures.append(_figure(story, other, picture, cosine, own))
        made.append(f'<div class="row">{"".join(figures)}</div>')
    note = (
        "Left an image, beside it its nearest neighbours by the cosine of their features, nearest "
        "first."
    )
    if probe.classes:
        note += " A name in red is another class."
    content = f'<div class="scroll"><div class="rows">{"".join(made)}</div></div>'
    return parts.section("Images and their nearest neighbours", content, note=note)


def _asked(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of images to show: one of every class in turn, the same at every call."""
    order = np.random.default_rng(1).permutation(len(labels))
    seen: dict[int, int] = {}
    turns = [0] * len(labels)
    for place in order.tolist():
        label = int(labels[place])
        turns[place] = seen.get(label, 0)
        seen[label] = turns[place] + 1
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels))
    return np.lexsort(np.stack([rank, labels, np.array(turns)]))[:ASKED]


def _figure(story: Story, place: int, pixels: NDArray[np.uint8], cosine: str, own: int) -> str:
    probe = story.probe
    assert probe.catalogue is not None
    label = int(probe.labels[place])
    name = probe.classes[label] if label >= 0 else ""
    path = probe.catalogue.paths[int(probe.index[place])]
    other = ' class="other"' if cosine and label != own and label >= 0 else ""
    words = " ".join(part for part in (cosine, name) if part)
    picture = parts.image(pixels, path, photo=True)
    return f'<figure{other} title="{escape(path, quote=True)}">{picture}' + (
        f"<figcaption>{escape(words)}</figcaption></figure>" if words else "</figure>"
    )
