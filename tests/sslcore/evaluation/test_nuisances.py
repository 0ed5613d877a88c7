"""Nuisances of pixels: against plain derivations, and found again where they were put in."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from sslcore.data.pool import Cancelled
from sslcore.evaluation.nuisances import (
    TITLES,
    Nuisance,
    aberration,
    border_continuity,
    brightness,
    contrast,
    displacement,
    measured,
    of_pixels,
    sharpness,
    told_apart,
)


class Memory:
    def __init__(self, images):
        self.images = images

    def read(self, rows):
        return self.images[torch.from_numpy(rows)]


def textures(count, side, seed=0, blur=1.5):
    """Smooth random greys, which have edges everywhere."""
    random = np.random.default_rng(seed)
    fine = ndimage.gaussian_filter(random.normal(size=(count, side, side)), (0, blur, blur))
    fine = (fine - fine.min()) / (fine.max() - fine.min())
    return torch.from_numpy(fine).float()


def magnified(plane, factor, shift=(0.0, 0.0)):
    """Each (H, W) plane larger by a factor around its middle, then moved by (down, right)."""
    middle = (plane.shape[-1] - 1) / 2
    offset = middle - (middle + np.array(shift)) / factor
    made = [
        ndimage.affine_transform(one.numpy(), np.eye(2) / factor, offset, order=3, mode="nearest")
        for one in plane
    ]
    return torch.from_numpy(np.stack(made)).float()


@pytest.fixture
def images():
    return torch.rand(5, 3, 12, 12, generator=torch.Generator().manual_seed(0))


def test_light_contrast_and_sharpness_are_what_they_say(images):
    grey = (0.2989 * images[:, 0] + 0.587 * images[:, 1] + 0.114 * images[:, 2]).numpy()
    np.testing.assert_allclose(brightness(images), grey.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(contrast(images), grey.std((1, 2)), rtol=1e-5)
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    for one, found in zip(grey, sharpness(images).tolist(), strict=True):
        laplacian = ndimage.convolve(one.astype(np.float64), kernel)[1:-1, 1:-1]
        assert found == pytest.approx(np.log10(laplacian.var()), abs=1e-4)
    assert sharpness(torch.zeros(1, 1, 5, 5)).item() == pytest.approx(-8)
    assert torch.isnan(sharpness(torch.zeros(1, 1, 2, 2))).all()
    soft = torch.from_numpy(ndimage.gaussian_filter(images.numpy(), (0, 0, 1, 1)))
    assert (sharpness(soft) < sharpness(images)).all()


def test_edges_run_on_within_a_picture_and_not_between_patches_of_others():
    plain = textures(40, 30)[:, None]
    assert float(border_continuity(plain).mean()) > 0.7
    others = plain.clone()
    for row in range(3):
        for column in range(3):
            cell = (..., slice(10 * row, 10 * row + 10), slice(10 * column, 10 * column + 10))
            others[cell] = plain.roll(3 * row + column, 0)[cell]
    assert abs(float(border_continuity(others).mean())) < 0.15
    one = plain[:1]
    before = [one[0, 0, 9], one[0, 0, :, 9], one[0, 0, 19], one[0, 0, :, 19]]
    after = [one[0, 0, 10], one[0, 0, :, 10], one[0, 0, 20], one[0, 0, :, 20]]
    expected = np.corrcoef(torch.cat(before), torch.cat(after))[0, 1]
    assert border_continuity(one).item() == pytest.approx(expected, abs=1e-6)
    assert torch.isnan(border_continuity(torch.full((1, 3, 9, 9), 0.4))).all()
    with pytest.raises(ValueError, match="too small for 3 cells"):
        border_continuity(torch.zeros(1, 1, 2, 2))


@pytest.mark.parametrize("factor", [0.99, 1.0, 1.012, 1.02])
def test_a_magnified_channel_is_found_and_its_brightness_does_not_matter(factor):
    green = textures(6, 64)
    red = 0.1 + 0.7 * magnified(green, factor)
    blue = magnified(green, 2 - factor)
    found = aberration(torch.stack([red, green, blue], 1))
    corner = np.hypot(31.5, 31.5)
    # The model is linear in the shift, so towards a pixel it is told less exactly.
    np.testing.assert_allclose(found[:, 0], (factor - 1) * corner, atol=0.04, rtol=0.15)
    np.testing.assert_allclose(found[:, 1], (1 - factor) * corner, atol=0.04, rtol=0.15)


def test_aberration_of_pictures_without_shared_edges_is_unknown():
    assert torch.isnan(aberration(torch.full((2, 3, 16, 16), 0.3))).all()
    unlike = torch.stack([textures(2, 32, 1), textures(2, 32, 2), 1 - textures(2, 32, 2)], 1)
    assert torch.isnan(aberration(unlike)[:, 1]).all()


def test_a_shifted_channel_is_found_in_a_small_patch():
    green = textures(20, 24)
    red = magnified(green, 1.0, (0.5, -0.3))
    blue = magnified(green, 1.0, (-0.4, 0.2))
    patches = torch.stack([red, green, blue], 1)[..., 6:18, 6:18]
    found = displacement(patches)
    expected = torch.tensor([-0.3, 0.5, 0.2, -0.4], dtype=torch.float64)
    assert float((found.mean(0) - expected).abs().max()) < 0.08
    assert torch.equal(displacement(torch.full((2, 3, 8, 8), 0.5)), torch.zeros(2, 4).double())


def test_all_of_a_store_in_batches(monkeypatch):
    colours = torch.rand(7, 3, 10, 10, generator=torch.Generator().manual_seed(2))
    images = (textures(7, 10)[:, None] + 0.1 * colours) / 1.1
    monkeypatch.setattr("sslcore.evaluation.nuisances._BATCH", 3)
    told = []
    found = of_pixels(Memory(images), [6, 0, 3, 1, 2], progress=lambda *at: told.append(at))
    assert told == [(3, 5), (5, 5)]
    assert [one.key for one in found.found] == list(TITLES)
    expected = measured(images[[6, 0, 3, 1, 2]])
    for one in found.found:
        np.testing.assert_allclose(one.values, expected[one.key], rtol=1e-5, atol=1e-7)
        assert one.source == "pixels"
        assert not one.names
    np.testing.assert_allclose(found.found[0].values, images[[6, 0, 3, 1, 2], 0].mean((1, 2)))
    small = of_pixels(Memory(images), range(7), image_size=6)
    assert not np.allclose(small.found[5].values[:1], found.found[5].values[1:2])
    with pytest.raises(Cancelled):
        of_pixels(Memory(images), range(7), cancelled=lambda: True)
    with pytest.raises(ValueError, match="at least one image"):
        of_pixels(Memory(images), [])


def test_grey_images_have_no_colour():
    found = of_pixels(Memory(torch.rand(4, 1, 9, 9)), range(4))
    assert [one.key for one in found.found] == ["brightness", "contrast", "sharpness", "borders"]


def test_what_is_equal_or_unknown_is_left_out_with_a_reason():
    same = Nuisance("a", "Width", "px", np.array([3e6, 3e6 + 1e-3, np.nan]))
    none = Nuisance("b", "JPEG quality", "", np.full(3, np.nan))
    kind = Nuisance("c", "Kind", "", np.array([0, -1, 1]), ("x", "y"))
    found = told_apart([same, none, kind])
    assert found.found == (kind,)
    assert found.skipped == {
        "Width": "the same for all images",
        "JPEG quality": "known of no image",
    }
    assert kind.known.tolist() == [True, False, True]
    assert same.known.tolist() == [True, True, False]
