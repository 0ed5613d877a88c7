"""The window's side of UMAP and t-SNE: a child process kept warm, and jobs given to it.

Importing umap and compiling its kernels takes seconds to half a minute and holds the interpreter,
which would stall a window. So one child does both early, and then computes map after map. This
module needs neither torch nor umap; it can be imported before the first paint.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from sslcore.data.pool import Cancelled
from sslcore.evaluation.projection_child import Child, ProjectionError
from sslcore.evaluation.projection_job import Job

One = TypeVar("One", bound=Job[Any])
CLOSED = "the process that computes maps was closed"
STARTING = "starting {} (the first time takes half a minute)"


class ProjectionServer:
    """A child process that has umap loaded and compiled, restarted whenever it is gone.

    One thread of this process talks to it; no call but ``close`` blocks. Close it, or use it as a
    context; the child also ends with this process.

    Args:
        threads: the child may use; None takes all cores but one.
        cache_folder: where compiled code is kept for the next start; None takes the workbench's.

    Attributes:
        problem: why the child could not be warmed up, empty while all is well.
    """

    def __init__(self, threads: int | None = None, cache_folder: Path | None = None) -> None:
        self.problem = ""
        self._threads = threads
        self._cache = cache_folder
        self._jobs: queue.Queue[Job[Any] | Literal["warm", "close"]] = queue.Queue()
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._current: Job[Any] | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._number = 0

    def __enter__(self) -> ProjectionServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ready(self) -> bool:
        """Whether the child is warm: a map started now is computed at once."""
        with self._lock:
            return self._child is not None and self._child.ready

    @property
    def process_id(self) -> int | None:
        """Of the child, None while there is none."""
        with self._lock:
            return None if self._child is None else self._child.process_id

    def start(self) -> None:
        """Begin to warm up a child, if there is none; returns at once."""
        self._put("warm")

    def submit(self, job: One) -> One:
        """Queue a job; returns at once, with the job.

        Raises:
            ProjectionError: if the server is closed, or the job was given before.
        """
        job.take_up(lambda: self._drop(job))
        if not self.ready:  # it may wait behind a start that was asked for before
            job.tell(0.0, STARTING.format(job.name), "waiting")
        self._put(job)
        return job

    def close(self, wait: bool = True) -> None:
        """End the child and the thread; jobs that wait or run are cancelled."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()
            self._jobs.put("close")
            thread = self._thread
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join()

    def _drop(self, job: Job[Any]) -> None:
        """Kill the child if it works on this job; another one is warmed up."""
        with self._lock:
            if self._current is job and self._child is not None:
                self._child.kill()

    def _put(self, job: Job[Any] | Literal["warm"]) -> None:
        with self._lock:
            if self._closed:
                raise ProjectionError(CLOSED)
            self._jobs.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="projection", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        """The thread: one job after another, until it is closed."""
        with tempfile.TemporaryDirectory(prefix="ssl-workbench-map-") as name:
            folder = Path(name)
            while (job := self._jobs.get()) != "close":
                self._take(None if job == "warm" else job, folder)
            self._end()
        while not self._jobs.empty():
            left = self._jobs.get()
            if isinstance(left, Job):
                left.finish("cancelled", error=Cancelled(CLOSED))

    def _take(self, job: Job[Any] | None, folder: Path) -> None:
        """One job (or only warming up) from its start to its end, whatever happens."""
        with self._lock:
            if self._closed and job is not None:
                job.finish("cancelled", error=Cancelled(CLOSED))
            if self._closed or (job is not None and job.poll().finished):
                return
            self._current = job
        try:
            child = self._warm(job, folder)
            self.problem = ""
            if job is not None:
                self._compute(job, child, folder)
        except (OSError, ValueError, LookupError, MemoryError, EOFError, ProjectionError) as error:
            self._end()
            self.problem = str(error)
            if job is not None and self._closed:
                job.finish("cancelled", error=Cancelled(CLOSED))
            elif job is not None:
                job.finish("failed", error=ProjectionError(str(error)))
        with self._lock:
            self._current = None
            killed = job is not None and job.poll().state == "cancelled" and not self._closed
        if killed:
            self._end()
            self._jobs.put("warm")

    def _warm(self, job: Job[Any] | None, folder: Path) -> Child:
        """A child that is ready, started if need be."""
        with self._lock:
            if self._child is not None and not self._child.alive:
                self._end()
            if self._child is None:
                self._child = Child(folder, self._threads, self._cache)
            child = self._child
        if not child.ready:
            if job is not None:
                job.tell(0.0, STARTING.format(job.name), "waiting")
            child.wait_ready()
        return child

    def _compute(self, job: Job[Any], child: Child, folder: Path) -> None:
        """Arrays out, progress in, arrays back."""
        self._number += 1
        inputs, output = folder / f"{self._number}-in.npz", folder / f"{self._number}-out.npz"
        try:
            arrays: dict[str, Any] = dict(job.inputs())
            np.savez(inputs, **arrays)
            child.say(task=job.task, input=str(inputs), output=str(output), **job.order())
            while (word := child.hear())["event"] == "progress":
                job.tell(word["fraction"], word["stage"])
            if word["event"] == "failed":
                error = ProjectionError(f"{job.name} failed: {word['error']}")
                job.finish("failed", error=error)
                return
            with np.load(output) as found:
                answer = job.read({name: found[name] for name in found.files}, word)
            job.finish("done", answer=answer)
        finally:
            inputs.unlink(missing_ok=True)
            output.unlink(missing_ok=True)

    def _end(self) -> None:
        """Kill and reap the child, if there is one."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()
