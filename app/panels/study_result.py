"""What the trials of a study reached: a matrix, or bars; and what it was closed with."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.panels.evaluate_page import cautions, page_for, show
from app.panels.evaluate_view import chip
from app.plots.named_matrix import NamedMatrix
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.studying import Standing
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.study.plan import Study, Trial
    from sslcore.study.table import Row

SHORT = {"waiting": "", "begun": "…", "trained": "…", "failed": "failed"}
JUDGED = {
    "linear": ("linear evaluation", "held-out images"),
    "knn": ("nearest neighbours", "held-out images"),
    "rank": ("effective rank", "the features' dimensions"),
}
"""What trials are judged by, and of what the percent are."""
CLICK = "A click on a cell opens its run: curves, views and map of that trial."


def spoken(place: str) -> str:
    """A step or a value as a person reads it."""
    return place.replace("_", " ")


def named(trial: Trial, study: Study) -> str:
    """A trial in a sentence: by its places where they say it all, else by its directory."""
    if study.kind == "known_experiment":
        return " · ".join(map(spoken, trial.places))
    return spoken(trial.name)


class StudyResult(QWidget):
    """The result of a study as far as it is there.

    Attributes:
        opened: name of the trial whose run somebody wants to look into.

    Args:
        workspace: what pages of measurements are made for.
    """

    opened = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._trials: dict[tuple[int, int], str] = {}
        self._closing: Kept | None = None  # what the study was closed with
        self._page: QWidget | None = None  # that shows it
        self.question = label("", wrap=True)
        self.words = label("", wrap=True)
        self.matrix = NamedMatrix("Score of every trial")
        self.matrix.picked.connect(self._pick)
        self.bars = ScoreBars("Score of every trial")
        self.caption = label(CLICK, "caption")
        self.problems = label("", "danger", wrap=True)
        self.every = chip("Trials", "Show the score of every trial")
        self.closing = chip("", "Show what was measured of all trials together")
        self.every.setChecked(True)
        self._group = QButtonGroup(self)
        for one in (self.every, self.closing):
            self._group.addButton(one)
        self._group.buttonClicked.connect(self._turn)
        self._tabs = QWidget()
        row = QHBoxLayout(self._tabs)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.every)
        row.addWidget(self.closing)
        row.addStretch(1)
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.matrix)
        barred = QWidget()
        column = QVBoxLayout(barred)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars)
        column.addStretch(1)
        self._rooms.addWidget(barred)
        self.trials = QWidget()
        inner = QVBoxLayout(self.trials)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        for one in (self.words, self.problems):
            inner.addWidget(one)
        inner.addWidget(self._rooms, 1)
        inner.addWidget(self.caption)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.trials)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.question)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)

    def show_standing(self, standing: Standing) -> None:
        """Show a study."""
        self.question.setText(standing.study.question)
        self.question.setVisible(bool(standing.study.question))
        self.words.setText(sentence_of(standing))
        failures = failures_of(standing)
        self.problems.setText(failures)
        self.problems.setVisible(bool(failures))
        several = len(standing.study.axes) > 1
        if several:
            self._show_matrix(standing)
        else:
            self._show_bars(standing)
        self._rooms.setCurrentIndex(0 if several else 1)
        self.caption.setVisible(several)
        self._show_closing(standing)

    def _show_closing(self, standing: Standing) -> None:
        """A page of its own for what was measured of all trials together, if it was."""
        kept = standing.closing
        self._tabs.setVisible(kept is not None)
        if kept is None:
            self.every.setChecked(True)
            self._turn()
        if kept == self._closing:
            return
        if self._page is not None:
            self._stack.removeWidget(self._page)
            self._page.deleteLater()
        self._closing, self._page = kept, None
        if kept is None:
            return
        self.closing.setText(kept.key.replace("_", " ").capitalize())
        self._page = _page(kept, self._workspace)
        self._stack.addWidget(self._page)
        self._turn()

    def _turn(self) -> None:
        shown = self.closing.isChecked() and self._page is not None
        self._stack.setCurrentIndex(int(shown))

    def _show_matrix(self, standing: Standing) -> None:
        study = standing.study
        rows, columns = sides(study)
        values = np.full((len(rows), len(columns)), np.nan)
        texts: dict[tuple[int, int], str] = {}
        self._trials = {}
        for one in standing.rows:
            first, second = one.trial.places[:-1], one.trial.places[-1]
            cells = {(rows.index(first), columns.index(second))}
            if study.kind == "augmentation_pairs":
                cells.add((rows.index((second,)), columns.index(first[0])))
            for cell in cells:
                self._trials[cell] = one.trial.name
                if one.score is not None:
                    values[cell] = one.score
                    texts[cell] = f"{100 * one.score:.1f}"
                else:
                    texts[cell] = SHORT[one.state]
        names = [" · ".join(map(spoken, one)) for one in rows]
        self.matrix.show_matrix(names, list(map(spoken, columns)), values, texts)

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


def _page(kept: Kept, workspace: Workspace) -> QWidget:
    """The page of a measurement, with what is to be known before it is read."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    page = page_for(kept.key, workspace)
    show(page, kept)
    for one in cautions(page, kept):
        column.addWidget(label(one, "caption", wrap=True))
    column.addWidget(page, 1)
    return made


def sides(study: Study) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows and the columns of a matrix of trials.

    Of more than two axes the last one lies across, and the places of all others together make the
    rows: those where a trial stands, in the order of the axes.
    """
    *down, across = study.axes
    there = {one.places[:-1] for one in study.trials}
    if study.kind == "augmentation_pairs":  # the other triangle mirrors it
        there |= {one.places[1:] for one in study.trials}
    rows = [one for one in product(*(axis.places for axis in down)) if one in there]
    return rows, list(across.places)


def sentence_of(standing: Standing) -> str:
    """How far a study is and what came first, in words."""
    rows, study = standing.rows, standing.study
    by, whole = JUDGED[study.measurement]
    told = f"{standing.done} of {len(rows)} trials measured by {by}, in percent of {whole}."
    if standing.working and standing.done < len(rows):
        now = next((one for one in rows if one.state in ("begun", "trained")), None)
        if now is not None:
            told += f" Now: {named(now.trial, study)}, {_where(now)}."
    if standing.done == len(rows) and not standing.finished:
        how = "could not be measured" if standing.unclosed else "is still to be measured"
        told += f" What all trials say together ({spoken(study.closing)}) {how}."
    if standing.done >= 2:
        best = max(rows, key=lambda one: one.score or 0.0)
        least = min(rows, key=lambda one: 2.0 if one.score is None else one.score)
        told += (
            f" Best: {named(best.trial, study)} ({100 * (best.score or 0):.1f} %), least: "
            f"{named(least.trial, study)} ({100 * (least.score or 0):.1f} %)."
        )
        reference = next((one.untrained for one in rows if one.untrained is not None), None)
        if reference is not None:
            told += f" Untrained: {100 * reference:.1f} %."
    return told


def failures_of(standing: Standing) -> str:
    """What failed and why, in words; of several trials the first. "" where nothing did."""
    study = standing.study
    failed = [one for one in standing.rows if one.state == "failed"]
    told: list[str] = []
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        told.append(f"Failed: {named(failed[0].trial, study)}: {failed[0].error}{more}")
    if standing.unclosed:
        told.append(f"Not measured: {spoken(study.closing)}: {standing.unclosed}")
    return "\n".join(told)


def _where(row: Row) -> str:
    return "being measured" if row.state == "trained" else f"epoch {row.epochs:.1f}"
