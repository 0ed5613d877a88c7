"""The child process that computes maps, as this process holds it: start, say, hear, kill, reap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from sslcore.data.cache import default_folder


class ProjectionError(RuntimeError):
    """The map could not be computed; the message says why."""


class Child:
    """One running ``sslcore.evaluation.projection_process``, its pipes and its last words.

    Args:
        folder: where it may write what it prints.
        threads: it may use; None takes all cores but one.
        cache_folder: where its compiled code is kept; None takes the workbench's.
    """

    def __init__(self, folder: Path, threads: int | None, cache_folder: Path | None) -> None:
        self.ready = False
        """Whether umap is loaded and compiled in it."""
        self._errors = folder / "errors.txt"
        count = str(threads or max(1, (os.cpu_count() or 2) - 1))
        environment = {**os.environ, "OMP_NUM_THREADS": count, "NUMBA_NUM_THREADS": count}
        environment.update(_numba_cache(cache_folder))
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sslcore.evaluation.projection_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                env=environment,
                creationflags=flags,
                start_new_session=True,  # Ctrl+C in a terminal is for the window alone
            )

    @property
    def process_id(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Block until umap is loaded and compiled.

        Raises:
            ProjectionError: if the child ends instead.
        """
        self.hear()
        self.ready = True

    def say(self, **job: Any) -> None:
        """Give it a job."""
        pipe = _pipe(self._process.stdin)
        pipe.write(json.dumps(job) + "\n")
        pipe.flush()

    def hear(self) -> dict[str, Any]:
        """Block for its next word.

        Raises:
            ProjectionError: if it ended instead, with its exit code and what it printed last.
        """
        line = _pipe(self._process.stdout).readline()
        if line.endswith("\n"):
            return json.loads(line)
        code = self._process.wait()
        said = self._errors.read_text("utf-8", "replace").strip().splitlines()[-3:]
        raise ProjectionError(
            f"the process that computes maps ended (exit code {code}) {' / '.join(said)}".strip()
        )

    def kill(self) -> None:
        """End it now; it holds nothing worth saving."""
        self.ready = False
        self._process.kill()

    def end(self) -> None:
        """Kill it, reap it, close its pipes."""
        self._process.kill()
        self._process.wait()
        _pipe(self._process.stdout).close()
        with suppress(OSError):  # what it did not read any more is of no use
            _pipe(self._process.stdin).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    """A pipe that was asked for at the start, so it is there."""
    assert pipe is not None
    return pipe


def _numba_cache(folder: Path | None) -> dict[str, str]:
    """Keep compiled code where it survives, as long as that can be written to."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return {}
    chosen = (folder or default_folder().parent) / "numba"
    try:
        chosen.mkdir(parents=True, exist_ok=True)
    except OSError:
        return {}
    return {"NUMBA_CACHE_DIR": str(chosen)} if os.access(chosen, os.W_OK) else {}
