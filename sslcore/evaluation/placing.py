"""New points on a map that is there: where would these features lie among those?

By principal components exactly, else by the nearest neighbours. UMAP's own way is in
:mod:`sslcore.evaluation.umap_layout`, since it needs umap.
"""

from __future__ import annotations

import numpy as np
import torch

from sslcore.evaluation.neighbours import nearest
from sslcore.evaluation.projection import Alignment, Components, Points
from sslcore.evaluation.projection_settings import Metric
from sslcore.evaluation.vectors import Features

ASKED = 10
"""Neighbours whose places are averaged: few, or a point between two clusters is nowhere."""


def place_by_components(features: Features, layout: Points, queries: Features) -> Points:
    """Places on a PCA map, exactly: image i of the map lands on its own place.

    Args:
        features: (N, D) of the images on the map.
        layout: (N, d) their PCA, which may have been laid onto another map.
        queries: (Q, D) new ones of the same encoder.

    Returns:
        (Q, d) float32.
    """
    components = Components.of(features, layout.shape[1])
    return Alignment.of(components.project(features), layout)(components.project(queries))


def place_by_neighbours(
    features: Features, layout: Points, queries: Features, metric: Metric = "cosine"
) -> Points:
    """Mean place of the nearest images, nearer ones counting more, on a map of any kind.

    Weights fall with exp(-(d - d_1) / m), where d_1 is the distance to the nearest and m the mean
    of what the others are farther away than that: they do not depend on the unit of distances.
    Features that are on the map already get exactly their place there.

    Args:
        features: (N, D) of the images on the map.
        layout: (N, d) where they lie.
        queries: (Q, D) new ones of the same encoder.
        metric: of the feature space.

    Returns:
        (Q, d) float32.
    """
    rows, values = nearest(features, queries, ASKED, metric=metric)
    # Between unit vectors, the distance that belongs to a cosine.
    distances = (2 * (1 - values)).clamp_min(0).sqrt() if metric == "cosine" else values
    beyond = (distances - distances[:, :1]).double()
    mean = beyond.sum(1, keepdim=True) / max(beyond.shape[1] - 1, 1)
    weights = torch.exp(-beyond / torch.where(mean > 0, mean, torch.ones_like(mean)))
    same = distances[:, 0] <= 1e-3 * distances[:, -1]
    weights[same] = (distances[same] <= distances[same][:, :1]).double()
    weights /= weights.sum(1, keepdim=True)
    places = torch.from_numpy(np.asarray(layout, np.float64))[rows]
    return (weights[:, :, None] * places).sum(1).float().numpy()
