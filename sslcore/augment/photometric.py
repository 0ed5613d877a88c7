"""Steps that change colours and sharpness, equal to torchvision's for the same numbers."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

GREY_WEIGHTS = (0.2989, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601), as torchvision has them."""


def grey_of(images: Tensor) -> Tensor:
    """Brightness of (N, C, H, W) images, (N, 1, H, W); of one channel it is the channel itself.

    Three channels are weighed as the eye does, any other number counts alike.
    """
    if images.shape[1] == 3:
        red, green, blue = images.unbind(1)
        weighed = torch.add(red * GREY_WEIGHTS[0], green, alpha=GREY_WEIGHTS[1])
        return weighed.add_(blue, alpha=GREY_WEIGHTS[2])[:, None]
    return images.mean(1, keepdim=True)


def brightened(images: Tensor, factor: Tensor) -> Tensor:
    """Images times (N,) factors, clamped to [0, 1]."""
    return (images * factor[:, None, None, None]).clamp_(0.0, 1.0)


def contrasted(images: Tensor, factor: Tensor) -> Tensor:
    """Images drawn towards (below 1) or away from (above 1) their own mean brightness."""
    each = factor[:, None, None, None]
    mean = grey_of(images).mean((1, 2, 3), keepdim=True)
    return torch.addcmul((1.0 - each) * mean, images, each).clamp_(0.0, 1.0)


def saturated(images: Tensor, factor: Tensor) -> Tensor:
    """Images drawn towards (below 1) or away from (above 1) their own grey."""
    each = factor[:, None, None, None]
    return torch.lerp(grey_of(images), images, each).clamp_(0.0, 1.0)


def hue_turned(images: Tensor, turn: Tensor) -> Tensor:
    """Images (N, 3, H, W) with the hue of the HSV hexcone turned by (N,) parts of a circle.

    Saturation and value stay, so the smallest and the largest channel of a pixel do: only where
    between them each colour lies is computed anew (Smith 1978, "Color gamut transform pairs").
    """
    red, green, blue = images.unbind(1)
    low, high = images.amin(1), images.amax(1)
    chroma = high - low
    safe = torch.where(chroma > 0, chroma, 1.0)
    hue = torch.where(
        high == red,
        (green - blue) / safe,
        torch.where(high == green, (blue - red) / safe + 2.0, (red - green) / safe + 4.0),
    )
    hue = torch.remainder(hue + 6.0 * turn[:, None, None], 6.0)
    parts = torch.stack(
        ((hue - 3.0).abs_() - 1.0, 2.0 - (hue - 2.0).abs_(), 2.0 - (hue - 4.0).abs_()), 1
    )
    return torch.addcmul(low[:, None], parts.clamp_(0.0, 1.0), chroma[:, None]).clamp_(0.0, 1.0)


OPERATIONS = {
    "brightness": brightened,
    "contrast": contrasted,
    "saturation": saturated,
    "hue": hue_turned,
}


def _jittered(images: Tensor, params: Params, names: tuple[str, ...]) -> Tensor:
    """The named operations, in the order drawn for every image, clamped after each.

    Images that have the same operation at the same place go through it together.
    """
    result = images.clone()
    applied = params["applied"]
    for place in params["order"].unbind(1):
        for number, name in enumerate(names):
            rows = ((place == number) & applied).nonzero()[:, 0]
            if len(rows):
                result[rows] = OPERATIONS[name](result[rows], params[name][rows])
    return result


def _factors(uniform: Tensor, strength: float) -> Tensor:
    low = max(0.0, 1.0 - strength)
    return low + uniform * (1.0 + strength - low)


def _orders(generator: Generator, count: int, operations: int) -> Tensor:
    return torch.rand(count, operations, generator=generator).argsort(1)


def _needs_three(images: Tensor, kind: str) -> None:
    if images.shape[1] != 3:
        raise ValueError(
            f"{kind} needs images with 3 channels, these have {images.shape[1]}; "
            "switch the step off or remove it"
        )


