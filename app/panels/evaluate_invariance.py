"""Invariance in the Evaluate place: a small chart for every augmentation, strength by strength."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.plots.response_chart import Chart
from app.plots.response_grid import Key, ResponseGrid

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.invariance import Answered, InvarianceFinding

TRAINED, UNTRAINED = "trained", "untrained"
FEW = 3
"""Augmentations named on each side."""
TURNED = 0.1
"""Change of the mean invariance from which on training is said to have done something."""
VIEWS = (
    (
        "cosine",
        "Cosine",
        "Cosine of the features of an image and of its changed copy: 1 where it does not move",
    ),
    (
        "invariance",
        "Invariance",
        "100 % where an image does not move, 0 % where it moves as far as to another image",
    ),
)


def verdict(finding: InvarianceFinding) -> str:
    """What is ignored, what is not, and what training changed of it, in sentences."""
    if finding.different[TRAINED].collapsed:
        return (
            "Features of all images point almost the same way (mean cosine "
            f"{finding.different[TRAINED].mean:.4f}), so no invariance can be told: the encoder "
            "has collapsed."
        )
    known = [
        (one.responses[TRAINED].invariance, one)
        for one in finding.augmentations
        if one.responses[TRAINED].invariance is not None
    ]
    ordered = [one for _, one in sorted(known, key=lambda pair: -(pair[0] or 0.0))]
    few = min(FEW, len(ordered) // 2)
    words = f"Ignores most: {_listed(ordered[:few])}. Moved most by: {_listed(ordered[-few:])}."
    changes = [(_change(one), one) for one in ordered if _change(one) is not None]
    gained = [one for more, one in changes if (more or 0.0) >= TURNED]
    lost = [one for more, one in changes if (more or 0.0) <= -TURNED]
    parts = [
        f"{what} {', '.join(_with_points(one) for one in some)}"
        for what, some in (("more invariant to", gained), ("less to", lost))
        if some
    ]
    if parts:
        words += f" Training made the encoder {', '.join(parts)} (points against untrained)."
    elif changes:
        words += " That is no different from the untrained encoder."
    return words


def _listed(some: list[Answered]) -> str:
    return ", ".join(_lower(one.title) for one in some)


def _lower(title: str) -> str:
    """A title within a sentence; names and abbreviations stay as they are."""
    kept = title.isupper() or title.startswith("Gaussian")
    return title if kept else title[:1].lower() + title[1:]


def _change(one: Answered) -> float | None:
    before = one.responses.get(UNTRAINED)
    now = one.responses[TRAINED].invariance
    if before is None or before.invariance is None or now is None:
        return None
    return now - before.invariance


def _with_points(one: Answered) -> str:
    return f"{_lower(one.title)} ({100 * (_change(one) or 0.0):+.0f})".replace("-", "−")


class Page(QWidget):
    """The verdict, and the charts in an area that scrolls.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        self._finding: InvarianceFinding | None = None
        self.verdict = label("", wrap=True)
        self.views: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, words, hint in VIEWS:
            button = QToolButton()
            button.setText(words)
            button.setCheckable(True)
            button.setToolTip(hint)
            button.setAccessibleName(f"Show: {words}")
            self._group.addButton(button)
            self.views[name] = button
            row.addWidget(button)
        self.views["cosine"].setChecked(True)
        self._group.buttonClicked.connect(self._lay)
        self.count = label("", "caption")
        row.addSpacing(8)
        row.addWidget(self.count)
        row.addStretch(1)
        self.grid = ResponseGrid("Invariance by augmentation and strength")
        self.grid.setProperty("role", "scrolled")
        area = QScrollArea()
        area.setWidget(self.grid)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.verdict)
        layout.addLayout(row)
        layout.addWidget(area, 1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.invariance import InvarianceFinding

        finding = kept.finding
        assert isinstance(finding, InvarianceFinding)  # kept under this key
        self._finding = finding
        self.verdict.setText(verdict(finding))
        self.count.setText(f"{finding.images:,} held-out images")
        self._lay()

    def _lay(self) -> None:
        finding = self._finding
        if finding is None:
            return
        cosine = self.views["cosine"].isChecked()
        charts = [_chart(one, finding, cosine=cosine) for one in finding.augmentations]
        key = Key(
            band="middle half of the images (trained)" if cosine else "",
            floor="different images (trained)" if cosine else "",
            percent=not cosine,
        )
        self.grid.show_charts(charts, key)


def _chart(one: Answered, finding: InvarianceFinding, *, cosine: bool) -> Chart:
    """Every strength of one augmentation, nothing at all in front."""
    trained = one.responses[TRAINED]
    lines: dict[str, tuple[float, ...]] = {}
    for name, response in one.responses.items():
        values = response.mean if cosine else response.normalised
        plain = tuple(math.nan if value is None else value for value in values)
        lines[name] = (1.0 if math.isfinite(plain[0]) else math.nan, *plain)
    strengths = (one.neutral, *one.strengths)
    return Chart(
        title=one.title,
        scale=one.scale,
        strengths=strengths,
        words=tuple(f"{strength:g}{one.unit}" for strength in strengths),
        lines=lines,
        band=((1.0, *trained.lower), (1.0, *trained.upper)) if cosine else None,
        floor=finding.different[TRAINED].mean if cosine else None,
    )
