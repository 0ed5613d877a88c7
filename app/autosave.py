"""Keeps the recipe for the next session without writing it at every move of a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.settings import Settings
from app.wording import sentence

if TYPE_CHECKING:
    from sslcore.recipe import Recipe

PAUSE = 400
"""Milliseconds without a change after which the recipe is written."""


class Autosave(QObject):
    """Writes the newest recipe into the settings once changes pause; :meth:`flush` does it now.

    Attributes:
        failed: what went wrong, as a sentence; the recipe in use is not touched by it.
    """

    failed = Signal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._waiting: Recipe | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self.flush)

    def later(self, recipe: Recipe) -> None:
        """Write this recipe soon, unless a newer one comes."""
        self._waiting = recipe
        self._timer.start()

    def flush(self) -> None:
        """Write what waits."""
        self._timer.stop()
        recipe, self._waiting = self._waiting, None
        if recipe is None:
            return
        try:
            self._settings.recipe_text = recipe.to_toml()
        except OSError as error:
            self.failed.emit(sentence(error))