class ColourJitter(Step):
    """Brightness, contrast, saturation and hue, each image in an order of its own."""

    title: ClassVar[str] = "Colour jitter"
    needs_colour: ClassVar[bool] = True

    kind: Literal["colour_jitter"] = "colour_jitter"
    p: float = knob(0.8, low=0.0, high=1.0, help="Share of images it happens to.", paper="0.8")
    brightness: float = knob(
        0.4, low=0.0, high=1.0, help="Factor on all values is 1 plus or minus this.", paper="0.8 s"
    )
    contrast: float = knob(
        0.4,
        low=0.0,
        high=1.0,
        help="Factor on the distance from the mean grey is 1 plus or minus this.",
        paper="0.8 s",
    )
    saturation: float = knob(
        0.4,
        low=0.0,
        high=1.0,
        help="Factor on the distance from each pixel's grey is 1 plus or minus this.",
        paper="0.8 s",
    )
    hue: float = knob(
        0.1,
        low=0.0,
        high=0.5,
        unit="turn",
        help="Colours turn by up to this part of the colour circle, either way.",
        paper="0.2 s",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool, four (N,) strengths and ``order`` (N, 4).

        ``order[:, k]`` is the number of the operation that comes k-th.
        """
        del size
        chance = torch.rand(count, 5, generator=generator)
        return {
            "applied": chance[:, 0] < self.p,
            "brightness": _factors(chance[:, 1], self.brightness),
            "contrast": _factors(chance[:, 2], self.contrast),
            "saturation": _factors(chance[:, 3], self.saturation),
            "hue": (2.0 * chance[:, 4] - 1.0) * self.hue,
            "order": _orders(generator, count, len(OPERATIONS)),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Jitter the images that were drawn.

        Raises:
            ValueError: if the images do not have three channels.
        """
        del size
        _needs_three(images, self.kind)
        return _jittered(images, params, tuple(OPERATIONS))

    def describe(self, params: Params, row: int) -> str:
        """``"b 1.21 c 1.18 s 0.40 h +0.03"`` in the order applied, or ``"off"``."""
        if not bool(params["applied"][row]):
            return "off"
        names = tuple(OPERATIONS)
        words: list[str] = []
        for number in params["order"][row].tolist():
            value = float(params[names[number]][row])
            words.append(f"{names[number][0]} {value:{'+' if names[number] == 'hue' else ''}.2f}")
        return " ".join(words)


class IntensityJitter(Step):
    """Brightness and contrast for any number of channels: what jitter leaves for grey images."""

    title: ClassVar[str] = "Intensity jitter"

    kind: Literal["intensity_jitter"] = "intensity_jitter"
    p: float = knob(0.8, low=0.0, high=1.0, help="Share of images it happens to.")
    brightness: float = knob(
        0.4, low=0.0, high=1.0, help="Factor on all values is 1 plus or minus this."
    )
    contrast: float = knob(
        0.4,
        low=0.0,
        high=1.0,
        help="Factor on the distance from the mean brightness is 1 plus or minus this.",
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool, two (N,) factors and ``order`` (N, 2)."""
        del size
        chance = torch.rand(count, 3, generator=generator)
        return {
            "applied": chance[:, 0] < self.p,
            "brightness": _factors(chance[:, 1], self.brightness),
            "contrast": _factors(chance[:, 2], self.contrast),
            "order": _orders(generator, count, 2),
        }

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Jitter the images that were drawn."""
        del size
        return _jittered(images, params, ("brightness", "contrast"))

    def describe(self, params: Params, row: int) -> str:
        """``"b 1.21 c 0.80"`` in the order applied, or ``"off"``."""
        if not bool(params["applied"][row]):
            return "off"
        words = [f"{name[0]} {float(params[name][row]):.2f}" for name in ("brightness", "contrast")]
        return " ".join(words[number] for number in params["order"][row].tolist())


class Grey(Step):
    """Colour taken out of some images, so that it cannot be the only thing views share."""

    title: ClassVar[str] = "Grey"
    needs_colour: ClassVar[bool] = True

    kind: Literal["grey"] = "grey"
    p: float = knob(0.2, low=0.0, high=1.0, help="Share of images without colour.", paper="0.2")

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool."""
        del size
        return {"applied": torch.rand(count, generator=generator) < self.p}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Make the images that were drawn grey.

        Raises:
            ValueError: if the images do not have three channels.
        """
        del size
        _needs_three(images, self.kind)
        return torch.where(params["applied"][:, None, None, None], grey_of(images), images)

    def describe(self, params: Params, row: int) -> str:
        """``"yes"`` or ``"off"``."""
        return "yes" if bool(params["applied"][row]) else "off"


class GaussianBlur(Step):
    """Soft focus of random strength for some images."""

    title: ClassVar[str] = "Blur"

    kind: Literal["gaussian_blur"] = "gaussian_blur"
    p: float = knob(0.5, low=0.0, high=1.0, help="Share of images that are blurred.", paper="0.5")
    sigma_low: float = knob(
        0.1,
        low=0.05,
        high=10.0,
        log=True,
        unit="px",
        title="Smallest blur",
        help="Standard deviation of the weakest blur.",
        paper="σ = 0.1",
    )
    sigma_high: float = knob(
        2.0,
        low=0.05,
        high=10.0,
        log=True,
        unit="px",
        title="Largest blur",
        help="Standard deviation of the strongest blur.",
        paper="σ = 2",
    )
    reach: float = knob(
        0.1,
        low=0.02,
        high=0.5,
        title="Kernel size",
        help="Side of the kernel as a share of the view's side; at least 3 px.",
        paper="0.1",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.sigma_low > self.sigma_high:
            raise ValueError(
                f"sigma_low = {self.sigma_low} is above sigma_high = {self.sigma_high}; swap them"
            )
        return self

    def kernel_size(self, size: int) -> int:
        """Pixels of the kernel for a view of that side: odd, at least 3."""
        return max(3, int(self.reach * size) | 1)

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool and ``sigma`` (N,) in pixels."""
        del size
        chance = torch.rand(count, 2, generator=generator)
        span = self.sigma_high - self.sigma_low
        return {"applied": chance[:, 0] < self.p, "sigma": self.sigma_low + span * chance[:, 1]}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Blur the images that were drawn; the border is mirrored."""
        rows = params["applied"].nonzero()[:, 0]
        if not len(rows):
            return images
        kernel, sigma = self.kernel_size(size), params["sigma"][rows]
        down = _blur_matrix(sigma, kernel, images.shape[-2])
        across = _blur_matrix(sigma, kernel, images.shape[-1])
        chosen = images[rows]
        wide = torch.bmm(chosen.flatten(1, 2), across.transpose(1, 2)).view_as(chosen)
        result = images.clone()
        result[rows] = torch.matmul(down[:, None], wide).clamp_(0.0, 1.0)
        return result

    def describe(self, params: Params, row: int) -> str:
        """``"1.3 px"`` or ``"off"``."""
        return f"{float(params['sigma'][row]):.1f} px" if bool(params["applied"][row]) else "off"


def _blur_matrix(sigma: Tensor, kernel: int, length: int) -> Tensor:
    """Convolution along one mirrored axis as one matrix per image, (N, length, length)."""
    half = min(kernel // 2, length - 1)
    offset = torch.arange(-half, half + 1, device=sigma.device)
    weights = torch.exp(-0.5 * (offset / sigma[:, None]) ** 2)
    weights = weights / weights.sum(1, keepdim=True)
    place = torch.arange(length, device=sigma.device)
    source = (place[:, None] + offset).abs()
    source = torch.where(source > length - 1, 2 * (length - 1) - source, source)
    taps = torch.zeros(length, len(offset), length, device=sigma.device)
    taps.scatter_(2, source[:, :, None], 1.0)
    return torch.einsum("nk,ikj->nij", weights, taps)


class Solarize(Step):
    """Bright values turned dark for some images, as an overexposed negative."""

    title: ClassVar[str] = "Solarize"

    kind: Literal["solarize"] = "solarize"
    p: float = knob(0.2, low=0.0, high=1.0, help="Share of images that are solarized.", paper="0.2")
    threshold: float = knob(
        0.5, low=0.0, high=1.0, help="Values from here on are inverted.", paper="128 of 255"
    )

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw ``applied`` (N,) bool."""
        del size
        return {"applied": torch.rand(count, generator=generator) < self.p}

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Invert the bright values of the images that were drawn."""
        del size
        turned = (images >= self.threshold) & params["applied"][:, None, None, None]
        return torch.where(turned, 1.0 - images, images)

    def describe(self, params: Params, row: int) -> str:
        """``"yes"`` or ``"off"``."""
        return "yes" if bool(params["applied"][row]) else "off"
