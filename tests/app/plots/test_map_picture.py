import xml.etree.ElementTree as ElementTree

import numpy as np
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from app.plots.map_picture import ENTRY, HEIGHT, MARGIN, WIDTH, png, svg

SPACE = "{http://www.w3.org/2000/svg}"
POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [np.nan, 1.0]])
COLOURS = np.array([[255, 0, 0], [0, 0, 255], [255, 0, 0], [0, 0, 255]], np.uint8)


def drawn(text):
    """{colour: [(x, y)]} of the dots, and all words."""
    root = ElementTree.fromstring(text)
    dots = {
        group.get("fill"): [
            (float(dot.get("cx")), float(dot.get("cy"))) for dot in group.findall(f"{SPACE}circle")
        ]
        for group in root.iter(f"{SPACE}g")
        if group.get("fill")
    }
    return dots, [one.text for one in root.iter(f"{SPACE}text")]


def test_dots_keep_colour_and_shape_and_stand_upright():
    dots, _ = drawn(svg(POINTS, COLOURS))
    assert set(dots) == {"#ff0000", "#0000ff"}
    (origin, up), (right,) = dots["#ff0000"], dots["#0000ff"]
    assert right[0] > origin[0]
    assert right[1] == origin[1]
    assert up[1] < origin[1], "upwards, as on the screen"
    assert abs((origin[1] - up[1]) - 2 * (right[0] - origin[0])) < 0.2, "not stretched"
    for x, y in (origin, up, right):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_renderer_paints_every_dot():
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    text = svg(POINTS, COLOURS, diameter=10)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    dots, _ = drawn(text)
    for colour, places in dots.items():
        for x, y in places:
            found = image.pixelColor(round(x) + MARGIN, round(y) + MARGIN)
            assert found.name() == colour


def test_title_and_legend_are_words_whatever_is_in_them():
    legend = [("a <b> & c", "#56B4E9"), ("馬", "#e69f00")]
    _, words = drawn(svg(POINTS, COLOURS, legend, "UMAP <1> & more\x07"))
    assert words == ["UMAP <1> & more", "a <b> & c", "馬"]


def test_a_legend_too_long_says_how_many_are_left_out():
    legend = [(f"class {n}", "#000000") for n in range(100)]
    _, words = drawn(svg(POINTS, COLOURS, legend))
    left = 100 - (len(words) - 1)
    assert words[-1] == f"and {left} more"
    assert len(words) * ENTRY < HEIGHT


def test_odd_maps_can_be_drawn():
    dots, _ = drawn(svg(np.zeros((0, 2)), np.zeros((0, 3), np.uint8)))
    assert dots == {}
    dots, _ = drawn(svg(np.full((2, 2), np.nan), COLOURS[:2]))
    assert dots == {}
    dots, _ = drawn(svg(np.ones((2, 3)), COLOURS[:2]))
    assert sum(map(len, dots.values())) == 2


def test_a_png_is_the_widget_twice_as_sharp(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(40, 30)
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor("#123456"))
    widget.setPalette(palette)
    widget.setStyleSheet("background: #123456")
    image = QImage.fromData(png(widget))
    assert (image.width(), image.height()) == (80, 60)
    assert image.pixelColor(40, 30).name() == "#123456"
