"""Depth seen from the ground: disparity, height and the angle with gravity (HHA).

Three channels that say of every pixel how near it is, how high above the floor, and whether its
surface is a floor, a wall or a ceiling. They are easier to learn from than depth, since they do not
change when a camera is tilted. Source: Gupta, Girshick, Arbelaez and Malik 2014,
https://arxiv.org/abs/1407.5736; the direction of gravity as in Gupta, Arbelaez and Malik 2013,
section 3.1 (https://doi.org/10.1109/CVPR.2013.79).

The camera's axes are x to the right, y down, z forward. Files are made of it by
:mod:`sslcore.data.geocentric_files`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

ROUNDS = ((45.0, 5), (15.0, 5))
"""Degrees within which a surface counts as level or upright, and how often gravity is refined."""
LOWEST = 0.01
"""Share of the pixels that may lie below what is taken for the floor: noise."""
NEAREST = 1.0
"""Metres; nearer pixels get the same disparity in a picture."""


def hha(
    depth: Tensor, focal: tuple[float, float], centre: tuple[float, float], reach: int = 3
) -> Tensor:
    """Disparity, height above ground and angle with gravity of every pixel.

    Args:
        depth: (B, 1, h, w) metres along the camera's axis; 0 or less, or not finite: not measured.
        focal: focal lengths across and down in pixels, of images of that very size.
        centre: column and row of the optical axis in pixels.
        reach: pixels to each side by which the direction of a surface is found.

    Returns:
        (B, 3, h, w) float64: 1 / depth in 1 / m; metres above the lowest point; degrees between
        the surface's normal and *up* (0 floor, 90 wall, 180 ceiling). All 0 where not measured.

    Raises:
        ValueError: if the shape or the camera cannot be.
    """
    if depth.dim() != 4 or depth.shape[1] != 1:
        raise ValueError(f"depth must be (B, 1, h, w), got {tuple(depth.shape)}")
    if min(focal) <= 0 or reach < 1:
        raise ValueError(f"focal = {focal} and reach = {reach} must be positive")
    known = depth.isfinite() & (depth > 0)
    metres = torch.where(known, depth, 0).double()
    places = points(metres, focal, centre)
    facing = normals(places, known, reach)
    down = gravity(facing)  # B x 3
    height = -(places * down[:, :, None, None]).sum(1, keepdim=True)
    height = height - _lowest(height, known)
    angle = torch.rad2deg(torch.acos((-facing * down[:, :, None, None]).sum(1).clamp(-1, 1)))
    disparity = torch.where(known, 1.0 / metres.clamp(min=1e-6), 0.0)
    sure = known & (facing.square().sum(1, keepdim=True) > 0)
    return torch.cat(
        (disparity, torch.where(known, height, 0.0), torch.where(sure, angle[:, None], 0.0)), 1
    )


def as_picture(encoded: Tensor) -> Tensor:
    """HHA as a picture (B, 3, h, w) in [0, 1], scaled as the authors scale their 8-bit files.

    Disparity 310 / (255 m) from one metre on, height in centimetres up to 2.55 m, angle in degrees
    plus 38. What was not measured stays black.
    """
    disparity, height, angle = encoded.float().unbind(1)
    known = disparity > 0
    scaled = torch.stack(
        (310.0 * disparity.clamp(max=1.0 / NEAREST), 100.0 * height, angle + 38.0), 1
    )
    return torch.where(known[:, None], (scaled / 255.0).clamp(0.0, 1.0), 0.0)


def points(depth: Tensor, focal: tuple[float, float], centre: tuple[float, float]) -> Tensor:
    """(B, 1, h, w) depth -> (B, 3, h, w): where each pixel lies before the camera."""
    height, width = depth.shape[-2:]
    across = (torch.arange(width, device=depth.device, dtype=depth.dtype) - centre[0]) / focal[0]
    down = (torch.arange(height, device=depth.device, dtype=depth.dtype) - centre[1]) / focal[1]
    return torch.cat((depth * across, depth * down[:, None], depth), 1)


def normals(places: Tensor, known: Tensor, reach: int) -> Tensor:
    """The direction of the surface at every pixel, towards the camera.

    The plane of least squares through the measured points around it.

    Args:
        places: (B, 3, h, w) float64.
        known: (B, 1, h, w) bool.
        reach: pixels to each side.

    Returns:
        (B, 3, h, w) unit vectors; 0 where not measured or fewer than 3 points are near.
    """
    weight = known.to(places.dtype)
    count = _around(weight, reach)
    mean = _around(places * weight, reach) / count.clamp(min=1)
    squares = (places[:, :, None] * places[:, None]).flatten(1, 2)
    spread = _around(squares * weight, reach) / count.clamp(min=1)
    spread = spread.unflatten(1, (3, 3)) - mean[:, :, None] * mean[:, None]
    sure = known & (count >= 3)
    where = sure[:, 0]
    vectors = torch.zeros_like(spread.permute(0, 3, 4, 1, 2)[..., 0])  # B x h x w x 3
    # Half of a sensor's picture may be holes, and axes are what takes the time.
    vectors[where] = torch.linalg.eigh(spread.permute(0, 3, 4, 1, 2)[where])[1][..., 0]
    found = vectors.movedim(-1, 1)
    away = (found * places).sum(1, keepdim=True) > 0
    return torch.where(sure, torch.where(away, -found, found), 0.0)


def gravity(facing: Tensor) -> Tensor:
    """The direction of gravity that most surfaces agree with: level or upright.

    Beginning with the camera's down, surfaces nearly level or nearly upright vote by turns for the
    direction to which the first are most parallel and the others most at right angles.

    Args:
        facing: (B, 3, h, w) normals, 0 where unknown.

    Returns:
        (B, 3) unit vectors.
    """
    found: list[Tensor] = []
    for one in facing.flatten(2).movedim(1, -1):  # pixels x 3
        votes = one[one.square().sum(1) > 0]
        down = one.new_tensor([0.0, 1.0, 0.0])
        if not len(votes):
            found.append(down)
            continue
        for degrees, rounds in ROUNDS:
            for _ in range(rounds):
                along = (votes @ down).abs()
                level = votes[along > math.cos(math.radians(degrees))]
                upright = votes[along < math.sin(math.radians(degrees))]
                axes = torch.linalg.eigh(upright.T @ upright - level.T @ level)[1]
                turned = axes[:, 0]
                down = turned if turned @ down >= 0 else -turned
        found.append(down)
    return torch.stack(found)


def _around(values: Tensor, reach: int) -> Tensor:
    """Sums over the square around every pixel, cut off at the border."""
    side = 2 * reach + 1
    return F.avg_pool2d(values, side, 1, reach) * side**2


def _lowest(height: Tensor, known: Tensor) -> Tensor:
    """(B, 1, 1, 1): the height of the floor, below which almost nothing lies."""
    floors = [
        one[where].quantile(LOWEST) if where.any() else one.new_zeros(())
        for one, where in zip(height, known, strict=True)
    ]
    return torch.stack(floors)[:, None, None, None]
