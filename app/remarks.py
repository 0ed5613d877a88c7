"""Says what a run warns of, once, wherever in the window a person is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from app.opening import Opening


class Remarks(QObject):
    """Hands new warnings of the open run to the notice bar; those of a replayed log are old.

    Args:
        opening: whose run, and whose notices.
    """

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self._opening = opening
        self._told = 0
        opening.run_changed.connect(self._begin)
        opening.record_changed.connect(self._tell)

    def _begin(self) -> None:
        record = self._opening.record
        self._told = 0 if record is None else len(record.warnings)

    def _tell(self) -> None:
        record = self._opening.record
        if record is None:
            return
        # A resumed run takes back what came after its checkpoint.
        self._told = min(self._told, len(record.warnings))
        for one in record.warnings[self._told :]:
            self._opening.notice.emit("warning", one.message, one.remedy)
        self._told = len(record.warnings)
