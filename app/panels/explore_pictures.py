"""Pictures of single images for cards and grids, read on a worker and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from app.plots.raster import image_of

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.batch import Sample

SIDE = 96
KEPT = 2000
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
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._catalogue: object = None
        workspace.catalogue_changed.connect(self._forget)

    def get(self, row: int) -> QPixmap | None:
        """The picture of a row, if it was read."""
        return self._kept.get(row)

    def ask(self, rows: Sequence[int], purpose: str) -> None:
        """Read what is missing; a later request for the same purpose replaces this one."""
        missing = [row for row in rows if row not in self._kept]
        catalogue = self._workspace.catalogue
        if not missing or catalogue is None:
            return
        side = min(SIDE, int(np.median(catalogue.sizes.min(1))))
        self._workspace.sample(missing, self._take, max(side, 8), f"explore/{purpose}")

    def _take(self, sample: Sample) -> None:
        rows: list[int] = sample.index.tolist()
        images: Any = sample.image.clamp(0, 1).mul(255).round().byte().numpy()
        for row, image in zip(rows, images, strict=True):
            rgb = np.repeat(image, 3, axis=0) if len(image) == 1 else image[:3]
            self._kept[row] = QPixmap.fromImage(image_of(rgb.transpose(1, 2, 0)))
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(rows)

    def _forget(self) -> None:
        self._kept.clear()


def framed(picture: QPixmap | None, side: int, ground: str, ratio: float = 1.0) -> QPixmap:
    """A picture with round corners at a size; a plain tile while there is none.

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
        smooth = size.width() < 3 * picture.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(tile.rect(), picture)
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile
