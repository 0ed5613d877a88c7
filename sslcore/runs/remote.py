"""Requests to a run from other processes, read from ``control.jsonl`` in its directory."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Self

from sslcore.engine.control import Control

REQUESTS = ("pause", "resume", "stop", "snapshot_now")


class Remote:
    """Hands the lines that are added to a control file on to a ``Control``; a context manager.

    Lines that were there before it started are from an earlier session and are passed over.

    Args:
        path: the control file; need not exist yet.
        control: of the run.
        seconds: between two looks at the file.
    """

    def __init__(self, path: Path, control: Control, seconds: float = 0.25) -> None:
        self._path = path
        self._control = control
        self._seconds = seconds
        self._offset = path.stat().st_size if path.exists() else 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="remote control", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> list[str]:
        """Carry out every whole new line; return what was asked for. Others are passed over."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                block = file.read()
        except OSError:
            return []
        whole = block[: block.rfind(b"\n") + 1]
        self._offset += len(whole)
        asked: list[str] = []
        for line in whole.splitlines():
            try:
                request: Any = json.loads(line)["control"]
            except (ValueError, KeyError, TypeError):
                continue
            if request in REQUESTS:
                asked.append(request)
                getattr(self._control, request)()
        return asked

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            self.look()
