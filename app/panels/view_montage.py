"""The pictures of one view: one, a grid, or draws of several pictures that belong together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from app import theme

if TYPE_CHECKING:
    from app.panels.view_render import Seen

RADIUS = 4
GAP = 4
"""Pixels between pictures."""
APART = 12
"""Between draws."""
WORTH = 1.2
"""How much larger pictures must become for a second draw in a row: it takes the words' room."""
WORDS = 70
"""Pixels beside a draw from which on its answer is written there."""


def paint_picture(painter: QPainter, area: QRectF, image: QImage) -> None:
    """A picture with round corners; few pixels are shown as the squares they are."""
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(area, RADIUS, RADIUS)
    painter.setClipPath(path)
    coarse = area.width() > 2.5 * image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not coarse)
    painter.drawImage(area, image)
    painter.restore()


def places(area: QRectF, count: int, group: int) -> list[QRectF]:
    """Squares for so many pictures, as large as fit into an area.

    Args:
        area: from its upper left corner on.
        count: of the pictures.
        group: how many in a row belong together; they stay side by side, draw below draw, or
            several draws to a row where that makes them larger.
    """
    if count == 0:
        return []
    if not 1 < group < count:
        across = math.ceil(math.sqrt(count))
        gap = GAP if across > 1 else 0
        side = (area.width() - gap * (across - 1)) / across
        cells = [divmod(number, across) for number in range(count)]
        return [_square(area, column * (side + gap), row * (side + gap), side)
                for row, column in cells]  # fmt: skip
    draws = math.ceil(count / group)
    best, side = 1, 0.0
    for tried in range(1, draws + 1):
        wide = (area.width() - APART * (tried - 1) - GAP * (group - 1) * tried) / (group * tried)
        down = math.ceil(draws / tried)
        tall = (area.height() - APART * (down - 1)) / down
        if min(wide, tall) > WORTH * side:
            best, side = tried, min(wide, tall)
    found: list[QRectF] = []
    for number in range(count):
        draw, member = divmod(number, group)
        row, column = divmod(draw, best)
        x = column * (group * (side + GAP) - GAP + APART) + member * (side + GAP)
        found.append(_square(area, x, row * (side + APART), side))
    return found


def _square(area: QRectF, x: float, y: float, side: float) -> QRectF:
    return QRectF(area.left() + x, area.top() + y, side, side)


def paint_montage(painter: QPainter, area: QRect, view: Seen, cosines: Sequence[str]) -> None:
    """Pictures, answers and cosines of a view.

    Args:
        painter: where to.
        area: a square.
        view: what is shown. Answers for every picture stand in their lower left corners, those for
            every draw in their :func:`rooms`, if there are any.
        cosines: of every picture, for the lower right corners; empty where they are not known.
    """
    pictures, answers = view.pictures, view.answers
    squares = places(QRectF(area), len(pictures), view.together)
    several = len(pictures) > 1
    for number, (image, place) in enumerate(zip(pictures, squares, strict=True)):
        paint_picture(painter, place, image)
        taken = 0.0
        if several and len(answers) == len(pictures):
            taken = _paint_tag(painter, place, answers[number], room=place.width())
        if several and len(cosines) == len(pictures):
            room = place.width() - taken
            _paint_tag(painter, place, cosines[number], room=room, at_right=True)
    painter.setFont(theme.font(11))
    painter.setPen(QColor(theme.tokens().muted))
    wrapped = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
    for room, words in zip(rooms(QRectF(area), view), answers, strict=False):
        painter.drawText(room, int(wrapped), words)


def rooms(area: QRectF, view: Seen) -> list[QRectF]:
    """Where the answer of every draw is written, beside its last picture; none if not for all."""
    count, group = len(view.pictures), view.together
    if not 1 < group < count or len(view.answers) * group != count:
        return []
    squares = places(area, count, group)
    last = squares[group - 1 :: group]
    left = last[0].right() + 8
    if any(one.right() > last[0].right() for one in last) or area.right() - left < WORDS:
        return []
    return [QRectF(left, one.top(), area.right() - left, one.height()) for one in last]


def _paint_tag(
    painter: QPainter, place: QRectF, words: str, *, room: float, at_right: bool = False
) -> float:
    """White words on a dark ground in a lower corner, if there is room; returns what it took."""
    painter.setFont(theme.font(11, bold=True))
    wide = painter.fontMetrics().horizontalAdvance(words) + 10
    if wide + 10 > room:
        return 0.0
    left = place.right() - 5 - wide if at_right else place.left() + 5
    tag = QRectF(left, place.bottom() - 23, wide, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(tag, 4, 4)
    painter.setPen(QColor("#FFFFFF"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, words)
    return wide + 10
