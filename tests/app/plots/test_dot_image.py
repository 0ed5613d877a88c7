import numpy as np
import pytest

from app import theme
from app.plots import colours, dot_image
from app.plots.dot_image import Cloud, crowding, drawn, faded, greyed, shaded
from app.plots.splat import Screen, packed

RGB = np.array([[0, 0, 0], [255, 0, 0], [0, 128, 0], [240, 228, 66]], np.uint8)
TINTS = packed(RGB)
RED, GREEN, YELLOW = 1, 2, 3


@pytest.fixture(params=theme.NAMES, autouse=True)
def each_theme(qapp, request):
    theme.current().apply(request.param)
    yield request.param
    theme.current().apply("dark")


def cloud(screen, where, look="full", edged=False):
    """Points by number at places (x, y)."""
    numbers = np.array(sorted(where), np.int32)
    x, y = np.array([where[number] for number in numbers], float).T
    return Cloud(numbers, screen.places(x, y)[0], look, edged)


def colour(screen, flat, x, y):
    return f"#{int(screen.inner(flat)[y, x]) & 0xFFFFFF:06x}"


@pytest.fixture
def screen():
    return Screen(60, 20, 9)


def ground():
    return theme.tokens().surface.lower()


def test_dots_in_their_colours_on_the_ground(screen):
    flat = drawn(screen, [cloud(screen, {RED: (10, 10), GREEN: (30, 10)})], TINTS, None, 6)
    assert colour(screen, flat, 10, 10) == "#ff0000"
    assert colour(screen, flat, 30, 10) == "#008000"
    assert colour(screen, flat, 20, 10) == ground()


def test_later_points_and_later_clouds_lie_above(screen):
    flat = drawn(screen, [cloud(screen, {RED: (10, 10), GREEN: (10, 10)})], TINTS, None, 6)
    assert colour(screen, flat, 10, 10) == "#008000"
    clouds = [cloud(screen, {GREEN: (10, 10)}), cloud(screen, {RED: (10, 10)})]
    assert colour(screen, drawn(screen, clouds, TINTS, None, 6), 10, 10) == "#ff0000"


def test_grey_and_faded_are_seen_but_not_in_colour(screen):
    clouds = [cloud(screen, {RED: (10, 10)}, "grey"), cloud(screen, {GREEN: (30, 10)}, "faded")]
    flat = drawn(screen, clouds, TINTS, None, 6)
    assert colour(screen, flat, 10, 10) == greyed(theme.tokens())
    pale = colour(screen, flat, 30, 10)
    assert pale not in ("#008000", ground(), greyed(theme.tokens()))


def test_chosen_points_have_an_edge_that_stands_out(screen, each_theme):
    plain = drawn(screen, [cloud(screen, {GREEN: (30, 10)})], TINTS, None, 6).copy()
    edged = drawn(screen, [cloud(screen, {GREEN: (30, 10)}, edged=True)], TINTS, None, 6)
    assert colour(screen, plain, 26, 10) == ground()
    edge = colour(screen, edged, 26, 10)
    assert theme.contrast(edge, ground()) > 7
    assert colour(screen, edged, 30, 10) == "#008000"
    assert colour(screen, edged, 24, 10) == ground(), "one pixel wide"


def test_pale_dots_get_an_edge_on_white(screen, each_theme):
    flat = drawn(screen, [cloud(screen, {GREEN: (30, 10), YELLOW: (10, 10)})], TINTS, None, 6)
    assert (colour(screen, flat, 6, 10) == ground()) == (each_theme == "dark")
    assert colour(screen, flat, 26, 10) == ground()


def test_marks_have_shapes_and_a_gap_between_them(screen):
    marks = np.array([0, 1, 3], np.uint8)  # circle, square, plus
    where = {RED: (10, 10), GREEN: (30, 10), YELLOW: (50, 10)}
    flat = drawn(screen, [cloud(screen, where)], TINTS, marks, 11)
    corner = [colour(screen, flat, x - 4, 6) for x in (10, 30, 50)]
    assert corner[1] == "#008000", "a square has corners"
    assert "#ff0000" != corner[0] != corner[2] != "#f0e442"
    over = drawn(screen, [cloud(screen, {RED: (10, 10), GREEN: (16, 10)})], TINTS, marks, 11)
    assert colour(screen, over, 16, 10) == "#008000"
    row = [colour(screen, over, x, 10) for x in range(6, 17)]
    first, last = row.index("#ff0000"), row.index("#008000")
    assert ground() in row[first:last], "the ground is seen between them"


def test_density_shows_what_is_covered(screen):
    where = {RED: (10, 10), GREEN: (10, 10)}
    flat = shaded(screen, [cloud(screen, where)], TINTS)
    pixel = int(screen.inner(flat)[10, 10])
    assert (pixel >> 16) & 0xFF > 60
    assert (pixel >> 8) & 0xFF > 30
    assert colour(screen, flat, 30, 10) == ground()
    grey = shaded(screen, [cloud(screen, {RED: (10, 10)}, "grey")], TINTS).copy()
    taken = shaded(screen, [cloud(screen, {RED: (10, 10)}, "grey", edged=True)], TINTS)
    tones = [theme.contrast(colour(screen, one, 10, 10), ground()) for one in (grey, taken)]
    assert 1.0 < tones[0] < tones[1], "chosen ones are seen among the greyed"


def test_crowding_counts_points_per_covered_pixel(screen, monkeypatch):
    places = screen.places(np.full(90, 10.0), np.full(90, 10.0))[0]
    assert crowding(screen, places, 3) == 0.0, "few points are never a crowd"
    monkeypatch.setattr(dot_image, "CROWDED_FROM", 50)
    assert crowding(screen, places, 3) == pytest.approx(90.0)
    apart = screen.places(np.arange(60.0), np.full(60, 10.0))[0]
    assert 2.5 < crowding(screen, apart, 3) < 3.0, "a row of dots three pixels wide"


def test_faded_colours_keep_their_hue():
    base = packed(colours.bytes_of(theme.tokens().surface)[None])[0]
    made = int(faded(TINTS[RED : RED + 1], base)[0])
    red, green, blue = ((made >> shift) & 0xFF for shift in (16, 8, 0))
    ground_red, ground_green, _ = (int(one) for one in colours.bytes_of(theme.tokens().surface))
    assert red - ground_red == pytest.approx((255 - ground_red) * 0.375, abs=2)
    assert ground_green - green == pytest.approx(ground_green * 0.375, abs=3)
    assert blue < 256
