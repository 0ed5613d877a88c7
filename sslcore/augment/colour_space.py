"""Colours as people see them: between sRGB, which screens show, and CIE Lab.

Lab has lightness L (0 black to 100 white) and two colour axes: a from green to red, b from blue to
yellow, about -108 to 98. Equal distances look about equally different. Source: CIE 15:2004 for Lab,
IEC 61966-2-1 for sRGB, both with the white of daylight (D65, 2 degrees).
"""

from __future__ import annotations

import torch
from torch import Tensor

_XYZ_OF_RGB = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
"""CIE XYZ of linear red, green and blue (ITU-R BT.709 primaries)."""

_EDGE = 6 / 29
"""Where the cube root of Lab gives way to a straight line."""


def lab(images: Tensor) -> Tensor:
    """Colour images to Lab.

    Args:
        images: (..., C, h, w) sRGB in [0, 1], C >= 3; what lies outside is clamped, and of more
            than three channels the first three count.

    Returns:
        (..., 3, h, w) of L, a and b, in float32 at least. Greys have a = b = 0.

    Raises:
        ValueError: if there are fewer than three channels.
    """
    if images.shape[-3] < 3:
        raise ValueError(
            f"Lab needs red, green and blue, the images have {images.shape[-3]} channel(s)"
        )
    values = _raised(images[..., :3, :, :]).clamp(0.0, 1.0)
    linear = torch.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)
    matrix = _matrix(values)
    relative = _mixed(matrix / matrix.sum(1, keepdim=True), linear)  # X, Y, Z; white is 1, 1, 1
    root = torch.where(
        relative > _EDGE**3,
        relative.clamp(min=_EDGE**3) ** (1 / 3),
        relative / (3 * _EDGE**2) + 4 / 29,
    )
    x, y, z = root.unbind(-3)
    return torch.stack((116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)), -3)


def srgb(colours: Tensor) -> Tensor:
    """Lab to colour images: (..., 3, h, w) -> (..., 3, h, w) sRGB, clamped to [0, 1]."""
    linear = linear_rgb(colours).clamp(0.0, 1.0)
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear)


def linear_rgb(colours: Tensor) -> Tensor:
    """Lab to light, not clamped: a value outside [0, 1] is a colour that no screen can show.

    Args:
        colours: (..., 3, h, w) of L, a and b.

    Returns:
        (..., 3, h, w) linear red, green and blue.
    """
    lightness, a, b = _raised(colours).unbind(-3)
    y = (lightness + 16.0) / 116.0
    root = torch.stack((y + a / 500.0, y, y - b / 200.0), -3)
    relative = torch.where(root > _EDGE, root**3, (root - 4 / 29) * (3 * _EDGE**2))
    matrix = _matrix(root)
    return _mixed(torch.linalg.inv(matrix / matrix.sum(1, keepdim=True)), relative)


def _matrix(like: Tensor) -> Tensor:
    return torch.tensor(_XYZ_OF_RGB, dtype=like.dtype, device=like.device)


def _mixed(matrix: Tensor, channels: Tensor) -> Tensor:
    """A 3 x 3 matrix on the channels; sums, so that autocast cannot make it half precision."""
    return (matrix[:, :, None, None] * channels[..., None, :, :, :]).sum(-3)


def _raised(values: Tensor) -> Tensor:
    """Whole numbers and half precision as float32: Lab needs the digits."""
    full = values.dtype in (torch.float32, torch.float64)
    return values if full else values.float()
