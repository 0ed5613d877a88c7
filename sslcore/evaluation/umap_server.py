"""The window's side of UMAP: a child process kept warm, and jobs given to it.

Importing umap and compiling its kernels takes seconds to half a minute and holds the interpreter,
which would stall a window. So one child does both early, and then computes map after map. This
module needs neither torch nor umap; it can be imported before the first paint.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import Cancelled
from sslcore.evaluation.umap_child import Child, UmapError

State = Literal["new", "waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Progress:
    """Where a job stands.

    Attributes:
        fraction: part that is done, 0 to 1; never falls.
        stage: what is being done, in words.
        state: "done", "failed" and "cancelled" are final.
    """

    fraction: float
    stage: str
    state: State

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Projection:
    """A map of features.

    Attributes:
        layout: (N, dimensions) float32 points.
        kind: "umap", or "pca" where UMAP has nothing to work with.
        note: why it is not what was asked for, empty if it is.
        trustworthiness: 1 if points that lie together belong together.
        continuity: 1 if points that belong together lie together.
    """

    layout: NDArray[np.float32]
    kind: str
    note: str
    trustworthiness: float
    continuity: float


@dataclass(frozen=True)
class _Settings:
    n_neighbors: int
    min_dist: float
    metric: str
    seed: int
    dimensions: int
    epochs: int | None


class Umap:
    """One map to compute, off this process.

    Args:
        features: (N, D) numbers, one row per image.
        n_neighbors: size of a neighbourhood, at least 2: small shows detail, large the whole;
            cut to N - 1.
        min_dist: how close points may lie on the map, 0 to 1.
        metric: "cosine" or "euclidean".
        seed: the same seed gives the same map.
        dimensions: of the map, 2 or 3.
        epochs: passes of the optimisation; None takes 500, above 10,000 images 200.
        initial: (N, dimensions) points to start from and to be laid onto, to keep two maps
            comparable; None starts from PCA.
        server: where to compute; None starts a child for this job alone.

    Raises:
        ValueError: for settings out of range, features that are no finite matrix, or an initial
            layout of another shape.
    """

    def __init__(
        self,
        features: NDArray[Any],
        *,
        n_neighbors: int = 15,
        min_dist: float = 0.1,
        metric: Literal["cosine", "euclidean"] = "cosine",
        seed: int = 0,
        dimensions: int = 2,
        epochs: int | None = None,
        initial: NDArray[Any] | None = None,
        server: UmapServer | None = None,
    ) -> None:
        self.features = np.ascontiguousarray(features, np.float32)
        self.settings = _Settings(n_neighbors, min_dist, metric, seed, dimensions, epochs)
        self.initial = None if initial is None else np.ascontiguousarray(initial, np.float32)
        self._check()
        self._server = server
        self._owns_server = server is None
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._progress = Progress(0.0, "not started", "new")
        self._projection: Projection | None = None
        self._error: Exception | None = None

    def _check(self) -> None:
        one = self.settings
        if self.features.ndim != 2 or 0 in self.features.shape:
            raise ValueError(f"features must be (N, D), got {self.features.shape}")
        if not np.isfinite(self.features).all():
            raise ValueError("features hold NaN or infinity: the network has diverged")
        if one.n_neighbors < 2:
            raise ValueError(f"n_neighbors must be at least 2, got {one.n_neighbors}")
        if not 0 <= one.min_dist <= 1:
            raise ValueError(f"min_dist must be between 0 and 1, got {one.min_dist}")
        if one.metric not in ("cosine", "euclidean"):
            raise ValueError(f'metric must be "cosine" or "euclidean", got "{one.metric}"')
        if one.dimensions not in (2, 3):
            raise ValueError(f"dimensions must be 2 or 3, got {one.dimensions}")
        if not 0 <= one.seed < 2**32:
            raise ValueError(f"seed must be between 0 and {2**32 - 1}, got {one.seed}")
        if one.epochs is not None and one.epochs < 11:
            raise ValueError(f"epochs must be at least 11, got {one.epochs}")
        wanted = (len(self.features), one.dimensions)
        if self.initial is not None and self.initial.shape != wanted:
            raise ValueError(f"initial must be {wanted}, got {self.initial.shape}")
        if self.initial is not None and not np.isfinite(self.initial).all():
            raise ValueError("initial holds NaN or infinity")

    def start(self) -> Umap:
        """Hand the job over; returns at once."""
        if self.poll().state != "new":
            raise UmapError("this job was started before; make a new one")
        self.tell(0.0, "waiting for UMAP to start", "waiting")
        if self._server is None:
            self._server = UmapServer()
        self._server.submit(self)
        return self

    def poll(self) -> Progress:
        """Where it stands; never blocks."""
        with self._lock:
            return self._progress

    def cancel(self) -> None:
        """End it: at once for the caller, and the child that computes it is killed."""
        ended = self.finish("cancelled", error=Cancelled("the map was cancelled"))
        if ended and self._server is not None:
            self._server.drop(self)

    def result(self, timeout: float | None = None) -> Projection:
        """Wait for the map.

        Raises:
            UmapError: if it failed, with the reason.
            Cancelled: if it was cancelled, or its server closed.
            TimeoutError: if it takes longer than ``timeout`` seconds; it goes on.
        """
        if self.poll().state == "new":
            raise UmapError("this job was not started")
        if not self._finished.wait(timeout):
            raise TimeoutError(f"the map is not ready after {timeout} s: {self.poll().stage}")
        if self._error is not None:
            raise self._error
        assert self._projection is not None
        return self._projection

    def tell(self, fraction: float, stage: str, state: State = "running") -> None:
        """Take down progress; called by the server."""
        with self._lock:
            if not self._progress.finished:
                self._progress = Progress(max(self._progress.fraction, fraction), stage, state)

    def finish(
        self, state: State, *, projection: Projection | None = None, error: Exception | None = None
    ) -> bool:
        """Take down the end, unless it ended before (then False); called by the server."""
        with self._lock:
            if self._progress.finished:
                return False
            self._projection, self._error = projection, error
            done = 1.0 if state == "done" else self._progress.fraction
            self._progress = Progress(done, state if error is None else str(error), state)
        self._finished.set()
        if self._owns_server and self._server is not None:
            self._server.close(wait=False)
        return True


class UmapServer:
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
        self._jobs: queue.Queue[Umap | Literal["warm", "close"]] = queue.Queue()
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._current: Umap | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._number = 0

    def __enter__(self) -> UmapServer:
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

    def submit(self, job: Umap) -> None:
        """Queue a job; use :meth:`Umap.start`."""
        self._put(job)

    def drop(self, job: Umap) -> None:
        """Kill the child if it works on this job; another one is warmed up."""
        with self._lock:
            if self._current is job and self._child is not None:
                self._child.kill()

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

    def _put(self, job: Umap | Literal["warm"]) -> None:
        with self._lock:
            if self._closed:
                raise UmapError("the UMAP process was closed")
            self._jobs.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="umap", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        """The thread: one job after another, until it is closed."""
        with tempfile.TemporaryDirectory(prefix="ssl-workbench-umap-") as name:
            folder = Path(name)
            while (job := self._jobs.get()) != "close":
                self._take(None if job == "warm" else job, folder)
            self._end()
        while not self._jobs.empty():
            left = self._jobs.get()
            if isinstance(left, Umap):
                left.finish("cancelled", error=Cancelled("the UMAP process was closed"))

    def _take(self, job: Umap | None, folder: Path) -> None:
        """One job (or only warming up) from its start to its end, whatever happens."""
        with self._lock:
            if self._closed and job is not None:
                job.finish("cancelled", error=Cancelled("the UMAP process was closed"))
            if self._closed or (job is not None and job.poll().finished):
                return
            self._current = job
        try:
            child = self._warm(job, folder)
            self.problem = ""
            if job is not None:
                self._compute(job, child, folder)
        except (OSError, ValueError, LookupError, MemoryError, EOFError, UmapError) as error:
            self._end()
            self.problem = str(error)
            if job is not None and self._closed:
                job.finish("cancelled", error=Cancelled("the UMAP process was closed"))
            elif job is not None:
                job.finish("failed", error=UmapError(str(error)))
        with self._lock:
            self._current = None
            killed = job is not None and job.poll().state == "cancelled" and not self._closed
        if killed:
            self._end()
            self._jobs.put("warm")

    def _warm(self, job: Umap | None, folder: Path) -> Child:
        """A child that is ready, started if need be."""
        with self._lock:
            if self._child is not None and not self._child.alive:
                self._end()
            if self._child is None:
                self._child = Child(folder, self._threads, self._cache)
            child = self._child
        if not child.ready:
            if job is not None:
                job.tell(0.0, "starting UMAP (the first time takes half a minute)", "waiting")
            child.wait_ready()
        return child

    def _compute(self, job: Umap, child: Child, folder: Path) -> None:
        """Arrays out, progress in, arrays back."""
        self._number += 1
        inputs, output = folder / f"{self._number}-in.npz", folder / f"{self._number}-out.npz"
        try:
            if job.initial is None:
                np.savez(inputs, features=job.features)
            else:
                np.savez(inputs, features=job.features, initial=job.initial)
            child.say(input=str(inputs), output=str(output), settings=asdict(job.settings))
            while (word := child.hear())["event"] == "progress":
                job.tell(word["fraction"], word["stage"])
            if word["event"] == "failed":
                job.finish("failed", error=UmapError(f"UMAP failed: {word['error']}"))
                return
            with np.load(output) as found:
                points = found["points"]
            projection = Projection(
                points, word["kind"], word["note"], word["trustworthiness"], word["continuity"]
            )
            job.finish("done", projection=projection)
        finally:
            inputs.unlink(missing_ok=True)
            output.unlink(missing_ok=True)

    def _end(self) -> None:
        """Kill and reap the child, if there is one."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()
