import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from app import gallery_tiles as module
from app import theme
from app.gallery_tiles import Tiles


def picture(width, height, colour="#00ff00"):
    made = QPixmap(width, height)
    made.fill(QColor(colour))
    return made


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_tiles_keep_the_shape_of_the_picture_and_have_round_corners(qapp, ratio):
    tile = Tiles().tile(0, picture(60, 30), 40, ratio)
    assert (tile.width(), tile.height()) == (40 * ratio, 20 * ratio)
    assert tile.devicePixelRatio() == ratio
    image = tile.toImage()
    assert image.pixelColor(0, 0).alpha() < 128
    assert image.pixelColor(20, 10).name() == "#00ff00"
    assert Tiles().tile(0, picture(500, 1), 40, 1.0).height() == 1, "never nothing"


def test_small_pictures_show_their_pixels_when_much_enlarged(qapp):
    two = picture(2, 2, "#000000")
    painter = QPainter(two)
    painter.fillRect(1, 0, 1, 2, QColor("#ffffff"))
    painter.end()
    image = Tiles().tile(0, two, 40, 1.0).toImage()
    assert {image.pixelColor(x, 20).name() for x in range(4, 36)} == {"#000000", "#ffffff"}


def test_tiles_are_made_once_for_a_picture_and_a_size(qapp, monkeypatch):
    tiles, first = Tiles(), picture(30, 30)
    made = tiles.tile(7, first, 20, 1.0)
    assert tiles.tile(7, first, 20, 1.0) is made
    better = tiles.tile(7, picture(60, 60, "#ff0000"), 20, 1.0)
    assert better.toImage().pixelColor(10, 10).name() == "#ff0000"
    assert tiles.tile(7, first, 24, 1.0).width() == 24
    monkeypatch.setattr(module, "KEPT", 3 * 4 * 24 * 24)
    kept = [tiles.tile(row, first, 24, 1.0) for row in range(5)]
    again = [tiles.tile(row, first, 24, 1.0) is kept[row] for row in (4, 3, 2, 0)]
    assert again == [True, True, True, False]


def test_fading_begins_at_nothing_and_ends(qapp, monkeypatch):
    now = [10.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    tiles = Tiles()
    tiles.fade_in([3])
    assert (tiles.opacity(3), tiles.opacity(4)) == (0, 1)
    now[0] += module.FADE / 2
    assert tiles.opacity(3) == pytest.approx(0.5)
    assert tiles.fading()
    now[0] += module.FADE
    assert not tiles.fading()
    assert tiles.opacity(3) == 1
    tiles.fade_in([3])
    tiles.forget()
    assert tiles.opacity(3) == 1


def drawn(act):
    image = QImage(60, 80, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.tokens().surface))
    painter = QPainter(image)
    act(painter, QRect(10, 10, 40, 40))
    painter.end()
    return image


def test_chosen_current_and_missing_look_different(qapp):
    for name in theme.NAMES:
        theme.current().apply(name)
        tokens = theme.tokens()

        def current(painter, cell, **how):
            module.paint_current(painter, cell, **how)

        acts = [
            lambda p, c: module.paint_missing(p, c, reason=False),
            lambda p, c: module.paint_missing(p, c, reason=True),
            module.paint_chosen,
            module.paint_only,
            lambda p, c: current(p, c, chosen=False, focused=True),
            lambda p, c: current(p, c, chosen=False, focused=False),
            lambda p, c: (module.paint_chosen(p, c), current(p, c, chosen=True, focused=True)),
            lambda p, c: module.paint_caption(p, c, "horse.png", 18, chosen=False),
            lambda p, c: module.paint_caption(p, c, "horse.png", 18, chosen=True),
            lambda p, c: module.paint_heading(p, c.adjusted(-10, 0, 10, 0), "horse", "3"),
            lambda p, c: module.paint_picture(p, c, picture(20, 20), 1.0),
            lambda p, c: module.paint_picture(p, c, picture(20, 20), 0.3),
        ]
        images = [drawn(act) for act in acts]
        seen = [bytes(image.constBits()) for image in images]
        assert len(set(seen)) == len(acts)
        blank = bytes(drawn(lambda *_: None).constBits())
        assert blank not in seen
        assert images[2].pixelColor(11, 30).name() == tokens.accent.lower()
        assert images[4].pixelColor(11, 30).name() == tokens.text.lower()
        assert images[10].pixelColor(30, 30).name() == "#00ff00", "in the middle of its cell"
