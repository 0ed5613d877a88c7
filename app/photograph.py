"""``--photograph DIR``: every place and scene in both themes, and which texts are cut off."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from app import scenes, theme
from app.cut_off import cut_off
from app.scenes import Scene
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace

SIZES = ((1440, 900), (1024, 700))
SHORT_RUN = {
    "data.limit": 400,
    "schedule.epochs": 12,
    "schedule.batch_size": 64,
    "run.snapshot_every": 8,
    "run.evaluate_every": 2.0,
    "run.checkpoint_every": 4.0,
    "run.probe_images": 400,
}
"""A run of seconds, so that no place is empty in its picture."""
OTHER_METHOD = "simclr"
"""Of the second short run."""
QUICK: dict[str, dict[str, Any]] = {
    "few_labels": {
        "budgets": "3 per class, 30 %, 100 %",
        "steps": 12,
        "batch_size": 32,
        "mlp": False,
    }
}
"""Settings of measurements that would take minutes with their own."""
OTHER_FOLDERS = {
    "transfer": ("other-shapes", "images", 150),
    "dense": ("shapes-with-depth", "pairs", 60),
}
"""Name, kind and pictures of the small demo set that a measurement on another folder gets."""
WAIT = 600.0
SETTLE = 0.6
LIVE_FROM = 0.3
"""Part of the short run after which it is photographed while it trains."""


class PhotographError(RuntimeError):
    """The window did not come to what should be photographed."""


def photograph(folder: Path, run: Path | None = None) -> int:
    """Write PNG files and ``manifest.json``; returns the exit code.

    The user's settings are neither read nor written; the demo set and a short run go to a
    temporary folder.

    Args:
        folder: where the pictures go; made if it is not there.
        run: run directory to show; without it a few dozen steps are trained on the demo set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with scratch_folders():
        settings = Settings(remember=False)
        theme.current().apply("dark")
        window = Window(Workspace(settings), restore=False)
        told: list[str] = []

        def keep(level: str, message: str, remedy: str) -> None:
            told.append(f"{level}: {message} {remedy}".strip())

        window.workspace.notice.connect(keep)
        try:
            window.start()
            pictures = session(window, folder, run)
        except PhotographError as error:
            sys.stderr.write(f"{error}; {'; '.join(told)}\n")
            return 1
        finally:
            window.workspace.stop()
            window.workspace.close()
            window.close()
            window.deleteLater()
    text = json.dumps(pictures, indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    cut = [f"{one['file']}: cut off: {words}\n" for one in pictures for words in one["cut_off"]]
    sys.stderr.writelines(cut)
    return 1 if cut else 0


@contextmanager
def scratch_folders() -> Generator[Path]:
    """Settings, runs and caches go to a temporary folder inside the ``with`` block."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ssl-workbench-") as scratch:
        for name in ("CONFIG", "RUNS", "CACHE"):
            os.environ[f"SSL_WORKBENCH_{name}"] = str(Path(scratch) / name.lower())
        try:
            yield Path(scratch)
        finally:
            os.environ.clear()
            os.environ.update(before)


def session(window: Window, folder: Path, run: Path | None) -> list[dict[str, Any]]:
    """Go from an empty window to a finished run, with pictures on the way.

    Args:
        window: freshly started.
        folder: where pictures go.
        run: run directory to show; it leaves out the scenes of a first start.

    Returns:
        rows of the manifest.
    """
    workspace = window.workspace
    wait("torch to load", lambda: workspace.core_loaded)
    pictures: list[dict[str, Any]] = []
    if run is None:
        pictures += shoot_scenes(window, folder, scenes.EMPTY)
    else:
        workspace.open_run(run)
        wait("the run to open", lambda: workspace.record is not None)
        wait("its folder to open", lambda: not busy(workspace))
    if workspace.catalogue is None:
        workspace.open_demo()
        wait("the demo set", lambda: workspace.catalogue is not None)
    if run is None and workspace.recipe is not None:
        pictures += shoot_scenes(window, folder, scenes.FIRST)
        workspace.set_recipe(workspace.recipe.with_set(SHORT_RUN))
        workspace.start()
        wait("curves", lambda: (record := workspace.record) is not None
             and (record.progress > LIVE_FROM or record.stopped is not None))  # fmt: skip
        pictures += shoot_scenes(window, folder, scenes.LIVE)
        wait("the short run to end", lambda: workspace.record is not None and not workspace.running)
    measure(window)
    pictures += shoot(window, folder)
    pictures += shoot_scenes(window, folder, (*scenes.TRAINED, *scenes.EXPLORED))
    pictures += shoot_scenes(window, folder, scenes.measurements(window))
    if run is None:
        train_another(window)
    pictures += shoot_scenes(window, folder, scenes.COMPARED)
    return pictures + shoot_scenes(window, folder, scenes.ON_TOP)


def train_another(window: Window) -> None:
    """Train a second short run of another method, so that there are two to compare."""
    workspace = window.workspace
    if workspace.recipe is None or workspace.core is None:
        return
    recipe = workspace.core.recipe.preset(OTHER_METHOD)
    recipe = recipe.changed(data=workspace.recipe.data).with_set(SHORT_RUN)
    workspace.set_recipe(recipe)
    workspace.start()
    wait("the other run to end", lambda: workspace.record is not None
         and workspace.record.stopped is not None and not workspace.running)  # fmt: skip


def measure(window: Window) -> None:
    """Measure what was not measured of the run, so that the Evaluate place has what it shows."""
    if "evaluate" not in window.gates:
        return
    window.go("evaluate")
    wait("the measurements to load", lambda: (panel := scenes.evaluate_panel(window)) is not None
         and panel.assessing is not None)  # fmt: skip
    panel = scenes.evaluate_panel(window)
    assert panel is not None  # waited for
    settle(window)
    assert panel.assessing is not None  # waited for
    asked = dict(QUICK)
    for key, (name, kind, count) in OTHER_FOLDERS.items():
        if panel.assessing.lacks_folder(key):
            folder = window.workspace.settings.cache_folder / "photographed" / name
            asked[key] = {"folder": str(demo_set(folder, kind, count))}
    for key, values in asked.items():
        one = panel.assessing.measurements.get(key)
        if one is not None and key not in panel.assessing.found:
            panel.assessing.measure(key, one.config.parse(values, key))
    panel.measure_missing()
    wait("the measurements", lambda: panel.assessing is not None and panel.assessing.idle)


def demo_set(folder: Path, kind: str, count: int) -> Path:
    """Draw a small demo set of "images" or another kind; returns its folder."""
    if kind == "images":
        demo: Any = importlib.import_module("sslcore.data.demo")
        return demo.make(folder, count, seed=1)
    kinds: Any = importlib.import_module("sslcore.data.demo_kinds")
    return kinds.make(folder, kind, count, seed=1)


def shoot(window: Window, folder: Path) -> list[dict[str, Any]]:
    """Grab every place in every theme and size; returns the rows of the manifest."""
    pictures: list[dict[str, Any]] = []
    window.notice.hide()
    for place in window.places:
        window.go(place.key)
        settle(window)
        if place.key == "explore":
            scenes.pin_image(window)
        for name in theme.NAMES:
            theme.current().apply(name)
            for width, height in SIZES:
                window.resize(width, height)
                settle(window)
                pictures.append(grab(window, folder, place.key, ""))
    return pictures


def shoot_scenes(window: Window, folder: Path, wanted: Iterable[Scene]) -> list[dict[str, Any]]:
    """Grab scenes in every theme and size; returns the rows of the manifest.

    Dialogs have a size of their own and are grabbed once in every theme.
    """
    pictures: list[dict[str, Any]] = []
    for scene in wanted:
        for name in theme.NAMES:
            theme.current().apply(name)
            for size in SIZES:
                window.resize(*size)
                window.go(scene.place)
                settle(window)
                shown = scene.enter(window)
                settle(window)
                if shown is None or size == SIZES[0]:
                    pictures.append(grab(shown or window, folder, scene.place, scene.state))
                scene.leave(window)
    window.resize(*SIZES[0])
    return pictures


def grab(shown: QWidget, folder: Path, place: str, state: str) -> dict[str, Any]:
    """Write one picture; returns its row of the manifest."""
    name, size = theme.current().name, (shown.width(), shown.height())
    words = "-".join([place, *state.split(), name, f"{size[0]}x{size[1]}"])
    file = f"{words}.png"
    shown.grab().save(str(folder / file))
    return {
        "place": place,
        "state": state,
        "theme": name,
        "size": list(size),
        "file": file,
        "cut_off": cut_off(shown),
    }


def busy(workspace: Workspace) -> bool:
    """Whether any job has not answered."""
    return bool(workspace.tasks.running())


def settle(window: Window) -> None:
    """Let layouts, jobs and paints come to rest."""
    wait("jobs to end", lambda: not busy(window.workspace))
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < SETTLE:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if busy(window.workspace):
            wait("jobs to end", lambda: not busy(window.workspace))
            quiet_since = time.monotonic()
        time.sleep(0.005)


def wait(what: str, condition: Callable[[], bool]) -> None:
    """Run the window until something is true; PhotographError after ten minutes."""
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise PhotographError(f"waited {WAIT:.0f} s in vain for {what}")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)
