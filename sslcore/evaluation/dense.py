"""Dense evaluation: depth or classes of every pixel read from a frozen feature map.

A linear layer on each position of the map, its answer enlarged bilinearly to the size of the
target; nothing else is trained, so what is read must be in the map (the linear evaluation of
DINOv2, Oquab et al. 2023, https://arxiv.org/abs/2304.07193, section 7.4). Enlarging and a linear
layer can be swapped, so the layer is fitted on the enlarged map at some pixels of each image: depth
by ridge regression, classes by a softmax solved to convergence, both with a penalty chosen on
images of the bank that were kept aside. :mod:`sslcore.evaluation.dense_scores` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation import linear
from sslcore.evaluation.features import Images, Rows, resized
from sslcore.evaluation.ridge import PENALTIES, Ridge
from sslcore.evaluation.vectors import as_matrix

EncodeMap = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) in [0, 1] -> feature map (B, D, h, w)."""

PIXELS = 20_000
"""Pixels a probe is fitted on, from all images of the bank together, unless told otherwise."""

VOID = 255
"""Class number of pixels that count for nothing, as segmentation sets mark borders."""

VALIDATION = 0.15
_CLASS_PENALTIES = (0.1, 0.01, 0.001, 0.0001)
_BATCH = 64
_MOST_PER_IMAGE = 512


@dataclass(frozen=True, eq=False)
class Bank:
    """Pixels to learn from.

    Attributes:
        features: (P, D) float32 of the enlarged feature map.
        targets: (P,) float32 depth, or int64 class numbers.
        images: (P,) int64 which image each is of, counted from 0.
    """

    features: Tensor
    targets: Tensor
    images: Tensor


@dataclass(frozen=True, eq=False)
class DenseProbe:
    """A linear layer on each position of a feature map.

    Attributes:
        weight: (K, D) float32.
        bias: (K,) float32.
        classes: (K,) int64 numbers that the K scores stand for, or None for depth (K = 1).
        low, high: smallest and largest depth of the bank; predictions stay between them.
        penalty: that was chosen.
    """

    weight: Tensor
    bias: Tensor
    classes: NDArray[np.int64] | None
    low: float
    high: float
    penalty: float

    def predict(self, feature_map: Tensor, size: Sequence[int]) -> Tensor:
        """(B, D, h, w) features -> (B, H, W): float32 depth, or int64 class numbers, on the CPU."""
        weight, bias = self.weight.to(feature_map), self.bias.to(feature_map)
        scores = torch.einsum("kd,bdhw->bkhw", weight, feature_map) + bias[:, None, None]
        scores = F.interpolate(scores, list(size), mode="bilinear", align_corners=False).cpu()
        if self.classes is None:
            return scores[:, 0].clamp(self.low, self.high)
        return torch.from_numpy(self.classes)[scores.argmax(1)]


