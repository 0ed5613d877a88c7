import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from app.plots.camera import Camera
from app.plots.outline import Outline, paint_words

CAMERA = Camera(x=0.0, y=0.0, scale=10.0, width=200.0, height=100.0)
POINTS = np.array([[0.0, 0.0], [3.0, 1.0], [-3.0, 1.0], [np.nan, 0.0]])


def image():
    made = QImage(200, 100, QImage.Format.Format_RGB32)
    made.fill(0)
    return made


def test_a_box_is_between_the_first_and_the_last_place(qapp):
    box = Outline("box", 4.0, 2.0)
    assert not box.holds(POINTS)[0]
    for place in ((1.0, 1.0), (9.0, 9.0), (-1.0, -1.0)):
        assert box.extend(*place, CAMERA)
    assert box.holds(POINTS).tolist() == [True, True, False, False]


def test_a_lasso_takes_a_corner_every_two_pixels(qapp):
    lasso = Outline("lasso", -1.0, -1.0)
    assert not lasso.extend(-0.9, -1.0, CAMERA), "one pixel is no way"
    for place in ((4.0, -1.0), (4.0, 2.0), (-1.0, 2.0)):
        assert lasso.extend(*place, CAMERA)
    assert lasso.holds(POINTS).tolist() == [True, True, False, False]


@pytest.mark.parametrize("kind", ["lasso", "box"])
def test_the_line_is_dashed_and_what_is_inside_is_tinted(qapp, kind):
    outline = Outline(kind, -5.0, 3.0)
    for place in ((5.0, 3.0), (5.0, -3.0), (-5.0, -3.0)) if kind == "lasso" else ((5.0, -3.0),):
        outline.extend(*place, CAMERA)
    shown = image()
    painter = QPainter(shown)
    outline.paint(painter, CAMERA)
    painter.end()
    assert shown.pixelColor(100, 50).blue() > 0
    assert shown.pixelColor(10, 50).blue() == 0
    row = [max(shown.pixelColor(x, y).blue() for y in (19, 20, 21)) for x in range(55, 145)]
    assert max(row) > 200
    assert min(row) < 60, "dashes have gaps"


def test_words_stay_within_the_map(qapp):
    for x, y in ((20, 20), (190, 95), (100, 50)):
        shown = image()
        painter = QPainter(shown)
        paint_words(painter, "+1,234", QPointF(x, y), QRectF(0, 0, 200, 100))
        painter.end()
        written = [
            (column, row)
            for column in range(200)
            for row in range(100)
            if shown.pixelColor(column, row).value() > 20
        ]
        assert written
        columns, rows = zip(*written, strict=True)
        assert min(columns) >= 0
        assert max(columns) <= 198
        assert max(rows) <= 98
