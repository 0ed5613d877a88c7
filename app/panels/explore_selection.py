"""The chosen images: what they are, their tags, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app.card import Card, label
from app.few_labels import FewLabelDialog
from app.gallery import ThumbnailGrid
from app.pages import Pages
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_export import ExportDialog
from app.panels.explore_mapped import Mapped
from app.panels.explore_spread import SpreadDialog
from app.panels.explore_tag import TagDialog
from app.panels.explore_tags import Chip, TagChips
from app.selection import Deed, Mode
from app.wording import count
from sslcore.data.tags import EXCLUDED

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

HOW = (
    "No images chosen",
    "Lasso or box points on the map (L, B), click images in the gallery, or click a tag. Shift "
    "adds; Ctrl turns one image over and takes away what a lasso, box or tag holds.",
)
SIDE = 52
NAMED = 3
"""Classes whose shares are named."""


def shares(catalogue: Catalogue, rows: NDArray[np.int64]) -> str:
    """``horse 71 % · deer 18 % · dog 6 % · 2 more``; "" without classes."""
    labels = catalogue.labels[rows]
    if not len(rows) or not catalogue.classes:
        return ""
    numbers, counts = np.unique(labels, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    names = ["no class" if one < 0 else catalogue.classes[one] for one in numbers[order]]
    parts = [
        f"{name} {_percent(number / len(rows))}"
        for name, number in zip(names[:NAMED], counts[order].tolist(), strict=False)
    ]
    more = len(names) - NAMED
    return " · ".join([*parts, f"{more:,} more"] if more > 0 else parts)


def _percent(part: float) -> str:
    if 0 < part < 0.01:
        return "<1 %"
    # All but a few are not all.
    return f"{min(round(100 * part), 99) if part < 1 else 100} %"


class SelectionCard(Card):
    """What is chosen, anywhere in the window.

    Args:
        workspace: whose selection and tags.
        mapped: tells what the map shows now, for coordinates, pictures and near images; None
            while there is no map. Call :meth:`refresh` when that changes.
    """

    def __init__(
        self,
        workspace: Workspace,
        mapped: Callable[[], Mapped | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Selection", parent=parent)
        self._workspace = workspace
        self._mapped = mapped or (lambda: None)
        self._stale = True
        self.dialog: QDialog | None = None
        self.clear = QToolButton()
        self.clear.setText("Clear")
        self.clear.setAccessibleName("Choose nothing")
        self.clear.setToolTip("Choose nothing; nothing happens to the images")
        self.add_action(self.clear)
        self.line = Elided("", "caption")
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.set_side(SIDE)
        self.grid.setMinimumHeight(SIDE + 8)
        self.grid.setAccessibleName("Chosen images")
        self.empty = Empty(*HOW)
        self.chips = TagChips()
        self.trouble = label("", "danger", wrap=True)
        self.remedy = _button("", "", "What to do about the tags")
        self.tag = _button("Tag…", "Give these images a tag (Ctrl+Z takes it back)", "")
        self.tag.setProperty("role", "primary")
        self.spread = _button("Spread…", "", "Spread a tag to near images")
        self.spread.setProperty("role", "link")
        self.few = _button(
            "Few labels…",
            "Choose the tags whose images an evaluation may take labels from",
            "Choose the few-label set",
        )
        self.few.setProperty("role", "link")
        self._tags = QWidget()
        head = QHBoxLayout(self._tags)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label("Tags", "heading"))
        head.addStretch(1)
        head.addWidget(self.few)
        head.addWidget(self.spread)
        self.export = _button("Export…", "Take these images away as files or as a table", "Export")
        self.exclude = _button("Exclude", "", "")
        self._foot = QWidget()
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)  # all three fit the narrowest column
        for button in (self.tag, self.export, self.exclude):
            row.addWidget(button)
        row.addStretch(1)
        for widget, stretch in (
            (self.line, 0), (self.grid, 1), (self.empty, 1), (self._tags, 0), (self.chips, 0),
            (self.trouble, 0), (self.remedy, 0), (self._foot, 0),
        ):  # fmt: skip
            self.body.addWidget(widget, stretch)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        workspace, tagging, chips = self._workspace, self._workspace.tagging, self.chips
        for signal in (workspace.selection.changed, workspace.catalogue_changed, tagging.changed):
            signal.connect(self._mark)
        self.clear.clicked.connect(workspace.selection.clear)
        self.tag.clicked.connect(self.ask_tag)
        self.spread.clicked.connect(lambda: self.ask_spread(""))
        self.few.clicked.connect(self.ask_few_labels)
        self.export.clicked.connect(self.ask_export)
        self.exclude.clicked.connect(self._exclude)
        self.remedy.clicked.connect(self._mend)
        chips.select_asked.connect(self._select)
        chips.untag_asked.connect(self._untag)
        chips.rename_asked.connect(self.ask_rename)
        chips.delete_asked.connect(tagging.delete)
        chips.spread_asked.connect(self.ask_spread)
        chips.recolour_asked.connect(tagging.recolour)
        chips.few_labels_asked.connect(self._turn_few_labels)
        workspace.selection.asked.connect(self._act)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the card was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def _mark(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    @property
    def _rows(self) -> NDArray[np.int64]:
        catalogue, rows = self._workspace.catalogue, self._workspace.selection.rows
        return rows[: 0 if catalogue is None else np.searchsorted(rows, len(catalogue))]

    def refresh(self) -> None:
        """Show what is chosen, and which tags there are."""
        self._stale = False
        catalogue, rows = self._workspace.catalogue, self._rows
        some = len(rows) > 0 and catalogue is not None
        self.set_title(f"Selection: {count(len(rows), 'image')}" if some else "Selection")
        for widget in (self.clear, self.grid, self.line, self._foot):
            widget.setVisible(some)
        self.empty.setVisible(not some)
        if catalogue is not None:
            self.line.say(shares(catalogue, rows))
            if not np.array_equal(self.grid.rows, rows) or not some:
                self.grid.show_rows(catalogue, rows)
        self._show_tags(rows)

    def _show_tags(self, rows: NDArray[np.int64]) -> None:
        tagging = self._workspace.tagging
        tagged = tagging.tagged
        here, few = tagged.within(rows), tagged.few_labels
        self.chips.show_chips(
            [
                Chip(name, tint, len(tagged.of_tag(name)), here.get(name, 0), name in few)
                for name, tint in zip(tagged.names, tagged.tints, strict=True)
            ]
        )
        obstacle, mapped = tagging.obstacle, self._mapped()
        self._workspace.selection.set_drawn(mapped is not None)
        for button in (self.tag, self.exclude, self.few):
            button.setEnabled(not obstacle)
        self.tag.setToolTip(obstacle or "Give these images a tag (Ctrl+Z takes it back)")
        included = here.get(EXCLUDED, 0) < len(rows)
        self.exclude.setText("Exclude" if included else "Include")
        self.exclude.setAccessibleName(f"{self.exclude.text()} the chosen images")
        self.exclude.setToolTip(
            obstacle
            or (
                "Keep these images out of training, from the next run on; they stay on the map"
                if included
                else "Let these images be trained on again, from the next run on"
            )
        )
        self.chips.can_spread = mapped is not None and mapped.features is not None
        self._tags.setVisible(bool(tagged.names))
        self.few.setVisible(any(name != EXCLUDED for name in tagged.names))
        self.spread.setEnabled(self.chips.can_spread and bool(self._spreadable()))
        self.spread.setToolTip(
            "Find images near to tagged ones and give them the tag too"
            if self.chips.can_spread
            else "Nearness is measured in feature space: it comes with the map of a run"
        )
        self.trouble.setText(tagging.problem)
        self.trouble.setVisible(bool(tagging.problem))
        self.remedy.setVisible(bool(tagging.problem) and (tagging.can_move or bool(obstacle)))
        self.remedy.setText("Keep tags in the run" if tagging.can_move else "Read the tags again")

    def _spreadable(self) -> list[str]:
        tagged = self._workspace.tagging.tagged
        return [name for name in tagged.names if name != EXCLUDED and len(tagged.of_tag(name))]

    # What a person does -----------------------------------------------------------------------

    def _act(self, deed: Deed) -> None:
        """Do what was asked for elsewhere, where it is seen."""
        rooms = self.parentWidget()
        pages = None if rooms is None else rooms.parentWidget()
        if isinstance(rooms, QStackedWidget) and isinstance(pages, Pages):
            pages.tabs.setCurrentIndex(rooms.indexOf(self))
        acts = {
            "tag": self.ask_tag,
            "exclude": self._exclude,
            "export": self.ask_export,
            "picture": self.ask_picture,
        }
        acts[deed]()

    def _select(self, name: str, mode: str) -> None:
        rows = self._workspace.tagging.tagged.of_tag(name)
        self._workspace.selection.choose(rows, cast("Mode", mode))

    def _untag(self, name: str) -> None:
        self._workspace.tagging.untag(self._rows, name)

    def _turn_few_labels(self, name: str) -> None:
        tagging = self._workspace.tagging
        tagging.set_few_labels(tagging.tagged.few_labels ^ {name})

    def _exclude(self) -> None:
        tagging, rows = self._workspace.tagging, self._rows
        if not tagging.tag(rows, EXCLUDED):
            tagging.untag(rows, EXCLUDED)

    def _mend(self) -> None:
        tagging = self._workspace.tagging
        if tagging.can_move:
            tagging.keep_in_run()
        else:
            tagging.reload()

    def ask_tag(self) -> None:
        """Ask which tag the chosen images get."""
        tagging, rows = self._workspace.tagging, self._rows
        known = {name: len(tagging.tagged.of_tag(name)) for name in tagging.tagged.names}
        dialog = TagDialog(f"Tag {count(len(rows), 'image')}", "Tag", known, parent=self)
        dialog.named.connect(partial(tagging.tag, rows))
        self._open(dialog)

    def ask_rename(self, name: str) -> None:
        """Ask for another name of a tag."""
        if name == EXCLUDED:
            return
        tagging = self._workspace.tagging
        known = {one: len(rows) for one, rows in tagging.tagged.rows.items() if one != name}
        dialog = TagDialog(f"Rename “{name}”", "Rename", known, name, self)
        dialog.named.connect(partial(tagging.rename, name))
        self._open(dialog)

    def ask_spread(self, name: str = "") -> None:
        """Show images near to those with a tag ("" for the likeliest one)."""
        mapped, names = self._mapped(), self._spreadable()
        if mapped is None or mapped.features is None or not names:
            return
        here = self._workspace.tagging.tagged.within(self._rows)
        likely = max(names, key=lambda one: here.get(one, 0))
        self._open(SpreadDialog(self._workspace, mapped, names, name or likely, self))

    def ask_few_labels(self) -> None:
        """Ask which tags the few-label set is made of."""
        self._open(FewLabelDialog(self._workspace, self))

    def ask_export(self) -> None:
        """Ask where the chosen images go, and in which form."""
        self._open(ExportDialog(self._workspace, self._rows, self._mapped(), self))

    def ask_picture(self) -> None:
        """Ask where a picture of the map goes."""
        mapped = self._mapped()
        if mapped is not None:
            nothing = np.zeros(0, np.int64)
            self._open(ExportDialog(self._workspace, nothing, mapped, self, pictures=True))

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.destroyed.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self.dialog = None


def _button(words: str, hint: str, name: str) -> QPushButton:
    made = QPushButton(words)
    made.setToolTip(hint)
    made.setAccessibleName(name or words.rstrip("…"))
    return made
