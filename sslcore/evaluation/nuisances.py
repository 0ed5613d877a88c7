"""Nuisances: numbers of an image that have nothing to do with what it shows.

Mean colour, light, focus, lens and file format are cheap to see for a network, and a pretext task
that can be solved by them teaches nothing else. How well they can be read from features, see
:mod:`sslcore.evaluation.readout`. What a file tells is in :mod:`sslcore.evaluation.nuisance_files`;
here is what the pixels tell, at the size the encoder sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.photometric import grey_of
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.features import Images, Rows, resized

Source = Literal["pixels", "file", "column", "class"]

GRID = 3
"""Patches along each side whose borders are looked at, as in the pretext tasks that cut them."""

SMALLEST_SPREAD = 1e-6
"""Numbers that differ by a smaller part of themselves are equal but for rounding."""

_BATCH = 256
_DARKEST = 1e-8
"""Added to the variance of the Laplacian, so that an even image has a logarithm."""
_EVEN = 1e-9
"""Squares that sum to less than this are rounding: nothing can be told from them."""


@dataclass(frozen=True, eq=False)
class Nuisance:
    """One number, or one of several categories, of every image.

    Attributes:
        key: short name.
        title: for a person.
        unit: of the numbers, may be empty.
        values: (N,) float64, NaN where it is not known; categories are (N,) int64, -1 for none.
        names: of the categories; empty for numbers.
        source: where it comes from; "class" is what one *wants* to be read from features.
    """

    key: str
    title: str
    unit: str
    values: NDArray[Any]
    names: tuple[str, ...] = ()
    source: Source = "pixels"

    @property
    def known(self) -> NDArray[np.bool_]:
        """(N,) where it is known."""
        return self.values >= 0 if self.names else np.isfinite(self.values)


@dataclass(frozen=True, eq=False)
class Nuisances:
    """Several, and what could not be had.

    Attributes:
        found: each of the same N images.
        skipped: title -> why.
    """

    found: tuple[Nuisance, ...]
    skipped: Mapping[str, str]


TITLES: Mapping[str, tuple[str, str]] = {
    "red": ("Mean red", "0 to 1"),
    "green": ("Mean green", "0 to 1"),
    "blue": ("Mean blue", "0 to 1"),
    "brightness": ("Brightness", "0 to 1"),
    "contrast": ("Contrast", "0 to 1"),
    "sharpness": ("Sharpness", "log10 of the Laplacian's variance"),
    "borders": ("Edge continuity at patch borders", "correlation"),
    "aberration_red": ("Chromatic aberration, red", "px in the corner"),
    "aberration_blue": ("Chromatic aberration, blue", "px in the corner"),
}
"""Title and unit of what pixels tell; what is about colour is not known of grey images."""


def of_pixels(
    store: Images,
    rows: Rows,
    *,
    image_size: int | None = None,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Nuisances:
    """What the pixels of N images tell.

    Args:
        store: where the images lie.
        rows: N catalogue rows.
        image_size: side at which encoders see them.
        progress: told (images done, images in all).
        cancelled: asked before every batch.

    Raises:
        ValueError: without rows.
        Cancelled: if called off.
    """
    wanted = np.asarray(rows, np.int64)
    if not len(wanted):
        raise ValueError("nuisances need at least one image")
    parts: dict[str, list[Tensor]] = {}
    for start in range(0, len(wanted), _BATCH):
        raise_if_cancelled(cancelled)
        images = resized(store.read(wanted[start : start + _BATCH]), image_size)
        for key, values in measured(images).items():
            parts.setdefault(key, []).append(values.double())
        if progress is not None:
            progress(min(start + _BATCH, len(wanted)), len(wanted))
    return told_apart(
        [Nuisance(key, *TITLES[key], torch.cat(values).numpy()) for key, values in parts.items()]
    )


def measured(images: Tensor) -> dict[str, Tensor]:
    """Everything in :data:`TITLES` that (N, C, H, W) images have: key -> (N,)."""
    found: dict[str, Tensor] = {}
    if images.shape[1] == 3:
        found |= dict(zip(("red", "green", "blue"), images.mean((-2, -1)).unbind(1), strict=True))
        red, blue = aberration(images).unbind(1)
        found |= {"aberration_red": red, "aberration_blue": blue}
    found |= {
        "brightness": brightness(images),
        "contrast": contrast(images),
        "sharpness": sharpness(images),
        "borders": border_continuity(images),
    }
    return {key: found[key] for key in TITLES if key in found}


def told_apart(nuisances: Sequence[Nuisance]) -> Nuisances:
    """Those that are known of, and not the same for, at least some images."""
    found: list[Nuisance] = []
    skipped: dict[str, str] = {}
    for one in nuisances:
        values = one.values[one.known]
        if not len(values):
            skipped[one.title] = "known of no image"
        elif float(np.ptp(values)) <= SMALLEST_SPREAD * float(np.abs(values).max()):
            skipped[one.title] = "the same for all images"
        else:
            found.append(one)
    return Nuisances(tuple(found), skipped)


def luminance(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H, W): grey as the eye weighs it."""
    return grey_of(images)[:, 0]


def brightness(images: Tensor) -> Tensor:
    """(N,) mean luminance, 0 to 1."""
    return luminance(images).mean((-2, -1))


def contrast(images: Tensor) -> Tensor:
    """(N,) standard deviation of the luminance (root mean square contrast)."""
    return luminance(images).flatten(1).std(1, unbiased=False)


