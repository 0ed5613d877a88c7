import math

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app import theme
from app.plots.response_chart import Chart, band_tint, paint_chart, pen, scales, tint

CELL = QRectF(10, 20, 300, 150)


def chart(**changes):
    values = {
        "title": "Crop",
        "scale": "area kept (%)",
        "strengths": (100.0, 50.0, 8.0),
        "words": ("100 %", "50 %", "8 %"),
        "lines": {"trained": (1.0, 0.5, 0.2)},
    } | changes
    return Chart(**values)


def painted(one, low=0.0, percent=False):
    image = QImage(320, 190, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    paint_chart(painter, CELL, one, low, percent)
    painter.end()
    return image


def heights(image, x, colour):
    return [y for y in range(image.height()) if image.pixelColor(round(x), y).name() == colour]


def test_axes_run_from_nothing_at_the_left_and_from_one_at_the_top():
    across, upright = scales(CELL, chart(), -0.2, percent=False)
    assert CELL.left() < across.pixel(100) < across.pixel(50) < across.pixel(8) < CELL.right()
    assert (
        CELL.top() < upright.pixel(1.0) < upright.pixel(0.0) < upright.pixel(-0.2) < CELL.bottom()
    )
    assert scales(CELL, chart(), 0.0, percent=True)[0].start > across.start  # room for the sign


def test_the_line_stands_at_its_values_and_breaks_where_there_is_none():
    accent = theme.tokens().series[0].lower()
    across, upright = scales(CELL, chart(), 0.0, percent=False)
    found = heights(painted(chart()), across.pixel(50), accent)
    assert found
    assert sum(found) / len(found) == pytest.approx(upright.pixel(0.5), abs=2)
    broken = painted(chart(lines={"trained": (1.0, math.nan, 0.2)}))
    assert heights(broken, across.pixel(60), accent) == []


def test_the_band_is_painted_about_the_line():
    across, upright = scales(CELL, chart(), 0.0, percent=False)
    plain = painted(chart())
    banded = painted(chart(band=((1.0, 0.3, 0.1), (1.0, 0.9, 0.4))))
    x, inside = round(across.pixel(50)), round(upright.pixel(0.8))
    outside = round(upright.pixel(0.15))
    assert plain.pixelColor(x, inside) != banded.pixelColor(x, inside)
    assert plain.pixelColor(x, outside) == banded.pixelColor(x, outside)


def test_the_reference_is_a_level_line():
    _, upright = scales(CELL, chart(), 0.0, percent=False)
    plain, floored = painted(chart()), painted(chart(floor=0.35))
    y = upright.pixel(0.35)
    differing = {
        row
        for row in range(190)
        for x in range(60, 300)
        if plain.pixelColor(x, row) != floored.pixelColor(x, row)
    }
    assert differing
    assert all(abs(row - y) <= 2 for row in differing)


def test_lines_are_told_apart_by_more_than_colour():
    assert pen(0).style() == Qt.PenStyle.SolidLine
    assert pen(1).style() == Qt.PenStyle.DashLine
    assert pen("floor").style() == Qt.PenStyle.DotLine
    assert pen(0).widthF() > pen(2).widthF()
    assert len({tint(number).name() for number in range(4)}) == 4
    assert band_tint().alpha() < 100
