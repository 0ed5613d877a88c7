"""Masks carried along a clip: given for its first frame, copied from frame to frame.

Every frame takes a mixture of what is known at the places of some references, weighted by attention
of the network that was never told what a mask is. References are the first frame, whose mask a
person drew, and the frames right before: R in all, as many as in training. What is known of a frame
is kept as soft shares of the labels at every place; only what is shown is enlarged and made hard.

Scores are those of DAVIS: region overlap J (intersection over union) of every label in every frame
after the first.

Papers: Vondrick et al. 2018, https://arxiv.org/abs/1806.09594; Pont-Tuset et al. 2017 (DAVIS),
https://arxiv.org/abs/1704.00675
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.method import CarriesMasks

Labels = NDArray[np.int64]
"""(H, W) a number for every pixel; 0 is the ground."""


def carried(
    method: CarriesMasks,
    frame: Callable[[int], Tensor],
    count: int,
    mask: Labels,
    *,
    references: int | None = None,
    temperature: float | None = None,
) -> Iterator[Labels]:
    """Labels of every frame of a clip, the first one's as they were given.

    Args:
        method: trained.
        frame: number -> (C, h, w) in [0, 1], on the method's device, all of one size; asked once
            for every frame, in order.
        count: frames.
        mask: (H, W) labels of the first frame, at any size of its shape.
        references: frames copied from at most; None is as many as in training.
        temperature: of the attention; None is that of training.

    Yields:
        (H, W) labels, those of the mask; where two are equally likely, the lower number.
    """
    most = references or method.reference_frames()
    labels = np.unique(mask)
    ones = torch.from_numpy(mask[None] == labels[:, None, None]).float()  # K x H x W
    first = frame(0)
    seen: list[tuple[Tensor, Tensor]] = []
    yield mask
    for number in range(1, count):
        target = frame(number)
        if not seen:
            soft = method.propagate(*_known([(first, ones.to(first))]), target[None], temperature)
            places = (soft.shape[-2], soft.shape[-1])
            seen.append((first, F.adaptive_avg_pool2d(ones.to(first), places)))
        else:
            recent = seen[1:][-(most - 1) :] if most > 1 else []
            soft = method.propagate(*_known([seen[0], *recent]), target[None], temperature)
        seen = [seen[0], *seen[1:][-most:], (target, soft[0])]
        large = F.interpolate(soft, mask.shape, mode="bilinear", align_corners=False)[0]
        yield labels[large.argmax(0).cpu().numpy()]


def _known(seen: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """(1, R, C, h, w) frames and (1, R, K, ., .) what is known of them."""
    frames, soft = zip(*seen, strict=True)
    return torch.stack(frames)[None], torch.stack(soft)[None]


def overlap(found: Labels, truth: Labels, label: int) -> float:
    """Region overlap J of one label: intersection over union, 1 where neither has any of it.

    Raises:
        ValueError: if the two are not of one size.
    """
    if found.shape != truth.shape:
        raise ValueError(f"labels of {found.shape} cannot be held against a truth of {truth.shape}")
    one, other = found == label, truth == label
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 1.0


@dataclass(frozen=True)
class Overlap:
    """How well one label was carried to one frame.

    Attributes:
        frame: its number, counted from the first one as 0.
        label: the number it has in the mask.
        carried: J of what was carried.
        still: J of the mask as it was drawn, had nothing moved.
    """

    frame: int
    label: int
    carried: float
    still: float


def overlaps(frame: int, found: Labels, mask: Labels, truth: Labels) -> list[Overlap]:
    """J of every label of a mask but the ground, in one frame.

    Args:
        frame: its number.
        found: (H, W) what was carried there.
        mask: (H, W) of the first frame.
        truth: (H, W) of this frame.
    """
    return [
        Overlap(frame, label, overlap(found, truth, label), overlap(mask, truth, label))
        for label in np.unique(mask).tolist()
        if label != 0
    ]


def means(scores: list[Overlap]) -> tuple[float, float]:
    """J mean of what was carried, and of a mask that stays where it is; NaN without scores.

    Every label counts alike, and within it every frame.
    """
    if not scores:
        return float("nan"), float("nan")
    labels = sorted({one.label for one in scores})
    each = [[one for one in scores if one.label == label] for label in labels]
    moved = [float(np.mean([one.carried for one in own])) for own in each]
    still = [float(np.mean([one.still for one in own])) for own in each]
    return float(np.mean(moved)), float(np.mean(still))
