"""How soon the map follows the timeline: 100 evaluations of 2,000 probe images, slider by slider.

    python -m tests.benchmarks.scrub [--moments 100] [--images 2000] [--projection umap]
        [--dimensions 3] [--run RUN_DIR]

Writes a run directory of made-up features that move from moment to moment (nothing is trained),
opens it in the real window (offscreen unless a screen is there), waits until all layouts were made
ahead, and moves the timeline's slider snapshot by snapshot. A move is over when the points, gliding
to that moment, are painted and all else that follows the timeline has answered. Prints the time to
make all layouts, milliseconds of the moves and frames per second; the aim is 30 a second. With
another projection than PCA, "Lay out all epochs" is clicked and waited for first, its process
started and compiled before. ``--run`` takes a run that was trained instead of a made-up one.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from app import theme
from app.__main__ import APPLICATION
from app.panels.explore import ExplorePanel
from app.panels.explore_projection import KINDS
from app.photograph import busy, scratch_folders, settle, wait
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace
from sslcore.data import demo
from sslcore.events import EmbeddingSaved, RunStarted, RunStopped, Snapshot
from sslcore.recipe import preset
from sslcore.runs.directory import RunDirectory

WIDTH = 128


def main() -> None:
    """Write the run, open it, move the slider."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--projection", choices=[kind for kind, _, _ in KINDS], default="pca")
    parser.add_argument("--dimensions", type=int, choices=(2, 3), default=2)
    parser.add_argument("--run", type=Path, help="a run directory of one's own")
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _ = QApplication([APPLICATION])
    with scratch_folders() as scratch:
        theme.current().apply("dark")
        if arguments.run is not None:
            session(arguments.run, arguments)
            return
        folder = demo.make(scratch / "images", count=arguments.images)
        session(made_up(scratch / "run", folder, arguments), arguments)


def made_up(path: Path, folder: Path, arguments: argparse.Namespace) -> Path:
    """A run whose clusters drift apart."""
    recipe = preset("simclr").with_set({"data.folder": str(folder)})
    directory = RunDirectory.create(path, recipe)
    generator = np.random.default_rng(0)
    index = np.arange(arguments.images)
    start = generator.normal(size=(arguments.images, WIDTH)).astype(np.float32)
    goal = 6 * generator.normal(size=(6, WIDTH)).astype(np.float32)[index % 6]
    total = arguments.moments * 10
    directory.append(
        RunStarted(
            method="simclr", title="SimCLR", total_steps=total, steps_per_epoch=10,
            epochs=arguments.moments, first_step=0, images=arguments.images, held_out=0,
            classes=demo.SHAPES, device="cpu", precision="float32", diagnostics=(), constants={},
            environment={}, time=0.0,
        )
    )  # fmt: skip
    for moment in range(arguments.moments):
        step = 10 * moment
        features = start + goal * moment / arguments.moments
        name = directory.save_array(
            f"embeddings/step_{step:08d}", {"index": index, "features": features}
        )
        directory.append(EmbeddingSaved(step, float(moment), name, *features.shape))
        directory.append(Snapshot(step, float(moment), {}))
    directory.append(RunStopped(total, "completed", "", 1.0))
    directory.close()
    return path


def session(run: Path, arguments: argparse.Namespace) -> None:
    """Open the run and go through its moments."""
    window = Window(Workspace(Settings(remember=False)), restore=False)
    workspace = window.workspace
    window.resize(1440, 900)
    window.start()
    wait("torch", lambda: workspace.core_loaded)
    workspace.open_run(run)
    wait("the run", lambda: workspace.catalogue is not None and not busy(workspace))
    wait("the places", lambda: window.builder.idle)
    assert workspace.record is not None
    moments = len(workspace.record.embeddings)
    images = workspace.record.embeddings[-1].count
    began = time.perf_counter()
    window.go("explore")
    panel = window.gates["explore"].panel
    assert isinstance(panel, ExplorePanel)
    wait("all layouts", lambda: len(panel.trails.sequence) == moments)
    ahead = time.perf_counter() - began
    if (arguments.projection, arguments.dimensions) != ("pca", 2):
        ahead = laid_out(window, panel, arguments)
    settle(window)
    slider = window.timeline.slider
    stops = range(slider.minimum(), slider.maximum() + 1)
    taken = np.array([move(panel, slider.setValue, stop) for stop in stops])
    print("| projection | moments | images | all layouts s | p50 ms | p95 ms | max ms | frames/s |")
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {arguments.projection}, {arguments.dimensions}-D | {moments} | {images:,} "
        f"| {ahead:.1f} | {np.median(taken):.0f} | {np.percentile(taken, 95):.0f} "
        f"| {taken.max():.0f} | {1000 / taken.mean():.0f} |"
    )
    wait("the last jobs", lambda: not busy(workspace))
    panel.layouts.close()
    workspace.close()
    window.close()


def laid_out(window: Window, panel: ExplorePanel, arguments: argparse.Namespace) -> float:
    """Seconds from the click on "Lay out all epochs" to the last one."""
    header = panel.map.header
    header.projection.setCurrentIndex([kind for kind, _, _ in KINDS].index(arguments.projection))
    header.dimensions[arguments.dimensions].click()
    settle(window)
    if arguments.projection == "pca":
        return 0.0
    every = header.settings.every
    header.settings.compute.click()
    wait("the process", lambda: panel.layouts.computing)
    wait("one layout", lambda: not panel.layouts.computing and not busy(window.workspace))
    began = time.perf_counter()
    every.click()
    wait("the layouts", lambda: panel.layouts.computing)
    wait("all layouts", lambda: not panel.layouts.computing)
    if every.isEnabled():
        raise SystemExit(f"the layouts did not come to their end: {every.toolTip()}")
    return time.perf_counter() - began


def move(panel: ExplorePanel, to: Callable[[int], None], number: int) -> float:
    """Milliseconds until the points stand on their way to the n-th snapshot, painted."""
    began = time.perf_counter()
    to(number)
    panel.map.map.repaint()
    QApplication.processEvents()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
