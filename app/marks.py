"""Two moments of a run that are compared: A and B."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Marks(QObject):
    """Steps of the snapshots that are marked; None where no mark was set.

    Attributes:
        changed: a mark was set, moved or taken away.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: dict[str, int] = {}

    @property
    def a(self) -> int | None:
        """Step of mark A."""
        return self._steps.get("a")

    @property
    def b(self) -> int | None:
        """Step of mark B."""
        return self._steps.get("b")

    def put(self, *, a: int | None = None, b: int | None = None) -> None:
        """Set one or both marks; a mark that was not given stays."""
        wanted = dict(self._steps)
        wanted |= {name: step for name, step in (("a", a), ("b", b)) if step is not None}
        self._take(wanted)

    def clear(self) -> None:
        """Take both marks away: another run is open."""
        self._take({})

    def _take(self, wanted: dict[str, int]) -> None:
        if wanted != self._steps:
            self._steps = wanted
            self.changed.emit()
