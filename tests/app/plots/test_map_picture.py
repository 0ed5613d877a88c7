import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QWidget

from app import theme
from app.plots.dot_image import greyed
from app.plots.map_picture import ENTRY, HEIGHT, MARGIN, WIDTH, png, svg

SPACE = "{http://www.w3.org/2000/svg}"
POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [np.nan, 1.0]])
GREY = greyed(theme.tokens_of("light"))
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


def test_classes_have_the_shapes_they_have_on_the_screen():
    numbers = np.array([1, -1, 7, 2])  # square, none, square again; the last is nowhere
    text = svg(POINTS, COLOURS, [("cat", "#ff0000", "square")], diameter=10, numbers=numbers)
    root = ElementTree.fromstring(text)
    shapes = {
        group.get("fill"): [one.tag.removeprefix(SPACE) for one in group]
        for group in root.iter(f"{SPACE}g")
        if group.get("fill")
    }
    assert shapes == {"#ff0000": ["polygon", "polygon"], "#0000ff": ["circle"]}
    (sign,) = root.findall(f"{SPACE}polygon")
    assert sign.get("fill") == "#ff0000"
    square = next(one for one in root.iter(f"{SPACE}polygon") if one is not sign)
    corners = np.array([one.split(",") for one in square.get("points").split()], float)
    assert np.ptp(corners, axis=0) == pytest.approx([8.6, 8.6], abs=0.15)
    plain, _ = drawn(svg(POINTS, COLOURS, [("cat", "#ff0000", "circle")], diameter=10))
    assert corners.mean(0) == pytest.approx(plain["#ff0000"][0], abs=0.1), "where the dot was"
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    x, y = corners.mean(0).round().astype(int).tolist()
    assert image.pixelColor(x + MARGIN + 3, y + MARGIN + 3).name() == "#ff0000", "a circle has none"


def looks(text):
    """[(fill, opacity, stroke, number of dots)] of the groups, from the ground up."""
    groups = (one for one in ElementTree.fromstring(text).iter(f"{SPACE}g") if one.get("fill"))
    return [
        (one.get("fill"), one.get("opacity"), one.get("stroke"), len(one.findall("*")))
        for one in groups
    ]


def test_what_the_legend_greys_out_is_grey_and_below(qtbot):
    kept = np.array([True, False, True, True])
    text = svg(POINTS, COLOURS, emphasis=kept)
    assert looks(text) == [(GREY, None, None, 1), ("#ff0000", None, None, 2)]
    theme.current().apply("light")
    assert svg(POINTS, COLOURS, emphasis=kept) == text, "for paper, whatever is on the screen"


def test_chosen_dots_have_a_ring_while_the_others_fade():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    chosen = np.array([False, True, True, False])
    found = looks(svg(points, COLOURS, chosen=chosen))
    assert [one[:2] for one in found] == [
        ("#0000ff", "0.375"), ("#ff0000", "0.375"), ("#0000ff", None), ("#ff0000", None),
    ]  # fmt: skip
    assert [one[2] is None for one in found] == [True, True, False, False]
    ring = QColor(found[2][2])
    assert ring.lightness() < 80, "dark"
    both = looks(svg(points, COLOURS, chosen=chosen, emphasis=np.array([True, False, True, False])))
    assert [one[0] for one in both] == [GREY, "#ff0000", GREY, "#ff0000"], "on top what is chosen"
    assert both[2][2] is not None, "chosen ones are seen among the greyed"
    assert both[2][2] != both[3][2] == ring.name()


def test_title_and_legend_are_words_whatever_is_in_them():
    legend = [("a <b> & c", "#56B4E9", "circle"), ("馬", "#e69f00", "plus")]
    _, words = drawn(svg(POINTS, COLOURS, legend, "UMAP <1> & more\x07"))
    assert words == ["UMAP <1> & more", "a <b> & c", "馬"]


def test_a_legend_too_long_says_how_many_are_left_out():
    legend = [(f"class {n}", "#000000", "circle") for n in range(100)]
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


def test_a_png_has_another_widget_below_on_the_ground_of_a_card(qtbot):
    above, below = QLabel("map"), QLabel()
    for widget, colour, size in ((above, "#123456", (40, 30)), (below, "#654321", (60, 10))):
        qtbot.addWidget(widget)
        widget.resize(*size)
        widget.setStyleSheet(f"background: {colour}")
    row = QWidget(below)
    row.setStyleSheet("background: #654321")
    row.setGeometry(0, 0, 20, 10)
    image = QImage.fromData(png(above, below))
    assert (image.width(), image.height()) == (2 * (60 + 20), 2 * (30 + 10 + 20))
    assert image.pixelColor(2, 2).name() == "#123456"
    assert image.pixelColor(2 * 15, 2 * (30 + 15)).name() == "#654321"
    ground = theme.tokens().surface.lower()
    for x, y in ((2 * 70, 4), (4, 2 * 45), (2 * 15, 2 * 55)):
        assert image.pixelColor(x, y).name() == ground
