"""Single augmentations: exact where they can be, the same draws at every strength."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from sslcore.evaluation import perturbations
from sslcore.evaluation.features import resized
from sslcore.evaluation.perturbations import find, recompressed, rotated, shifted


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.rand(6, 3, 16, 16, generator=seeded(1))


def one(key):
    return find([key])[0]


@pytest.mark.parametrize("each", perturbations.ALL, ids=lambda one: one.key)
def test_every_one_keeps_to_its_word(each, images):
    images = resized(images, 32)
    before = images.clone()
    for size in (None, 24):
        side = size or 32
        same = each(images, each.neutral, seeded(), size)
        assert same.shape == (6, 3, side, side)
        last = None
        for strength in each.strengths:
            made = each(images, strength, seeded(), size)
            assert made.shape == (6, 3, side, side)
            assert made.dtype == torch.float32
            assert made.min() >= 0
            assert made.max() <= 1
            assert torch.equal(made, each(images, strength, seeded(), size))
            assert not torch.equal(made, same)
            assert last is None or not torch.equal(made, last)
            last = made
    assert torch.equal(each(images, each.neutral, seeded()), images)
    assert torch.equal(images, before)
    assert abs(each.strengths[-1] - each.neutral) == max(
        abs(strength - each.neutral) for strength in each.strengths
    )


def test_strengths_out_of_range_and_channels_that_do_not_fit_are_refused(images):
    with pytest.raises(ValueError, match=r"rotation = 200: .* between 0 and 180"):
        one("rotation")(images, 200, seeded())
    with pytest.raises(ValueError, match=r"crop = 4: .* between 8 and 100"):
        one("crop")(images, 4, seeded())
    with pytest.raises(ValueError, match="hue needs images with 3 channels, these have 1"):
        one("hue")(images[:, :1], 0.1, seeded())
    with pytest.raises(ValueError, match=r"called 'twirl'; there are: crop, flip"):
        find(["crop", "twirl"])


def test_grey_images_and_many_channels_get_what_makes_sense_for_them(images):
    colour = {one.key for one in perturbations.of(3)}
    grey = {one.key for one in perturbations.of(1)}
    many = {one.key for one in perturbations.of(5)}
    assert colour - grey == {"saturation", "hue", "grey"}
    assert grey - many == {"jpeg"}
    for each in perturbations.of(1):
        assert each(images[:, :1], each.strengths[0], seeded()).shape == (6, 1, 16, 16)
    for each in perturbations.of(5):
        five = torch.cat([images, images[:, :2]], 1)
        assert each(five, each.strengths[-1], seeded()).shape == (6, 5, 16, 16)


def test_quarter_turns_are_exact_and_counter_clockwise(images):
    for times in range(4):
        turned = rotated(images, torch.full((6,), 90.0 * times))
        torch.testing.assert_close(turned, images.rot90(times, (-2, -1)), atol=1e-4, rtol=0)
    wide = torch.rand(2, 1, 6, 20, generator=seeded())
    half = rotated(wide, torch.tensor([180.0, -180.0]))
    torch.testing.assert_close(half, wide.flip((-2, -1)), atol=1e-4, rtol=0)


def test_each_image_turns_by_its_own_angle():
    spot = torch.zeros(3, 1, 21, 21)
    spot[:, :, 10, 17] = 1.0  # to the right of the middle
    angles = torch.tensor([0.0, 45.0, -30.0])
    turned = rotated(spot, angles)[:, 0]
    grid = torch.arange(21.0) - 10
    # Beyond the inner circle, borders mirror the spot.
    turned = turned * (grid[:, None].square() + grid.square() < 81)
    for one_, angle in zip(turned, angles.tolist(), strict=True):
        x = float((one_.sum(0) * grid).sum() / one_.sum())
        y = float((one_.sum(1) * grid).sum() / one_.sum())
        assert math.hypot(x, y) == pytest.approx(7, abs=0.2)
        assert math.degrees(math.atan2(-y, x)) == pytest.approx(angle, abs=2)


def test_shifts_are_whole_pixels_with_a_mirrored_border():
    row = torch.arange(5.0).view(1, 1, 1, 5).expand(1, 1, 5, 5)
    right = shifted(row, torch.tensor([0]), torch.tensor([2]))
    assert right[0, 0, 0].tolist() == [1, 0, 0, 1, 2]
    left = shifted(row, torch.tensor([0]), torch.tensor([-1]))
    assert left[0, 0, 0].tolist() == [1, 2, 3, 4, 4]
    column = row.transpose(-2, -1)
    down = shifted(column, torch.tensor([1]), torch.tensor([0]))
    assert down[0, 0, :, 0].tolist() == [0, 0, 1, 2, 3]


def test_a_shift_goes_as_far_as_it_says(images):
    far = one("translation")
    for strength in (12.5, 50):
        moved = far(images, strength, seeded())
        angle = 2 * math.pi * torch.rand(6, generator=seeded())
        down = (strength / 100 * 16 * torch.sin(angle)).round().long()
        right = (strength / 100 * 16 * torch.cos(angle)).round().long()
        assert (down.square() + right.square()).sqrt().max() <= strength / 100 * 16 + 1
        for number in range(6):
            expected = np.pad(images[number].numpy(), ((0, 0), (16, 16), (16, 16)), "symmetric")
            top, left = 16 - int(down[number]), 16 - int(right[number])
            assert np.array_equal(moved[number], expected[:, top : top + 16, left : left + 16])


def test_jpeg_is_what_pillow_writes(images):
    made = recompressed(images, 40)
    file = io.BytesIO()
    first = (images[0] * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(first).save(file, "JPEG", quality=40)
    expected = np.asarray(Image.open(io.BytesIO(file.getvalue()))).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(made[0], expected, atol=1e-6)
    errors = [float((recompressed(images, q) - images).abs().mean()) for q in (95, 50, 5)]
    assert errors == sorted(errors)


def test_factors_go_both_ways_and_keep_their_way(images):
    bright = one("brightness")
    dim = images * 0.5
    ups = [bright(dim, s, seeded()).mean((1, 2, 3)) > dim.mean((1, 2, 3)) for s in (0.1, 0.4)]
    assert torch.equal(*ups)
    assert 0 < ups[0].sum() < 6
    signs = torch.where(torch.rand(6, generator=seeded()) < 0.5, -1.0, 1.0)
    expected = dim * (1 + 0.4 * signs)[:, None, None, None]
    torch.testing.assert_close(bright(dim, 0.4, seeded()), expected.clamp(0, 1))


def test_crops_of_growing_area_share_their_place(images):
    areas = torch.linspace(0, 1, 16).expand(6, 1, 16, 16)
    crop = one("crop")
    wide = crop(areas, 60, seeded(3), 16)
    narrow = crop(areas, 8, seeded(3), 16)
    for one_ in (wide, narrow):
        spread = one_[..., -1] - one_[..., 0]
        assert float(spread.std()) == pytest.approx(0, abs=1e-5)
    assert float(wide[0, 0, 0, -1] - wide[0, 0, 0, 0]) > float(
        narrow[0, 0, 0, -1] - narrow[0, 0, 0, 0]
    )
    middles = [one_.mean((1, 2, 3)) for one_ in (wide, narrow)]
    assert np.corrcoef(*middles)[0, 1] > 0.9


def test_blur_keeps_the_mean_and_takes_the_contrast(images):
    contrast = [float(one("blur")(images, s, seeded()).std()) for s in (1, 4, 8)]
    assert contrast == sorted(contrast, reverse=True)
    flat = torch.full((1, 3, 8, 8), 0.3)
    torch.testing.assert_close(one("blur")(flat, 8, seeded()), flat)


def test_solarize_grey_and_masking_at_their_ends(images):
    solar = one("solarize")(images, 0.5, seeded())
    torch.testing.assert_close(solar, torch.where(images >= 0.5, 1 - images, images))
    grey = one("grey")(images, 100, seeded())
    assert float((grey[:, 0] - grey[:, 2]).abs().max()) < 1e-6
    lost = one("masking")(images + 0.01, 25, seeded())
    assert ((lost == 0).all(1).flatten(1).sum(1) == 64).all()


def test_paths_run_from_nothing_to_the_strongest():
    assert one("flip").path(9) == (0, 1)
    assert one("crop").path(3) == (100, 54, 8)
    path = one("rotation").path(13)
    assert path[0] == 0
    assert path[-1] == 180
    assert len(path) == 13
    assert one("rotation").words(15.0) == "15°"
    assert one("crop").words(54.0) == "54 %"
