"""How large the images of galleries are: one slider for each, one value for all."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.contact_sheet import LARGEST, SMALLEST
from app.forms.slider import Slider
from app.gallery import ThumbnailGrid
from app.settings import Settings


class SizeSlider(Slider):
    """The size of a gallery's images, kept in the settings; Ctrl and the wheel move it too.

    Args:
        settings: where the size is kept.
        grid: whose images are meant.
    """

    def __init__(
        self, settings: Settings, grid: ThumbnailGrid, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._grid = grid
        self.setRange(SMALLEST, LARGEST)
        self.setSingleStep(8)
        self.setPageStep(32)
        self.setFixedWidth(104)
        self.setAccessibleName("Size of the images")
        self._follow()
        self._apply(self.value())
        self.valueChanged.connect(self._apply)
        grid.side_asked.connect(self.setValue)
        settings.changed.connect(self._follow)

    def _apply(self, side: int) -> None:
        self._grid.set_side(side)
        self.setToolTip(f"Size of the images: {side} px (Ctrl and the wheel)")
        if side != self._settings.thumbnail_side:
            self._settings.thumbnail_side = side

    def _follow(self) -> None:
        """The size was changed in another gallery."""
        self.setValue(self._settings.thumbnail_side)
