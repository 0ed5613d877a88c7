"""Single augmentations at a chosen strength: what the invariance of features is measured against.

A training view mixes many steps at random strengths. Here one thing changes at a time, by a known
amount, and everything else about it (which way an image turns, where a crop lies, the pattern of
the noise) is drawn from a seed and stays the same from strength to strength.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor
from torch.nn import functional as F
from torchvision.transforms.v2 import functional as filters

from sslcore.augment import photometric
from sslcore.augment.corruption import GaussianNoise, Masking
from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.step import Params
from sslcore.data.pool import each
from sslcore.evaluation.features import resized

Change = Callable[[Tensor, float, Generator, int], Tensor]
"""(N, C, H, W) images in [0, 1], strength, generator on the CPU, side -> changed images."""


@dataclass(frozen=True)
class Perturbation:
    """One way to change an image, by more or less.

    Attributes:
        key: short name.
        title: for a person.
        scale: what the strength counts, for an axis: ``"area kept (%)"``.
        unit: behind a single strength: ``" %"``; with its space, if it has one.
        neutral: strength at which nothing changes.
        strengths: at which invariance is measured, weak to strong, without the neutral one.
        change: does it.
        resizes: whether ``change`` itself brings images to the side asked for.
        channels: of images it works for; empty for any.
    """

    key: str
    title: str
    scale: str
    unit: str
    neutral: float
    strengths: tuple[float, ...]
    change: Change
    resizes: bool = False
    channels: tuple[int, ...] = ()

    def __call__(
        self, images: Tensor, strength: float, generator: Generator, size: int | None = None
    ) -> Tensor:
        """Images changed by one strength.

        Args:
            images: (N, C, H, W) float in [0, 1]; not changed in place.
            strength: between ``neutral`` and the last of ``strengths``. The neutral one gives the
                images themselves, resized.
            generator: on the CPU; the same seed draws the same for every strength.
            size: side of the result; None keeps that of the images.

        Returns:
            (N, C, size, size) float in [0, 1].

        Raises:
            ValueError: for a strength out of range, or channels this does not work for.
        """
        low, high = sorted((self.neutral, self.strengths[-1]))
        if not low <= strength <= high:
            raise ValueError(
                f"{self.key} = {strength:g}: the strength must lie between {low:g} and {high:g}"
            )
        if not self.works_for(images.shape[1]):
            wanted = " or ".join(map(str, self.channels))
            raise ValueError(
                f"{self.key} needs images with {wanted} channels, these have {images.shape[1]}"
            )
        if strength == self.neutral:
            return resized(images, size)
        if self.resizes:
            return self.change(images, strength, generator, size or images.shape[-1])
        images = resized(images, size)
        return self.change(images, strength, generator, images.shape[-1])

    def works_for(self, channels: int) -> bool:
        """Whether images of so many channels can be changed this way."""
        return not self.channels or channels in self.channels

    def path(self, count: int) -> tuple[float, ...]:
        """Evenly spaced strengths from the neutral one to the strongest, at most ``count``."""
        if len(self.strengths) == 1:
            return (self.neutral, *self.strengths)
        steps = np.linspace(self.neutral, self.strengths[-1], max(count, 2))
        return tuple(dict.fromkeys(float(f"{one:.4g}") for one in steps))

    def words(self, strength: float) -> str:
        """A strength with its unit: ``"40 %"``."""
        return f"{strength:.3g}{self.unit}"


def of(channels: int) -> tuple[Perturbation, ...]:
    """All that work for images of so many channels."""
    return tuple(one for one in ALL if one.works_for(channels))


def find(keys: Sequence[str]) -> tuple[Perturbation, ...]:
    """Perturbations by their keys.

    Raises:
        ValueError: naming one that is not there.
    """
    known = {one.key: one for one in ALL}
    for key in keys:
        if key not in known:
            raise ValueError(f"no augmentation is called {key!r}; there are: {', '.join(known)}")
    return tuple(known[key] for key in keys)


def rotated(images: Tensor, degrees: Tensor) -> Tensor:
    """Images turned counter-clockwise around their middle, bilinear.

    What comes in from outside is mirrored at the border: black corners would give the turn away.

    Args:
        images: (N, C, H, W).
        degrees: (N,).
    """
    angle = torch.deg2rad(degrees)
    tall, wide = images.shape[-2:]
    cosine, sine = torch.cos(angle), torch.sin(angle)
    theta = images.new_zeros(len(images), 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = cosine, -sine * tall / wide
    theta[:, 1, 0], theta[:, 1, 1] = sine * wide / tall, cosine
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    turned = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return turned.clamp(0.0, 1.0)


def shifted(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Images moved by whole pixels; what comes in is mirrored at the border.

    Args:
        images: (N, C, H, W).
        down: (N,) int64 pixels, negative for up.
        right: (N,) int64 pixels, negative for left.
    """
    rows = _mirrored(images.shape[-2], down)[:, None, :, None]
    columns = _mirrored(images.shape[-1], right)[:, None, None, :]
    number = torch.arange(len(images), device=images.device)[:, None, None, None]
    channel = torch.arange(images.shape[1], device=images.device)[None, :, None, None]
    return images[number, channel, rows, columns]


def recompressed(images: Tensor, quality: int) -> Tensor:
    """Images as they come back from a JPEG file.

    Args:
        images: (N, 1 or 3, H, W) in [0, 1]; rounded to 8 bits.
        quality: 1 to 100, as the Independent JPEG Group counts.
    """
    bytes_ = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()

    def once(pixels: np.ndarray) -> np.ndarray:
        file = io.BytesIO()
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        picture.save(file, "JPEG", quality=quality)
        file.seek(0)
        with Image.open(file) as back:
            return np.asarray(back).reshape(pixels.shape)

    made = torch.from_numpy(np.stack(list(each(once, list(bytes_)))))
    return (made.permute(0, 3, 1, 2).float() / 255).to(images.device)


