"""How far depth or classes of every pixel are read rightly from a feature map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.data.pool import CancelAsked, Progress
from sslcore.evaluation.dense import VOID, DenseProbe, EncodeMap, batches, mapped, measured
from sslcore.evaluation.features import Images, Rows


@dataclass(frozen=True)
class DepthScores:
    """Errors over all measured pixels (Eigen et al. 2014, https://arxiv.org/abs/1406.2283).

    Attributes:
        rmse: root of the mean squared error, in the unit of the targets.
        abs_rel: mean of |error| / depth.
        delta: part of the pixels where neither depth exceeds the other by a quarter.
        pixels: how many were measured.
    """

    rmse: float
    abs_rel: float
    delta: float
    pixels: int


@dataclass(frozen=True, eq=False)
class ClassScores:
    """What a segmentation gets right.

    Attributes:
        mean_iou: mean over the classes that occur of intersection by union of predicted and true
            pixels.
        accuracy: part of the pixels.
        classes: (K,) int64 the classes that occur among the true pixels.
        iou: (K,) float64 of each.
        pixels: how many were measured.
    """

    mean_iou: float
    accuracy: float
    classes: NDArray[np.int64]
    iou: NDArray[np.float64]
    pixels: int


def measure_depth(
    probe: DenseProbe,
    encode_map: EncodeMap,
    images: Images,
    targets: Images,
    rows: Rows,
    *,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> DepthScores:
    """Errors over every measured pixel of held-out images; arguments as for :func:`collect`.

    Raises:
        ValueError: without rows or a measured pixel.
        Cancelled: if called off.
    """
    squares = relative = 0.0
    near = count = 0
    for _, pictures, truth in batches(images, targets, rows, progress, cancelled):
        guess = probe.predict(mapped(encode_map, pictures, image_size, device), truth.shape[-2:])
        known = measured(truth, categories=False, void=None)
        right, said = truth[known].double(), guess[known].double().clamp(min=1e-9)
        squares += float((said - right).square().sum())
        relative += float(((said - right).abs() / right).sum())
        near += int((torch.maximum(said / right, right / said) < 1.25).sum())
        count += len(right)
    if not count:
        raise ValueError("no held-out target has a measured pixel, so nothing can be asked")
    return DepthScores((squares / count) ** 0.5, relative / count, near / count, count)


def measure_classes(
    probe: DenseProbe,
    encode_map: EncodeMap,
    images: Images,
    targets: Images,
    rows: Rows,
    *,
    void: int | None = VOID,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> ClassScores:
    """Overlap over every pixel of held-out images; arguments as for :func:`collect`.

    Raises:
        ValueError: without rows or a pixel that counts.
        Cancelled: if called off.
    """
    pairs: dict[tuple[int, int], int] = {}
    for _, pictures, truth in batches(images, targets, rows, progress, cancelled):
        guess = probe.predict(mapped(encode_map, pictures, image_size, device), truth.shape[-2:])
        known = measured(truth, categories=True, void=void)
        both = torch.stack([truth[known].round().long(), guess[known]], 1)
        kinds, counts = torch.unique(both, dim=0, return_counts=True)
        for (right, said), number in zip(kinds.tolist(), counts.tolist(), strict=True):
            pairs[right, said] = pairs.get((right, said), 0) + number
    if not pairs:
        raise ValueError("no held-out target has a pixel that counts, so nothing can be asked")
    total = sum(pairs.values())
    classes = np.array(sorted({right for right, _ in pairs}), np.int64)
    iou: list[float] = []
    for one in classes.tolist():
        hit = pairs.get((one, one), 0)
        union = sum(number for pair, number in pairs.items() if one in pair)
        iou.append(hit / union)
    hits = sum(number for (right, said), number in pairs.items() if right == said)
    return ClassScores(float(np.mean(iou)), hits / total, classes, np.array(iou), total)
