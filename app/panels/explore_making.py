"""What workers do for a map: read features, lay out by PCA, judge, look on disk, place new images.

All of it imports torch when it runs, not before, and touches no widget.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.panels.explore_space import Layout, Space
from sslcore.evaluation.layout_cache import LayoutCache, content_key, start_key
from sslcore.evaluation.projection_settings import Computed, PcaSettings

if TYPE_CHECKING:
    from sslcore.events import EmbeddingSaved
    from sslcore.runs.directory import RunDirectory

Points = NDArray[np.float32]
Last = tuple[NDArray[np.int64], Points]
"""Catalogue rows of the map before, and where they lay."""


def read(directory: RunDirectory, saved: EmbeddingSaved) -> Space:
    """Features of an evaluation.

    Raises:
        RunError: if they are missing or damaged.
    """
    kept = directory.kept(saved.step)
    index, features, paths = kept.rows, kept.features, kept.paths
    return Space(str(directory.path), saved.step, saved.epoch, index, features, paths)


def fitting(last: Last | None, space: Space) -> Points | None:
    """The map before, if it shows the same images."""
    return last[1] if last is not None and np.array_equal(last[0], space.index) else None


def pca(space: Space, settings: PcaSettings, last: Last | None) -> Layout:
    """PCA, turned to lie on the map before if that shows the same images."""
    module: Any = importlib.import_module("sslcore.evaluation.projection")
    points = module.pca(space.features, settings.dimensions)
    before = fitting(last, space)
    if before is not None:
        points = module.align(points, before)
    return Layout(space, settings, points)


def judged(layout: Layout) -> Layout:
    """The same, with how far it can be believed."""
    module: Any = importlib.import_module("sslcore.evaluation.faithfulness")
    metric = layout.way.metric
    return replace(layout, faith=module.faithfulness(layout.space.features, layout.points,
                                                     metric=metric))  # fmt: skip


def recalled(space: Space, way: Computed, last: Last | None, cache: LayoutCache) -> Layout | None:
    """A layout of the same features and settings that was kept on disk.

    Where points may set out from the map before, any of these will do, the very one first; it is
    laid onto the map before, so that the two can be compared.
    """
    content, shape = content_key(space.features, way), (len(space.features), way.dimensions)
    before = fitting(last, space) if way.start == "last" else None
    found = cache.get(content, start_key(before), shape)
    if found is not None:
        return Layout.of(space, way, found)
    found = cache.get(content, None, shape) if way.start == "last" else None
    if found is None:
        return None
    made = Layout.of(space, way, found)
    if before is None:
        return made
    module: Any = importlib.import_module("sslcore.evaluation.projection")
    alignment = module.Alignment.of(made.points, before)
    scale = made.scale * alignment.scale
    return replace(made, points=alignment(made.points), scale=scale)


def keep(layout: Layout, way: Computed, initial: Points | None, cache: LayoutCache) -> None:
    """Keep a computed layout on disk.

    Args:
        layout: that was computed.
        way: the settings.
        initial: where its points set out; None is PCA.
        cache: where to.
    """
    made = layout.projection
    if made is not None:
        cache.put(content_key(layout.space.features, way), start_key(initial), made)


def placed(layout: Layout, features: Points) -> Points:
    """(Q, d) places of new images on a map: by its components, else by their nearest images.

    Raises:
        ValueError: for features of another encoder.
    """
    module: Any = importlib.import_module("sslcore.evaluation.placing")
    known = layout.space.features
    if layout.kind == "pca":
        return module.place_by_components(known, layout.points, features)
    return module.place_by_neighbours(known, layout.points, features, layout.way.metric)
