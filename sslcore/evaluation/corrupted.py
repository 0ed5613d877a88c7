"""Energies of clean and of corrupted images: what a method was trained to find compatible is low.

An energy-based model gives low energy to what goes together and high energy to what does not
(LeCun et al. 2006, https://yann.lecun.com/exdb/publis/pdf/lecun-06.pdf). Every method has such an
energy (``Method.energy``): the error of a reconstruction or of a pretext answer, or how far two
views are apart. Here it is asked for images as they are and for the same images damaged more and
more, with the same random views, so that the damage is all that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Batch, Sample
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.corruptions import Corruption
from sslcore.evaluation.features import resized

Energy = Callable[[Batch], Tensor]
"""A batch -> (B,) energies, ``Method.energy``."""
Read = Callable[[NDArray[np.int64]], Sample]
"""Catalogue rows -> their images, with frames, captions or targets where the method needs them."""
Side = Literal["image", "view"]
_BATCH = 128


@dataclass(frozen=True, eq=False)
class CorruptedEnergies:
    """Energies of the same images, clean and damaged.

    Attributes:
        rows: (N,) int64 catalogue rows.
        side: "image" where everything the method sees comes from the damaged image; "view" where
            one view comes from the clean image and is compared with one of the damaged image.
        clean: (N,) float32.
        corrupted: key of the corruption -> (S, N) float32, a row a strength.
    """

    rows: NDArray[np.int64]
    side: Side
    clean: NDArray[np.float32]
    corrupted: Mapping[str, NDArray[np.float32]]


def usual_side(plan: ViewPlan) -> Side:
    """What suits a plan: "view" where it compares random views of one image, else "image"."""
    return "view" if _mixed(plan) is not None else "image"


def by_strength(
    energy: Energy,
    plan: ViewPlan,
    read: Read,
    rows: NDArray[np.int64],
    corruptions: Sequence[Corruption],
    *,
    side: Side,
    seed: int = 0,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> CorruptedEnergies:
    """Energies of images before and after damage, one random draw of the views for both.

    Args:
        energy: of a method in any mode (``Method.energy`` itself sees to evaluation mode).
        plan: its views.
        read: reads samples.
        rows: (N,) catalogue rows, at least one.
        corruptions: kinds of damage; each with its own strengths. Frames are damaged as well,
            captions and targets are left alone.
        side: see :class:`CorruptedEnergies`; :func:`usual_side` is what suits the plan.
        seed: of views and damage.
        image_size: images are resized to it before damage, so that a pixel is a pixel of
            training; None, or images with a target, are taken as they are stored.
        device: where the method computes.
        progress: told (batches done, batches in all).
        cancelled: asked before every batch.

    Raises:
        ValueError: without images; for side "view" where the plan compares no two views of an
            image; if energies are not one finite number per image.
        Cancelled: if ``cancelled`` said so.
    """
    if not len(rows):
        raise ValueError("the energy of no image cannot be measured; choose at least one")
    mix = _mixed(plan) if side == "view" else _all
    if mix is None:
        raise ValueError(
            "this view plan does not compare two views of one image, so the whole image must be "
            "damaged: choose side 'image'"
        )
    starts = range(0, len(rows), _BATCH)
    total = len(starts) * (1 + sum(len(one.strengths) for one in corruptions))
    done = 0

    def measured(batch: Batch) -> NDArray[np.float32]:
        nonlocal done
        raise_if_cancelled(cancelled)
        with torch.no_grad():
            found = energy(batch).detach().float().cpu().numpy()
        if found.shape != (len(batch),) or not np.isfinite(found).all():
            raise ValueError(
                f"energies must be {len(batch)} finite numbers, got shape {found.shape}; if they "
                "hold NaN, the network has diverged: go back to an earlier checkpoint"
            )
        done += 1
        if progress is not None:
            progress(done, total)
        return found

    clean: list[NDArray[np.float32]] = []
    corrupted: dict[str, list[list[NDArray[np.float32]]]] = {
        one.key: [[] for _ in one.strengths] for one in corruptions
    }
    for start in starts:
        chosen = rows[start : start + _BATCH]
        sample = _at_size(read(chosen).to(device), image_size)
        here = mixed_seed(seed, "energy", start)
        height, width = sample.image.shape[-2:]
        drawn = plan.draw(here, len(chosen), (height, width)).to(device)
        before = plan.render(sample, drawn).batch(sample)
        clean.append(measured(before))
        for one in corruptions:
            for number, strength in enumerate(one.strengths):
                damaged = _damaged(sample, one, strength, here)
                after = plan.render(damaged, drawn).batch(damaged)
                corrupted[one.key][number].append(measured(mix(before, after)))
    return CorruptedEnergies(
        rows=np.asarray(rows, np.int64),
        side=side,
        clean=np.concatenate(clean),
        corrupted={
            key: np.stack([np.concatenate(parts) for parts in strengths])
            for key, strengths in corrupted.items()
        },
    )


def _at_size(sample: Sample, size: int | None) -> Sample:
    if sample.target is not None:  # it moves with its image, pixel by pixel
        return sample
    frames = sample.frames
    if frames is not None:
        frames = resized(frames.flatten(0, 1), size).unflatten(0, frames.shape[:2])
    return replace(sample, image=resized(sample.image, size), frames=frames)


def _damaged(sample: Sample, corruption: Corruption, strength: float, seed: int) -> Sample:
    frames = sample.frames
    return replace(
        sample,
        image=corruption.apply(sample.image, strength, seed),
        frames=None if frames is None else corruption.apply(frames, strength, seed),
    )


def _all(before: Batch, after: Batch) -> Batch:
    del before
    return after


def _mixed(plan: ViewPlan) -> Callable[[Batch, Batch], Batch] | None:
    """Puts one view of the clean image beside those of the damaged one; None if none is alike."""
    if not all(map(_plain, plan.views)):
        return None
    first = plan.views[0]
    if first.copies == 1 and len(plan.views) == 1:
        return None

    def mix(before: Batch, after: Batch) -> Batch:
        clean, damaged = before.views[first.name], after.views[first.name]
        if first.copies > 1:
            clean = torch.cat([clean[:, :1], damaged[:, 1:]], 1)
        return replace(after, views={**after.views, first.name: clean})

    return mix


def _plain(view: View) -> bool:
    """Whether a view is random pictures of the image, and no task made of it."""
    structural = any(step.structural for _, step in view.active)
    return view.of is None and view.source == "image" and not structural
