"""A whole run on CIFAR-10 started by the window's Start button, and pictures of it.

    python -m tests.benchmarks.window_run --archive cifar10.tar.gz --epochs 25 --pictures DIR

The same data and the same shipped small preset as tests.benchmarks.cifar10_knn, but a person's way:
the folder is opened in the window, the method chosen, the button pressed. Every place is
photographed in the middle of the run (Train) and at its end (all), both themes and sizes. The
window's 16 ms ticks are measured all along. Prints the run's kNN by epoch, as the window shows it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import theme
from app.__main__ import APPLICATION
from app.photograph import busy, scratch_folders, shoot, shoot_scenes, wait
from app.scenes import LIVE
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace
from tests.benchmarks.cifar10_knn import data

TICK = 16
HALF = 0.5


def main() -> None:
    """Open the folder, train it in the window, photograph."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, help="where the archive is unpacked already")
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--method", default="barlow_twins")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="where the images stay, to look at the run later")
    parser.add_argument("--keep", type=Path, help="where the run directory is copied")
    arguments = parser.parse_args()
    arguments.validation = False
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    _ = QApplication([APPLICATION])
    with tempfile.TemporaryDirectory() as temporary, scratch_folders():
        session(data(arguments, arguments.work or Path(temporary)), arguments)


def session(folder: Path, arguments: argparse.Namespace) -> None:
    """From an empty window to the pictures of a finished run."""
    theme.current().apply("dark")
    window = Window(Workspace(Settings(remember=False)), restore=False)
    workspace = window.workspace
    window.start()
    wait("torch", lambda: workspace.core_loaded)
    workspace.open_folder(folder)
    wait("the folder", lambda: workspace.catalogue is not None and not busy(workspace))
    workspace.set_method(arguments.method)
    assert workspace.recipe is not None
    settings = {
        "schedule.epochs": arguments.epochs,
        "run.seed": arguments.seed,
        "run.evaluate_every": arguments.epochs / 5,
        "run.checkpoint_every": 5,
    }
    workspace.set_recipe(workspace.recipe.with_set(settings))
    wait("the places", lambda: window.builder.idle)
    QTest.mouseClick(window.run_bar.primary, Qt.MouseButton.LeftButton)
    wait("the run to begin", lambda: workspace.running)
    began = time.monotonic()
    gaps = ticks_until(lambda: progress(workspace) > HALF or not workspace.running)
    shoot_scenes(window, arguments.pictures, LIVE)
    gaps = np.concatenate([gaps, ticks_until(lambda: not workspace.running)])
    minutes = (time.monotonic() - began) / 60
    wait("the last jobs", lambda: not busy(workspace))
    print_scores(workspace)
    p50, p99 = np.percentile(gaps, [50, 99])
    print(
        f"\n{minutes:.1f} minutes; {len(gaps)} ticks of {TICK} ms: p50 {p50:.1f}, p99 {p99:.1f}, "
        f"max {gaps.max():.1f} ms",
        flush=True,
    )
    shoot(window, arguments.pictures)
    if arguments.keep is not None and workspace.directory is not None:
        shutil.copytree(workspace.directory.path, arguments.keep, dirs_exist_ok=True)
    workspace.close()
    window.close()


def progress(workspace: Workspace) -> float:
    """Part of the run that is done."""
    return 0.0 if workspace.record is None else workspace.record.progress


def print_scores(workspace: Workspace) -> None:
    """The run's kNN accuracies by epoch, the untrained encoder first."""
    record = workspace.record
    assert record is not None
    print("| epoch | kNN 20 | kNN 200 |\n|---|---|---|")
    print(f"| untrained | {record.reference['knn_20']:.1%} | {record.reference['knn_200']:.1%} |")
    near, far = record.metrics["knn_20"], record.metrics["knn_200"]
    for epoch, first, second in zip(near.epochs, near.values, far.values, strict=True):
        print(f"| {epoch:.1f} | {first:.1%} | {second:.1%} |")


def ticks_until(over: Callable[[], bool]) -> NDArray[np.float64]:
    """Gaps in milliseconds between the ticks of a precise 16 ms timer, until something is so."""
    times: list[float] = []
    loop = QEventLoop()
    ticking, looking = QTimer(), QTimer()
    ticking.setTimerType(Qt.TimerType.PreciseTimer)
    ticking.timeout.connect(lambda: times.append(time.perf_counter()))
    looking.timeout.connect(lambda: loop.quit() if over() else None)
    ticking.start(TICK)
    looking.start(500)
    loop.exec()
    ticking.stop()
    looking.stop()
    return np.diff(np.array(times)) * 1000


if __name__ == "__main__":
    main()
