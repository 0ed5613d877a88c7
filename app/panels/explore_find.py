"""The Find card: duplicates, outliers, wrong labels, subsets and what a sentence speaks of.

Each search ends in a ranked gallery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.card import Card, label, tell
from app.forms.number import WholeBox
from app.gallery import ThumbnailGrid
from app.panels.explore_search import Found, search
from app.panels.explore_sentence import SentenceSearches, example, reads_sentences
from app.panels.explore_wish import SENTENCE, WishForm
from app.scrolling import SnugArea
from app.wording import sentence

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.panels.explore_probe import Probe
    from app.tasks import Task, Ticket
    from app.workspace import Workspace

FIRST = 20
"""Images that "Select first" offers to choose."""
SIDE = 76
"""Of an image in pixels, about."""
LEAST = 100
"""Height of the images: a row of them."""
NARROW = 300
"""A card narrower than this has its buttons one below another."""
UNSEEN = "The images of this run are not open, so they are not shown here."
NO_MAP = "There is nothing to search in before the first map."


class FindCard(Card):
    """Searches through the features of the map; what is found can be chosen.

    Images are chosen and taken out as in every gallery; ``grid.map_asked`` tells which are to be
    shown in the map.

    Args:
        workspace: has the selection and runs the search.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Find", parent=parent)
        self._workspace = workspace
        self._space: Space | None = None
        self._probe: Probe | None = None
        self._found: Found | None = None
        self._searched: tuple[Space, Probe] | None = None
        self._rows: list[int] = []
        self._task: Task | None = None
        self._sentences = SentenceSearches()
        self.form = WishForm()
        self.form.entered.connect(self._search)
        self.words = label("", wrap=True)
        self.stale = label("", "caption", wrap=True)
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.bind(workspace.selection)
        self.grid.set_side(SIDE)
        self.grid.setMinimumHeight(LEAST)
        self.grid.setAccessibleName("Images that were found")
        self.body.addWidget(self._upper_area())
        self.body.addWidget(self.grid, 1)
        self._filler = QWidget()
        self.body.addWidget(self._filler, 1)
        self._foot = self._foot_row()
        self.body.addWidget(self._foot)
        self.set_space(None, None)

    def _upper_area(self) -> QWidget:
        """All that stands above the images: it scrolls where the window is low."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.form)
        column.addLayout(self._start_row())
        column.addWidget(self.words)
        column.addWidget(self.stale)
        self._area = SnugArea(content)
        return self._area

    def _start_row(self) -> QHBoxLayout:
        self.start = QPushButton("Find")
        self.start.setAccessibleName("Find")
        self.start.clicked.connect(self._search)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the search")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the search")
        self.cancel.clicked.connect(self._stop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.start)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        row.addStretch(0)
        self.bar.hide()
        self.cancel.hide()
        return row

    def _foot_row(self) -> QWidget:
        self.every = QPushButton("Select all")
        self.every.setAccessibleName("Select all that was found")
        self.every.clicked.connect(lambda: self._choose(len(self._rows)))
        self.first = QPushButton("Select first")
        self.first.setAccessibleName("Select the first of what was found")
        self.first.clicked.connect(lambda: self._choose(self.many.value()))
        self.many = WholeBox()
        self.many.setAccessibleName("How many of the first are selected")
        self.many.setToolTip("How many of the first are selected")
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.first)
        first.addWidget(self.many, 1)
        foot = QWidget()
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight, foot)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._buttons.setSpacing(8)
        self._buttons.addLayout(first)
        self._buttons.addWidget(self.every)
        return foot

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons side by side where there is room."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        narrow = self.width() < NARROW
        self._buttons.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    def set_space(self, space: Space | None, probe: Probe | None) -> None:
        """Search in other features from now on; what was found in the same run stays.

        Args:
            space: the features the map shows, or None for no map.
            probe: the images behind them.
        """
        searched = self._searched
        if searched is not None and (space is None or space.run != searched[0].run):
            self._stop()
            self._found = self._searched = None
        if space is None or self._space is None or space.run != self._space.run:
            self._sentences.forget()
        self._space, self._probe = space, probe
        self.form.offer_sentences(reads_sentences(self._workspace.core, probe), example(probe))
        self.form.setEnabled(space is not None)
        self.start.setEnabled(space is not None)
        if self._searched is None:
            self._lay()
            self._say("" if space is not None else NO_MAP)
        self._say_age()

    # Searching --------------------------------------------------------------------------------

    def _search(self) -> None:
        space, probe, wish = self._space, self._probe, self.form.wish
        if space is None or probe is None:
            return
        self._stop()
        self._searched = (space, probe)
        record, cache = self._workspace.record, self._workspace.settings.cache_folder
        checkpoints = [] if record is None else list(record.checkpoints)

        def work(ticket: Ticket) -> Found:
            if wish.kind == SENTENCE:
                return self._sentences.find(wish, space, probe, checkpoints, cache, ticket)
            return search(wish, space, probe, ticket)

        task = self._task = self._workspace.tasks.start(
            f"Looking for {wish.kind.lower()}",
            work,
            self._take,
            failed=self._fail,
            key="explore/find",
        )
        task.progress.connect(self._progress)
        task.ended.connect(self._end)
        typing = self.form.sentence.hasFocus()
        self.start.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.show()
        if not typing:  # else the next sentence would have to be clicked into
            self.cancel.setFocus()

    def _stop(self) -> None:
        """Call the search off."""
        if self._task is not None:
            self._task.cancel()
            self._task.ended.disconnect(self._end)  # it ends later, when another may be at work
            self._end()

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)

    def _end(self) -> None:
        if self._task is None:
            return
        focused = self.cancel.hasFocus()
        self._task = None
        self.bar.hide()
        self.cancel.hide()
        self.start.show()
        if focused:
            self.start.setFocus()

    def _fail(self, error: Exception) -> None:
        words = sentence(error)
        self._found = None
        self._lay()
        self._say(f"{words[:1].upper()}{words[1:]}.", "danger")
        self._say_age()
        self._area.reveal(self.words)

    def _take(self, found: Found) -> None:
        if self._searched is None or found.space is not self._searched[0]:
            return
        self._found = found
        self._rows = [int(found.space.index[one]) for one in found.positions]
        self._lay()
        self.many.setValue(FIRST)
        probe = self._searched[1]
        words = [found.sentence]
        if probe.catalogue is None and found.groups:
            words.append(UNSEEN)
        elif probe.catalogue is not None and len(probe.catalogue) > len(probe):
            # Without this, "no two files are equal" would read as a word about the folder.
            whole = f"{len(probe):,} of {len(probe.catalogue):,} images"
            words.append(f"Searched were the {whole} that are on the map.")
        self._say(" ".join(words))
        self._say_age()
        self._area.reveal(self.words)

    # What was found ---------------------------------------------------------------------------

    def _lay(self) -> None:
        """Show the images in their groups."""
        found, searched = self._found, self._searched
        self._rows = [] if found is None else self._rows
        catalogue = None if searched is None else searched[1].catalogue
        there = found is not None and bool(self._rows)
        self.grid.setVisible(there and catalogue is not None)
        self._filler.setVisible(not there or catalogue is None)
        self._foot.setVisible(there)
        if found is None or searched is None or not there:
            self.grid.show_rows(None, [])
            return
        index = searched[1].index
        sections = [(title, index[[hit.position for hit in hits]]) for title, hits in found.groups]
        words = [hit.words for _, hits in found.groups for hit in hits]
        titled = sections if sections[0][0] else None
        self.grid.show_rows(catalogue, self._rows, words, titled)
        self.many.setRange(1, len(self._rows))
        self.every.setText(f"Select all {len(self._rows):,}")

    def _choose(self, number: int) -> None:
        self._workspace.selection.choose(self._rows[:number])

    def _say(self, words: str, role: str = "") -> None:
        tell(self.words, words, role or ("muted" if self._found is None else ""))

    def _say_age(self) -> None:
        """Whether the map has moved on since."""
        found, space = self._found, self._space
        older = found is not None and space is not None and found.moment[0] != space.step
        self.stale.setVisible(older)
        if found is not None and space is not None and older:
            remedy = (
                "Find once more to search there."
                if found.space.step != space.step
                else "Of that one there is no checkpoint."
            )
            self.stale.setText(
                f"Found at epoch {found.moment[1]:.1f}; the map shows epoch {space.epoch:.1f}. "
                f"{remedy}"
            )
