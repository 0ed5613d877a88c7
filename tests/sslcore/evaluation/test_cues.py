"""Cues: each solves the task that was made for it and fails where it was taken out."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from sslcore.evaluation import cues
from sslcore.evaluation.cues import (
    Cue,
    caption_colours,
    colour_histogram,
    composition,
    look,
    patch_aberration,
    patch_borders,
    patch_colour,
    sharpness,
    thumbnail_rotation,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def textures(count, side, seed=0, blur=1.2):
    random = np.random.default_rng(seed)
    fine = ndimage.gaussian_filter(random.normal(size=(count, side, side)), (0, blur, blur))
    fine = (fine - fine.min()) / (fine.max() - fine.min())
    return torch.from_numpy(fine).float()


NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def pairs(images, side, gap):
    """Middle patch and each of its eight neighbours, as the pretext task cuts them."""
    first, second, position, image = [], [], [], []
    step, middle = side + gap, (images.shape[-1] - side) // 2
    for number, (down, right) in enumerate(NEIGHBOURS):
        top, left = middle + down * step, middle + right * step
        first.append(images[..., middle : middle + side, middle : middle + side])
        second.append(images[..., top : top + side, left : left + side])
        position.append(torch.full((len(images),), number))
        image.append(torch.arange(len(images)))
    return tuple(torch.cat(one) for one in (first, second, position, image))


def test_colours_find_the_other_view_unless_they_were_changed():
    tint = torch.rand(60, 3, 1, 1, generator=seeded())
    one = (0.6 * tint + 0.4 * torch.rand(60, 3, 8, 8, generator=seeded(1))).clamp(0, 1)
    other = (0.6 * tint + 0.4 * torch.rand(60, 3, 8, 8, generator=seeded(2))).clamp(0, 1)
    found = colour_histogram(one, other)
    assert found.score > 0.7
    assert found.chance == 1 / 60
    assert found.cases == 60
    assert "colour histogram" in found.title
    changed = (other - 0.6 * tint + 0.6 * tint.roll(7, 0)).clamp(0, 1)
    assert colour_histogram(one, changed).score < 0.05
    grey = colour_histogram(one[:, :1], other[:, :1])
    assert grey.title == "the brightness histogram"
    assert 0 < grey.score < found.score


def test_layout_finds_the_other_view_unless_it_was_moved():
    """Soft blobs of light, with noise of their own in each view, brighter in one of them."""
    soft = textures(50, 32, blur=4.0)[:, None].expand(-1, 3, -1, -1)
    noise = [0.05 * torch.rand(50, 3, 32, 32, generator=seeded(one)) for one in (1, 2)]
    found = composition((soft + noise[0]) / 2, (soft + noise[1]) / 3 + 0.3)
    assert found.score > 0.95
    assert (found.key, found.chance, found.cases) == ("composition", 1 / 50, 50)
    assert composition(soft, soft.roll(16, -1)).score < 0.2
    even = torch.full((50, 3, 16, 16), 0.5)
    assert composition(even, even).score == pytest.approx(1 / 50), "all are equally good"


def test_grain_finds_the_other_view_unless_it_was_blurred():
    """Each image has its own blur; the two views show different textures of that blur."""
    blurs = np.geomspace(0.3, 4.0, 12)
    one, other = (
        torch.cat([textures(1, 64, seed * 100 + n, blur) for n, blur in enumerate(blurs)])
        for seed in (1, 2)
    )
    one, other = one[:, None], other[:, None]
    found = sharpness(one, other)
    assert (found.key, found.cases) == ("sharpness", 12)
    assert found.score > 0.5
    assert sharpness(one, other.roll(5, 0)).score < 0.1
    blurred = torch.from_numpy(ndimage.gaussian_filter(other.numpy(), (0, 0, 3, 3)))
    assert sharpness(one, blurred).score < found.score / 2
    with pytest.raises(ValueError, match="views of one size"):
        sharpness(one, other[..., :16, :16])


def test_bands_against_a_slow_sum():
    view = torch.rand(1, 1, 12, 12, generator=seeded(5))
    light = view[0, 0].double().numpy()
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(12) / 11)
    light = (light - light.mean()) * window[:, None] * window
    power = {band: [] for band in range(cues.BANDS)}
    grid = np.arange(12)
    for row in range(12):
        for column in range(7):
            wave = np.exp(-2j * np.pi * (row * grid[:, None] + column * grid) / 12)
            high = np.hypot(min(row, 12 - row) / 12, column / 12)
            power[min(int(high / 0.5 * cues.BANDS), cues.BANDS - 1)].append(
                abs((light * wave).sum()) ** 2
            )
    expected = [np.log(np.mean(one) + 1e-8) for one in power.values()]
    np.testing.assert_allclose(cues._bands(view)[0], expected, rtol=1e-3)


def test_two_views_of_the_same_images_are_needed():
    for cue in (colour_histogram, composition, sharpness):
        with pytest.raises(ValueError, match="two views of at least 2 images"):
            cue(torch.rand(3, 3, 8, 8), torch.rand(2, 3, 8, 8))


def test_a_histogram_against_a_slow_count():
    one = torch.rand(6, 3, 4, 4, generator=seeded(3))
    other = torch.rand(6, 3, 5, 5, generator=seeded(4))
    hits = 0.0
    counts = []
    for views in (one, other):
        rows = []
        for image in views:
            histogram = np.zeros((4, 4, 4))
            for pixel in image.flatten(1).T.tolist():
                histogram[tuple(min(int(4 * value), 3) for value in pixel)] += 1
            rows.append(np.sqrt(histogram / histogram.sum()).ravel())
        counts.append(rows)
    for number, own in enumerate(counts[0]):
        scores = np.array([own @ each for each in counts[1]])
        best = np.isclose(scores, scores.max(), atol=1e-7)
        hits += best[number] / best.sum()
    assert colour_histogram(one, other, bins=4).score == pytest.approx(hits / 6)


def test_equal_views_of_all_images_are_found_by_chance_only():
    same = torch.full((10, 3, 4, 4), 0.5)
    assert colour_histogram(same, same).score == pytest.approx(0.1)
    assert colour_histogram(same, same).solved == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="at least 2 images"):
        colour_histogram(same[:1], same[:1])


def test_light_from_above_tells_the_rotation_and_even_light_does_not():
    noise = torch.rand(80, 3, 16, 16, generator=seeded())
    sky = torch.linspace(0.4, 0, 16)[:, None]
    lit = thumbnail_rotation((0.6 * noise + sky).clamp(0, 1))
    assert lit.score > 0.95
    assert lit.solved > 0.9
    assert lit.cases == 160
    even = thumbnail_rotation(noise)
    assert abs(even.score - 0.25) < 0.12
    assert even.solved < 0.15
    assert thumbnail_rotation(noise, seed=3) == thumbnail_rotation(noise, seed=3)
    with pytest.raises(ValueError, match="at least 40 images, there are 20"):
        thumbnail_rotation(noise[:20])


def test_values_and_sharpness_tell_what_changes_them_and_not_which_way_up():
    images = textures(120, 24)[:, None] * torch.rand(120, 3, 1, 1, generator=seeded()) * 0.8 + 0.1
    happened = (torch.rand(120, generator=seeded(4)) < 0.5).long()
    these, image = happened.bool()[:, None, None, None], torch.arange(120)
    changes = {
        "grey": images.mean(1, keepdim=True).expand_as(images),
        "solarize": torch.where(images > 0.4, 1 - images, images),
        "gaussian_blur": torch.nn.functional.avg_pool2d(images, 5, 1, 2),
        "vertical_flip": images.flip(-2),
    }
    found = {
        name: look(torch.where(these, changed, images), happened, image, name)
        for name, changed in changes.items()
    }
    for name in ("grey", "solarize", "gaussian_blur"):
        assert found[name].score > 0.9, name
        assert found[name].key == f"look/{name}"
    assert found["gaussian_blur"].task == "tell a picture with gaussian blur from one without"
    # Values, deciles and rings of frequencies are the same upside down.
    assert found["vertical_flip"].solved < 0.2
    share = float(happened.double().mean())
    assert found["grey"].chance == max(share, 1 - share)
    assert found["grey"].cases == 60
    with pytest.raises(ValueError, match="grey: happened to all pictures or to none"):
        look(images, torch.ones(120).long(), image, "grey")


def test_colours_tell_captions_that_speak_of_colours_only():
    names, count = ("red", "green", "blue"), 90
    which = torch.arange(count) % 3
    images = 0.3 * torch.rand(count, 3, 8, 8, generator=seeded())
    images[torch.arange(count), which] += 0.6
    coloured = [f"a {names[one]} thing" for one in which]
    found = caption_colours(images, coloured)
    assert found.score == 1.0
    assert found.chance == 0.5
    assert 0 < found.cases <= 45
    assert found.key == "caption"
    shaped = [f"a thing with {1 + int(one)} corners" for one in which[torch.randperm(count)]]
    assert abs(caption_colours(images, shaped).score - 0.5) < 0.25
    same = caption_colours(images, ["a thing"] * count)
    assert (same.score, same.cases) == (0.5, 0)
    with pytest.raises(ValueError, match="at least 40 images, there are 39"):
        caption_colours(images[:39], coloured[:39])


def test_lines_that_run_on_tell_the_place_unless_a_gap_hides_them():
    images = textures(150, 40, blur=3)[:, None]
    touching = patch_borders(*pairs(images, 10, 0))
    apart = patch_borders(*pairs(images, 8, 7))
    assert touching.score > 0.6
    assert touching.chance == 1 / 8
    assert apart.score < 0.25
    assert touching.cases == 8 * 75


def test_aberration_tells_the_place_only_where_there_is_some():
    green = textures(120, 48)
    middle = 23.5
    factor = 1.03
    offset = middle - middle / factor
    red = torch.from_numpy(
        np.stack(
            [
                ndimage.affine_transform(one, np.eye(2) / factor, offset, order=3, mode="nearest")
                for one in green.numpy()
            ]
        )
    ).float()
    parted = patch_aberration(*pairs(torch.stack([red, green, green], 1), 12, 4))
    together = patch_aberration(*pairs(torch.stack([green, green, green], 1), 12, 4))
    assert parted.score > 0.45
    assert together.score < 0.2
    with pytest.raises(ValueError, match="3 channels are needed, these have 1"):
        patch_aberration(*pairs(green[:, None], 12, 4))


def test_a_sky_tells_how_high_a_patch_lies():
    images = 0.7 * textures(100, 30)[:, None].expand(-1, 3, -1, -1)
    sky = images + torch.linspace(0.3, 0, 30)[:, None]
    assert patch_colour(*pairs(sky, 8, 2)).score > 0.25
    assert patch_colour(*pairs(images, 8, 2)).score < 0.25


def test_solved_runs_from_guessing_to_always_right():
    assert Cue("a", "a", "b", 1.0, 0.25, 9).solved == 1
    assert Cue("a", "a", "b", 0.625, 0.25, 9).solved == 0.5
    assert Cue("a", "a", "b", 0.1, 0.25, 9).solved == 0
