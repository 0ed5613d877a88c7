"""Runs taken out by a process of its own, for tracing a network would stall the window."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.wording import sentence

if TYPE_CHECKING:
    from app.tasks import Task, Tasks, Ticket

LOOK = 0.05
"""Seconds between two looks at whether it was called off."""
PATIENCE = 10.0
"""Seconds a process has to clean up after it was asked to end."""


class TakingError(RuntimeError):
    """The process ended without what was asked for; its own words."""


class Taking(QObject):
    """One ``sslcore`` command at a time that writes something, as a job of the window.

    Attributes:
        said: what the process does now.
        ended: (words, role of a label): what was made, or why nothing was.

    Args:
        tasks: runs the job.
    """

    said = Signal(str)
    ended = Signal(str, str)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """Whether something is being written."""
        return self._task is not None

    def start(self, title: str, words: Sequence[str], out: Path) -> None:
        """Run a command that writes a file or folder.

        Args:
            title: of the job ("Exporting the encoder").
            words: of the command, ``--out`` and the target included.
            out: the target: of a process that was killed, nothing is left there.
        """
        if self._task is not None:
            return
        self._task = self._tasks.start(
            title,
            lambda ticket: run(words, out, self.said.emit, ticket),
            lambda said: self._end(said, "good"),
            failed=lambda error: self._end(sentence(error), "danger"),
        )
        # A job that was called off from elsewhere (Esc) ends without any other word.
        self._task.ended.connect(self._called_off)

    def cancel(self) -> None:
        """Call it off; nothing is left behind."""
        if self._task is not None:
            self._task.cancel()
            self._called_off()

    def _end(self, words: str, role: str) -> None:
        if self._task is not None:
            self._task = None
            self.ended.emit(words, role)

    def _called_off(self) -> None:
        self._end("Called off; nothing was written.", "")


def run(words: Sequence[str], out: Path, told: Callable[[str], None], ticket: Ticket) -> str:
    """Run ``sslcore`` with these words until it ends.

    Args:
        words: of the command.
        out: what it writes.
        told: called with every line about what it does.
        ticket: of the job.

    Returns:
        What it said at the end; "" if it was called off.

    Raises:
        TakingError: with its own words if it failed.
        OSError: if it cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    with subprocess.Popen(
        [sys.executable, "-m", "sslcore", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        creationflags=flags,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        result: list[str] = []
        errors: list[str] = []

        def keep(line: str) -> None:
            errors.append(line)
            told(line)

        readers = [
            threading.Thread(target=_read, args=(process.stdout, result.append), daemon=True),
            threading.Thread(target=_read, args=(process.stderr, keep), daemon=True),
        ]
        for reader in readers:
            reader.start()
        while True:
            try:
                code = process.wait(LOOK)
                break
            except subprocess.TimeoutExpired:
                if ticket.cancelled():
                    _end(process, out)
                    return ""
        for reader in readers:
            reader.join()
    if code != 0:
        last = errors[-1].removeprefix("sslcore: ") if errors else f"it ended with code {code}"
        raise TakingError(last)
    return " ".join(result)


def _read(stream: IO[str], keep: Callable[[str], None]) -> None:
    for line in stream:
        if text := line.strip():
            keep(text)


def _end(process: subprocess.Popen[str], out: Path) -> None:
    """End a process; what it leaves half made beside its target goes."""
    if sys.platform == "win32":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for part in out.parent.glob(f".{out.name}.*.partial"):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
