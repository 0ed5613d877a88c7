"""Line icons of ``resources/icons``, tinted with a colour of the theme."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from app import theme

SIZE = 18
SCALE = 3
"""Drawn this much larger, so that a screen of two or three device pixels stays sharp."""


@cache
def _source(name: str) -> str:
    return (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int = SIZE) -> QPixmap:
    """The icon as a picture.

    Args:
        name: stem of a file in ``resources/icons``.
        colour: ``"#rrggbb"`` put where the file says ``currentColor``.
        size: side in logical pixels.
    """
    key = f"icon {name} {colour} {size}"
    drawn = QPixmap(QSize(size * SCALE, size * SCALE))
    if QPixmapCache.find(key, drawn):
        return drawn
    source = _source(name).replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size * SCALE, size * SCALE))
    painter.end()
    drawn.setDevicePixelRatio(SCALE)
    QPixmapCache.insert(key, drawn)
    return drawn


def icon(name: str, colour: str | None = None, size: int = SIZE) -> QIcon:
    """The icon for a button, in the text colour unless another is given, faded when disabled.

    Ask again after ``theme.current().changed``: the colour is drawn in.
    """
    tokens = theme.tokens()
    made = QIcon(pixmap(name, colour or tokens.text, size))
    faded = theme.mixed(tokens.muted, tokens.surface, 0.35)
    made.addPixmap(pixmap(name, faded, size), QIcon.Mode.Disabled)
    return made
