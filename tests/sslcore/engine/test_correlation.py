"""The shared matrix against numpy's correlation coefficients."""

import numpy as np
import torch

from sslcore.engine import correlation


def test_it_is_the_correlation_of_the_two_views() -> None:
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(64, 5, generator=generator) * 3 + 1
    second = first.flip(1) + 0.3 * torch.randn(64, 5, generator=generator)
    found = correlation.cross_correlation({"z_a": first, "z_b": second})
    expected = np.corrcoef(first.numpy().T, second.numpy().T)[:5, 5:]
    np.testing.assert_allclose(found.values, expected, atol=1e-4)
    # Scale and offset of a dimension do not matter.
    moved = correlation.cross_correlation({"z_a": first * 7 - 2, "z_b": second})
    np.testing.assert_allclose(moved.values, found.values, atol=1e-4)


def test_a_dead_dimension_counts_as_zero() -> None:
    z = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    z[:, 1] = 4.0
    found = correlation.cross_correlation({"z_a": z, "z_b": z})
    np.testing.assert_allclose(found.values[1], 0.0, atol=1e-6)


def test_only_two_projections_of_the_same_images_can_be_compared() -> None:
    z = torch.zeros(8, 3)
    assert correlation.shows({"z_a": z, "z_b": z})
    assert not correlation.shows({"z_a": z})
    assert not correlation.shows({"z_a": z, "z_b": z[:4]})
    assert not correlation.shows({"z_a": z[:1], "z_b": z[:1]})
    assert not correlation.shows({"z_a": z[0], "z_b": z[0]})
