"""Commands in a process of their own, which goes on when whoever started it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

LOG = "training.log"
"""In the run directory: what the process says beside its events."""
LINES = 5
_TAIL = 1 << 14
_BAR = re.compile(r"\d+%\|")


class CommandProcess:
    """One ``sslcore`` command that belongs to no terminal and no window.

    Closing either, or Ctrl+C there, does not reach it.

    Args:
        log: file for what it says.
        words: the command and its arguments.

    Raises:
        OSError: if it cannot be started, or its log cannot be written.
    """

    title = "The process"

    def __init__(self, log: Path, *words: str | Path) -> None:
        self._log = log
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        with self._log.open("ab") as file:
            self._begin = file.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sslcore", *words],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                # A crash inside a library leaves its traceback in the log.
                env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONFAULTHANDLER": "1"},
                creationflags=flags,
                start_new_session=True,
            )
        # Somebody has to take note of its end; else it stays in the system as a zombie.
        threading.Thread(target=self._process.wait, name="process", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def last_words(self) -> str:
        """How it ended, and the last lines of its log; for a process that is not alive."""
        code = self._process.poll()
        if code is None or code >= 0:
            how = f"{self.title} ended with exit code {code}"
        else:
            how = f"{self.title} was killed by {_signal(-code)}"
        return _with_log(how, self._log, self._begin)

    def stop(self) -> None:
        """Ask it to save and end, as Ctrl+C does."""
        if self.alive:
            self._process.terminate()


class TrainingProcess(CommandProcess):
    """One ``sslcore train`` on a run directory: its recipe, and its newest checkpoint if any.

    Args:
        directory: a run directory.

    Raises:
        OSError: if it cannot be started, or its log cannot be written.
    """

    title = "The training process"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory / LOG, "train", "--resume", "auto", "--out", directory)


def last_words(directory: Path) -> str:
    """The same for a process that somebody else started."""
    return _with_log("The training process ended without a word", directory / LOG, 0)


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name} (systems do this when memory runs out)" if name == "SIGKILL" else name


def _with_log(how: str, log: Path, begin: int) -> str:
    lines = tail(log, begin)
    if not lines:
        return f"{how}; {log.name} says nothing more."
    return "\n".join([f"{how}. {log.name} ends with:", *lines])


def tail(log: Path, begin: int = 0) -> list[str]:
    """The last lines of a log from a byte on, without progress bars; none if it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(max(begin, file.seek(0, os.SEEK_END) - _TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    # A progress bar overwrites itself with carriage returns.
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", text)]
    return [line for line in lines if line and not _BAR.search(line)][-LINES:]
