"""sRGB and CIELAB (CIE 1976, white point D65), so that distances can mean what an eye sees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Linear sRGB to CIE XYZ (IEC 61966-2-1), with the white of D65 divided out below.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = TO_XYZ.sum(axis=1)
EDGE = 6.0 / 29.0


def linear(rgb: NDArray[Any]) -> Numbers:
    """Light intensities in 0..1 of (..., 3) sRGB bytes 0..255."""
    part = np.asarray(rgb, np.float64) / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def to_lab(rgb: NDArray[Any]) -> Numbers:
    """CIELAB (L in 0..100) of (..., 3) sRGB bytes 0..255."""
    ratio = linear(rgb) @ TO_XYZ.T / WHITE
    f = np.where(ratio > EDGE**3, np.cbrt(ratio), ratio / (3 * EDGE**2) + 4.0 / 29.0)
    lightness = 116 * f[..., 1] - 16
    return np.stack(
        [lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def from_lab(lab: NDArray[Any]) -> NDArray[np.uint8]:
    """Nearest (..., 3) sRGB bytes of CIELAB colours; those outside sRGB are clipped."""
    values = np.asarray(lab, np.float64)
    y = (values[..., 0] + 16) / 116
    f = np.stack([y + values[..., 1] / 500, y, y - values[..., 2] / 200], axis=-1)
    xyz = np.where(f > EDGE, f**3, 3 * EDGE**2 * (f - 4.0 / 29.0)) * WHITE
    light = np.clip(xyz @ np.linalg.inv(TO_XYZ).T, 0.0, 1.0)
    part = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(part * 255).astype(np.uint8)


def contrast(first: NDArray[Any], second: NDArray[Any]) -> Numbers:
    """Contrast ratio 1..21 of two colours as WCAG 2.2 defines it, over (..., 3) bytes."""
    weights = TO_XYZ[1]
    a, b = linear(first) @ weights, linear(second) @ weights
    return (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)
