"""How one image of a gallery is painted: its tile, its fading in, its frame, its words."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen, QPixmap, QPixmapCache

from app import theme
from app.icon import pixmap

RADIUS = 4
FADE = 0.14
"""Seconds in which a picture comes up on its grey tile."""
KEPT = 64 * 2**20
"""Bytes of tiles kept: a page at most, and what was scrolled past."""
CRISP = 3
"""Pictures enlarged this much show their pixels instead of a blur."""


class Tiles:
    """Pictures at the size and with the corners they are shown with.

    Scaling is most of the work of painting a picture, so it is done once: scrolling only copies.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[int, tuple[int, QPixmap]] = OrderedDict()
        self._size = (0, 1.0)
        self._bytes = 0
        self._since: dict[int, float] = {}

    def tile(self, row: int, picture: QPixmap, side: int, ratio: float) -> QPixmap:
        """A picture as large as it can be within a square.

        Args:
            row: of the catalogue.
            picture: in any size.
            side: of the square in logical pixels.
            ratio: device pixels for each of them.
        """
        if (side, ratio) != self._size:
            self._forget_tiles()
            self._size = (side, ratio)
        made = self._made.get(row)
        if made is not None and made[0] == picture.cacheKey():
            self._made.move_to_end(row)
            return made[1]
        tile = _cut(picture, round(side * ratio), ratio)
        self._bytes += _weight(tile) - (0 if made is None else _weight(made[1]))
        self._made[row] = (picture.cacheKey(), tile)
        self._made.move_to_end(row)
        while self._bytes > KEPT and len(self._made) > 1:
            self._bytes -= _weight(self._made.popitem(last=False)[1][1])
        return tile

    def forget(self) -> None:
        """Other images are shown: rows mean something else."""
        self._forget_tiles()
        self._since.clear()

    def fade_in(self, rows: Iterable[int]) -> None:
        """Pictures of these rows come up from now on."""
        now = time.monotonic()
        self._since.update((row, now) for row in rows)

    def opacity(self, row: int) -> float:
        """How far a picture has come up, 0 to 1."""
        since = self._since.get(row)
        return 1.0 if since is None else min((time.monotonic() - since) / FADE, 1.0)

    def fading(self) -> bool:
        """Whether any picture is still coming up; asked once for each frame."""
        now = time.monotonic()
        self._since = {row: since for row, since in self._since.items() if now - since < FADE}
        return bool(self._since)

    def _forget_tiles(self) -> None:
        self._made.clear()
        self._bytes = 0


def _weight(tile: QPixmap) -> int:
    return 4 * tile.width() * tile.height()


def _cut(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    size = picture.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    smooth = size.width() < CRISP * picture.width()
    way = Qt.TransformationMode
    scaled = picture.scaled(
        size.expandedTo(QSize(1, 1)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        way.SmoothTransformation if smooth else way.FastTransformation,
    )
    tile = QPixmap(scaled.size())
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(tile.rect(), RADIUS * ratio, RADIUS * ratio)
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile


def paint_missing(painter: QPainter, cell: QRect, reason: bool) -> None:
    """A grey tile where no picture is yet, or with a mark where there is a reason for it."""
    tokens = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.mixed(tokens.raised, tokens.border, 0.4)))
    painter.drawRoundedRect(cell, RADIUS, RADIUS)
    if reason:
        painter.drawPixmap(cell.center() - QPoint(9, 9), pixmap("warning", tokens.warning))


def paint_picture(painter: QPainter, cell: QRect, tile: QPixmap, opacity: float) -> None:
    """A tile in the middle of its cell."""
    if opacity < 1:
        paint_missing(painter, cell, reason=False)
        painter.setOpacity(opacity)
    ratio = tile.devicePixelRatio()
    left = cell.left() + int(cell.width() - tile.width() / ratio) // 2
    top = cell.top() + int(cell.height() - tile.height() / ratio) // 2
    painter.drawPixmap(left, top, tile)
    if opacity < 1:
        painter.setOpacity(1.0)


def paint_chosen(painter: QPainter, cell: QRect) -> None:
    """The accent's tint and frame of a chosen image."""
    ratio = painter.device().devicePixelRatio()
    drawn = _chosen(cell.width(), ratio, theme.tokens().accent)
    painter.drawPixmap(cell.topLeft(), drawn)


def _chosen(side: int, ratio: float, accent: str) -> QPixmap:
    """Drawn once for a size and a theme: thousands may be chosen in one screenful."""
    key = f"chosen {side} {ratio} {accent}"
    drawn = QPixmap(QSize(side, side) * ratio)
    if QPixmapCache.find(key, drawn):
        return drawn
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    cell, tint = QRect(0, 0, side, side), QColor(accent)
    tint.setAlphaF(0.24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(cell, RADIUS, RADIUS)
    _frame(painter, cell, QColor(accent), 3.0, 0.0)
    painter.end()
    QPixmapCache.insert(key, drawn)
    return drawn


def paint_current(painter: QPainter, cell: QRect, *, chosen: bool, focused: bool) -> None:
    """The ring around the image that the keys stand on; two lines, so that it shows on any."""
    tokens = theme.tokens()
    inner = 3.0 if chosen else 0.0
    if not chosen:
        _frame(painter, cell, QColor(tokens.text if focused else tokens.muted), 2.0, 0.0)
        inner = 2.0
    if chosen or focused:
        width = 2.0 if focused else 1.0
        _frame(painter, cell, QColor(tokens.surface), width, inner)


def paint_only(painter: QPainter, cell: QRect) -> None:
    """The frame of the current image where no more than one can be chosen."""
    _frame(painter, cell, QColor(theme.tokens().accent), 2.0, 0.0)


def _frame(painter: QPainter, cell: QRect, colour: QColor, width: float, inset: float) -> None:
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = inset + width / 2
    place = QRectF(cell).adjusted(middle, middle, -middle, -middle)
    corner = max(RADIUS - middle, 1.0)
    painter.drawRoundedRect(place, corner, corner)


def paint_caption(painter: QPainter, cell: QRect, words: str, height: int, chosen: bool) -> None:
    """The line of words below an image, shortened in its middle."""
    tokens = theme.tokens()
    font = theme.font(11)
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideMiddle, cell.width())
    painter.setFont(font)
    painter.setPen(QColor(tokens.text if chosen else tokens.muted))
    place = QRect(cell.left(), cell.bottom() + 1, cell.width(), height)
    painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, shown)


def paint_heading(painter: QPainter, place: QRect, title: str, count: str) -> None:
    """The name of a section and how many images are in it."""
    tokens = theme.tokens()
    bold, plain = theme.font(13, bold=True), theme.font(12)
    line = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    room = place.width() - QFontMetrics(plain).horizontalAdvance(count) - 8
    shown = QFontMetrics(bold).elidedText(title, Qt.TextElideMode.ElideRight, room)
    painter.setFont(bold)
    painter.setPen(QColor(tokens.text))
    painter.drawText(place, line, shown)
    painter.setFont(plain)
    painter.setPen(QColor(tokens.muted))
    right = QFontMetrics(bold).horizontalAdvance(shown) + 8
    painter.drawText(place.adjusted(right, 0, 0, 0), line, count)
