import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt

from app.plots.image_grid import ImageGridPlot, laid_out_grid
from sslcore.diagnostics import ImageGrid


@pytest.fixture
def plot(qtbot):
    made = ImageGridPlot("Pairs")
    qtbot.addWidget(made)
    made.resize(420, 260)
    images = np.zeros((2, 5, 8, 8, 3), np.uint8)
    images[1, 3] = (0, 200, 0)
    made.set_diagnostic(ImageGrid(images, ("original", "corrupted"), np.array([7, 3, 9, 42, 5])))
    made.show()
    return made


def test_a_click_gives_the_image(plot, qtbot):
    place = plot.layout_now().place(1, 3).center().toPoint()
    assert plot.grab().toImage().pixelColor(place).name() == "#00c800"
    with qtbot.waitSignal(plot.image_clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [42]


def test_the_picture_under_the_mouse_is_shown_larger(plot, qtbot):
    place = plot.layout_now().place(1, 3)
    beside = plot.layout_now().place(1, 4).center().toPoint()
    assert plot.grab().toImage().pixelColor(beside).name() == "#000000"
    qtbot.mouseMove(plot, place.center().toPoint())
    assert plot.at(place.center()) == (1, 3)
    image = plot.grab().toImage()
    green = sum(image.pixelColor(x, y).name() == "#00c800"
                for x in range(image.width()) for y in range(image.height()))  # fmt: skip
    assert green > 2 * place.width() * place.height()


def test_keys_walk_over_pictures(plot, qtbot):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(plot, key)
    with qtbot.waitSignal(plot.image_clicked) as clicked:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert clicked.args == [3]


@pytest.mark.parametrize("size", [(420, 260), (300, 500), (900, 150)])
@pytest.mark.parametrize("count", [1, 8, 64])
def test_all_pictures_stand_within_the_place(size, count):
    place = QRectF(0, 20, size[0], size[1] - 20)
    layout = laid_out_grid(count, 1.0, place, (True, False, True))
    if layout.width <= 1:  # there is no room: a picture is never less than a pixel
        return
    for row in range(3):
        for column in range(count):
            assert place.adjusted(-0.1, -0.1, 0.1, 0.1).contains(layout.place(row, column))


def test_pictures_do_not_overlap():
    layout = laid_out_grid(10, 1.0, QRectF(0, 0, 300, 400), (False, True))
    places = [layout.place(row, column) for row in range(2) for column in range(10)]
    for index, one in enumerate(places):
        assert not any(one.intersects(other) for other in places[index + 1 :])


def test_only_rows_with_captions_give_room_to_them(qtbot):
    layout = laid_out_grid(8, 1.0, QRectF(0, 0, 300, 400), (False, True, False))
    tops = [layout.place(row, 0).top() for row in range(3)]
    assert tops[2] - tops[1] == pytest.approx(tops[1] - tops[0] + 14)


def test_captions_and_emptiness(plot, qtbot):
    images = np.zeros((1, 2, 4, 6, 3), np.uint8)
    plot.set_diagnostic(ImageGrid(images, ("a",), np.array([0, 1]), (("one", "two"),)))
    plot.grab()
    assert plot.layout_now().height == pytest.approx(plot.layout_now().width * 4 / 6)
    empty = ImageGridPlot()
    qtbot.addWidget(empty)
    assert empty.is_empty()
    assert empty.at(QRectF(0, 0, 9, 9).center()) is None
    empty.grab()
