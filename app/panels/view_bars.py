"""The lines below a view's picture that say how alike it is to others: words, number, bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from app import theme
from app.panels.view_encoder import Cosine

LINE = 21
CLOSE = 17
"""Height of a line in pixels, and where columns are narrow."""
SPACE = 6
"""Between the last of these lines and the numbers below."""
BAR = 130
LEAST_BAR = 36
"""Longest and shortest bar in pixels; none where there is room for less."""
SPACED = 12
"""Between two columns."""
MARK = "The mark is the untrained encoder."


def number(value: float) -> str:
    """``0.86``, ``−0.12``, or a dash where there is no cosine."""
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def height(count: int, *, narrow: bool) -> int:
    """Of so many lines, in pixels."""
    return count * (CLOSE if narrow else LINE) + SPACE if count else 0


def words(cosine: Cosine, *, narrow: bool) -> str:
    """What a line begins with: ``"to view B"``, or ``"view B"`` where columns are narrow."""
    return cosine.words.removeprefix("to ").removeprefix("the ") if narrow else cosine.words


def words_width(cosines: Sequence[Cosine], *, narrow: bool) -> int:
    """Of the column of words, in pixels."""
    metrics = QFontMetrics(_font(narrow=narrow))
    wide = (metrics.horizontalAdvance(words(one, narrow=narrow)) for one in cosines)
    return max(wide, default=0) + SPACED


def bar_width(room: int, before: int, cosines: Sequence[Cosine], *, narrow: bool) -> int:
    """Of the bars in pixels, 0 for none.

    Args:
        room: pixels of a whole line.
        before: width of the column of words.
        cosines: the lines.
        narrow: whether lines are close and small.
    """
    left = room - before - _digits(cosines, narrow=narrow) - SPACED
    return min(left, BAR) if cosines and left >= LEAST_BAR else 0


def paint(
    painter: QPainter,
    area: QRectF,
    cosines: Sequence[Cosine],
    before: int,
    colour: str,
    *,
    fresh: bool,
    narrow: bool,
) -> None:
    """One line for each cosine.

    Args:
        painter: on the widget.
        area: from the top of the first line on, as wide as may be used.
        cosines: what to write.
        before: width of the column of words.
        colour: of the bars.
        fresh: whether they belong to what is shown; faded while the next are measured.
        narrow: whether lines are close and small.
    """
    tokens = theme.tokens()
    line = CLOSE if narrow else LINE
    plain, bold = _font(narrow=narrow), _font(narrow=narrow, bold=True)
    digits = _digits(cosines, narrow=narrow)
    long = bar_width(int(area.width()), before, cosines, narrow=narrow)
    vertical = Qt.AlignmentFlag.AlignVCenter
    for place, one in enumerate(cosines):
        row = QRectF(area.left(), area.top() + place * line, area.width(), line)
        painter.setFont(plain)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | vertical, words(one, narrow=narrow))
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text if fresh else tokens.muted))
        value = QRectF(row.left() + before, row.top(), digits, line)
        painter.drawText(value, Qt.AlignmentFlag.AlignRight | vertical, number(one.trained))
        if long:
            track = QRectF(value.right() + SPACED, row.center().y() - 2, long, 4)
            _bar(painter, track, one, colour if fresh else tokens.muted)


def tip(view: str, cosines: Sequence[Cosine], run: str, step: int) -> str:
    """Plain words for the mouse that asks.

    Args:
        view: as in a sentence, ``"view A"``.
        cosines: of the view.
        run: name of the run.
        step: of the checkpoint.
    """
    lines = [
        f"How far does {view} move the image for the encoder?",
        "The cosine between two feature vectors: 1.00 where the encoder sees no difference,",
        "0.00 where it sees nothing in common. A good encoder keeps views of one image close,",
        "but never everything: compare with the untrained encoder, the mark on the bar.",
        *(
            f"{one.words[:1].upper()}{one.words[1:]}: {number(one.trained)}, "
            f"untrained {number(one.untrained)}"
            for one in cosines
        ),
        f"Encoder of step {step:,}, run {run}",
    ]
    return "\n".join(lines)


def _bar(painter: QPainter, track: QRectF, one: Cosine, colour: str) -> None:
    tokens = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.mixed(tokens.track, tokens.muted, 0.15)))
    painter.drawRoundedRect(track, 2, 2)
    if one.trained > 0:  # also false for nan
        painter.setBrush(QColor(colour))
        length = min(one.trained, 1.0) * track.width()
        painter.drawRoundedRect(QRectF(track.left(), track.top(), length, 4), 2, 2)
    if not math.isnan(one.untrained):
        at = track.left() + min(max(one.untrained, 0.0), 1.0) * (track.width() - 2)
        painter.setBrush(QColor(tokens.text))
        painter.drawRect(QRectF(at, track.top() - 4, 2, 12))


def _digits(cosines: Sequence[Cosine], *, narrow: bool) -> int:
    """Width of the column of numbers, which end at one line."""
    metrics = QFontMetrics(_font(narrow=narrow, bold=True))
    return max((metrics.horizontalAdvance(number(one.trained)) for one in cosines), default=0)


def _font(*, narrow: bool, bold: bool = False) -> QFont:
    return theme.font(11 if narrow else 12, bold=bold)
