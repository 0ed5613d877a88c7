"""Clusters in the Evaluate place: both verdicts with their images, scores, classes by clusters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.panels.evaluate_view import FindingView, Told
from app.plots.named_matrix import NamedMatrix
from app.plots.score_bars import Group, Score, ScoreBars

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept
    from sslcore.assessment.kinds.clustering import Case, ClusteringFinding, Fault

COLUMNS, ROWS = 14, 24
"""Clusters and classes of the table at most; the rest is put together."""
CASES = 3
"""Cases of a fault that are told."""
TONES = {"none": "good", "some": "warning", "strong": "danger", "unclear": "muted"}
METRICS = {
    "homogeneity": "Homogeneity: is a cluster of one class?",
    "completeness": "Completeness: is a class in one cluster?",
    "nmi": "NMI: both together",
    "ari": "ARI: pairs, chance is 0",
}
Numbers = NDArray[np.int64]


class Verdict(QWidget):
    """One fault: how far it goes, what to try, and the cases that show it."""

    def __init__(self) -> None:
        super().__init__()
        self.head = label("", "heading")
        self.head.setFont(theme.font(13, bold=True))
        self.sentence = label("", wrap=True)
        self.remedy = label("", "muted", wrap=True)
        self.cases: list[Told] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        for one in (self.head, self.sentence, self.remedy):
            self._column.addWidget(one)

    def show_fault(self, fault: Fault) -> list[tuple[Told, Case]]:
        """Show another fault; returns its cases and what tells them."""
        head, _, rest = fault.sentence.partition(": ")
        self.head.setText(head)
        theme.set_role(self.head, TONES[fault.level])
        self.sentence.setText(rest[:1].upper() + rest[1:])
        self.remedy.setText(fault.remedy)
        self.remedy.setVisible(bool(fault.remedy))
        for one in self.cases:
            self._column.removeWidget(one)
            one.deleteLater()
        shown = [(Told(case.sentence, "Show images"), case) for case in fault.cases[:CASES]]
        self.cases = [told for told, _ in shown]
        for told in self.cases:
            self._column.addWidget(told)
        return shown


class Page(FindingView):
    """Clusters of a run.

    Args:
        workspace: whose images and selection.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._finding: ClusteringFinding | None = None
        self._cells: dict[tuple[int, int], tuple[str, Numbers]] = {}
        self.under, self.over = Verdict(), Verdict()
        self.note = label("", wrap=True)
        self.bars = ScoreBars("Agreement of clusters with classes")
        self.silhouettes = label("", "caption", wrap=True)
        self.head = label("", "heading")
        self.matrix = NamedMatrix("Images of every class in every cluster")
        self.matrix.picked.connect(self._show_cell)
        self.matrix.setToolTip("")
        self.foot = Told("", "Colour the map by these clusters", "caption")
        self.foot.link.setAccessibleName("Colour the map by these clusters")
        self.foot.link.setToolTip("Images that were not clustered stay grey on the map")
        self.foot.link.clicked.connect(self._colour_map)
        for one in (
            self.under,
            self.over,
            self.note,
            self.head,
            self.matrix,
            self.foot,
            self.bars,
            self.silhouettes,
        ):
            self.column.addWidget(one)
        self.column.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        from sslcore.assessment.kinds.clustering import ClusteringFinding

        finding = kept.finding
        assert isinstance(finding, ClusteringFinding)  # kept under this key
        self._finding = finding
        self.images.hide()
        judged = finding.judged
        for verdict in (self.under, self.over, self.bars):
            verdict.setVisible(judged is not None)
        if judged is not None:
            for verdict, fault in ((self.under, judged.under), (self.over, judged.over)):
                for told, case in verdict.show_fault(fault):
                    told.link.clicked.connect(partial(self._show_case, case))
        self._show_bars(finding)
        self._show_words(finding)
        self._show_matrix(finding)

    def _show_bars(self, finding: ClusteringFinding) -> None:
        groups: list[Group] = []
        for key, title in METRICS.items():
            scores = tuple(
                Score(name, float(getattr(one.scores, key)))
                for name, one in finding.encoders.items()
                if one.scores is not None
            )
            groups.append(Group(title, scores))
        self.bars.show_groups(groups if finding.judged is not None else [])

    def _show_words(self, finding: ClusteringFinding) -> None:
        own = finding.encoders["trained"]
        told = [finding.judged.note] if finding.judged is not None and finding.judged.note else []
        if finding.judged is None:
            told.append(
                "Without labels of two classes, nothing can be said of agreement: these are sizes "
                "and silhouettes only. A silhouette says how compact clusters are, not whether "
                "they mean anything."
            )
        if own.noise:
            part = own.noise / len(finding.rows)
            told.append(
                f"{own.noise:,} of {len(finding.rows):,} images ({100 * part:.0f} %) are in no "
                "cluster; in the scores they count as one more cluster."
            )
            if own.without_noise is not None:
                told.append(f"Without them NMI would be {100 * own.without_noise.nmi:.1f} %.")
        self.note.setText(" ".join(told))
        self.note.setVisible(bool(told))
        parts = [
            f"{name} {'–' if one.silhouette is None else f'{one.silhouette:.2f}'.replace('-', '−')}"
            f" ({len(one.sizes)} clusters)"
            for name, one in finding.encoders.items()
        ]
        self.silhouettes.setText(
            f"Silhouette, −1 to 1, of how compact clusters are: {', '.join(parts)}. "
            f"{len(finding.rows):,} images"
            + (f", {finding.labelled:,} with a class." if finding.judged is not None else ".")
        )

    def _show_matrix(self, finding: ClusteringFinding) -> None:
        """The table, with what does not fit put together."""
        names, classes = self._row_groups(finding)
        columns = list(finding.columns)
        numbers, rows = np.asarray(finding.numbers), np.asarray(finding.rows)
        groups = [(f"{place + 1}", [column]) for place, column in enumerate(columns)]
        if len(groups) > COLUMNS:
            rest = [column for _, (column,) in groups[COLUMNS - 1 :]]
            groups = [*groups[: COLUMNS - 1], (f"{len(rest)} others", rest)]
        if (numbers < 0).any():
            groups.append(("none", [-1]))
        counts = np.zeros((len(classes), len(groups)))
        self._cells = {}
        for row, members in enumerate(classes):
            for column, (name, wanted) in enumerate(groups):
                there = rows[members & np.isin(numbers, wanted)]
                counts[row, column] = len(there)
                words = "in no cluster" if name == "none" else f"cluster {name}"
                self._cells[row, column] = (f"{names[row]}, {words}", there)
        texts = {
            (row, column): f"{int(counts[row, column]):,}" if counts[row, column] else "·"
            for row, column in self._cells
        }
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        self.matrix.show_matrix(names, [name for name, _ in groups], shares, texts)
        self.matrix.setFixedHeight(int(48 + max(len(names), 1) * (34 if len(names) < 9 else 26)))
        self.head.setText(
            "Classes by clusters, images" if finding.judged is not None else "Sizes of the clusters"
        )
        self.foot.words.setText(
            "Fuller colour: a larger part of the class. Click a cell to see its images."
            if finding.judged is not None
            else "Click a cluster to see its images."
        )

    @staticmethod
    def _row_groups(finding: ClusteringFinding) -> tuple[list[str], list[NDArray[np.bool_]]]:
        """Names of the rows, and which images each holds."""
        truth = np.asarray(finding.truth)
        if finding.judged is None:
            return ["all images"], [np.ones(len(truth), bool)]
        present = [number for number in range(len(finding.classes)) if (truth == number).any()]
        shown, rest = present[:ROWS], present[ROWS:]
        names = [finding.classes[number] for number in shown]
        members = [truth == number for number in shown]
        if rest:
            names.append(f"{len(rest)} other classes")
            members.append(np.isin(truth, rest))
        return names, members

    def _colour_map(self) -> None:
        """Clusters as a colouring of the map, numbered as in the table."""
        finding = self._finding
        if finding is None:
            return
        places = np.full(len(finding.columns) + 1, -1, np.int64)  # the last one is noise
        places[list(finding.columns)] = np.arange(len(finding.columns))
        names = tuple(f"cluster {place + 1}" for place in range(len(finding.columns)))
        numbers = places[np.asarray(finding.numbers, np.int64)]
        self._workspace.groups.show("cluster", np.asarray(finding.rows), numbers, names)

    def _show_cell(self, row: int, column: int) -> None:
        words, rows = self._cells[row, column]
        self.images.show_images(words, [(words, rows.tolist())])

    def _show_case(self, case: Case) -> None:
        """The images of a case, those of each side under a heading of their own."""
        finding = self._finding
        if finding is None:
            return
        truth = dict(zip(finding.rows, finding.truth, strict=True))
        numbers = dict(zip(finding.rows, finding.numbers, strict=True))
        place = {column: number + 1 for number, column in enumerate(finding.columns)}
        sections: list[tuple[str, Sequence[int]]] = []
        if len(case.classes) == 2:
            for one in case.classes:
                rows = [row for row in case.rows if truth[row] == one]
                sections.append((finding.classes[one], rows))
            words = f"In cluster {place[case.clusters[0]]} together"
        else:
            for one in case.clusters:
                rows = [row for row in case.rows if numbers[row] == one]
                sections.append((f"cluster {place[one]}", rows))
            words = f"{finding.classes[case.classes[0]]}, in two clusters of its own"
        self.images.show_images(words, sections)
