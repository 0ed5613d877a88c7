"""The map as a picture to take away: PNG as it is on the screen, SVG for print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QWidget

from app import theme
from app.plots import colours as tints
from app.plots.dot_image import greyed
from app.plots.marks import CORNERS, MARKS, mark_of

WIDTH, HEIGHT = 960, 720
"""Of an SVG, in its own units."""
MARGIN = 24
TITLE = 40
ENTRY = 22
LEGEND = 180
GROUND, INK, MUTED = "#ffffff", "#1b2029", "#5c6675"
BESIDE = 10
"""Pixels around a widget that is put below another."""
GREY, FADED, GREY_CHOSEN, CHOSEN, PLAIN = range(5)
"""Looks of dots, from the ground up: as :mod:`app.plots.dots` paints them."""
FADES = 0.375
"""Opacity of dots in colour while others are chosen."""


def png(widget: QWidget, below: QWidget | None = None, scale: float = 2.0) -> bytes:
    """A widget as it is shown now, with everything on it.

    Args:
        widget: shown or not.
        below: another one, put below it on the ground of a card.
        scale: pixels of the picture for each of the screen.
    """
    size = widget.size()
    if below is not None:
        width = max(size.width(), below.width() + 2 * BESIDE)
        size = QSize(width, size.height() + below.height() + 2 * BESIDE)
    image = QImage(size * scale, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent if below is None else QColor(theme.tokens().surface))
    painter = QPainter(image)
    widget.render(painter, QPoint())
    if below is not None:
        # Without a ground of its own: that of the window is another one than a card's.
        place, flags = QPoint(BESIDE, widget.height() + BESIDE), QWidget.RenderFlag.DrawChildren
        below.render(painter, place, renderFlags=flags)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(content.data())


def svg(
    points: NDArray[Any],
    colours: NDArray[np.uint8],
    legend: Sequence[tuple[str, str, str]] = (),
    title: str = "",
    diameter: float = 4.5,
    numbers: NDArray[Any] | None = None,
    emphasis: NDArray[np.bool_] | None = None,
    chosen: NDArray[np.bool_] | None = None,
) -> str:
    """A map as a text of SVG, on white, both axes on one scale.

    Points of one colour, shape and look are one group, so that drawing programs can recolour them.
    (Paths of no length with round ends would be shorter, but some programs draw only the first of
    them.)

    Args:
        points: (N, 2); those that are not finite are left out. Of three axes two are drawn.
        colours: (N, 3) bytes.
        legend: (name, ``"#rrggbb"``, mark), written at the right.
        title: written above.
        diameter: of a dot.
        numbers: (N,) class of each point, which gives it its shape as on the screen; None, and
            numbers below 0, are circles.
        emphasis: (N,) flags of the points that are not greyed out; None: none is.
        chosen: (N,) flags of the points that have a ring while the others fade; None: none has.
    """
    top = MARGIN + (TITLE if title else 0)
    wide = WIDTH - 2 * MARGIN - (LEGEND if legend else 0)
    placed = _placed(np.asarray(points, np.float64)[:, :2], wide, HEIGHT - top - MARGIN)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
    ]
    if title:
        lines.append(f"<title>{_text(title)}</title>")
    lines.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>')
    if title:
        lines.append(
            f'<text x="{MARGIN}" y="{MARGIN + 16}" font-size="16" font-weight="600" '
            f'fill="{INK}">{_text(title)}</text>'
        )
    there = np.isfinite(placed).all(1)
    shapes = np.zeros(len(placed), np.int64) if numbers is None else np.asarray(numbers, np.int64)
    shapes = np.where(shapes < 0, 0, shapes) % len(MARKS)
    looks = _looks(len(placed), emphasis, chosen)
    grey = np.isin(looks, (GREY, GREY_CHOSEN))[:, None]
    painted = np.where(grey, tints.bytes_of(greyed(theme.tokens_of("light"))), colours)
    kinds = np.column_stack([looks, painted, shapes])[there]
    known, groups = np.unique(kinds, axis=0, return_inverse=True)  # sorted: chosen ones on top
    lines.append(f'<g transform="translate({MARGIN} {top})">')
    for number, (look, *colour, shape) in enumerate(known.tolist()):
        lines.append(f'<g fill="#{bytes(colour).hex()}"{_attributes(look, diameter)}>')
        dots = placed[there][groups.reshape(-1) == number]
        lines += [_dot(mark_of(shape), x, y, diameter) for x, y in dots.tolist()]
        lines.append("</g>")
    lines.append("</g>")
    lines += _legend(legend, top)
    return "\n".join([*lines, "</svg>", ""])


def _looks(
    count: int, emphasis: NDArray[np.bool_] | None, chosen: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """(N,) look of each dot."""
    shown = np.ones(count, np.bool_) if emphasis is None else emphasis
    if chosen is None:
        return np.where(shown, PLAIN, GREY)
    return np.where(chosen, np.where(shown, CHOSEN, GREY_CHOSEN), np.where(shown, FADED, GREY))


def _attributes(look: int, diameter: float) -> str:
    """What a group of dots has beside its colour."""
    if look == FADED:
        return f' opacity="{FADES:g}"'
    if look not in (CHOSEN, GREY_CHOSEN):
        return ""
    ring = theme.mixed(INK, GROUND, 0.15 if look == CHOSEN else 0.55)
    return f' stroke="{ring}" stroke-width="{diameter / 5:g}"'


def _placed(points: NDArray[np.float64], wide: float, high: float) -> NDArray[np.float64]:
    """(N, 2) into a box, not stretched, in the middle, upwards as on the screen."""
    finite = points[np.isfinite(points).all(1)]
    if not len(finite):
        return points
    low, high_end = finite.min(0), finite.max(0)
    span = np.where(high_end > low, high_end - low, 1.0)
    scale = min(wide / span[0], high / span[1])
    middle = (low + high_end) / 2
    return (points - middle) * scale * [1, -1] + [wide / 2, high / 2]


def _dot(mark: str, x: float, y: float, diameter: float, fill: str = "") -> str:
    """A mark; without a colour of its own it has that of its group."""
    own = f' fill="{escape(fill)}"' if fill else ""
    half = diameter / 2
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:g}"{own}/>'
    corners = [(x + across * half, y + down * half) for across, down in CORNERS[mark]]
    places = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
    return f'<polygon points="{places}"{own}/>'


def _legend(legend: Sequence[tuple[str, str, str]], top: float) -> list[str]:
    room = int((HEIGHT - top - MARGIN) // ENTRY)
    shown = legend if len(legend) <= room else legend[: room - 1]
    left = WIDTH - MARGIN - LEGEND + 24
    lines: list[str] = []
    for number, (name, colour, mark) in enumerate(shown):
        y = top + number * ENTRY + 12
        lines.append(_dot(mark, left, y - 4, 10, colour))
        lines.append(
            f'<text x="{left + 14}" y="{y}" font-size="13" fill="{INK}">{_text(name)}</text>'
        )
    if len(shown) < len(legend):
        y = top + len(shown) * ENTRY + 12
        lines.append(
            f'<text x="{left + 14}" y="{y}" font-size="13" fill="{MUTED}">'
            f"and {len(legend) - len(shown):,} more</text>"
        )
    return lines


def _text(words: str) -> str:
    """Words as XML takes them: no control characters."""
    return escape("".join(one for one in words if one.isprintable()), quote=False)
