"""Pictures of single images for cards and grids, from the window's thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from app.thumbnails import shared

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

SIDE = 132
RADIUS = 4


class Pictures(QObject):
    """Thumbnails of the open catalogue by row.

    Attributes:
        arrived: rows whose pictures can be had now.
    """

    arrived = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thumbnails = shared(workspace.tasks)
        self._asker = object()
        self._thumbnails.arrived.connect(self._take)

    def get(self, row: int) -> QPixmap | None:
        """The picture of a row, if it was read and can be shown."""
        catalogue = self._workspace.catalogue
        if catalogue is None or not 0 <= row < len(catalogue):
            return None
        picture = self._thumbnails.get(catalogue, row)
        return picture if isinstance(picture, QPixmap) else None

    def ask(self, rows: Sequence[int], purpose: str) -> None:
        """Read what is missing; a later request for the same purpose replaces this one."""
        catalogue = self._workspace.catalogue
        if catalogue is not None:
            known = [row for row in rows if 0 <= row < len(catalogue)]
            self._thumbnails.ask((self._asker, purpose), catalogue, known, SIDE)

    def _take(self, catalogue: Catalogue, rows: list[int]) -> None:
        if catalogue is self._workspace.catalogue:
            self.arrived.emit(rows)


def framed(picture: QPixmap | None, side: int, ground: str, ratio: float = 1.0) -> QPixmap:
    """The middle square of a picture with round corners; a plain tile while there is none.

    Pixels stay crisp where they are shown much larger than they are.
    """
    size = QSize(round(side * ratio), round(side * ratio))
    tile = QPixmap(size)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(0, 0, size.width(), size.height(), RADIUS * ratio, RADIUS * ratio)
    painter.setClipPath(path)
    if picture is None:
        painter.fillRect(tile.rect(), ground)
    else:
        short = min(picture.width(), picture.height())
        middle = QRect(0, 0, short, short)
        middle.moveTo((picture.width() - short) // 2, (picture.height() - short) // 2)
        smooth = size.width() < 3 * short
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(tile.rect(), picture, middle)
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile
