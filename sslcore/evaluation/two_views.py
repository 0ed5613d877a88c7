"""Features of two random views of the same images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.features import Images

_BATCH = 256


def comparable_views(plan: ViewPlan) -> ViewPlan | None:
    """``view_a`` and ``view_b`` of a plan, if both are single pictures of one size; else None."""
    pair = [one for one in plan.views if one.name in ("view_a", "view_b")]
    if len(pair) < 2 or pair[0].size != pair[1].size or not all(map(_plain, pair)):
        return None
    return ViewPlan(views=tuple(pair))


def two_views(
    encode: Callable[[Tensor], Tensor],
    store: Images,
    plan: ViewPlan,
    rows: NDArray[np.int64],
    side: int,
    *purpose: int | str,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> tuple[Tensor, Tensor]:
    """Features of the first and of the second view of images, the same views every time.

    Args:
        encode: images (B, C, H, W) on ``device`` -> (B, D).
        store: where the images lie.
        plan: two views, see :func:`comparable_views`.
        rows: (N,) catalogue rows.
        side: of a stored image, in pixels.
        purpose: numbers and names that seed the views.
        device: where ``encode`` computes.
        progress: told (images done, images in all).
        cancelled: asked before every batch.

    Returns:
        Two (N, D) float32 tensors on the CPU, row i of the same image.

    Raises:
        Cancelled: if ``cancelled`` said so.
    """
    drawn = plan.draw(mixed_seed(*purpose), len(rows), (side, side))
    first, second = (view.name for view in plan.views)
    parts: tuple[list[Tensor], list[Tensor]] = ([], [])
    with torch.no_grad():
        for start in range(0, len(rows), _BATCH):
            raise_if_cancelled(cancelled)
            stop = min(start + _BATCH, len(rows))
            chosen = rows[start:stop]
            sample = Sample(torch.from_numpy(chosen.copy()), store.read(chosen)).to(device)
            batch = plan.render(sample, drawn.rows(start, stop).to(device)).batch(sample)
            for name, part in zip((first, second), parts, strict=True):
                part.append(encode(batch.view(name)).float().cpu())
            if progress is not None:
                progress(stop, len(rows))
    return torch.cat(parts[0]), torch.cat(parts[1])


def _plain(view: View) -> bool:
    structural = any(step.structural for _, step in view.active)
    return view.of is None and view.count == 1 and view.source == "image" and not structural
