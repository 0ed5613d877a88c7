import numpy as np
import pytest

from app import theme
from app.plots import colours
from app.plots.camera import Camera
from app.plots.dots import FARTHEST, Dots

CAMERA = Camera(x=1000.0, y=-500.0, scale=10.0, width=60.0, height=40.0)
PLACES = np.array([[998.0, -500.0], [1000.0, -500.0], [1002.0, -500.0], [1002.0, -501.0]])
"""Seen at x = 10, 30, 50 and y = 20, the last one at y = 30."""
RGB = np.array([[255, 0, 0], [0, 128, 0], [0, 0, 255], [90, 90, 0]], np.uint8)


@pytest.fixture(params=theme.NAMES, autouse=True)
def each_theme(qapp, request):
    theme.current().apply(request.param)
    yield request.param
    theme.current().apply("dark")


@pytest.fixture
def dots():
    made = Dots(4)
    made.set_places(PLACES)
    made.set_colours(RGB)
    return made


def seen(dots, camera=CAMERA, density=False):
    image, _ = dots.picture(camera, 1.0, 6, density=density)
    image = image.copy()
    return [image.pixelColor(x, y).name() for x, y in ((10, 20), (30, 20), (50, 20), (50, 30))]


def test_every_point_at_its_place_in_its_colour(dots):
    assert seen(dots) == ["#ff0000", "#008000", "#0000ff", "#5a5a00"]
    panned = CAMERA.panned(20, 0)
    assert seen(dots, panned)[1:3] == ["#ff0000", "#008000"]


def test_on_a_fine_screen_the_picture_has_more_pixels(dots):
    image, _ = dots.picture(CAMERA, 2.0, 12, density=False)
    assert (image.width(), image.height()) == (120, 80)
    assert image.pixelColor(20, 40).name() == "#ff0000"


def test_points_out_of_sight_or_without_a_place_are_passed_over(dots):
    places = PLACES.copy()
    places[0], places[1] = np.nan, [3000.0, 0.0]
    dots.set_places(places)
    ground = theme.tokens().surface.lower()
    assert seen(dots) == [ground, ground, "#0000ff", "#5a5a00"]
    dots.emphasis = np.array([True, True, True, False])
    assert seen(dots)[2] == "#0000ff"
    dots.set_places(np.full((4, 2), np.nan))
    assert set(seen(dots)) == {ground}


def test_emphasis_and_choice_each_have_their_look(dots):
    full = seen(dots)
    dots.emphasis = np.array([True, True, False, False])
    grey = seen(dots)
    assert grey[:2] == full[:2]
    assert grey[2] == grey[3] not in full
    dots.chosen = np.array([True, False, True, False])
    both = seen(dots)
    assert both[0] == full[0], "chosen and in colour"
    assert both[1] not in (full[1], grey[2]), "in colour, but not chosen: faded"
    assert both[2:] == grey[2:], "greyed by the legend, chosen or not"
    image = dots.picture(CAMERA, 1.0, 6, density=False)[0].copy()
    edges = [image.pixelColor(x, y).name() for x, y in ((6, 20), (46, 20), (46, 30))]
    contrasts = [theme.contrast(edge, theme.tokens().surface) for edge in edges]
    assert contrasts[0] > 7 > contrasts[1] > 2, "chosen ones are edged, more where in colour"
    assert edges[2] == theme.tokens().surface.lower()
    dots.chosen = dots.emphasis = None
    assert seen(dots) == full


def test_no_class_lies_over_all_others():
    dots = Dots(4000)
    dots.set_places(np.repeat(PLACES[1:2], 4000, axis=0) + np.linspace(0, 1e-3, 4000)[:, None])
    at = np.random.default_rng(1).uniform(-2.5, 2.5, (4000, 2)) * [1.0, 0.6] + [1000.0, -500.0]
    dots.set_places(at)
    dots.set_colours(np.repeat(RGB[:2], 2000, axis=0))
    image, _ = dots.picture(CAMERA, 1.0, 6, density=False)
    names = [image.pixelColor(x, y).name() for x in range(10, 50) for y in range(12, 28)]
    assert names.count("#ff0000") == pytest.approx(names.count("#008000"), rel=0.4)


def test_marks_can_be_taken_and_given_back(dots):
    plain = dots.picture(CAMERA, 1.0, 9, density=False)[0].copy()
    assert not dots.marked
    dots.set_marks(np.array([1, 2, -1, 0]))
    assert dots.marked
    marked = dots.picture(CAMERA, 1.0, 9, density=False)[0].copy()
    assert marked != plain
    dots.set_marks(None)
    assert dots.picture(CAMERA, 1.0, 9, density=False)[0] == plain


def test_density_has_every_look_too(dots):
    ground = theme.tokens().surface.lower()
    everything = seen(dots, density=True)
    assert ground not in everything
    dots.emphasis = np.array([True, False, True, False])
    dots.chosen = np.array([True, True, False, False])
    looks = seen(dots, density=True)
    assert len(set(looks)) == 4
    assert ground not in looks


def test_before_colours_come_all_are_missing():
    dots = Dots(4)
    dots.set_places(PLACES)
    missing = "#{:02x}{:02x}{:02x}".format(*colours.missing_colour())
    assert seen(dots) == [missing] * 4


def test_far_points_lie_below_near_ones_and_fade(dots, each_theme):
    both = np.array([[1000.0, -500.0], [1000.0, -500.0], [1002.0, -500.0], [998.0, -500.0]])
    for near, first in (([0.2, 0.9, 1.0, 0.0], 1), ([0.9, 0.2, 1.0, 0.0], 0)):
        dots.set_places(both, np.array(near))
        left, middle, right, _ = seen(dots)
        ground = colours.bytes_of(theme.tokens().surface).astype(int)
        part = 0.9 * (1 - FARTHEST) + FARTHEST
        expected = ground + (RGB[first].astype(int) - ground) * part
        found = [int(middle[at : at + 2], 16) for at in (1, 3, 5)]
        np.testing.assert_allclose(found, expected, atol=2)
        assert right == "#0000ff", "what is nearest keeps its colour"
        faint = ground + (RGB[3].astype(int) - ground) * FARTHEST
        np.testing.assert_allclose([int(left[at : at + 2], 16) for at in (1, 3, 5)], faint, atol=2)


def test_depth_comes_and_goes_without_losing_colours_marks_and_choice(dots):
    dots.set_marks(np.array([0, 1, -1, 3]))
    dots.emphasis = np.array([True, True, False, True])
    before = seen(dots)
    dots.set_places(PLACES, np.array([0.1, 0.7, 0.4, 0.9]))
    dots.set_colours(RGB)
    assert seen(dots) != before
    dots.set_places(PLACES)
    assert seen(dots) == before
