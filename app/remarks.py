"""Says what a run warns of, once, wherever in the window a person is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.wording import count

if TYPE_CHECKING:
    from app.opening import Opening
    from sslcore.events import Warned


class Remarks(QObject):
    """Hands new warnings of the open run to the notice bar; those of a replayed log are old.

    Args:
        opening: whose run, and whose notices.
    """

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self._opening = opening
        self._told: tuple[Warned, ...] = ()
        opening.run_changed.connect(self._begin)
        opening.record_changed.connect(self._tell)

    def _begin(self) -> None:
        record = self._opening.record
        self._told = () if record is None else tuple(record.warnings)

    def _tell(self) -> None:
        record = self._opening.record
        if record is None or len(record.warnings) == len(self._told) == 0:
            return
        # A resumed run takes back what came after its checkpoint, so what is new is not what
        # stands behind as many as were told.
        known = tuple(record.warnings)
        same = 0
        while same < min(len(known), len(self._told)) and known[same] is self._told[same]:
            same += 1
        self._told, new = known, known[same:]
        if not new:
            return
        # The bar holds one message; Train lists them all.
        last, others = new[-1], len(new) - 1
        more = f" ({count(others, 'more warning')} in Train)" if others else ""
        self._opening.notice.emit("warning", last.message + more, last.remedy)
