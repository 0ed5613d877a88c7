"""The only way into a running training: stop, pause, resume, take a snapshot now."""

from __future__ import annotations

import threading


class Control:
    """Requests to a run from any thread; the training thread reads them between two steps."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stop = threading.Event()
        self._snapshot = threading.Event()

    def stop(self) -> None:
        """Ask the run to save a checkpoint and end; also ends a pause."""
        self._stop.set()
        self._go.set()

    def pause(self) -> None:
        """Ask the run to wait after the current step."""
        self._go.clear()

    def resume(self) -> None:
        """Let a paused run go on."""
        self._go.set()

    def snapshot_now(self) -> None:
        """Ask for diagnostics from the next step, whatever the cadence."""
        self._snapshot.set()

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    @property
    def pausing(self) -> bool:
        """Whether a pause was asked for and not taken back."""
        return not self._go.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Block while paused; True as soon as the run may go on (or must stop)."""
        return self._go.wait(seconds)

    def take_snapshot_request(self) -> bool:
        """Whether a snapshot was asked for since the last call."""
        asked = self._snapshot.is_set()
        self._snapshot.clear()
        return asked
