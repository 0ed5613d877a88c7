"""Small pictures of the images behind a cell, read on a worker and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from app.plots.raster import image_of

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.batch import Sample

SIDE = 96
"""Of a picture as it is read: sharp on a screen of twice the pixels."""
KEPT = 600


class CellPictures(QObject):
    """Pictures of the open catalogue by row.

    Attributes:
        arrived: more of them can be had now.
    """

    arrived = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        workspace.catalogue_changed.connect(self._kept.clear)

    def get(self, row: int) -> QPixmap | None:
        """The picture of a row, if it was read."""
        return self._kept.get(row)

    def ask(self, rows: Sequence[int]) -> None:
        """Read what is missing; a later request replaces this one."""
        missing = sorted({row for row in rows if row not in self._kept})
        catalogue = self._workspace.catalogue
        if missing and catalogue is not None:
            side = max(min(SIDE, int(np.median(catalogue.sizes.min(1)))), 8)
            self._workspace.sample(missing, self._take, side, "matrix/pictures")

    def _take(self, sample: Sample) -> None:
        images: Any = sample.image.clamp(0, 1).mul(255).round().byte().numpy()
        for row, image in zip(sample.index.tolist(), images, strict=True):
            rgb = np.repeat(image, 3, axis=0) if len(image) == 1 else image[:3]
            self._kept[row] = QPixmap.fromImage(image_of(rgb.transpose(1, 2, 0)))
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit()