def collect(
    encode_map: EncodeMap,
    images: Images,
    targets: Images,
    rows: Rows,
    *,
    categories: bool,
    pixels: int = PIXELS,
    void: int | None = VOID,
    seed: int = 0,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Bank:
    """Features and targets at some pixels of every image.

    Args:
        encode_map: the frozen network.
        images: where images lie.
        targets: where their targets lie, (B, 1, H, W) numbers.
        rows: catalogue rows of the bank, each with a target.
        categories: whether targets are class numbers; else depth, and 0 means not measured.
        pixels: about how many in all, the same number in each image.
        void: class number that counts for nothing.
        seed: of the choice of pixels.
        image_size: side the network was trained at.
        device: where it computes.
        progress: told (images done, images in all).
        cancelled: asked before every batch.

    Raises:
        ValueError: without rows, without a measured pixel, or if ``encode_map`` gives no map.
        Cancelled: if called off.
    """
    wanted = np.asarray(rows, np.int64)
    if not len(wanted):
        raise ValueError("no image of the bank has a target, so nothing can be learned from")
    each = min(max(pixels // len(wanted), 1), _MOST_PER_IMAGE)
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for start, pictures, truth in batches(images, targets, wanted, progress, cancelled):
        maps = mapped(encode_map, pictures, image_size, device)
        tall, wide = truth.shape[-2:]
        for number, one in enumerate(truth):
            image = start + number
            places = measured(one, categories=categories, void=void).flatten().nonzero()[:, 0]
            drawn = np.random.default_rng([seed, image]).permutation(len(places))[:each]
            places = places[torch.from_numpy(drawn)]
            if not len(places):
                continue
            y, x = (places // wide).float() + 0.5, (places % wide).float() + 0.5
            grid = torch.stack([2 * x / wide - 1, 2 * y / tall - 1], 1)[None, None]
            read = F.grid_sample(
                maps[number : number + 1], grid, padding_mode="border", align_corners=False
            )
            values = one.flatten()[places]
            found.append((read[0, :, 0].T, values, torch.full((len(values),), image)))
    if not found:
        raise ValueError("no target of the bank has a measured pixel; check what its values mean")
    features, values, numbers = (torch.cat(part) for part in zip(*found, strict=True))
    as_matrix(features, "features of the map")
    return Bank(features, values.round().long() if categories else values.float(), numbers)


def fit_depth(
    bank: Bank,
    *,
    penalties: Sequence[float] = PENALTIES,
    seed: int = 0,
    device: torch.device | str = "cpu",
    cancelled: CancelAsked | None = None,
) -> DenseProbe:
    """Ridge regression of depth, its penalty chosen on images kept aside.

    Args:
        bank: pixels to learn from.
        penalties: to choose from, above 0.
        seed: of the images kept aside.
        device: where to compute.
        cancelled: asked before every fit.

    Raises:
        Cancelled: if called off.
    """
    aside = _aside(bank.images, seed)
    target = bank.targets.double()[:, None]
    best = penalties[0]
    if len(penalties) > 1 and bool(aside.any()):
        ridge = Ridge(bank.features[~aside], target[~aside], device)
        errors: list[float] = []
        for penalty in penalties:
            raise_if_cancelled(cancelled)
            guess = ridge.predict(bank.features[aside], penalty)
            errors.append(float((guess - target[aside]).square().mean()))
        best = penalties[int(np.argmin(errors))]
    raise_if_cancelled(cancelled)
    weight, bias = Ridge(bank.features, target, device).solve(best)
    low, high = float(bank.targets.min()), float(bank.targets.max())
    return DenseProbe(weight.T.float(), bias.float(), None, low, high, best)


def fit_classes(
    bank: Bank,
    *,
    penalties: Sequence[float] = _CLASS_PENALTIES,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> DenseProbe:
    """A softmax over the classes of pixels, its penalty chosen on images kept aside.

    Args:
        bank: pixels to learn from.
        penalties: to choose from, the strongest first.
        seed: of the images kept aside.
        device: where to compute.
        progress: told (fits done, fits in all).
        cancelled: asked before every fit.

    Raises:
        ValueError: if all pixels are of one class.
        Cancelled: if called off.
    """
    numbers, labels = torch.unique(bank.targets, return_inverse=True)
    if len(numbers) < 2:
        raise ValueError(
            f"all pixels of the bank are of class {int(numbers[0])}, so there is nothing to tell "
            "apart; check the targets"
        )
    aside = _aside(bank.images, seed)
    best, total = penalties[0], len(penalties) + 1
    if len(penalties) > 1 and bool(aside.any()) and len(labels[~aside].unique()) > 1:
        scores: list[float] = []
        probe: linear.LinearProbe | None = None
        for penalty in penalties:
            raise_if_cancelled(cancelled)
            probe = linear.fit(
                bank.features[~aside],
                labels[~aside],
                penalty,
                classes=len(numbers),
                start=probe,
                device=device,
            )
            scores.append(linear.measure(probe, bank.features[aside], labels[aside]).top_1)
            if progress is not None:
                progress(len(scores), total)
        best = penalties[int(np.argmax(scores))]
    raise_if_cancelled(cancelled)
    final = linear.fit(bank.features, labels, best, classes=len(numbers), device=device)
    if progress is not None:
        progress(total, total)
    weight = final.weight / final.deviation
    return DenseProbe(weight, final.bias - weight @ final.mean, numbers.numpy(), 0.0, 0.0, best)


def constant(bank: Bank, *, categories: bool) -> DenseProbe:
    """What must be beaten: the mean depth, or the most frequent class, everywhere."""
    weight = torch.zeros(1, bank.features.shape[1])
    if not categories:
        low, high = float(bank.targets.min()), float(bank.targets.max())
        return DenseProbe(weight, bank.targets.mean()[None], None, low, high, 0.0)
    most = torch.bincount(bank.targets).argmax()
    return DenseProbe(weight, torch.zeros(1), most[None].numpy(), 0.0, 0.0, 0.0)


def batches(
    images: Images,
    targets: Images,
    rows: Rows,
    progress: Progress | None,
    cancelled: CancelAsked | None,
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """(first place, images, (B, H, W) targets) of some images at a time."""
    wanted = np.asarray(rows, np.int64)
    for start in range(0, len(wanted), _BATCH):
        raise_if_cancelled(cancelled)
        some = wanted[start : start + _BATCH]
        yield start, images.read(some), targets.read(some)[:, 0]
        if progress is not None:
            progress(min(start + _BATCH, len(wanted)), len(wanted))


@torch.no_grad()
def mapped(
    encode_map: EncodeMap, images: Tensor, size: int | None, device: torch.device | str
) -> Tensor:
    """Feature maps (B, D, h, w) float32 on the CPU; ValueError if these are none."""
    maps = encode_map(resized(images, size).to(device)).float().cpu()
    if maps.ndim != 4 or len(maps) != len(images):
        raise ValueError(
            f"a feature map (B, D, h, w) is needed: {len(images)} images became {tuple(maps.shape)}"
        )
    return maps


def measured(truth: Tensor, *, categories: bool, void: int | None) -> Tensor:
    """Where a target says something."""
    if not categories:
        return truth > 0
    return torch.ones_like(truth, dtype=torch.bool) if void is None else truth.round() != void


def _aside(images: Tensor, seed: int) -> Tensor:
    """(P,) pixels of the images that are kept aside: whole images, for neighbours are alike."""
    known = images.unique()
    count = min(max(round(VALIDATION * len(known)), 1), len(known) - 1)
    drawn = np.random.default_rng(seed).permutation(len(known))[:count]
    return torch.isin(images, known[torch.from_numpy(drawn)])
