"""k-means: a seeded dictionary of centres (visual words, colours) and the nearest one of a point.

k-means++ seeding (Arthur and Vassilvitskii 2007,
http://ilpubs.stanford.edu:8090/778/1/2006-13.pdf), then Lloyd's iterations.
"""

from __future__ import annotations

import torch
from torch import Tensor

_DISTANCES = 2**22  # Distances computed at once: 16 MiB of float32


@torch.no_grad()
def kmeans(points: Tensor, count: int, generator: torch.Generator, iterations: int = 25) -> Tensor:
    """Centres that make the squared distance of every point to its nearest one small.

    A centre that no point belongs to moves to the point that is worst served. The result depends
    on the points, their order and the generator alone.

    Args:
        points: (N, D) floating point, on any device; at least ``count`` of them.
        count: number of centres K, at least 1.
        generator: of the CPU; the only source of randomness.
        iterations: Lloyd's iterations at most; it ends early once no point changes its centre.

    Returns:
        (K, D) float32 on the device of the points. Centres coincide where fewer than K points
        differ.

    Raises:
        ValueError: if there are fewer points than centres, or some are not finite.
    """
    if points.ndim != 2 or not 1 <= count <= len(points):
        raise ValueError(
            f"{count} centres cannot be found among points of shape {tuple(points.shape)}; "
            "at least as many points as centres are needed, as rows"
        )
    points = points.float()
    if not points.isfinite().all():
        raise ValueError("points for k-means: some are not finite numbers; leave them out")
    centres = _spread(points, count, generator)
    members = torch.full((len(points),), -1, dtype=torch.int64, device=points.device)
    for _ in range(iterations):
        distances, nearest = _nearest(points, centres)
        if torch.equal(nearest, members):
            break
        members = nearest
        sizes = torch.bincount(members, minlength=count)
        sums = torch.zeros(centres.shape, dtype=torch.float64, device=points.device)
        sums.index_add_(0, members, points.double())
        means = (sums / sizes.clamp_min(1).unsqueeze(1)).float()
        centres = torch.where(sizes.unsqueeze(1) > 0, means, centres)
        empty = torch.nonzero(sizes == 0).flatten()
        centres[empty] = points[distances.topk(len(empty)).indices]
    return centres


@torch.no_grad()
def assign(points: Tensor, centres: Tensor) -> Tensor:
    """Number of the centre nearest to each point; of equally near ones the first.

    Args:
        points: (N, D) floating point.
        centres: (K, D) on the same device.

    Returns:
        (N,) int64 in 0..K - 1.
    """
    return _nearest(points.float(), centres.float())[1]


def _nearest(points: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distance to the nearest centre and its number, a block of points at a time."""
    norms = centres.square().sum(1)
    distances: list[Tensor] = []
    numbers: list[Tensor] = []
    for block in points.split(max(1, _DISTANCES // len(centres))):
        # |x - c|^2 without |x|^2, which does not change which centre is nearest.
        relative, number = (norms - 2 * block @ centres.T).min(1)
        distances.append((relative + block.square().sum(1)).clamp_min(0))
        numbers.append(number)
    if not numbers:
        return points.new_zeros(0), torch.zeros(0, dtype=torch.int64, device=points.device)
    return torch.cat(distances), torch.cat(numbers)


def _spread(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """k-means++: each next centre is a point drawn with odds of its squared distance so far."""
    first = int(torch.randint(len(points), (), generator=generator))
    chosen = [first]
    distances = (points - points[first]).square().sum(1)
    for draw in torch.rand(count - 1, generator=generator, dtype=torch.float64).tolist():
        reached = distances.double().cumsum(0)
        place = torch.searchsorted(reached, reached[-1] * draw, right=True)
        chosen.append(min(int(place), len(points) - 1))
        newer = (points - points[chosen[-1]]).square().sum(1)
        distances = torch.minimum(distances, newer)
    return points[chosen].clone()
