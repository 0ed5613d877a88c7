from importlib import resources

import pytest
from PySide6.QtGui import QColor

from app import theme
from app.icon import icon, pixmap
from app.rail import PLACES

FILES = sorted(
    entry.name.removesuffix(".svg")
    for entry in (resources.files("resources") / "icons").iterdir()
    if entry.name.endswith(".svg")
)


@pytest.mark.parametrize("name", FILES)
def test_every_icon_draws_something(name):
    image = pixmap(name, "#ff0000").toImage()
    opaque = sum(
        image.pixelColor(x, y).alpha() > 200
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )
    assert 5 < opaque < 27 * 27 * 0.9


def test_icon_is_tinted():
    image = pixmap("pause", "#ff0000", 18).toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {QColor("#ff0000").name()}


def test_places_have_icons(qapp):
    assert {place.icon for place in PLACES} <= set(FILES)
    assert not icon("data", theme.tokens().muted).isNull()
