import math

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app import theme
from app.panels import view_bars
from app.panels.view_encoder import Cosine

BLUE = "#3060ff"
WORDS = 90


def painted(cosines, *, fresh=True, narrow=False, width=300):
    image = QImage(width, 60, QImage.Format.Format_RGB888)
    image.fill(QColor(theme.tokens().surface))
    painter = QPainter(image)
    area = QRectF(0, 0, width, 60)
    view_bars.paint(painter, area, cosines, WORDS, BLUE, fresh=fresh, narrow=narrow)
    painter.end()
    return image


def length(image, colour=BLUE, line=0, narrow=False):
    """Pixels of a colour on the middle of a bar."""
    tall = view_bars.CLOSE if narrow else view_bars.LINE
    y = line * tall + tall // 2
    return sum(image.pixelColor(x, y).name() == colour for x in range(WORDS, image.width()))


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.864, "0.86"), (1.0, "1.00"), (-0.12, "−0.12"), (-0.001, "0.00"), (math.nan, "–")],
)
def test_numbers_have_two_places_and_a_true_minus(value, words):
    assert view_bars.number(value) == words


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_bar_is_as_long_as_its_cosine(name):
    theme.current().apply(name)
    found = [
        length(painted([Cosine("to the original", value, math.nan)]))
        for value in (0.0, 0.25, 0.5, 1.0)
    ]
    assert found[0] == 0
    assert found[3] > 0.9 * view_bars.BAR
    assert found[1] == pytest.approx(found[3] / 4, abs=4)
    assert found[2] == pytest.approx(found[3] / 2, abs=4)
    for value in (-0.4, math.nan):
        assert length(painted([Cosine("to the original", value, 0.5)])) == 0


def test_the_untrained_encoder_is_a_mark_and_old_numbers_are_faded():
    mark, muted = theme.tokens().text.lower(), theme.tokens().muted.lower()
    marked = painted([Cosine("to the original", 0.5, 0.9)])
    plain = painted([Cosine("to the original", 0.5, math.nan)])
    above = view_bars.LINE // 2 - 4
    found = [x for x in range(WORDS + 45, 300) if marked.pixelColor(x, above).name() == mark]
    assert len(found) == 2
    assert [x for x in found if plain.pixelColor(x, above).name() == mark] == []
    old = painted([Cosine("to the original", 0.5, 0.9)], fresh=False)
    assert length(old) == 0
    assert length(old, muted) > 20


def test_lines_stand_below_each_other_and_are_close_where_it_is_narrow():
    lines = [Cosine("to the original", 1.0, math.nan), Cosine("to view B", 1.0, math.nan)]
    for narrow in (False, True):
        image = painted(lines, narrow=narrow)
        assert length(image, line=0, narrow=narrow) == length(image, line=1, narrow=narrow) > 0
    assert view_bars.height(2, narrow=True) < view_bars.height(2, narrow=False)
    assert view_bars.height(0, narrow=False) == 0


def test_where_there_is_no_room_there_is_no_bar():
    cosines = [Cosine("to the original", 0.9, 0.5)]
    assert view_bars.bar_width(300, WORDS, cosines, narrow=False) == view_bars.BAR
    assert view_bars.bar_width(150, WORDS, cosines, narrow=False) == 0
    assert view_bars.bar_width(300, WORDS, [], narrow=False) == 0
    assert length(painted(cosines, width=150)) == 0


def test_words_are_short_where_it_is_narrow():
    lines = [Cosine(one, 0.5, 0.5) for one in ("to the original", "to view B", "to each other")]
    short = [view_bars.words(one, narrow=True) for one in lines]
    assert short == ["original", "view B", "each other"]
    assert [view_bars.words(one, narrow=False) for one in lines] == [one.words for one in lines]
    wide = view_bars.words_width(lines, narrow=False)
    assert view_bars.words_width(lines, narrow=True) < wide
    assert view_bars.words_width(lines[1:2], narrow=False) < wide


def test_the_tip_says_in_words_what_was_measured():
    cosines = [Cosine("to the original", 0.86, 0.41), Cosine("to view B", -0.2, math.nan)]
    tip = view_bars.tip("view A", cosines, "first-run", 12_090)
    assert "How far does view A move the image" in tip
    assert "To the original: 0.86, untrained 0.41" in tip
    assert "To view B: −0.20, untrained –" in tip
    assert "step 12,090, run first-run" in tip
