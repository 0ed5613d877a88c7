import numpy as np
import pytest

from app.plots import splat
from app.plots.marks import MARKS, footprint
from app.plots.splat import Screen, blended, halfway, owners, packed, spread


def plainly(screen, x, y, numbers, shape):
    """Dot after dot, pixel after pixel."""
    picture = np.zeros((screen.height, screen.width), np.int32)
    for px, py, number in zip(x, y, numbers, strict=True):
        if not (np.isfinite(px) and np.isfinite(py)):
            continue
        for dy, dx, run in shape:
            for k in range(run):
                row, column = int(np.floor(py)) + dy, int(np.floor(px)) + dx + k
                if 0 <= row < screen.height and 0 <= column < screen.width:
                    picture[row, column] = max(picture[row, column], number)
    return picture


@pytest.mark.parametrize("way", ["pixel by pixel", "shifted"])
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("diameter", [1, 2, 3, 6, 9])
def test_owners_equal_a_plain_loop(monkeypatch, way, mark, diameter):
    monkeypatch.setattr(splat, "SHIFTED", 1e9 if way == "pixel by pixel" else 0.0)
    generator = np.random.default_rng(0)
    print_ = footprint(mark, diameter)
    screen = Screen(40, 25, print_.reach)
    for _ in range(2):  # the second time in the memory of the first
        x, y = generator.uniform(-8, 48, 120), generator.uniform(-8, 33, 120)
        x[3], y[4], x[5] = np.nan, np.inf, -np.inf
        places, kept = screen.places(x, y)
        numbers = (np.arange(120) + 1).astype(np.int32)
        found = owners(screen, places, numbers[kept], {"full": print_.full, "whole": print_.whole})
        for name, shape in (("full", print_.full), ("whole", print_.whole)):
            expected = plainly(screen, x, y, numbers, shape)
            assert np.array_equal(screen.inner(found[name]), expected)
            assert expected.max() > 100


def test_when_all_are_seen_nothing_is_sorted_out():
    places, kept = Screen(10, 10, 2).places(np.array([0.0, 9.9]), np.array([0.0, 3.2]))
    assert kept is None
    assert len(places) == 2


def test_nothing_in_sight():
    screen = Screen(10, 10, 2)
    places, kept = screen.places(np.array([50.0, np.nan]), np.array([5.0, 5.0]))
    assert len(places) == len(kept) == 0
    shape = footprint("circle", 3).whole
    assert not owners(screen, places, np.zeros(0, np.int32), {"whole": shape})["whole"].any()


def test_spreading_flags():
    screen = Screen(9, 9, 3)
    flags = screen.blank("flags", np.bool_)
    screen.inner(flags)[4, 4] = True
    cross = spread(screen, flags, ((-1, 0, 1), (0, -1, 3), (1, 0, 1)), "cross")
    assert cross.dtype == np.bool_
    assert np.argwhere(screen.inner(cross)).tolist() == [[3, 4], [4, 3], [4, 4], [4, 5], [5, 4]]


def test_memory_is_kept_and_blank_again():
    screen = Screen(4, 4, 1)
    first = screen.blank("some", np.int32)
    first[:] = 7
    assert screen.blank("other", np.int32) is not first
    assert screen.blank("some", np.int32, zero=False)[0] == 7
    assert screen.blank("some", np.int32) is first
    assert not first.any()
    assert screen.blank("some", np.bool_).dtype == np.bool_


def test_packing_and_halves():
    pixels = packed(np.array([[1, 2, 3], [200, 100, 50]], np.uint8))
    assert pixels[0] == 0xFF010203
    half = halfway(pixels, np.uint32(0xFF0000FF))
    parts = [[(int(one) >> shift) & 0xFF for shift in (24, 16, 8, 0)] for one in half]
    assert np.abs(np.array(parts) - [[255, 0.5, 1, 129], [255, 100, 50, 152]]).max() <= 1


def test_blended_goes_from_another_colour_to_its_own():
    rgb = np.array([[255, 0, 10], [0, 200, 40], [90, 90, 90]], np.uint8)
    ground = np.array([27, 30, 36], np.uint8)
    part = np.array([1.0, 0.25, 0.0])
    expected = ground + (rgb.astype(float) - ground) * part[:, None]
    found = blended(packed(rgb), packed(ground[None])[0], part)
    channels = np.stack([found >> 16 & 255, found >> 8 & 255, found & 255], 1)
    np.testing.assert_allclose(channels, expected, atol=1.01)
    assert (found >> 24 == 255).all()
