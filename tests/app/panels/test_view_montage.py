import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.panels.view_montage import APART, GAP, paint_montage, places, rooms
from app.panels.view_render import Seen

AREA = QRectF(10, 20, 280, 280)


def boxes(found):
    return np.array([[one.left(), one.top(), one.width(), one.height()] for one in found])


@pytest.mark.parametrize(
    ("count", "group", "across"), [(1, 1, 1), (2, 1, 2), (4, 1, 2), (9, 9, 3), (4, 4, 2), (5, 1, 3)]
)
def test_pictures_of_one_draw_make_a_square_grid(count, group, across):
    found = boxes(places(AREA, count, group))
    assert len(found) == count
    side = (280 - GAP * (across - 1)) / across
    assert np.allclose(found[:, 2:], side)
    rows, columns = np.divmod(np.arange(count), across)
    assert np.allclose(found[:, 0], 10 + columns * (side + GAP))
    assert np.allclose(found[:, 1], 20 + rows * (side + GAP))


@pytest.mark.parametrize(("count", "group"), [(4, 2), (8, 2), (16, 2), (6, 3), (40, 2), (18, 9)])
def test_pictures_of_a_draw_stay_side_by_side_and_draws_apart(count, group):
    found = places(AREA, count, group)
    shown = boxes(found)
    assert AREA.adjusted(-0.1, -0.1, 0.1, 0.1).contains(
        QRectF(shown[:, 0].min(), shown[:, 1].min(), 0.1, 0.1)
    )
    assert (shown[:, 0] + shown[:, 2]).max() <= 290.1
    assert (shown[:, 1] + shown[:, 3]).max() <= 300.1
    for first in range(0, count, group):
        draw = shown[first : first + group]
        assert np.allclose(draw[:, 1], draw[0, 1]), "in one row"
        assert np.allclose(np.diff(draw[:, 0]), draw[0, 2] + GAP)
        others = np.delete(shown, np.s_[first : first + group], axis=0)
        around = QRectF(*draw[0]).united(QRectF(*draw[-1]))
        around.adjust(-APART + 0.1, -APART + 0.1, APART - 0.1, APART - 0.1)
        assert not any(around.intersects(QRectF(*one)) for one in others)


def test_few_draws_leave_room_for_words_and_many_do_not():
    assert places(AREA, 8, 2)[2].top() > places(AREA, 8, 2)[1].top(), "a draw to a row"
    many = places(AREA, 40, 2)
    assert many[2].top() == many[1].top()


def seen_of(count, together, answers):
    tile = QImage(8, 8, QImage.Format.Format_RGB888)
    tile.fill(QColor("#00ff00"))
    return Seen("v", "V", (tile,) * count, (), (), tuple(answers), together)


def painted(count, answers, together=2):
    """A picture of a montage, and one of the same without any answers."""
    pictures = []
    for told in (answers, ()):
        seen = seen_of(count, together, told)
        image = QImage(300, 300, QImage.Format.Format_RGB32)
        image.fill(QColor("#000000"))
        painter = QPainter(image)
        paint_montage(painter, QRect(0, 0, 300, 300), seen, ())
        painter.end()
        pictures.append(image)
    return pictures


def changed_columns(one, other):
    """Columns in which two pictures differ."""
    pixels = [
        np.frombuffer(image.constBits(), np.uint32).reshape(300, 300) for image in (one, other)
    ]
    return np.flatnonzero((pixels[0] != pixels[1]).any(0))


def test_the_answer_of_every_draw_stands_beside_it():
    columns = changed_columns(*painted(count=8, answers=("left", "above", "right", "below")))
    last = places(QRectF(0, 0, 300, 300), 8, 2)[1].right()
    assert len(columns)
    assert columns.min() > last


def test_where_draws_stand_side_by_side_there_is_no_room_for_answers():
    words = tuple(str(number) for number in range(20))
    assert not len(changed_columns(*painted(count=40, answers=words)))


def test_the_answer_of_every_picture_stands_in_its_corner():
    columns = changed_columns(*painted(count=4, together=4, answers=("0°", "90°", "180°", "270°")))
    assert columns.min() < 10
    assert columns.max() < 220


@pytest.mark.parametrize("side", range(200, 500, 30))
@pytest.mark.parametrize("draws", range(2, 17))
def test_answers_have_room_for_all_draws_or_for_none(draws, side):
    area = QRectF(0, 0, side, side)
    found = rooms(area, seen_of(2 * draws, 2, map(str, range(draws))))
    assert len(found) in (0, draws)
    for one in found:
        assert not any(one.intersects(place) for place in places(area, 2 * draws, 2))


def test_answers_that_do_not_fit_the_draws_have_no_room():
    assert rooms(AREA, seen_of(8, 2, ("a", "b", "c"))) == []
    assert rooms(AREA, seen_of(4, 4, ("a",))) == []
    assert rooms(AREA, seen_of(0, 1, ())) == []
    painted(count=8, answers=("a", "b", "c"))
    painted(count=0, answers=(), together=1)
