"""Pages that show accuracies as bars: a verdict above them, a line below."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label
from app.plots.score_bars import Group, Score, ScoreBars
from app.scrolling import scrolled


class ScoresPage(QWidget):
    """Verdict, bars, foot, in a column that scrolls.

    Attributes:
        column: to put more into.

    Args:
        title: of the bars, for screen readers.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars(title)
        self.foot = label("", "caption", wrap=True)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 4, 10, 0)
        self.column.setSpacing(12)
        self.column.addWidget(self.verdict)
        self.column.addWidget(self.bars)
        self.column.addWidget(self.foot)
        self.column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))


def standard_error(part: float, asked: int) -> float:
    """Of a part of so many images."""
    return math.sqrt(part * (1 - part) / max(asked, 1))


def group(title: str, parts: Mapping[str, float], asked: int) -> Group:
    """Bars of one group, each with its standard error.

    Args:
        title: of the group.
        parts: name of the encoder -> part of the images it gets right.
        asked: number of these images.
    """
    scores = (Score(name, one, standard_error(one, asked)) for name, one in parts.items())
    return Group(title, tuple(scores))


def compared(scores: Mapping[str, float], asked: int) -> str:
    """What the trained encoder reached beyond its references, in a sentence.

    Args:
        scores: name of the encoder -> part of the images; "trained" is among them.
        asked: number of these images.
    """
    trained = scores["trained"]
    beyond = {name: trained - one for name, one in scores.items() if name != "trained"}
    if not beyond:
        return "Nothing was measured beside it."
    parts = [
        f"{100 * one:+.1f} points against {name}".replace("-", "−") for name, one in beyond.items()
    ]
    # The difference of two parts of like error has that error times the root of two.
    if min(beyond.values()) > 2 * math.sqrt(2) * standard_error(trained, asked):
        words = "Above everything it must beat"
    elif min(beyond.values()) > 0:
        words = "Ahead, but within what chance can do"
    else:
        words = "Not above everything it must beat"
    return f"{words}: {', '.join(parts)}."
