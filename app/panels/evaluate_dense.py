"""Dense in the Evaluate place: depth or classes of every pixel, as bars and as pictures."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.plots import colours
from app.plots.image_grid import ImageGridPlot
from app.plots.score_bars import Group, Score, ScoreBars
from app.scrolling import scrolled
from sslcore.diagnostics import ImageGrid

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.dense import DenseFinding

MUST_BEAT = ("untrained", "pixels")
UNKNOWN = 255
"""Grey value of pixels that are not measured."""


def pixels(text: str) -> NDArray[np.uint8]:
    """A PNG in base64 as (h, w, 3) bytes."""
    picture = QImage.fromData(base64.b64decode(text)).convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(picture.constBits(), np.uint8)
    rows = flat.reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3).copy()


def painted(shades: NDArray[np.uint8], classes: int) -> NDArray[np.uint8]:
    """Grey values of a finding in colours: (h, w, 3).

    Args:
        shades: (h, w, 3) grey, 255 for what is not measured.
        classes: how many there are, 0 for depth.
    """
    flat = shades[..., 0].reshape(-1)
    if classes:
        numbers = np.where(
            flat == UNKNOWN, -1, flat.astype(np.int64) // (254 // max(classes - 1, 1))
        )
        made = colours.by_class(numbers)
    else:
        made = colours.by_value(np.where(flat == UNKNOWN, np.nan, flat), 0, 254)
    return made.reshape(shades.shape)


def verdict(finding: DenseFinding) -> str:
    """The trained encoder beside what it must beat, in a sentence; those from outside after it."""
    depth = finding.kind == "depth"
    values = {
        one: (row.abs_rel if depth else row.mean_iou) or 0.0 for one, row in finding.scores.items()
    }
    own = values.pop("trained")
    constant = next(reversed(values))
    must = {one: value for one, value in values.items() if one in (*MUST_BEAT, constant)}
    outside = [f"{one} {100 * value:.1f} %" for one, value in values.items() if one not in must]
    best = min(must, key=lambda one: must[one] if depth else -must[one])
    better = own < must[best] if depth else own > must[best]
    said = (
        f"{'Mean relative error' if depth else 'Mean IoU'} {100 * own:.1f} %, "
        f"{'better' if better else 'no better'} than the best of what it must beat ({best}, "
        f"{100 * must[best]:.1f} %)."
    )
    return f"{said} From outside: {', '.join(outside)}." if outside else said


class Page(QWidget):
    """Bars of every encoder, and held-out images with what is read from the maps.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        self._finding: DenseFinding | None = None
        content = QWidget()
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars("Depth or classes of every pixel")
        self.foot = label("", "caption", wrap=True)
        self.pictures = ImageGridPlot("Held-out images")
        self.pictures.setMinimumHeight(380)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self.verdict)
        column.addWidget(self.bars)
        column.addWidget(self.foot)
        column.addWidget(self.pictures, 1)
        area = scrolled(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(area)
        theme.current().changed.connect(self._paint)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.dense import DenseFinding

        finding = kept.finding
        assert isinstance(finding, DenseFinding)  # kept under this key
        self._finding = finding
        self.verdict.setText(verdict(finding))
        self.bars.show_groups(_groups(finding))
        self.foot.setText(_foot(finding))
        self._paint()

    def _paint(self) -> None:
        finding = self._finding
        if finding is None:
            return
        readers = tuple(finding.examples[0].read) if finding.examples else ()
        count = len(finding.classes)
        rows: list[list[Any]] = [
            [pixels(one.image) for one in finding.examples],
            [painted(pixels(one.target), count) for one in finding.examples],
            *(
                [painted(pixels(one.read[name]), count) for one in finding.examples]
                for name in readers
            ),
        ]
        self.pictures.setVisible(bool(finding.examples))
        if finding.examples:
            names = ("Image", f"Target ({finding.target})", *(f"Read, {name}" for name in readers))
            ids = np.arange(len(finding.examples), dtype=np.int64)
            self.pictures.set_diagnostic(ImageGrid(np.array(rows, np.uint8), names, ids))


def _groups(finding: DenseFinding) -> list[Group]:
    scores = finding.scores.items()
    if finding.kind == "depth":
        return [
            Group(
                "Mean relative error (less is better)",
                tuple(Score(name, one.abs_rel or 0.0) for name, one in scores),
            ),
            Group(
                "Pixels within a factor of 1.25",
                tuple(Score(name, one.delta or 0.0) for name, one in scores),
            ),
        ]
    return [
        Group(
            "Mean intersection by union",
            tuple(Score(name, one.mean_iou or 0.0) for name, one in scores),
        ),
        Group(
            "Pixels of the right class",
            tuple(Score(name, one.accuracy or 0.0) for name, one in scores),
        ),
    ]


def _foot(finding: DenseFinding) -> str:
    words = (
        f"A linear layer on the feature map, learned from {finding.training:,} images of "
        f"{finding.folder} and asked about {finding.held_out:,} held-out ones."
    )
    if finding.kind == "depth":
        errors = ", ".join(
            f"{name} {_number(one.rmse or 0)}" for name, one in finding.scores.items()
        )
        return (
            f"{words} Root mean squared error in the unit of the targets: {errors}. Colours run "
            f"from {_number(finding.low)} (dark) to {_number(finding.high)}; grey is not measured."
        )
    return f"{words} {len(finding.classes)} classes; grey counts for nothing."


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
