"""Colour as a choice among bins of the ab plane, as colourisation learns it.

Squared error on colours averages all that are possible into brown. So the plane is cut into bins,
the network says how likely each is, and rare colours weigh more than sky and soil.
Source: Zhang, Isola and Efros 2016, sections 2.1 to 2.3, https://arxiv.org/abs/1603.08511.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.colour_space import lab
from sslcore.config import ConfigError
from sslcore.losses.precision import full_precision

GRID = 10.0
"""Side of a bin in units of a and b."""


@cache
def _occupied() -> tuple[tuple[float, float], ...]:
    """Grid points that are nearest to at least one colour a screen can show."""
    # On the CPU, also where a model is built without memory (the window's forecast).
    levels = torch.arange(0, 256, dtype=torch.float64, device="cpu") / 255
    # Where any colour of some a and b can be shown, one on the surface of the RGB cube can.
    faces = [torch.cartesian_prod(end, levels, levels) for end in (levels[:1], levels[-1:])]
    surface = torch.cat([face.roll(turn, 1) for face in faces for turn in range(3)])
    colours = surface.T[None, :, None, :]
    a, b = (lab(colours)[0, 1:, 0] / GRID).round().long()
    reach = 50  # more than any |a| or |b| in units of a bin
    cells = (a * 2 * reach + b + reach).unique()
    return tuple(
        (GRID * (one // (2 * reach)), GRID * (one % (2 * reach) - reach)) for one in cells.tolist()
    )


def ab_bins() -> Tensor:
    """Centres of the bins, (Q, 2) float32 of a and b, by a and then b; Q = 261."""
    return torch.tensor(_occupied())


def coarse_size(images: Tensor, stride: int) -> tuple[int, int]:
    """Height and width of (..., h, w) images where every ``stride`` pixels are one, at least 1."""
    return max(images.shape[-2] // stride, 1), max(images.shape[-1] // stride, 1)


def coarse_lab(images: Tensor, stride: int) -> Tensor:
    """(N, C, h, w) colour images -> (N, 3, h / stride, w / stride): the mean L, a, b of blocks."""
    return F.adaptive_avg_pool2d(lab(images), coarse_size(images, stride))


@full_precision
def squared_distances(ab: Tensor, bins: Tensor) -> Tensor:
    """(N, 2), (Q, 2) -> (N, Q); by differences, since squares of large numbers lose the small."""
    bins = bins.to(ab.dtype)
    return (ab[:, :1] - bins[:, 0]).square_() + (ab[:, 1:] - bins[:, 1]).square_()


@full_precision
def soft_encoding(ab: Tensor, bins: Tensor, neighbours: int, sigma: float) -> tuple[Tensor, Tensor]:
    """Every colour as a mixture of its nearest bins, weighed by a Gaussian of the distance.

    Args:
        ab: (B, 2, h, w).
        bins: (Q, 2).
        neighbours: k, how many bins share a colour (paper: 5).
        sigma: of the Gaussian, in units of a and b (paper: 5).

    Returns:
        (B, k, h, w) int64 bins, nearest first, and (B, k, h, w) their weights, which add up to 1.
    """
    count, _, height, width = ab.shape
    flat = ab.movedim(1, -1).reshape(-1, 2)
    found = squared_distances(flat, bins).topk(min(neighbours, len(bins)), dim=1, largest=False)
    weights = torch.softmax(found.values / (-2.0 * sigma**2), dim=1)
    shape = (count, height, width, -1)
    return found.indices.reshape(shape).movedim(-1, 1), weights.reshape(shape).movedim(-1, 1)


@full_precision
def cross_entropy(logits: Tensor, indices: Tensor, weights: Tensor) -> Tensor:
    """-sum_q Z_q log Z^_q of every pixel, where Z has the given weights in a few bins.

    Args:
        logits: (B, Q, h, w) scores before the softmax.
        indices: (B, k, h, w) int64 bins.
        weights: (B, k, h, w) adding up to 1.

    Returns:
        (B, h, w) in nats.

    Raises:
        ValueError: if the scores are not of the same pixels.
    """
    if (len(logits), *logits.shape[2:]) != (len(indices), *indices.shape[2:]):
        raise ValueError(
            f"scores {tuple(logits.shape)} and bins {tuple(indices.shape)} are of other pixels"
        )
    return -(weights * F.log_softmax(logits, dim=1).gather(1, indices)).sum(1)


def smoothed(share: Tensor, bins: Tensor, sigma: float) -> Tensor:
    """(Q,) shares of the bins -> (Q,): each spread over its neighbours by a Gaussian; same sum."""
    kernel = torch.exp(squared_distances(bins.to(share.dtype), bins) / (-2.0 * sigma**2))
    return (kernel / kernel.sum(0)) @ share


def rebalancing(prior: Tensor, mixture: float, share: Tensor) -> Tensor:
    """How much a pixel weighs whose colour is in each bin: rare colours more.

    w ~ 1 / ((1 - lambda) p + lambda / Q), scaled so that the pixels there are weigh 1 on average.

    Args:
        prior: (Q,) p, how common each bin is, smoothed.
        mixture: lambda in (0, 1] (paper: 0.5); 1 weighs all alike.
        share: (Q,) what part of the pixels is nearest to each bin.

    Returns:
        (Q,) weights.
    """
    weights = 1.0 / ((1.0 - mixture) * prior + mixture / len(prior))
    return weights / (share * weights).sum()


@full_precision
def annealed_mean(logits: Tensor, bins: Tensor, temperature: float) -> Tensor:
    """(B, Q, h, w) scores -> (B, 2, h, w) colours: the mean after sharpening by 1 / T.

    T = 1 is the mean, brown where colours are in doubt; T to 0 the likeliest bin, vivid but
    patchy. Paper: T = 0.38.
    """
    share = torch.softmax(logits / temperature, dim=1)
    return torch.einsum("bqhw,qc->bchw", share, bins.to(share.dtype))


class Palette(nn.Module):
    """The bins, how common each is in a folder, and the loss that follows from both.

    Args:
        mixture: lambda of :func:`rebalancing`.
        neighbours: bins that share a colour.
        sigma: of the soft encoding, and of the smoothing of the prior.
    """

    bins: Tensor
    prior: Tensor
    rarity: Tensor

    def __init__(self, mixture: float = 0.5, neighbours: int = 5, sigma: float = 5.0) -> None:
        super().__init__()
        bins = ab_bins()
        self._mixture, self._neighbours, self._sigma = mixture, neighbours, sigma
        self.register_buffer("bins", bins, persistent=False)
        self.register_buffer("prior", torch.full((len(bins),), 1.0 / len(bins)))
        self.register_buffer("rarity", torch.ones(len(bins)))

    def __len__(self) -> int:
        return len(self.bins)

    def learn(self, colours: Iterable[Tensor]) -> None:
        """Count how common each bin is.

        Args:
            colours: (B, 2, h, w) batches of a and b.

        Raises:
            ConfigError: if there is no colour at all.
        """
        counts = torch.zeros(len(self), dtype=torch.float64)
        for ab in colours:
            nearest = soft_encoding(ab, self.bins, 1, self._sigma)[0]
            counts += torch.bincount(nearest.flatten().cpu(), minlength=len(self))
        if not counts.sum() > 0:
            raise ConfigError("data.folder: no image to learn from which colours are common")
        share = counts / counts.sum()
        prior = smoothed(share, self.bins.cpu(), self._sigma)
        self.prior.copy_(prior)
        self.rarity.copy_(rebalancing(prior, self._mixture, share))

    def error(self, logits: Tensor, ab: Tensor) -> Tensor:
        """The rebalanced cross-entropy of every pixel: v(Z) times -sum_q Z_q log Z^_q.

        Args:
            logits: (B, Q, h, w).
            ab: (B, 2, h, w) true colours.

        Returns:
            (B, h, w) in nats; for a network that says all bins are alike ln Q on average.
        """
        indices, weights = soft_encoding(ab, self.bins, self._neighbours, self._sigma)
        return self.rarity[indices[:, 0]] * cross_entropy(logits, indices, weights)
