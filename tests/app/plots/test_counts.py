import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.plots.counts import LINE, paint_counts


def painted(counts):
    pixmap = QPixmap(200, 80)
    pixmap.fill(QColor("#000000"))
    painter = QPainter(pixmap)
    place = QRectF(0, 0, 200, 80)
    paint_counts(painter, place, np.array(counts), (-1.0, 1.0), "diagonal", QColor("#ff0000"))
    painter.end()
    image = pixmap.toImage()
    return [
        sum(image.pixelColor(int((bin_ + 0.4) * 200 / len(counts)), y).red() > 200
            and image.pixelColor(int((bin_ + 0.4) * 200 / len(counts)), y).green() < 60
            for y in range(int(LINE), 80 - int(LINE)))
        for bin_ in range(len(counts))
    ]  # fmt: skip


def test_bars_are_as_high_as_their_share_of_the_largest(qapp):
    heights = painted([0, 50, 100, 25])
    assert heights[0] == 0
    assert abs(heights[1] - heights[2] / 2) <= 2
    assert abs(heights[3] - heights[2] / 4) <= 2
    assert heights[2] > 30


def test_no_counts_is_no_error(qapp):
    assert painted([0, 0]) == [0, 0]
