"""What the column beside the map stands for: a pinned image, the chosen ones, or a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from app.panels.explore_neighbours import Neighbour, NeighboursColumn
from app.panels.explore_outside import Outside, OutsideImages
from app.panels.explore_probe import ASKED
from app.wording import count

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.panels.explore_near import Near, Nearest
    from app.panels.explore_probe import Probe
    from app.pictures import Pictures
    from app.workspace import Workspace

View = Literal["nothing", "pin", "mean", "file"]


class Beside(QObject):
    """Fills the column from the map's features: the last thing a person did counts.

    One chosen image is pinned, of several the neighbours of their mean are shown, a file of the
    person's own is embedded and compared.

    Attributes:
        marked: (position of the pinned image or -1, positions of the neighbours) for the map.
        placed: (1, D) float32 features of a file, which the map can show the place of; None once
            there is none to show.
        column: the widget.

    Args:
        workspace: has the selection and the run.
        nearest: looks for neighbours.
        pictures: thumbnails.
    """

    marked = Signal(int, object)
    placed = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        nearest: Nearest,
        pictures: Pictures,
    ) -> None:
        super().__init__()
        self._selection, self._nearest = workspace.selection, nearest
        self._space: Space | None = None
        self._probe: Probe | None = None
        self._view: View = "nothing"
        self._row = -1
        self._single = -1
        self._file: Path | None = None
        self._outside: Outside | None = None
        self.column = NeighboursColumn(pictures, workspace.selection)
        self.setParent(self.column)  # it lives as long as what it fills
        self.files = OutsideImages(workspace, nearest.banks, self)
        self.column.chosen.connect(self.pin)
        self.column.unpinned.connect(self._clear)
        self.column.any_asked.connect(self._pin_any)
        self.column.count_changed.connect(self._change_count)
        self.column.file_asked.connect(self.look_at)
        self.files.found.connect(self._take_file)
        self.files.failed.connect(self._tell_problem)
        nearest.found.connect(self._take_pinned)
        nearest.mean_found.connect(self._take_mean)
        workspace.selection.changed.connect(self._follow)

    @property
    def row(self) -> int:
        """Catalogue row of the pinned image, or -1."""
        return self._row if self._view == "pin" else -1

    def set_space(self, space: Space | None, probe: Probe | None) -> None:
        """The map shows other features (or none); what is looked at stays.

        Args:
            space: the features.
            probe: the images behind them.
        """
        moved = space is not self._space
        self._space, self._probe = space, probe
        if self._view == "file" and moved:
            self._ask_file()
        elif self._view == "nothing" and len(self._selection):
            self._follow()
        else:
            self.refresh()

    def forget(self) -> None:
        """Another run: nothing is looked at, and nothing is being done."""
        self.files.forget()
        self._space = self._probe = None
        self._leave("nothing")
        self.refresh()

    # What is looked at ------------------------------------------------------------------------

    def pin(self, row: int) -> None:
        """Pin an image by its catalogue row; none (-1) goes back to several chosen ones."""
        if row < 0 and len(self._selection) > 1:
            self._leave("mean")
        else:
            self._leave("pin" if row >= 0 else "nothing")
            self._row = max(row, -1)
        self.refresh()

    def pin_position(self, position: int) -> None:
        """Pin a point of the map, or none (-1)."""
        probe = self._probe
        self.pin(-1 if probe is None or position < 0 else int(probe.index[position]))

    def look_at(self, path: Path) -> None:
        """Embed an image file of the person's own and show what lies nearest to it."""
        self._leave("file")
        self._file = path
        self._ask_file()

    def _pin_any(self) -> None:
        if self._probe is not None:
            self.pin(int(np.random.default_rng().choice(self._probe.index)))

    def _clear(self) -> None:
        """Take away what is looked at; a single chosen image is not chosen any more."""
        if self.row >= 0 and self._selection.rows.tolist() == [self.row]:
            self._selection.clear()
        else:
            self.pin(-1)

    def _follow(self) -> None:
        """The selection is another one."""
        chosen = self._selection.rows
        before, self._single = self._single, int(chosen[0]) if len(chosen) == 1 else -1
        if self.column.choosing and self._view in ("pin", "file"):
            return  # choosing among the neighbours of something is not looking at something else
        if self._single >= 0:
            self.pin(self._single)
        elif len(chosen) or self._view in ("mean", "nothing") or self.row == before >= 0:
            self.pin(-1)

    def _leave(self, view: View) -> None:
        if self._outside is not None:
            self.placed.emit(None)
        self._view, self._row = view, -1
        self._file = self._outside = None

    # What is shown ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is known of what is looked at; ask for the rest."""
        space, probe = self._space, self._probe
        if space is None or probe is None or self._view == "nothing":
            self.marked.emit(-1, ())
            self.column.show_nothing()
        elif self._view == "pin":
            self._show_pin(space, probe)
        elif self._view == "mean":
            self._show_mean(space, probe)

    def _show_pin(self, space: Space, probe: Probe) -> None:
        position = probe.position(self._row)
        if position < 0:
            self._look_beside_the_map(probe)
            return
        near = self._nearest.of(space, position, "pinned")
        self.marked.emit(position, () if near is None else near[0].tolist())
        facts = probe.label(position)
        self.column.show_pinned(self._row, probe.path(position), facts)
        if near is not None:
            agreement = probe.agreement(position, near[0].tolist())
            self._show_near(near, probe, "\n".join(filter(None, (facts, agreement))))

    def _look_beside_the_map(self, probe: Probe) -> None:
        """An image of the folder whose features the run does not keep."""
        self.marked.emit(-1, ())
        self.column.show_nothing()
        self.column.say(
            f"This image is none of the {len(probe):,} on the map. Drop its file here to have it "
            "embedded."
        )

    def _show_mean(self, space: Space, probe: Probe) -> None:
        positions = np.flatnonzero(self._selection.mask(probe.index))
        missing = len(self._selection) - len(positions)
        near = self._nearest.of_mean(space, positions)
        self.marked.emit(-1, () if near is None else near[0].tolist())
        self.column.show_mean(len(positions))
        if near is not None:
            self._show_near(near, probe, "")
        if not len(positions):
            self._show_near((np.zeros(0, np.int64), np.zeros(0, np.float32)), probe, "")
            self.column.say("None of the chosen images is on the map.")
        elif len(positions) == len(probe):
            self._show_near((np.zeros(0, np.int64), np.zeros(0, np.float32)), probe, "")
            self.column.say("All images are chosen, so none is left to be near to them.")
        elif missing:
            self.column.say(
                f"{count(missing, 'chosen image is', 'chosen images are')} not on the map."
            )

    def _show_near(self, near: Near, probe: Probe, facts: str) -> None:
        found = [
            Neighbour(int(probe.index[one]), float(cosine), probe.path(one), probe.label(one))
            for one, cosine in zip(near[0].tolist(), near[1].tolist(), strict=True)
        ]
        self.column.show_neighbours(found, facts)

    def _take_pinned(self, space: Space, position: int) -> None:
        probe = self._probe
        if space is not self._space or probe is None or self._view != "pin":
            return
        if int(probe.index[position]) == self._row:
            self.refresh()

    def _take_mean(self, space: Space) -> None:
        if space is self._space and self._view == "mean":
            self.refresh()

    def _change_count(self, wanted: int) -> None:
        self._nearest.count = wanted
        if self._view == "file":
            self._ask_file()
        else:
            self.refresh()

    # A file -----------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        if self._file is None:
            return
        if self._space is None or self._probe is None:
            self._tell_problem(self._file, "there is no map to compare it with yet; start a run")
            return
        if self._outside is None:
            self.marked.emit(-1, ())
            self.column.show_outside(None, self._file.name, "")
            self.column.say(f"The encoder looks at {self._file.name}…")
        self.files.ask(self._file, self._space, self._probe, self._nearest.count)

    def _take_file(self, outside: Outside) -> None:
        probe = self._probe
        if probe is None or outside.path != self._file or outside.space is not self._space:
            return
        self._outside = outside
        near = outside.near[0].tolist()
        self.marked.emit(-1, near)
        self.column.show_outside(QPixmap.fromImage(outside.picture), outside.path.name, "")
        self._show_near(outside.near, probe, _facts(outside, probe))
        self.placed.emit(outside.features[None] if outside.fits else None)

    def _tell_problem(self, path: Path, why: str) -> None:
        if path != self._file:
            return
        self._leave("file")
        self._file = path
        self.marked.emit(-1, ())
        self.column.show_outside(None, path.name, "")
        self.column.say(f"{path.name} cannot be compared: {why}.", "danger")


def _facts(outside: Outside, probe: Probe) -> str:
    """What the neighbours are, which encoder saw the file, and whether the map shows that one."""
    labels = [probe.label(one) for one in outside.near[0].tolist()[:ASKED]]
    known = Counter(one for one in labels if one)
    lines: list[str] = []
    if known:
        name, number = max(known.items(), key=lambda pair: pair[1])
        lines.append(f"{number} of {len(labels)} nearest are {name}")
    lines.append(f"encoder of step {outside.step:,}")
    if not outside.fits:
        lines.append(f"the map shows step {outside.space.step:,}, so it has no place there")
    return "\n".join(lines)
