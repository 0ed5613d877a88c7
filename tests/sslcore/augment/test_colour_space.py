"""sRGB to Lab and back, against a plain derivation and scikit-image's numbers."""

import numpy as np
import pytest
import torch

from sslcore.augment.colour_space import lab, linear_rgb, srgb


def image(*colours, dtype=torch.float64):
    """(1, 3, 1, N)"""
    return torch.tensor(colours, dtype=dtype).T[None, :, None, :]


def plain_lab(red, green, blue):
    """One colour, step by step as CIE and IEC write it."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    matrix = [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
    found = []
    for row in matrix:
        t = sum(m * c for m, c in zip(row, linear, strict=True)) / sum(row)
        found.append(t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = found
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_lab_is_what_the_standards_say():
    generator = np.random.default_rng(0)
    colours = [*generator.random((50, 3)).tolist(), [0.001, 0.002, 0.0005], [0, 0, 0], [1, 1, 1]]
    found = lab(image(*colours))[0, :, 0].T.numpy()
    expected = np.array([plain_lab(*one) for one in colours])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        # skimage.color.rgb2lab of scikit-image 0.26, whose white is rounded to five digits.
        ((1.0, 0.0, 0.0), (53.2406, 80.0923, 67.2028)),
        ((0.0, 1.0, 0.0), (87.7351, -86.1830, 83.1797)),
        ((0.0, 0.0, 1.0), (32.2957, 79.1856, -107.8573)),
        ((0.5, 0.5, 0.5), (53.3890, -0.0015, 0.0028)),
        ((0.2, 0.4, 0.6), (42.0080, -0.1540, -32.8429)),
        ((1.0, 1.0, 1.0), (100.0, -0.0025, 0.0047)),
    ],
)
def test_lab_is_what_scikit_image_finds(colour, expected):
    assert lab(image(colour))[0, :, 0, 0].tolist() == pytest.approx(expected, abs=0.01)


def test_there_and_back_is_the_same_image():
    images = torch.rand(4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(srgb(lab(images)), images, atol=1e-5, rtol=0)
    exact = images.double()
    torch.testing.assert_close(srgb(lab(exact)), exact, atol=1e-9, rtol=0)


def test_greys_have_no_colour():
    grey = torch.rand(2, 1, 4, 4, dtype=torch.float64).expand(-1, 3, -1, -1)
    found = lab(grey)
    assert found[:, 1:].abs().max() < 1e-9
    assert found[:, 0].min() >= 0
    assert found[:, 0].max() <= 100


def test_values_out_of_reach_are_clamped_and_halves_are_raised():
    wild = torch.tensor([1e4, -1e4, 0.5], dtype=torch.float16).view(1, 3, 1, 1)
    found = lab(wild)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, lab(torch.tensor([1.0, 0.0, 0.5]).view(1, 3, 1, 1)))
    assert srgb(torch.full((1, 3, 2, 2), 1e4)).isfinite().all()


def test_colours_no_screen_shows_lie_outside_0_to_1():
    shown = torch.tensor([50.0, 0.0, 0.0]).view(1, 3, 1, 1)
    assert 0 < linear_rgb(shown).min() <= linear_rgb(shown).max() < 1
    assert linear_rgb(torch.tensor([50.0, -100.0, -100.0]).view(1, 3, 1, 1)).min() < 0


def test_of_four_channels_the_first_three_count_and_one_is_refused():
    images = torch.rand(2, 4, 3, 3)
    assert torch.equal(lab(images), lab(images[:, :3]))
    with pytest.raises(ValueError, match=r"Lab needs red, green and blue.* 1 channel"):
        lab(images[:, :1])