def sharpness(images: Tensor) -> Tensor:
    """(N,) decimal logarithm of the variance of the Laplacian of the luminance.

    Pech-Pacheco et al. 2000, https://doi.org/10.1109/ICPR.2000.903548; the logarithm, because it
    runs over orders of magnitude. Images under 3 px have no Laplacian and get NaN.
    """
    grey = luminance(images)
    if min(grey.shape[-2:]) < 3:
        return torch.full((len(grey),), torch.nan)
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    variance = (around - 4 * inner).flatten(1).var(1, unbiased=False)
    return torch.log10(variance + _DARKEST)


def border_continuity(images: Tensor, grid: int = GRID) -> Tensor:
    """(N,) correlation of the pixels on either side of the inner borders of a grid of patches.

    1 where whatever meets a border runs on behind it, 0 where the two sides know nothing of each
    other (patches of different pictures). NaN for images without any contrast there.
    """
    grey = luminance(images)
    before: list[Tensor] = []
    after: list[Tensor] = []
    for number in range(1, grid):
        row, column = (side * number // grid for side in grey.shape[-2:])
        if min(row, column) < 1:
            raise ValueError(
                f"images of {tuple(grey.shape[-2:])} px are too small for {grid} cells"
            )
        before += [grey[:, row - 1], grey[:, :, column - 1]]
        after += [grey[:, row], grey[:, :, column]]
    one, other = (torch.cat(each, 1).double() for each in (before, after))
    one, other = one - one.mean(1, keepdim=True), other - other.mean(1, keepdim=True)
    spread = (one.square().sum(1) * other.square().sum(1)).sqrt()
    return torch.where(spread > _EVEN, (one * other).sum(1) / spread, torch.nan)


def aberration(images: Tensor) -> Tensor:
    """Lateral chromatic aberration: how much larger red and blue are than green.

    A lens magnifies colours differently, c(p) = a g(p - k p) with p from the middle, so along edges
    c = a g - a k (p . grad g): a and k follow by least squares from all pixels, after slow changes
    of colour (a box of 5 px) are taken out. Simplified from Kang 2007
    (https://doi.org/10.1109/CVPR.2007.383214, section 2), who also models defocus.

    Args:
        images: (N, 3, H, W).

    Returns:
        (N, 2) float64 pixels by which red and blue lie outside green in the corners; NaN where
        an image has no edges that channels share.
    """
    fine = _high_pass(images.double())
    green = fine[:, 1]
    across, down = _gradient(green)
    tall, wide = images.shape[-2:]
    y = torch.arange(tall, dtype=torch.float64) - (tall - 1) / 2
    x = torch.arange(wide, dtype=torch.float64) - (wide - 1) / 2
    radial = x[None, None, :] * across + y[None, :, None] * down
    corner = float(np.hypot((tall - 1) / 2, (wide - 1) / 2))
    return corner * torch.stack(
        [_scale(fine[:, 0], green, radial), _scale(fine[:, 2], green, radial)], 1
    )


def displacement(images: Tensor) -> Tensor:
    """How far red and blue lie beside green in a patch, for patches too small to have a middle.

    The same least squares as :func:`aberration` with one shift for all pixels (Lucas and Kanade
    1981) instead of a magnification.

    Args:
        images: (N, 3, H, W).

    Returns:
        (N, 4) float64 pixels: red to the right, red down, blue to the right, blue down; 0 where
        nothing can be told.
    """
    fine = _high_pass(images.double())
    green = fine[:, 1]
    across, down = _gradient(green)
    design = torch.stack([green.flatten(1), across.flatten(1), down.flatten(1)], 2)
    products = design.transpose(1, 2) @ design
    ridge = 1e-6 * products.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] + 1e-12
    products = products + ridge * torch.eye(3, dtype=torch.float64)
    shifts: list[Tensor] = []
    for channel in (0, 2):
        target = design.transpose(1, 2) @ fine[:, channel].flatten(1)[..., None]
        gain, right, low = torch.linalg.solve(products, target)[..., 0].unbind(1)
        told = gain > 0.1
        shifts += [torch.where(told, -one / gain.clamp(min=0.1), 0.0) for one in (right, low)]
    return torch.stack(shifts, 1).clamp(-3.0, 3.0)


def _scale(channel: Tensor, green: Tensor, radial: Tensor) -> Tensor:
    """(N,) k of the model in :func:`aberration`; NaN where the channel does not follow green."""
    gg, gr, rr = (
        (green * green).sum((1, 2)),
        (green * radial).sum((1, 2)),
        radial.square().sum((1, 2)),
    )
    cg, cr = (channel * green).sum((1, 2)), (channel * radial).sum((1, 2))
    determinant = gg * rr - gr * gr
    even = determinant <= _EVEN * gg * rr + _EVEN**2
    safe = torch.where(even, 1.0, determinant)
    gain, slope = (cg * rr - cr * gr) / safe, (cr * gg - cg * gr) / safe
    told = ~even & (gain > 0.1)
    return torch.where(told, -slope / gain.clamp(min=0.1), torch.nan)


def _high_pass(images: Tensor) -> Tensor:
    """Images less their mean over 5 x 5 px."""
    padded = F.pad(images, (2, 2, 2, 2), mode="replicate")
    return images - F.avg_pool2d(padded, 5, 1)


def _gradient(plane: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences to the right and down, (N, H, W) each."""
    across = F.pad(plane[:, None], (1, 1, 0, 0), mode="replicate")[:, 0]
    down = F.pad(plane[:, None], (0, 0, 1, 1), mode="replicate")[:, 0]
    return (across[..., 2:] - across[..., :-2]) / 2, (down[:, 2:] - down[:, :-2]) / 2
