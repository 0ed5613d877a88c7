"""A sheet of thumbnails in lines that fill the width; only what is seen is read and painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app import gallery_tiles as tiles
from app import theme
from app.gallery_choice import NOTHING, Choice
from app.gallery_layout import arrange
from app.thumbnails import shared
from app.wording import count

if TYPE_CHECKING:
    from app.tasks import Tasks
    from sslcore.data.catalogue import Catalogue

SIDE = 96
"""Side of an image in pixels, unless another is set."""
SMALLEST, LARGEST = 32, 256
WORDS_FROM = 56
"""Images smaller than this have no room for words below them."""
FRAME = 16
"""Milliseconds between two frames of fading in, and between two looks at what to read."""

Rows = Sequence[int] | NDArray[Any]
Captions = Sequence[str] | Callable[[int], str]
"""Words for every image, or what is asked for them with the position of an image in sight."""


class ContactSheet(QAbstractScrollArea):
    """Images of a catalogue to be looked at, from tens to millions; it scrolls and that is all.

    Args:
        tasks: whose workers read, and whose window's thumbnails are shared.
    """

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = shared(tasks)
        self._asker = object()
        self._catalogue: Catalogue | None = None
        self._captions: Captions | None = None
        self._titles: list[str] = []
        self._counts: list[int] = [0]
        self._choice = Choice()
        self._tiles = tiles.Tiles()
        self._side = SIDE
        self._place = arrange([], 0, SIDE)
        self._downward = True
        self._reader = QTimer(self, singleShot=True, interval=FRAME)
        self._reader.timeout.connect(self._fetch)
        self._fader = QTimer(self, singleShot=True, interval=FRAME)
        self._fader.timeout.connect(self.viewport().update)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a bar that came and went would change the width, and that its need.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._show_bar)
        self._show_bar(0, 0)
        self.setAccessibleName("Images")
        self.viewport().setAutoFillBackground(False)
        self._thumbnails.arrived.connect(self._take)
        theme.current().changed.connect(self.viewport().update)

    def _show_bar(self, _least: int, most: int) -> None:
        """A bar with nothing to scroll to keeps its room, and is not seen."""
        self.verticalScrollBar().setEnabled(most > 0)

    @property
    def count(self) -> int:
        """How many images are in the grid."""
        return len(self._choice.rows)

    @property
    def rows(self) -> NDArray[np.int64]:
        """(N,) catalogue rows in the order they are shown; not to be written into."""
        return self._choice.rows

    @property
    def current(self) -> int:
        """Catalogue row of the image the keys stand on, or -1."""
        return self._choice.row

    @property
    def side(self) -> int:
        """Side of an image that is wished for; lines fill the width, so it is met about."""
        return self._side

    def show_rows(
        self,
        catalogue: Catalogue | None,
        rows: Rows,
        captions: Captions | None = None,
        sections: Sequence[tuple[str, Rows]] | None = None,
    ) -> None:
        """Fill the grid with rows of a catalogue.

        Args:
            catalogue: whose images.
            rows: catalogue rows in the order to be shown; arrays of millions are welcome.
            captions: a line of words for every image shown, where images are large enough.
            sections: (heading, rows) one below another. They take the place of ``rows``; those
                without an image are left out.

        Raises:
            ValueError: if there is not one caption for every image.
        """
        titles: list[str] = []
        parts = [_array(rows)]
        if sections is not None:
            filled = [(title, _array(part)) for title, part in sections if len(part)]
            titles, parts = [title for title, _ in filled], [part for _, part in filled]
        found = np.concatenate([NOTHING, *parts])
        if isinstance(captions, Sequence) and len(captions) != len(found):
            raise ValueError(f"{len(captions)} captions for {len(found)} images; give one for each")
        self._titles, self._counts = titles, [len(part) for part in parts]
        if catalogue is not self._catalogue:
            self._tiles.forget()
        self._catalogue, self._captions = catalogue, captions
        self._choice.show(found)
        self.setAccessibleDescription(count(len(found), "image"))
        self.verticalScrollBar().setValue(0)
        self._measure()
        self._fetch()

    def set_side(self, side: int) -> None:
        """Another size of the images; what is looked at stays in sight."""
        side = min(max(side, SMALLEST), LARGEST)
        if side != self._side:
            self._side = side
            self._relayout()

    def picture(self, row: int) -> QPixmap | str | None:
        """The thumbnail of a catalogue row, why there is none, or None while it is not read."""
        return None if self._catalogue is None else self._thumbnails.get(self._catalogue, row)

    def columns(self) -> int:
        """Images side by side."""
        return self._place.columns

    def step(self) -> int:
        """From one line to the next in pixels."""
        return self._place.line

    def cell(self, position: int) -> QRect:
        """Where the n-th image of the grid is painted, in the viewport."""
        left, top = self._place.place(position)
        return QRect(left, top - self._top(), self._place.side, self._place.side)

    def position_at(self, point: QPoint) -> int:
        """Which image of the grid lies under a point of the viewport, or -1."""
        return self._place.position_at(point.x(), point.y() + self._top())

    def visible_positions(self) -> range:
        """Images of the grid that are at least partly seen."""
        return self._place.between(self._top(), self._top() + self.viewport().height())

    def bring_into_sight(self, position: int) -> None:
        """Scroll as little as needed to see the n-th image with its words."""
        bar, cell = self.verticalScrollBar(), self.cell(position)
        # The first line of a section is seen with its heading.
        section = self._place.section_of(position)
        first = position - int(self._place.firsts[section]) < self._place.columns
        above = self._place.heading if first else 0
        below = self._place.caption - self.viewport().height()
        if cell.top() < above:
            bar.setValue(bar.value() + cell.top() - above)
        elif cell.bottom() + below > 0:
            bar.setValue(bar.value() + cell.bottom() + below + self._place.gap)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(5 * (SIDE + 8), 4 * (SIDE + 8))

    def _top(self) -> int:
        return self.verticalScrollBar().value()

    # --- reading --------------------------------------------------------------------------------

    def _fetch(self) -> None:
        """Ask for what is seen, then for a page where it is scrolled to, then for one behind."""
        self.viewport().update()
        if self._catalogue is None or not self.isVisible():
            return
        top, high = self._top(), self.viewport().height()
        seen = self.visible_positions()
        below = self._place.between(top + high, top + 2 * high)
        above = self._place.between(top - high, top)[::-1]
        first, second = (below, above) if self._downward else (above, below)
        rows = self._choice.rows
        order = [*seen, *first, *second]
        side = round(self._place.side * self.devicePixelRatioF())
        wanted = list(dict.fromkeys(rows[order].tolist())) if order else []
        self._thumbnails.ask(self._asker, self._catalogue, wanted, side)

    def _take(self, catalogue: Catalogue, rows: list[int]) -> None:
        if catalogue is self._catalogue:
            seen = self.visible_positions()
            shown = set(self._choice.rows[seen.start : seen.stop].tolist())
            self._tiles.fade_in(shown.intersection(rows))
            self.viewport().update()

    def _measure(self) -> None:
        captions = self._captions is not None and self._side >= WORDS_FROM
        width, headings = self.viewport().width(), bool(self._titles)
        self._place = arrange(self._counts, width, self._side, captions=captions, headings=headings)
        bar, high = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(self._place.height - high, 0))
        bar.setPageStep(max(high, 1))
        bar.setSingleStep(max(self._place.line // 2, 1))

    def _relayout(self) -> None:
        """Lay out anew; the current image, or the first one in sight, stays where it was."""
        seen = self.visible_positions()
        kept = self._choice.current if self._choice.current in seen else seen.start
        offset = self.cell(kept).top() if len(seen) else 0
        self._measure()
        if len(seen):
            self.verticalScrollBar().setValue(self._place.place(kept)[1] - offset)
        self._fetch()

    # --- events ---------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is seen now."""
        super().showEvent(event)
        self._fetch()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is seen, so nothing needs to be read."""
        super().hideEvent(event)
        self._thumbnails.forget(self._asker)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width."""
        super().resizeEvent(event)
        self._relayout()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Everything is painted anew: a few pixmaps. What to read is asked once for each frame."""
        del dx
        self._downward = dy <= 0
        self.viewport().update()
        if not self._reader.isActive():
            self._reader.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells in sight."""
        del event
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_headings(painter)
        catalogue, choice, seen = self._catalogue, self._choice, self.visible_positions()
        if catalogue is None:
            painter.end()
            return
        side, ratio = self._place.side, self.devicePixelRatioF()
        rows = choice.rows[seen.start : seen.stop].tolist()
        pictures = self._thumbnails.all(catalogue, rows)
        chosen, scrolled = choice.chosen(seen).tolist(), self._top()
        places = zip(*self._place.places(seen), strict=True)
        for position, row, picture, marked, (left, top) in zip(
            seen, rows, pictures, chosen, places, strict=True
        ):
            cell = QRect(left, top - scrolled, side, side)
            if isinstance(picture, QPixmap):
                tile = self._tiles.tile(row, picture, side, ratio)
                tiles.paint_picture(painter, cell, tile, self._tiles.opacity(row))
            else:
                tiles.paint_missing(painter, cell, isinstance(picture, str))
            if marked:
                tiles.paint_chosen(painter, cell)
            if position == choice.current:
                self._paint_current(painter, cell, chosen=marked)
            if self._captions is not None and self._place.caption:
                words = _words(self._captions, position)
                tiles.paint_caption(painter, cell, words, self._place.caption, chosen=marked)
        painter.end()
        if self._tiles.fading():
            self._fader.start()

    def _paint_headings(self, painter: QPainter) -> None:
        top = self._top()
        for section, y in self._place.headings(top, top + self.viewport().height()):
            wide = self.viewport().width()
            place = QRect(0, y - top, wide, self._place.heading)
            words = count(self._counts[section], "image")
            tiles.paint_heading(painter, place, self._titles[section], words)

    def _paint_current(self, painter: QPainter, cell: QRect, *, chosen: bool) -> None:
        if self._choice.selection is None:
            tiles.paint_only(painter, cell)
        else:
            tiles.paint_current(painter, cell, chosen=chosen, focused=self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring of the current image shows it."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring of the current image shows it."""
        super().focusOutEvent(event)
        self.viewport().update()


def _words(captions: Captions, position: int) -> str:
    return captions[position] if isinstance(captions, Sequence) else captions(position)


def _array(rows: Rows) -> NDArray[np.int64]:
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, rows.step, dtype=np.int64)
    return np.asarray(rows, np.int64)
