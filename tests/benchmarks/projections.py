"""Seconds for PCA, UMAP (cold and warm), t-SNE and what a map is judged by.

    python -m tests.benchmarks.projections [points ...] [--dimensions 128] [--cold]

Without numbers, 2,000 and 10,000 points in ten clouds. With ``--cold`` UMAP compiles into an empty
folder, as at the very first start; else what an earlier start compiled is used. The child process
takes all cores but one, as in the window.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.placing import place_by_components, place_by_neighbours
from sslcore.evaluation.projected import Faithfulness
from sslcore.evaluation.projection import pca
from sslcore.evaluation.projection_job import LayOut, Place
from sslcore.evaluation.projection_server import ProjectionServer
from sslcore.evaluation.projection_settings import Computed, TsneSettings, UmapSettings

Answer = TypeVar("Answer")
PLACED = 20
CLOUDS = 10


def clouds(count: int, dimensions: int) -> NDArray[np.float32]:
    """(count, dimensions) points in ten clouds."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(CLOUDS, dimensions))
    points = centres[random.integers(0, CLOUDS, count)] + random.normal(size=(count, dimensions))
    return points.astype(np.float32)


def timed(name: str, work: Callable[[], Answer]) -> Answer:
    """Print how long something takes."""
    begin = time.perf_counter()
    answer = work()
    print(f"    {name:36s} {time.perf_counter() - begin:8.2f} s", flush=True)
    return answer


def measure(server: ProjectionServer, count: int, dimensions: int) -> None:
    """All projections of so many points."""
    from sslcore.evaluation.faithfulness import faithfulness

    print(f"  {count:,} points x {dimensions} dimensions")
    features = clouds(count, dimensions)
    queries = features[:PLACED] + 0.1
    flat = timed("PCA", lambda: pca(features))
    said(timed("  trustworthiness and continuity", lambda: faithfulness(features, flat)), count)
    timed(f"  place {PLACED} by components", lambda: place_by_components(features, flat, queries))
    for settings in (UmapSettings(), UmapSettings(dimensions=3), TsneSettings()):
        lay_out(server, features, settings, queries)


def lay_out(
    server: ProjectionServer,
    features: NDArray[np.float32],
    settings: Computed,
    queries: NDArray[np.float32],
) -> None:
    """One projection in the child, judged, with new points placed on it."""
    name = f"{settings.name} in {settings.dimensions} dimensions"
    job = LayOut(features, settings)
    made = timed(name, lambda: server.submit(job).result())
    said(made.faith, len(features))
    if isinstance(settings, UmapSettings):
        place = Place(features, made.layout, queries, settings, made.scale)
        timed(f"  place {PLACED} by its own transform", lambda: server.submit(place).result())
    near = f"  place {PLACED} by neighbours"
    timed(near, lambda: place_by_neighbours(features, made.layout, queries))


def said(faith: Faithfulness, count: int) -> None:
    """Print the scores."""
    print(f"      {faith.words(count)}")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", nargs="*", type=int, default=[2_000, 10_000])
    parser.add_argument("--dimensions", type=int, default=128)
    parser.add_argument("--cold", action="store_true", help="compile into an empty folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        server = ProjectionServer(cache_folder=Path(empty) if given.cold else None)
        start = "cold: nothing compiled" if given.cold else "compiled before"
        with server:
            tiny = LayOut(clouds(40, 8), UmapSettings(n_neighbors=5, epochs=11))
            timed(f"start of the child ({start})", lambda: server.submit(tiny).result())
            for count in given.points:
                measure(server, count, given.dimensions)


if __name__ == "__main__":
    main()
