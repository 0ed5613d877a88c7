import numpy as np
import pytest

from app.gallery_layout import CAPTION, HEADING, arrange


def plainly(counts, made):
    """Every image's left and top, every heading's top and the height, by walking along."""
    places, headings, top = [], [], 0
    for count in counts:
        headings.append(top)
        top += made.heading
        for number in range(count):
            if number and number % made.columns == 0:
                top += made.line
            places.append(((number % made.columns) * made.step, top))
        top += made.line
    return places, headings, max(top - made.gap, 0)


CASES = [
    ([23], 430, 96, False, False),
    ([1], 90, 256, True, False),
    ([5, 12, 1, 7], 430, 96, True, True),
    ([4, 4, 8], 420, 96, False, True),
    ([30, 2], 300, 32, False, False),
]


@pytest.mark.parametrize(("counts", "width", "wanted", "captions", "headings"), CASES)
def test_places_are_those_of_a_plain_walk(counts, width, wanted, captions, headings):
    made = arrange(counts, width, wanted, captions=captions, headings=headings)
    places, tops, height = plainly(counts, made)
    assert [made.place(one) for one in range(made.count)] == places
    assert list(zip(*made.places(range(made.count)), strict=True)) == places
    assert made.height == height
    assert made.caption == (CAPTION if captions else 0)
    assert made.heading == (HEADING if headings else 0)
    for top in range(-20, height + 60, 13):
        for bottom in (top, top + 1, top + 40, top + 300):
            seen = [
                number
                for number, (_, y) in enumerate(places)
                if y < bottom and y + made.line > top and bottom > max(top, 0)
            ]
            # A line counts with the gap below it.
            assert list(made.between(top, bottom)) == seen, (top, bottom)
            if headings and bottom > top >= 0:
                shown = [one for one, _ in made.headings(top, bottom)]
                needed = [
                    one for one, y in enumerate(tops) if y < bottom and y + made.heading > top
                ]
                assert set(needed) <= set(shown)
                assert len(shown) <= len(needed) + 1, "one more at most, cut off by the painter"


@pytest.mark.parametrize(("counts", "width", "wanted", "captions", "headings"), CASES)
def test_every_pixel_finds_its_image(counts, width, wanted, captions, headings):
    made = arrange(counts, width, wanted, captions=captions, headings=headings)
    places, _, height = plainly(counts, made)
    for x in range(-3, width + 20, 7):
        for y in range(-3, height + 40, 5):
            over = [
                number
                for number, (left, top) in enumerate(places)
                if 0 <= x - left < made.side and 0 <= y - top < made.side + made.caption
            ]
            assert made.position_at(x, y) == (over[0] if over else -1), (x, y)


def test_moving_by_lines_keeps_the_column_over_sections():
    made = arrange([5, 7, 1], 430, 96, headings=True)
    assert made.columns == 4
    walk = [made.moved(1, lines) for lines in (0, 1, 2, 3, 4, 9)]
    assert walk == [1, 4, 6, 10, 12, 12], "the second column, or the last image of a short line"
    assert [made.moved(12, lines) for lines in (-1, -2, -3, -4, -9)] == [9, 5, 4, 0, 0]


def test_images_fill_the_width_and_are_near_the_wanted_size():
    for wanted in (32, 64, 96, 128, 200, 256):
        for width in range(300, 1500, 41):
            made = arrange([10], width, wanted)
            right = (made.columns - 1) * made.step + made.side
            assert 0 <= width - right < made.columns
            assert 0.5 * wanted < made.side <= 1.5 * wanted


def test_a_million_images_fit_into_a_scroll_bar():
    for wanted, width in ((256, 100), (256, 1200), (32, 1200)):
        made = arrange([1_000_000], width, wanted, captions=True)
        assert made.height < 2**31
        assert made.place(999_999)[1] + made.line - made.gap == made.height


def test_many_sections_cost_little_to_ask():
    counts = np.full(200_000, 5)
    made = arrange(counts, 430, 96, headings=True)
    middle = made.height // 2
    assert len(made.between(middle, middle + 500)) < 40
    assert len(made.headings(middle, middle + 500)) < 10


def test_nothing_has_no_place():
    made = arrange([], 430, 96)
    assert (made.count, made.height, made.position_at(5, 5)) == (0, 0, -1)
    assert list(made.between(0, 500)) == []
    assert made.headings(0, 500) == []
