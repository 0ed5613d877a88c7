import numpy as np
import pytest

from app.plots.splat import mixed, packed, shape, splat

RED, RIM, GROUND = 0xFFFF0000, 0xFF880000, 0xFF000000


def drawn(x, y, diameter, size=(20, 30)):
    pixels = np.full(size, GROUND, np.uint32)
    count = len(x)
    splat(pixels, np.array(x, float), np.array(y, float), np.full(count, RED, np.uint32),
          np.full(count, RIM, np.uint32), diameter)  # fmt: skip
    return pixels


@pytest.mark.parametrize("diameter", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_dot_is_round_and_as_wide_as_asked(diameter):
    pixels = drawn([15], [10], diameter)
    on = np.argwhere(pixels != GROUND)
    height, width = np.ptp(on, axis=0) + 1
    assert height == width == diameter
    box = (pixels != GROUND)[
        on[:, 0].min() : on[:, 0].max() + 1, on[:, 1].min() : on[:, 1].max() + 1
    ]
    assert np.array_equal(box, box.T)
    assert np.array_equal(box, box[::-1])
    if diameter >= 5:
        assert pixels[on[:, 0].min(), on[:, 1].min()] != RED  # no corner


def test_one_dot_equals_a_plain_loop_over_its_shape():
    expected = np.full((20, 30), GROUND, np.uint32)
    full, cut = shape(5)
    for offsets, colour in ((cut, RIM), (full, RED)):
        for dy, dx in offsets:
            expected[7 + dy, 12 + dx] = colour
    assert np.array_equal(drawn([12.4], [7.9], 5), expected)


def test_dots_at_and_beyond_the_edges():
    inside = drawn([0, 29, 29.9], [0, 19, 0], 6)
    assert (inside != GROUND).any()
    beyond = drawn([-50, 80, 1e12, np.nan, -np.inf, 5], [5, 5, 5, 5, 5, 200], 6)
    assert (beyond == GROUND).all()


def test_later_dots_lie_over_earlier_ones():
    pixels = np.zeros((9, 9), np.uint32)
    where = np.array([4.0, 4.0])
    splat(pixels, where, where, np.array([1, 2], np.uint32), np.array([3, 4], np.uint32), 3)
    assert pixels[4, 4] == 2


def test_packing_and_mixing():
    assert packed(np.array([[1, 2, 3]], np.uint8))[0] == 0xFF010203
    assert mixed(np.array([[0, 100, 200]]), np.array([100, 100, 100]), 0.5).tolist() == [
        [50, 100, 150]
    ]
