"""What the trials of a study reached: a matrix, bars, or a line for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.card import label
from app.plots.named_matrix import NamedMatrix
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.studying import Standing
    from sslcore.study.table import Row

SHORT = {"waiting": "", "begun": "…", "trained": "…", "failed": "failed"}
JUDGED = {
    "linear": ("linear evaluation", "held-out images"),
    "knn": ("nearest neighbours", "held-out images"),
    "rank": ("effective rank", "the features' dimensions"),
}
"""What trials are judged by, and of what the percent are."""


def spoken(place: str) -> str:
    """A step or a value as a person reads it."""
    return place.replace("_", " ")


class StudyResult(QWidget):
    """The result of a study as far as it is there.

    Attributes:
        opened: name of the trial whose run somebody wants to look into.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._standing: Standing | None = None
        self._trials: dict[tuple[int, int], str] = {}
        self.words = label("", wrap=True)
        self.matrix = NamedMatrix("Score of every trial")
        self.matrix.picked.connect(self._pick)
        self.bars = ScoreBars("Score of every trial")
        self.problems = label("", "danger", wrap=True)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.matrix)
        barred = QWidget()
        column = QVBoxLayout(barred)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars)
        column.addStretch(1)
        self._rooms.addWidget(barred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.words)
        layout.addWidget(self.problems)
        layout.addWidget(self._rooms, 1)

    def show_standing(self, standing: Standing) -> None:
        """Show a study."""
        self._standing = standing
        self.words.setText(sentence_of(standing))
        failed = [one for one in standing.rows if one.state == "failed"]
        told = f"{failed[0].trial.name}: {failed[0].error}" if failed else ""
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        self.problems.setText(f"Failed: {told}{more}" if failed else "")
        self.problems.setVisible(bool(failed))
        axes = standing.study.axes
        if len(axes) == 2:
            self._show_matrix(standing)
        else:
            self._show_bars(standing)
        self._rooms.setCurrentIndex(0 if len(axes) == 2 else 1)

    def _show_matrix(self, standing: Standing) -> None:
        rows, columns = (axis.places for axis in standing.study.axes)
        values = np.full((len(rows), len(columns)), np.nan)
        texts: dict[tuple[int, int], str] = {}
        self._trials = {}
        for one in standing.rows:
            first, second = one.trial.places
            cells = {(rows.index(first), columns.index(second))}
            if standing.study.kind == "augmentation_pairs":
                cells.add((rows.index(second), columns.index(first)))
            for cell in cells:
                self._trials[cell] = one.trial.name
                if one.score is not None:
                    values[cell] = one.score
                    texts[cell] = f"{100 * one.score:.1f}"
                else:
                    texts[cell] = SHORT[one.state]
        self.matrix.show_matrix(list(map(spoken, rows)), list(map(spoken, columns)), values, texts)

    def _show_bars(self, standing: Standing) -> None:
        scores = [
            Score(" · ".join(map(spoken, one.trial.places)), one.score)
            for one in standing.rows
            if one.score is not None
        ]
        references = [one.untrained for one in standing.rows if one.untrained is not None]
        if references:
            scores.append(Score("untrained", float(np.mean(references))))
        title = " · ".join(spoken(axis.title) for axis in standing.study.axes)
        self.bars.show_groups([Group(title, tuple(scores))] if scores else [])

    def _pick(self, row: int, column: int) -> None:
        name = self._trials.get((row, column))
        if name:
            self.opened.emit(name)


def sentence_of(standing: Standing) -> str:
    """How far a study is and what came first, in words."""
    rows, study = standing.rows, standing.study
    by, whole = JUDGED[study.measurement]
    told = f"{standing.done} of {len(rows)} trials measured by {by}, in percent of {whole}."
    if standing.working and standing.done < len(rows):
        now = next((one for one in rows if one.state in ("begun", "trained")), None)
        if now is not None:
            told += f" Now: {spoken(now.trial.name)}, {_where(now)}."
    if standing.done >= 2:
        best = max(rows, key=lambda one: one.score or 0.0)
        least = min(rows, key=lambda one: 2.0 if one.score is None else one.score)
        told += (
            f" Best: {spoken(best.trial.name)} ({100 * (best.score or 0):.1f} %), least: "
            f"{spoken(least.trial.name)} ({100 * (least.score or 0):.1f} %)."
        )
        reference = next((one.untrained for one in rows if one.untrained is not None), None)
        if reference is not None:
            told += f" Untrained: {100 * reference:.1f} %."
    return told


def _where(row: Row) -> str:
    return "being measured" if row.state == "trained" else f"epoch {row.epochs:.1f}"
