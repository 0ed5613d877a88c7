"""A small square picture, its pixels crisp where they are few."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QLabel


class CrispPicture(QLabel):
    """A square picture with crisp pixels where they are few.

    Args:
        name: for screen readers and as a tip.
        side: in pixels.
    """

    def __init__(self, name: str, side: int) -> None:
        super().__init__()
        self._side = side
        self.setFixedSize(side, side)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def show_picture(self, image: QImage | None) -> None:
        """Show a picture, or nothing."""
        if image is None:
            self.clear()
            return
        ratio = self.devicePixelRatioF()
        side = round(self._side * ratio)
        few = image.width() * 2 <= side
        ways = Qt.TransformationMode
        drawn = QPixmap(side, side)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        scaled = image.scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatio,
            ways.FastTransformation if few else ways.SmoothTransformation,
        )
        painter.drawImage((side - scaled.width()) // 2, (side - scaled.height()) // 2, scaled)
        painter.end()
        drawn.setDevicePixelRatio(ratio)
        self.setPixmap(drawn)
