"""Jobs for the child process that computes maps: lay features out, place new points on a map.

A job is made here, given to a :class:`~sslcore.evaluation.projection_server.ProjectionServer`,
and asked how it stands. This module needs neither torch nor umap.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sslcore.data.pool import Cancelled
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_child import ProjectionError
from sslcore.evaluation.projection_settings import Computed, UmapSettings, to_words

State = Literal["new", "waiting", "running", "done", "failed", "cancelled"]
Arrays = Mapping[str, NDArray[Any]]
Answer = TypeVar("Answer")


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


class Job(ABC, Generic[Answer]):
    """Something to compute off this process; it is asked from one thread, answered from another.

    Attributes:
        task: word by which the child knows what to do.
        name: of the projection, for messages.
    """

    task: str
    name: str

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._progress = Progress(0.0, "not started", "new")
        self._answer: Answer | None = None
        self._error: Exception | None = None
        self._drop: Callable[[], None] | None = None

    @abstractmethod
    def inputs(self) -> Arrays:
        """Arrays the child needs."""

    @abstractmethod
    def order(self) -> dict[str, Any]:
        """What else it needs, as plain numbers and words."""

    @abstractmethod
    def read(self, arrays: Arrays, word: dict[str, Any]) -> Answer:
        """The child's answer."""

    def poll(self) -> Progress:
        """Where it stands; never blocks."""
        with self._lock:
            return self._progress

    def cancel(self) -> None:
        """End it: at once for the caller, and the child that computes it is killed."""
        if self.finish("cancelled", error=Cancelled("the map was cancelled")) and self._drop:
            self._drop()

    def result(self, timeout: float | None = None) -> Answer:
        """Wait for the answer.

        Raises:
            ProjectionError: if it failed, with the reason.
            Cancelled: if it was cancelled, or its server closed.
            TimeoutError: if it takes longer than ``timeout`` seconds; it goes on.
        """
        if self.poll().state == "new":
            raise ProjectionError("this job was not started")
        if not self._finished.wait(timeout):
            raise TimeoutError(f"the map is not ready after {timeout} s: {self.poll().stage}")
        if self._error is not None:
            raise self._error
        assert self._answer is not None
        return self._answer

    # What the server calls

    def take_up(self, drop: Callable[[], None]) -> None:
        """It is in a server's queue now; ``drop`` ends it there.

        Raises:
            ProjectionError: if it was given to a server before.
        """
        if self.poll().state != "new":
            raise ProjectionError("this job was started before; make a new one")
        self._drop = drop
        self.tell(0.0, f"waiting to start {self.name}", "waiting")

    def tell(self, fraction: float, stage: str, state: State = "running") -> None:
        """Take down progress."""
        with self._lock:
            if not self._progress.finished:
                self._progress = Progress(max(self._progress.fraction, fraction), stage, state)

    def finish(
        self, state: State, *, answer: Answer | None = None, error: Exception | None = None
    ) -> bool:
        """Take down the end, unless it ended before (then False)."""
        with self._lock:
            if self._progress.finished:
                return False
            self._answer, self._error = answer, error
            done = 1.0 if state == "done" else self._progress.fraction
            self._progress = Progress(done, state if error is None else str(error), state)
        self._finished.set()
        return True


class LayOut(Job[Projection]):
    """One map to compute.

    Args:
        features: (N, D) numbers, one row per image.
        settings: which projection, and how.
        initial: (N, dimensions) points to start from and to be laid onto, to keep two maps
            comparable; None starts from PCA.

    Raises:
        ValueError: for features that are no finite matrix, or an initial layout of another shape.
    """

    task = "lay_out"

    def __init__(
        self, features: NDArray[Any], settings: Computed, initial: NDArray[Any] | None = None
    ) -> None:
        super().__init__()
        self.name = settings.name
        self.features = _matrix(features, "features")
        self.settings = settings
        self.initial = None if initial is None else np.ascontiguousarray(initial, np.float32)
        wanted = (len(self.features), settings.dimensions)
        if self.initial is not None and self.initial.shape != wanted:
            raise ValueError(f"initial must be {wanted}, got {self.initial.shape}")
        if self.initial is not None and not np.isfinite(self.initial).all():
            raise ValueError("initial holds NaN or infinity")

    def inputs(self) -> Arrays:
        """Features, and where points start."""
        start = {} if self.initial is None else {"initial": self.initial}
        return {"features": self.features, **start}

    def order(self) -> dict[str, Any]:
        """The settings."""
        return {"settings": to_words(self.settings)}

    def read(self, arrays: Arrays, word: dict[str, Any]) -> Projection:
        """The map."""
        faith = Faithfulness(**word["faith"])
        return Projection(arrays["points"], word["kind"], word["note"], faith, word["scale"])


class Place(Job[NDArray[np.float32]]):
    """New points on a UMAP, by its own transform.

    Args:
        features: (N, D) of the images on the map.
        layout: (N, d) where they lie.
        queries: (Q, D) new ones of the same encoder.
        settings: the map was made with.
        scale: of the map, see :class:`~sslcore.evaluation.projected.Projection`.

    Raises:
        ValueError: for features that are no finite matrices or do not fit each other.
    """

    task = "place"

    def __init__(
        self,
        features: NDArray[Any],
        layout: NDArray[Any],
        queries: NDArray[Any],
        settings: UmapSettings,
        scale: float,
    ) -> None:
        super().__init__()
        self.name = settings.name
        self.features = _matrix(features, "features")
        self.layout = _matrix(layout, "layout")
        self.queries = _matrix(queries, "features of new images")
        self.settings, self.scale = settings, scale
        if len(self.layout) != len(self.features):
            raise ValueError(
                f"layout and features need the same images: {len(self.layout)} and "
                f"{len(self.features)}"
            )
        if self.queries.shape[1] != self.features.shape[1]:
            raise ValueError(
                f"features must come from one encoder: {self.queries.shape[1]} dimensions, and "
                f"{self.features.shape[1]} on the map"
            )

    def inputs(self) -> Arrays:
        """Features on the map and beside it, and the map."""
        return {"features": self.features, "layout": self.layout, "queries": self.queries}

    def order(self) -> dict[str, Any]:
        """The settings and the scale."""
        return {"settings": to_words(self.settings), "scale": self.scale}

    def read(self, arrays: Arrays, word: dict[str, Any]) -> NDArray[np.float32]:
        """(Q, d) places."""
        del word
        return arrays["points"]


def told(projection: Projection) -> dict[str, Any]:
    """What the child says of a map beside its points."""
    return {
        "kind": projection.kind,
        "note": projection.note,
        "faith": asdict(projection.faith),
        "scale": projection.scale,
    }


def _matrix(values: NDArray[Any], name: str) -> NDArray[np.float32]:
    matrix = np.ascontiguousarray(values, np.float32)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"{name} must be (N, D), got {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} hold NaN or infinity: the network has diverged")
    return matrix
