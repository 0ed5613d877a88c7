"""k-means: against a plain loop, and its promises on odd points."""

import pytest
import torch

from sslcore.nets.kmeans import assign, kmeans


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def blobs(per_blob: int = 40) -> torch.Tensor:
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    noise = torch.randn(4, per_blob, 2, generator=generator(1)) * 0.3
    return (centres[:, None] + noise).flatten(0, 1)


def inertia(points: torch.Tensor, centres: torch.Tensor) -> float:
    return float(torch.cdist(points.double(), centres.double()).amin(1).square().sum())


def test_separate_blobs_get_their_means() -> None:
    points = blobs()
    centres = kmeans(points, 4, generator())
    means = points.view(4, -1, 2).mean(1)
    order = torch.cdist(means, centres).argmin(1)
    assert order.unique().numel() == 4
    torch.testing.assert_close(centres[order], means)


def test_nearest_is_what_a_plain_loop_finds() -> None:
    points = torch.randn(50, 3, generator=generator(2))
    centres = torch.randn(7, 3, generator=generator(3))
    plain = [min(range(7), key=lambda k: float((p - centres[k]).square().sum())) for p in points]
    assert assign(points, centres).tolist() == plain
    assert assign(points[:0], centres).tolist() == []


def test_every_centre_is_the_mean_of_its_points_and_beats_points_at_random() -> None:
    points = torch.rand(400, 5, generator=generator(4))
    centres = kmeans(points, 8, generator(5), iterations=200)
    members = assign(points, centres)
    for number in range(8):
        torch.testing.assert_close(centres[number], points[members == number].mean(0))
    assert inertia(points, centres) < inertia(points, points[:8])


def test_the_generator_decides_and_blocks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    points = torch.rand(300, 4, generator=generator(6))
    once = kmeans(points, 10, generator(7))
    assert torch.equal(once, kmeans(points, 10, generator(7)))
    assert not torch.equal(once, kmeans(points, 10, generator(8)))
    monkeypatch.setattr("sslcore.nets.kmeans._DISTANCES", 70)
    torch.testing.assert_close(kmeans(points, 10, generator(7)), once)


def test_shift_moves_the_centres_along() -> None:
    points = blobs()
    moved = kmeans(points + 100, 4, generator(9))
    torch.testing.assert_close(moved, kmeans(points, 4, generator(9)) + 100, rtol=0, atol=1e-3)


def test_equal_points_and_as_many_centres_as_points() -> None:
    same = torch.ones(6, 2)
    assert torch.equal(kmeans(same, 3, generator()), torch.ones(3, 2))
    few = torch.arange(5.0).unsqueeze(1)
    assert kmeans(few, 5, generator()).flatten().sort().values.tolist() == few.flatten().tolist()


def test_large_and_half_precision_values_stay_finite() -> None:
    points = torch.randn(64, 3, generator=generator(10))
    assert kmeans(points * 1e4, 4, generator()).isfinite().all()
    assert kmeans(points.half(), 4, generator()).dtype == torch.float32


def test_too_few_or_broken_points_are_refused() -> None:
    with pytest.raises(ValueError, match=r"9 centres.*at least as many points"):
        kmeans(torch.zeros(8, 2), 9, generator())
    with pytest.raises(ValueError, match="not finite"):
        kmeans(torch.tensor([[0.0], [float("nan")]]), 1, generator())
