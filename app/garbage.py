"""Cyclic garbage is collected on the window's thread only.

Python collects cycles on whichever thread happens to make the next object. A widget, a timer or a
pixmap that sits in such a cycle then dies on a worker while Qt may be using it on the window's
thread, which ends the process now and then, and never where the fault is.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

INTERVAL = 1000
"""Milliseconds between two looks."""
SHARE = 100
"""A full collection of t seconds is followed by as many times t without one."""


class Garbage(QObject):
    """Takes over from Python's own collector until it is closed.

    It must be made, and live, on the window's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mine = gc.isenabled()
        self._rest_until = 0.0
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what Python's own thresholds ask for: young objects often, all of them rarely."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if counts[0] <= thresholds[0]:
            return
        if counts[1] <= thresholds[1]:
            gc.collect(0)
        elif counts[2] <= thresholds[2] or time.monotonic() < self._rest_until:
            gc.collect(1)
        else:
            start = time.monotonic()
            gc.collect()
            end = time.monotonic()
            self._rest_until = end + SHARE * (end - start)

    def settle(self) -> None:
        """Leave out of every later collection what lives now: modules, which stay to the end.

        With torch loaded a full collection takes long enough to be felt; after this it does not.
        Only the first call does it: what came later may be a window's, and go with it.
        """
        if not gc.get_freeze_count():
            gc.freeze()

    def close(self) -> None:
        """Give the garbage back to Python's own collector, if that had it before."""
        self._timer.stop()
        if self._mine:
            gc.enable()
