"""A grid of thumbnails painted by hand, fast for any number of images."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from app import theme
from app.icon import pixmap

if TYPE_CHECKING:
    from app.tasks import Tasks, Ticket
    from sslcore.data.catalogue import Catalogue

CELL = 96
"""Smallest side of a thumbnail in pixels."""
GAP = 8
KEPT = 4000
"""Thumbnails kept in memory: 4000 of 96 x 96 RGB are 110 MB at most."""
CHUNK = 12
LANES = 2
"""Chunks read at the same time, so that workers stay free for other jobs."""

Read = list[tuple[int, QImage | str]]


def read_thumbnails(paths: Sequence[tuple[int, Path]], side: int, ticket: Ticket) -> Read:
    """Decode small pictures on a worker: (row, picture) or (row, why it cannot be shown)."""
    decode = importlib.import_module("sslcore.data.decode")
    found: Read = []
    for row, path in paths:
        if ticket.cancelled():
            break
        try:
            picture = decode.load_image(path, side)
        except (OSError, ValueError) as error:
            found.append((row, str(error)))
            continue
        data = picture.tobytes()
        width, height = picture.size
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
        found.append((row, image.copy()))
    return found


class ThumbnailGrid(QAbstractScrollArea):
    """Images of a catalogue in rows that fill the width; only what is seen is read and painted.

    Attributes:
        current_changed: catalogue row under the cursor, by mouse or arrow keys.
    """

    current_changed = Signal(int)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._catalogue: Catalogue | None = None
        self._rows: Sequence[int] = ()
        self._current = -1
        self._pictures: OrderedDict[int, QPixmap | str] = OrderedDict()
        self._pending: set[int] = set()
        self._generation = 0
        self._lanes = 0
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Images")
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._fetch)
        theme.current().changed.connect(self.viewport().update)

    @property
    def count(self) -> int:
        """How many images are in the grid."""
        return len(self._rows)

    @property
    def current(self) -> int:
        """Catalogue row of the chosen image, or -1."""
        return int(self._rows[self._current]) if 0 <= self._current < len(self._rows) else -1

    def show_rows(self, catalogue: Catalogue | None, rows: Sequence[int]) -> None:
        """Fill the grid with rows of a catalogue; another catalogue empties the memory."""
        if catalogue is not self._catalogue:
            self._pictures.clear()
            self._pending.clear()
            self._generation += 1
            self._lanes = 0
        self._catalogue, self._rows, self._current = catalogue, rows, -1
        self.verticalScrollBar().setValue(0)
        self._measure()
        self._fetch()

    def picture(self, row: int) -> QPixmap | str | None:
        """The thumbnail of a catalogue row, why there is none, or None while it is not read."""
        return self._pictures.get(row)

    def columns(self) -> int:
        """Images side by side."""
        return max((self.viewport().width() + GAP) // (CELL + GAP), 1)

    def step(self) -> int:
        """From one image to the next in pixels; images grow a little to fill the width."""
        return max((self.viewport().width() + GAP) // self.columns(), CELL // 2)

    def cell(self, position: int) -> QRect:
        """Where the n-th image of the grid is painted, in the viewport."""
        row, column = divmod(position, self.columns())
        step = self.step()
        top = row * step - self.verticalScrollBar().value()
        return QRect(column * step, top, step - GAP, step - GAP)

    def position_at(self, point: QPoint) -> int:
        """Which image of the grid lies under a point of the viewport, or -1."""
        step = self.step()
        down = point.y() + self.verticalScrollBar().value()
        column, row = point.x() // step, down // step
        inside = max(point.x() % step, down % step) < step - GAP and column < self.columns()
        position = row * self.columns() + column
        return position if inside and 0 <= position < len(self._rows) else -1

    def visible_positions(self) -> range:
        """Images of the grid that are at least partly seen."""
        step = self.step()
        first = self.verticalScrollBar().value() // step
        last = (self.verticalScrollBar().value() + self.viewport().height()) // step
        columns = self.columns()
        return range(
            min(first * columns, len(self._rows)), min((last + 1) * columns, len(self._rows))
        )

    def choose(self, position: int) -> None:
        """Make the n-th image the chosen one and bring it into sight."""
        if not len(self._rows):
            return
        self._current = min(max(position, 0), len(self._rows) - 1)
        bar, cell = self.verticalScrollBar(), self.cell(self._current)
        if cell.top() < 0:
            bar.setValue(bar.value() + cell.top())
        elif cell.bottom() > self.viewport().height():
            bar.setValue(bar.value() + cell.bottom() - self.viewport().height() + GAP)
        self.viewport().update()
        self.current_changed.emit(self.current)

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(5 * (CELL + GAP), 4 * (CELL + GAP))

    # --- reading --------------------------------------------------------------------------------

    def _fetch(self) -> None:
        """Read what is seen and not there yet, and a page further down."""
        self.viewport().update()
        catalogue = self._catalogue
        if catalogue is None:
            return
        seen = self.visible_positions()
        ahead = range(seen.stop, min(seen.stop + len(seen), len(self._rows)))
        rows = [int(self._rows[n]) for part in (seen, ahead) for n in part]
        missing = [row for row in rows if row not in self._pictures and row not in self._pending]
        while missing and self._lanes < LANES:
            chunk, missing = missing[:CHUNK], missing[CHUNK:]
            self._read(catalogue, chunk)

    def _read(self, catalogue: Catalogue, rows: Sequence[int]) -> None:
        self._lanes += 1
        self._pending.update(rows)
        generation = self._generation
        side = round((self.step() - GAP) * self.devicePixelRatioF())
        paths = [(row, catalogue.path(row)) for row in rows]

        # A bound method, not a closure: Qt drops the answer once the grid is gone.
        self._tasks.start(
            "Reading thumbnails",
            lambda ticket: (generation, rows, read_thumbnails(paths, side, ticket)),
            self._take,
            quiet=True,
        )

    def _take(self, answer: tuple[int, Sequence[int], Read]) -> None:
        generation, rows, found = answer
        if generation != self._generation:
            return
        self._lanes -= 1
        for row, picture in found:
            made = picture if isinstance(picture, str) else QPixmap.fromImage(picture)
            self._pictures[row] = made
        self._pending.difference_update(rows)
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        self._fetch()

    def _measure(self) -> None:
        lines = -(-len(self._rows) // self.columns())
        tall = lines * self.step() - GAP
        bar = self.verticalScrollBar()
        bar.setRange(0, max(tall - self.viewport().height(), 0))
        bar.setPageStep(max(self.viewport().height(), 1))
        bar.setSingleStep(self.step() // 2)

    # --- events ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width."""
        super().resizeEvent(event)
        self._measure()
        self._fetch()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Everything is painted anew: a few pixmaps."""
        del dx, dy
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells in sight."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self.viewport())
        for position in self.visible_positions():
            row, cell = int(self._rows[position]), self.cell(position)
            picture = self._pictures.get(row)
            if isinstance(picture, QPixmap):
                self._pictures.move_to_end(row)
                size = picture.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
                place = QRect(QPoint(), size)
                place.moveCenter(cell.center())
                painter.drawPixmap(place, picture)
            else:
                painter.fillRect(cell, QColor(tokens.raised))
                if isinstance(picture, str):
                    mark = pixmap("warning", tokens.warning)
                    painter.drawPixmap(cell.center() - QPoint(9, 9), mark)
            if position == self._current:
                painter.setPen(QPen(QColor(tokens.accent), 2))
                painter.drawRect(cell.adjusted(1, 1, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose an image."""
        position = self.position_at(event.position().toPoint())
        if position >= 0:
            self.choose(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys, Home, End, Page Up and Page Down move the choice."""
        columns = self.columns()
        page = columns * max(self.viewport().height() // self.step(), 1)
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._rows),
            Qt.Key.Key_End: len(self._rows),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.choose(0 if self._current < 0 else self._current + move)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the file, and why a picture is missing, under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self.position_at(event.pos())
            if position >= 0 and self._catalogue is not None:
                row = int(self._rows[position])
                picture = self._pictures.get(row)
                words = self._catalogue.paths[row]
                if isinstance(picture, str):
                    words = f"{words}: {picture}"
                QToolTip.showText(event.globalPos(), words, self.viewport())
                return True
        return super().viewportEvent(event)
