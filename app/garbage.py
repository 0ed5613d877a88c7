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
PAUSE = 10.0
"""Seconds between two full collections at least."""
SHARE = 1000
"""A full collection of t seconds is followed by as many times t without one."""


class Garbage(QObject):
    """Takes over from Python's own collector until it is closed.

    It must be made, and live, on the window's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mine = gc.isenabled()
        self._full_from = time.monotonic() + PAUSE
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what is young, and now and then all there is.

        By the clock, not by Python's counters: these count objects of all threads, and what dies
        takes from them what it never gave.
        """
        begin = time.monotonic()
        if begin < self._full_from:
            gc.collect(1)
            return
        gc.collect()
        end = time.monotonic()
        self._full_from = end + max(PAUSE, SHARE * (end - begin))

    def settle(self) -> None:
        """Leave out of every later collection what lives now, modules above all: they stay.

        With torch loaded a full collection takes long enough to be felt; after this it does not.
        What is garbage already is kept for good: some thousand small objects that importing left.
        Only the first call does it: what came later may be a window's, and go with it.
        """
        if not gc.get_freeze_count():
            gc.freeze()

    def close(self) -> None:
        """Give the garbage back to Python's own collector, if that had it before."""
        self._timer.stop()
        if self._mine:
            gc.enable()
