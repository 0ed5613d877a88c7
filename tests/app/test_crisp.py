import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.crisp import CrispPicture
from app.plots.raster import image_of


@pytest.fixture
def picture(qtbot):
    made = CrispPicture("A picture", 80)
    qtbot.addWidget(made)
    return made


def halves(side):
    """Black above, white below."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[side // 2 :] = 255
    return image_of(pixels)


def shades(picture):
    """How many different greys stand in the middle column."""
    image = picture.pixmap().toImage()
    x = image.width() // 2
    return {QColor(image.pixel(x, y)).red() for y in range(image.height())}


def test_few_pixels_stay_crisp_and_many_are_smoothed(picture):
    picture.show_picture(halves(4))
    assert shades(picture) == {0, 255}
    picture.show_picture(halves(130))
    assert picture.pixmap().deviceIndependentSize().width() == 80
    assert {0, 255} <= shades(picture)


def test_it_is_square_named_and_can_be_empty(picture):
    assert (picture.width(), picture.height()) == (80, 80)
    assert picture.accessibleName() == picture.toolTip() == "A picture"
    picture.show_picture(image_of(np.full((10, 20, 3), 200, np.uint8)))
    image = picture.pixmap().toImage()
    assert QColor(image.pixel(image.width() // 2, image.height() // 2)).red() == 200
    assert image.pixelColor(image.width() // 2, 2).alpha() == 0  # wide pictures leave room above
    picture.show_picture(None)
    assert picture.pixmap().isNull()
