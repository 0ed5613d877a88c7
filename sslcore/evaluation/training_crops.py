"""Random crops of labelled images, step after step: what supervised readouts are trained on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.presets import BLUR_FROM, LARGE_CROP, SMALL_CROP
from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.data.loader import Loader
from sslcore.evaluation.features import Images


def crop_plan(image_size: int, smallest: float | None = None, flips: bool = True) -> ViewPlan:
    """One random resized crop of each image, mirrored half of the time, and nothing else.

    That is all that linear evaluation and fine-tuning vary (SimCLR, arXiv 2002.05709, B.5).

    Args:
        image_size: side of the crop in pixels.
        smallest: share of the area a crop keeps at least; unless given, 0.08 as published and 0.2
            below 64 px, where less shows hardly anything.
        flips: whether left and right may be swapped (not for digits or letters).
    """
    if smallest is None:
        smallest = SMALL_CROP if image_size < BLUR_FROM else LARGE_CROP
    steps = (RandomResizedCrop(scale_low=smallest), HorizontalFlip(enabled=flips))
    return ViewPlan(views=(View(name="image", size=image_size, steps=steps),))


def batches(
    store: Images,
    rows: NDArray[np.int64],
    labels: Tensor,
    plan: ViewPlan,
    batch_size: int,
    seed: int,
    device: torch.device | str = "cpu",
) -> Generator[tuple[Tensor, Tensor]]:
    """Batches without end; what a step holds depends on the arguments and its number alone.

    Every pass is a fresh order; a last batch that would not be full is left out, and a set smaller
    than one batch is a batch. Close the iterator to end the thread that reads ahead.

    Args:
        store: where images are read.
        rows: (N,) catalogue rows.
        labels: (N,) int64 classes of these.
        plan: its first view is taken.
        batch_size: images of a step.
        seed: of order and crops.
        device: where crops are made.

    Yields:
        (B, C, h, w) float32 in [0, 1] and (B,) int64, on the device.

    Raises:
        ValueError: without rows, or for a batch size below 1.
    """

    def read(places: NDArray[np.int64]) -> Sample:
        return Sample(torch.from_numpy(places.copy()), store.read(rows[places]))

    name = plan.views[0].name
    loader = Loader(store, np.arange(len(rows)), batch_size, mixed_seed(seed, "order"), sample=read)
    with closing(loader):
        for step, sample in enumerate(loader.batches()):
            height, width = sample.image.shape[-2:]
            drawn = plan.draw(mixed_seed(seed, "crops", step), len(sample), (height, width))
            rendered = plan.render(sample.to(device), drawn.to(device))
            yield rendered.views[name][:, 0], labels[sample.index].to(device)
