"""Linear evaluation in the Evaluate place: accuracies, what is taken for what with its images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.card import label
from app.panels.evaluate_scores import group
from app.panels.evaluate_view import FindingView, Told, beside, chip
from app.panels.same_images import same_images
from app.plots.confusion_map import ConfusionMap, ConfusionTable
from app.plots.paired_bars import PairedBars, Row, Section
from app.plots.score_bars import ScoreBars
from app.wording import count

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.linear import LinearFinding
    from sslcore.data.catalogue import Catalogue
    from sslcore.runs.directory import RunDirectory

NAMED = 16
"""Classes of a matrix that has room for names and numbers."""
PAIRS = 3
"""Pairs of classes that are told, those most often taken for one another."""
READING = (
    "Rows are true classes, columns what the classifier says; fuller colour is a larger "
    "part of the class. A click opens the images of a cell."
)
Numbers = NDArray[np.int64]


class Page(FindingView):
    """Accuracies, confusions and classes of a linear evaluation.

    Args:
        workspace: whose images and selection.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._kept: Kept | None = None
        self._finding: LinearFinding | None = None
        self._known = False
        self._encoder = ""
        self.verdict = label("", wrap=True)
        self.bars = ScoreBars("Accuracy of the linear classifier")
        self.matrix = ConfusionTable("Classes by what they are taken for, images")
        self.map = ConfusionMap("Classes by what they are taken for")
        self.map.setFixedHeight(460)
        for plot, signal in ((self.matrix, self.matrix.picked), (self.map, self.map.cell_clicked)):
            plot.setToolTip("")
            signal.connect(self._show_cell)
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(True)
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.addWidget(label("What is taken for what", "heading"))
        self._row.addStretch(1)
        self._told = QWidget()
        self._pairs = QVBoxLayout(self._told)
        self._pairs.setContentsMargins(0, 0, 0, 0)
        self._pairs.setSpacing(4)
        self.hint = label("", "caption", wrap=True)
        self.classes = PairedBars("Part of every class that is found")
        self.foot = label("", "caption", wrap=True)
        for one in (self.verdict, self.bars):
            self.column.addWidget(one)
        self.column.addLayout(self._row)
        for one in (self._told, self.matrix, self.map, self.hint, self.classes, self.foot):
            self.column.addWidget(one)
        self.column.addStretch(1)
        workspace.selection.changed.connect(self._ring)
        workspace.catalogue_changed.connect(self._compare)

    @property
    def chips(self) -> list[QPushButton]:
        """Buttons of the encoders whose confusions can be seen."""
        return [one for one in self._chips.buttons() if isinstance(one, QPushButton)]

    @property
    def pairs(self) -> list[Told]:
        """What is told of pairs of classes."""
        items = [self._pairs.itemAt(place) for place in range(self._pairs.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [one for one in widgets if isinstance(one, Told)]

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.linear import LinearFinding

        finding = kept.finding
        assert isinstance(finding, LinearFinding)  # kept under this key
        self._kept, self._finding = kept, finding
        self._known = False
        self.images.hide()
        asked = finding.asked

        first = {name: one.top_1 for name, one in finding.scores.items()}
        groups = [group("Top 1", first, asked)]
        if len(finding.classes) > 5:
            five = {name: one.top_5 for name, one in finding.scores.items()}
            groups.append(group("Top 5", five, asked))
        self.bars.show_groups(groups)
        self.verdict.setText(beside(first, asked))
        self._show_chips(list(finding.scores))
        self._turn("trained")
        self._compare()
        self._show_classes(finding)
        loose = [name for name, one in finding.scores.items() if not one.converged]
        words = (
            f"Part of {asked:,} held-out images that have a label; ± is the standard error of "
            "that part. Penalties chosen on a part of the training images: "
            + ", ".join(f"{name} {one.penalty:g}" for name, one in finding.scores.items())
            + "."
        )
        if loose:
            words += f" The solver was stopped before its end for {', '.join(loose)}."
        self.foot.setText(words)

    def _show_chips(self, names: list[str]) -> None:
        for one in self.chips:
            self._chips.removeButton(one)
            self._row.removeWidget(one)
            one.deleteLater()
        for name in names:
            made = chip(name, f"Confusions of {name}")
            made.clicked.connect(partial(self._turn, name))
            self._chips.addButton(made)
            self._row.addWidget(made)
        self.chips[names.index("trained")].setChecked(True)

    def _turn(self, name: str, _checked: bool = True) -> None:
        """Show the confusions of another encoder."""
        finding = self._finding
        if finding is None:
            return
        self._encoder = name
        self.images.hide()
        counts = np.asarray(finding.scores[name].confusion, np.int64)
        titles = _titles(finding.classes, len(counts))
        few = len(counts) <= NAMED
        self.matrix.setVisible(few)
        self.map.setVisible(not few)
        if few:
            self.matrix.show_counts(titles, counts)
            self.matrix.setFixedHeight(int(52 + len(counts) * (34 if len(counts) < 9 else 26)))
        else:
            self.map.show_counts(titles, counts)
        self._tell_pairs(counts, titles)
        self._ring()

    # The chosen images ------------------------------------------------------------------------

    def _ring(self) -> None:
        """Ring the cells that hold chosen images."""
        finding = self._finding
        if finding is None:
            return
        one = finding.scores[self._encoder]
        selected = np.zeros((len(one.confusion), len(one.confusion)), np.int64)
        if self._known:
            chosen = self._workspace.selection.mask(np.asarray(finding.rows, np.int64))
            cells = np.asarray(finding.truth)[chosen], np.asarray(one.predicted)[chosen]
            np.add.at(selected, cells, 1)
        for plot in (self.matrix, self.map):
            plot.show_selected(selected)
        total = int(selected.sum())
        rings = f" Rings: {count(total, 'chosen image')}." if total else ""
        self.hint.setText(READING + rings)

    def _compare(self) -> None:
        """Ask on a worker whether the finding's rows are those of the open images; ring if so."""
        self._known = False
        kept, finding, workspace = self._kept, self._finding, self._workspace
        catalogue, directory, recipe = workspace.catalogue, workspace.directory, workspace.recipe
        self._ring()
        if kept is None or kept.changed or finding is None:
            return
        if catalogue is None or directory is None or recipe is None:
            return
        saved = workspace.record.embeddings[-1:] if workspace.record is not None else []
        steps, folder = [one.step for one in saved], recipe.data.folder

        def done(same: bool) -> None:
            if self._kept is kept and workspace.catalogue is catalogue:
                self._known = same
                self._ring()

        workspace.tasks.start(
            "Comparing images",
            lambda _: same_rows(finding, directory, catalogue, folder, steps),
            done,
            key="linear/rows",
            quiet=True,
        )

    # The images of a cell ---------------------------------------------------------------------

    def _tell_pairs(self, counts: Numbers, titles: list[str]) -> None:
        for one in self.pairs:
            self._pairs.removeWidget(one)
            one.deleteLater()
        wrong = counts - np.diag(counts.diagonal())
        order = np.argsort(-wrong, axis=None, kind="stable")[:PAIRS]
        for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True):
            here, asked = int(wrong[row, column]), int(counts[row].sum())
            if here:
                told = Told(
                    f"{titles[row]} is taken for {titles[column]}: {here:,} of "
                    f"{count(asked, 'image')} ({100 * here / asked:.0f}\u00a0%).",
                    "Show images",
                )
                told.link.clicked.connect(partial(self._show_cell, int(row), int(column)))
                self._pairs.addWidget(told)
        self._told.setVisible(bool(self.pairs))

    def _show_cell(self, row: int, column: int, _checked: bool = False) -> None:
        """Show the images of a cell, in the shared gallery."""
        finding = self._finding
        if finding is None:
            return
        truth = np.asarray(finding.truth)
        predicted = np.asarray(finding.scores[self._encoder].predicted)
        rows = np.asarray(finding.rows)[(truth == row) & (predicted == column)]
        titles = _titles(finding.classes, max(row, column) + 1)
        words = f"{titles[row]}, " + ("found" if row == column else f"taken for {titles[column]}")
        self.images.show_images(words, [(words, rows.tolist())])

    def _show_classes(self, finding: LinearFinding) -> None:
        """Bars of every class, the worst one first."""
        known = list(finding.scores.values())
        titles = _titles(finding.classes, len(known[0].per_class))
        totals = np.bincount(np.asarray(finding.truth), minlength=len(titles))
        rows = [
            Row(
                titles[number],
                tuple(one.per_class[number] or 0.0 for one in known),
                note=count(int(totals[number]), "image"),
            )
            for number in range(len(titles))
            if totals[number]
        ]
        rows.sort(key=lambda one: one.values[0])
        section = Section("Classes, the hardest first", "found", tuple(rows), percent=True)
        self.classes.show_sections(tuple(finding.scores), [section], baselines=False)


def _titles(classes: tuple[str, ...], size: int) -> list[str]:
    """Names of the classes; numbers for those without one."""
    return [classes[one] if one < len(classes) else f"class {one}" for one in range(size)]


def same_rows(
    finding: LinearFinding,
    directory: RunDirectory,
    catalogue: Catalogue,
    folder: str,
    steps: list[int],
) -> bool:
    """Whether the rows of a finding are rows of the open images.

    Findings keep no paths. The run's split of the folder as it is must hold out the very same
    rows, with the same classes, and images whose features were kept must lie where they lay.

    Args:
        finding: of the run.
        directory: of the run.
        catalogue: the open images.
        folder: that is open.
        steps: whose features tell of paths.
    """
    try:
        data = directory.own(directory.recipe()).data
        if data.folder != folder:
            return False
        held_out = data.split(catalogue).held_out
        for step in steps:
            kept = directory.kept(step)
            if not same_images(kept.rows, kept.paths, catalogue):
                return False
    except (OSError, ValueError, RuntimeError):  # nobody knows
        return False
    rows = held_out[catalogue.labels[held_out] >= 0]
    return (
        catalogue.classes == finding.classes
        and np.array_equal(rows, finding.rows)
        and np.array_equal(catalogue.labels[rows], finding.truth)
    )
