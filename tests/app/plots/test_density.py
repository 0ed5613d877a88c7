import numpy as np
import pytest

from app.plots.density import FAINTEST, shade
from app.plots.splat import Screen, packed

RED, BLUE = packed(np.array([[200, 0, 0], [0, 0, 100]], np.uint8))
GROUND = 20


def shaded(places, colours, strength=1.0, size=(12, 10)):
    screen = Screen(*size, 1)
    pixels = np.full(screen.size, packed(np.full((1, 3), GROUND))[0], np.uint32)
    x, y = np.array(places, float).reshape(-1, 2).T
    shade(pixels, screen, screen.places(x, y)[0], np.array(colours, np.uint32), strength)
    picture = screen.inner(pixels).astype(float)
    return picture // 2**16 % 256, picture % 256


def test_a_lonely_point_is_seen_and_shines_a_little():
    red, blue = shaded([[5, 5]], [RED])
    assert red[5, 5] == pytest.approx(GROUND + (200 - GROUND) * FAINTEST, abs=0.5)
    assert blue[5, 5] == pytest.approx(GROUND * (1 - FAINTEST), abs=0.5)
    assert red[5, 4] == pytest.approx(GROUND + (200 - GROUND) * FAINTEST / 2, abs=0.5)
    assert red[4, 4] == pytest.approx(GROUND + (200 - GROUND) * FAINTEST / 4, abs=0.5)
    assert red[5, 7] == GROUND


def test_more_points_are_stronger_by_their_logarithm():
    many = [[2, 5]] * 4 + [[8, 5]] * 16
    red, _ = shaded(many, [RED] * 20)
    part = (red - GROUND) / (200 - GROUND)
    assert part[5, 8] == pytest.approx(1.0, abs=0.03)
    assert FAINTEST < part[5, 2] < part[5, 8]
    middle = FAINTEST + (1 - FAINTEST) * 0.5  # two of four doublings
    assert part[5, 2] == pytest.approx(middle, abs=0.05)


def test_colours_mix_as_their_points_do():
    red, blue = shaded([[5, 5]] * 4, [RED, RED, RED, BLUE])
    assert red[5, 5] == pytest.approx(150, abs=0.5)
    assert blue[5, 5] == pytest.approx(25, abs=0.5)


def test_one_colour_for_all_and_less_strength():
    same = shaded([[5, 5], [5, 6]], [RED])
    listed = shaded([[5, 5], [5, 6]], [RED, RED])
    assert np.array_equal(same, listed)
    weak, _ = shaded([[5, 5]], [RED], strength=0.5)
    assert weak[5, 5] == pytest.approx(GROUND + (200 - GROUND) * FAINTEST / 2, abs=0.5)


def test_nothing_in_sight_changes_nothing():
    red, _ = shaded([[50, 50]], [RED])
    assert (red == GROUND).all()
