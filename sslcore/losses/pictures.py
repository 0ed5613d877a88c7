"""What a step saw, as diagnostics: copies in numpy, so that nothing later can change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.batch import Batch
from sslcore.diagnostics import Attention, Bars, Curve, Heatmap, Histogram, heatmap, histogram
from sslcore.doubles import doubled
from sslcore.losses.contrastive import similarity

ROWS_SHOWN = 96
"""Images whose similarities are shown: more would be smaller than a pixel each."""

COLUMNS_SHOWN = 8
"""Images side by side in a grid."""

PLACES_KEPT = 16
"""Rows and columns of places in stored attention; finer grids are pooled."""

SIDE_KEPT = 128
"""Pixels of a side of the pictures stored with attention; larger ones are shrunk."""

SHARES_KEPT = 2**20
"""Numbers of stored attention, 2 bytes each; of more, fewer pictures are kept."""


def array(tensor: Tensor) -> NDArray[np.float32]:
    """Any tensor as a float32 array with its own memory."""
    return np.array(tensor.detach().float().cpu().numpy(), dtype=np.float32)


def pixels(images: Tensor) -> NDArray[np.uint8]:
    """(N, C, h, w) in [0, 1] -> (N, h, w, 3) uint8.

    Grey is shown as grey; of more than three channels the first three are shown.
    """
    shown = images.detach().float().clamp(0, 1)
    shown = shown[:, :3] if shown.shape[1] >= 3 else shown[:, :1].expand(-1, 3, -1, -1)
    return np.array((shown * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy())


def ids(batch: Batch, count: int) -> NDArray[np.int64]:
    """Catalogue rows of ``count`` flat rows, several of which may show one image."""
    each = max(count // max(len(batch), 1), 1)
    return np.array(batch.index.detach().cpu().numpy(), dtype=np.int64).repeat(each)[:count]


def pair_heatmap(z_a: Tensor, z_b: Tensor, batch: Batch) -> Heatmap:
    """Cosines of every row of view a with every row of view b: a bright diagonal is the aim."""
    count = z_a.shape[0]
    shown = min(count, ROWS_SHOWN)
    images = ids(batch, count)[:shown]
    cosines = similarity(z_a.detach(), z_b.detach())[:shown, count : count + shown]
    return heatmap(
        array(cosines),
        row_label="view a of image",
        column_label="view b of image",
        row_ids=images,
        column_ids=images,
    )


def cosine_histogram(positive: Tensor, negative: Tensor) -> Histogram:
    """Cosines of positive pairs beside those of negative pairs: apart is what one wants."""
    return histogram(
        {"same image": array(positive).ravel(), "other image": array(negative).ravel()},
        axis="cosine",
        low=-1.0,
        high=1.0,
    )


def attention(
    queries: Tensor,
    keys: Tensor,
    shares: Tensor,
    grid: tuple[int, int],
    batch: Batch,
    *,
    query_name: str,
    key_names: Sequence[str],
) -> Attention:
    """Where places look, small enough to be stored with every snapshot.

    A pooled place looks where the places in it look on average, and is looked at as often as all
    of them together, so that the shares of a place still add up to 1.

    Args:
        queries: (N, C, H, W) in [0, 1], the pictures that look.
        keys: (N, R, C, H, W) what each looks at.
        shares: (N, h w, R h w) attention; rows add up to 1, places run key by key in reading order.
        grid: h and w.
        batch: whose images the queries are.
        query_name: what a query is.
        key_names: R names.
    """
    small = min(grid[0], PLACES_KEPT), min(grid[1], PLACES_KEPT)
    places, several = small[0] * small[1], keys.shape[1]
    count = min(len(queries), COLUMNS_SHOWN, max(SHARES_KEPT // (places**2 * several), 1))
    full = shares[:count].detach().float().cpu()
    full = full.unflatten(2, (several, *grid)).unflatten(1, grid)  # N x h x w x R x h x w
    pooled = _block_sums(torch.ones(grid), small, (0, 1))  # how many places became one
    kept = _block_sums(_block_sums(full, small, (4, 5)), small, (1, 2))
    kept = kept / pooled[:, :, None, None, None]
    return Attention(
        queries=pixels(_shrunk(queries[:count])),
        keys=np.stack([pixels(_shrunk(keys[:count, one])) for one in range(several)], 1),
        shares=array(kept.flatten(4).flatten(1, 2)).astype(np.float16),
        grid=small,
        query_name=query_name,
        key_names=tuple(key_names),
        ids=ids(batch, len(queries))[:count],
    )


def spectrum(z: Tensor) -> Curve:
    """Singular values of centred projections (N, d), largest = 1: how many directions are used.

    A line that falls off a cliff is dimensional collapse (Jing et al. 2022,
    https://arxiv.org/abs/2110.09348). Without finite projections there is no line (NaN).
    """
    centred = doubled(z.detach())
    centred = centred - centred.mean(0)
    finite = bool(centred.isfinite().all())  # a diverged run still wants its other pictures
    values = torch.linalg.svdvals((centred if finite else torch.zeros_like(centred)).cpu())
    scaled = values / values.max().clamp(min=torch.finfo(values.dtype).tiny)
    line = np.maximum(array(scaled), 1e-8)
    return Curve(
        x=np.arange(1, len(scaled) + 1, dtype=np.float32),
        lines={"singular value": line if finite else np.full_like(line, np.nan)},
        x_axis="rank of the direction",
        y_axis="singular value, largest = 1",
        log=True,
        marks={},
    )


def lag(drift: Mapping[str, float]) -> Bars:
    """How far the weights of a momentum copy lag behind, layer by layer (see ``ema.drift``)."""
    return Bars(
        labels=tuple(name.removesuffix(".weight") for name in drift),
        values=np.array(list(drift.values()), dtype=np.float32),
        axis="1 - cosine of the weights",
        reference=0.0,
    )


def _shrunk(images: Tensor) -> Tensor:
    """(N, C, H, W) with no side above SIDE_KEPT."""
    shown = images.detach().float()
    height, width = shown.shape[-2:]
    size = min(height, SIDE_KEPT), min(width, SIDE_KEPT)
    return shown if size == (height, width) else F.adaptive_avg_pool2d(shown, size)


def _block_sums(values: Tensor, size: tuple[int, int], axes: tuple[int, int]) -> Tensor:
    """Sums over blocks, as equal as can be, so that two axes come to a size."""
    for axis, kept in zip(axes, size, strict=True):
        number = torch.arange(values.shape[axis]) * kept // values.shape[axis]
        shape = list(values.shape)
        shape[axis] = kept
        values = values.new_zeros(shape).index_add_(axis, number, values)
    return values
