"""The button that frees the cache, after asking, and never under a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app import disk
from app.wording import sentence

if TYPE_CHECKING:
    from app.workspace import Workspace


class CacheButton(QPushButton):
    """Clears the cache folder but for the demo set, which may be open.

    Args:
        workspace: whose cache.

    Signals:
        done: the folder may be measured again, whether it was cleared or not.
    """

    done = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Clear", parent)
        self._workspace = workspace
        self.setAccessibleName("Clear the cache")
        self.setToolTip("Delete decoded pixels, thumbnails and maps; they are made again")
        self.clicked.connect(self._clear)

    def offer(self, held: int) -> None:
        """Can be pressed if the cache holds any bytes and no run is being trained."""
        self.setEnabled(held > 0 and not self._workspace.running)

    def _clear(self) -> None:
        answer = QMessageBox.question(
            self,
            "Clear the cache",
            "Delete decoded pixels, thumbnails and computed maps? They are made again when needed; "
            "the maps of all epochs take minutes.",
        )
        if answer != QMessageBox.StandardButton.Yes:
            return
        if self._workspace.running:  # it was started while the question stood there
            self.done.emit()
            return
        settings = self._workspace.settings
        self.setEnabled(False)
        self._workspace.tasks.start(
            "Clearing the cache",
            lambda _: disk.clear_cache(settings),
            lambda _: self.done.emit(),
            failed=self._fail,
            key="clear",
        )

    def _fail(self, error: Exception) -> None:
        self._workspace.notice.emit(
            "danger", sentence(error), "Delete the rest by hand, or mend who may write there."
        )
        self.done.emit()
