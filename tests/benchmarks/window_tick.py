"""How evenly the window ticks while it trains: gaps between 16 ms timer ticks over a minute.

    python -m tests.benchmarks.window_tick [--folder FOLDER] [--method KEY] [--place train]

Opens the real window (offscreen unless a screen is there), opens the demo set or a folder, starts
the method's small preset and measures once the first steps are done. Training uses all cores but
one for torch, as shipped; ``--threads`` sets another number. Prints p50, p95, p99 and the maximum:
while the window builds its places in quiet moments, with an idle window, then while training; the
first look at each place is part of its minute. The aim is p99 under 33 ms and max under 100 ms.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import theme
from app.__main__ import APPLICATION
from app.photograph import busy, scratch_folders, wait
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace

TICK = 16


def ticks(seconds: float, act: Callable[[], object] | None = None) -> np.ndarray:
    """Gaps in milliseconds between the ticks of a precise 16 ms timer.

    Args:
        seconds: how long.
        act: done after the first ticks, so that what it costs is among the gaps.
    """
    times: list[float] = []
    loop = QEventLoop()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.start(TICK)
    if act is not None:
        QTimer.singleShot(10 * TICK, act)
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    return np.diff(np.array(times)) * 1000


def report(name: str, gaps: np.ndarray) -> None:
    """One Markdown row."""
    p50, p95, p99 = np.percentile(gaps, [50, 95, 99])
    print(
        f"| {name} | {len(gaps)} | {p50:.1f} | {p95:.1f} | {p99:.1f} | {gaps.max():.1f} |",
        flush=True,
    )


def main() -> None:
    """Open the window, measure idle, train, measure again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--method", default="barlow_twins")
    parser.add_argument("--place", nargs="+", default=["train", "views", "explore"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _ = QApplication([APPLICATION])
    with scratch_folders():
        theme.current().apply("dark")
        window = Window(Workspace(Settings(remember=False)), restore=False)
        workspace = window.workspace
        window.resize(1440, 900)
        window.start()
        wait("torch", lambda: workspace.core_loaded)
        if arguments.folder:
            workspace.open_folder(arguments.folder)
        else:
            workspace.open_demo()
        wait("the images", lambda: workspace.catalogue is not None and not busy(workspace))
        workspace.set_method(arguments.method)
        assert workspace.recipe is not None
        settings = {"run.threads": arguments.threads, "schedule.epochs": 1000}
        workspace.set_recipe(workspace.recipe.with_set(settings))
        print("| window | ticks | p50 ms | p95 ms | p99 ms | max ms |\n|---|---|---|---|---|---|")
        window.go("train")
        report("building places", ticks(min(arguments.seconds, 5)))
        wait("the places", lambda: window.builder.idle)
        report("idle", ticks(min(arguments.seconds, 20)))
        workspace.start()
        loss = "loss"

        def begun() -> bool:
            record = workspace.record
            return record is not None and loss in record.series and len(record.series[loss]) > 2

        wait("the first steps", begun)
        for place in arguments.place:
            report(f"training, {place}", ticks(arguments.seconds, partial(window.go, place)))
        workspace.stop()
        wait("the run to stop", lambda: not workspace.running)
        workspace.close()
        window.close()


if __name__ == "__main__":
    main()