def _mirrored(length: int, shift: Tensor) -> Tensor:
    """(N, length) where each pixel comes from."""
    place = torch.arange(length, device=shift.device) - shift[:, None]
    place = torch.remainder(place, 2 * length)
    return torch.where(place < length, place, 2 * length - 1 - place)


def _signs(generator: Generator, images: Tensor) -> Tensor:
    """(N,) of -1 and 1, by the toss of a coin."""
    coins = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(coins, -1.0, 1.0).to(images.device)


def _on(params: Params, images: Tensor) -> Params:
    return {name: values.to(images.device) for name, values in params.items()}


def _crop(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    step = RandomResizedCrop(scale_low=strength / 100, scale_high=strength / 100, ratio=1.0)
    tall, wide = images.shape[-2:]
    return step.apply(images, _on(step.draw(generator, len(images), (tall, wide)), images), size)


def _flip(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del strength, generator, size
    return images.flip(-1)


def _rotation(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del size
    return rotated(images, strength * _signs(generator, images))


def _translation(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    angle = 2 * math.pi * torch.rand(len(images), generator=generator).to(images.device)
    far = strength / 100 * size
    down, right = ((far * one(angle)).round().long() for one in (torch.sin, torch.cos))
    return shifted(images, down, right)


def _factor(operation: Callable[[Tensor, Tensor], Tensor]) -> Change:
    """Times 1 + strength or 1 - strength."""

    def change(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
        del size
        return operation(images, 1.0 + strength * _signs(generator, images))

    return change


def _hue(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del size
    return photometric.hue_turned(images, strength * _signs(generator, images))


def _grey(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del generator, size
    kept = torch.full((len(images),), 1.0 - strength / 100, device=images.device)
    return photometric.saturated(images, kept)


def _blur(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del generator
    sigma = strength / 100 * size
    # Three deviations either way; mirroring cannot reach farther than the picture.
    half = max(1, min(math.ceil(3 * sigma), min(images.shape[-2:]) - 1))
    blurred = filters.gaussian_blur(images, [2 * half + 1, 2 * half + 1], [sigma, sigma])
    return blurred.clamp(0.0, 1.0)


def _noise(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    step = GaussianNoise(sd_low=strength, sd_high=strength)
    return step.apply(images, _on(step.draw(generator, len(images), (size, size)), images), size)


def _solarize(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del generator, size
    return torch.where(images >= strength, 1.0 - images, images)


def _masking(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    step = Masking(fraction=strength / 100)
    tall, wide = images.shape[-2:]
    return step.apply(images, _on(step.draw(generator, len(images), (tall, wide)), images), size)


def _jpeg(images: Tensor, strength: float, generator: Generator, size: int) -> Tensor:
    del generator, size
    return recompressed(images, round(strength))


_FACTORS = (0.1, 0.2, 0.4, 0.6, 0.8)

ALL: tuple[Perturbation, ...] = (
    Perturbation(
        "crop", "Crop", "area kept (%)", " %", 100, (80, 60, 40, 20, 8), _crop, resizes=True
    ),
    Perturbation("flip", "Horizontal flip", "mirrored", "", 0, (1,), _flip),
    Perturbation("rotation", "Rotation", "angle (°)", "°", 0, (5, 15, 30, 60, 90, 180), _rotation),
    Perturbation(
        "translation",
        "Translation",
        "shift (% of the side)",
        " % of the side",
        0,
        (3, 6, 12.5, 25, 50),
        _translation,
    ),
    Perturbation(
        "brightness",
        "Brightness",
        "factor 1 ±",
        "",
        0,
        _FACTORS,
        _factor(photometric.brightened),
    ),
    Perturbation(
        "contrast", "Contrast", "factor 1 ±", "", 0, _FACTORS, _factor(photometric.contrasted)
    ),
    Perturbation(
        "saturation",
        "Saturation",
        "factor 1 ±",
        "",
        0,
        _FACTORS,
        _factor(photometric.saturated),
        channels=(3,),
    ),
    Perturbation(
        "hue", "Hue", "turn ±", " turn", 0, (0.02, 0.05, 0.1, 0.2, 0.5), _hue, channels=(3,)
    ),
    Perturbation(
        "grey", "Grey", "colour removed (%)", " %", 0, (25, 50, 75, 100), _grey, channels=(3,)
    ),
    Perturbation(
        "blur", "Blur", "σ (% of the side)", " % of the side", 0, (1.5, 3, 4.5, 6, 8), _blur
    ),
    Perturbation(
        "noise", "Gaussian noise", "σ (white is 1)", "", 0, (0.02, 0.05, 0.1, 0.2, 0.4), _noise
    ),
    Perturbation(
        "solarize",
        "Solarize",
        "inverted from (white is 1)",
        "",
        1,
        (0.9, 0.7, 0.5, 0.3, 0.1),
        _solarize,
    ),
    Perturbation("masking", "Masking", "pixels lost (%)", " %", 0, (5, 10, 25, 50, 75), _masking),
    Perturbation(
        "jpeg", "JPEG", "quality", "", 100, (90, 70, 50, 30, 10, 5), _jpeg, channels=(1, 3)
    ),
)
"""Every single augmentation, by what it does to a picture."""
