"""How soon Views shows what a slider does: from the key press to the new pictures on the screen.

    python -m tests.benchmarks.slider_latency [--method simclr] [--size 96] [--moves 60]

Opens the real window (offscreen unless a screen is there) on the demo set drawn at the asked size,
goes to Views, and turns every slider of the view's steps by its arrow keys, one move at a time. A
move is over when the preview that belongs to it is painted. Eight images are drawn with every move,
as in the window. Prints milliseconds; the aim is under 50 for 8 images of 96 pixels.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.__main__ import APPLICATION
from app.forms.slider import Slider
from app.panels.views import ViewsPanel
from app.photograph import busy, scratch_folders, settle, wait
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace
from sslcore.data import demo


def main() -> None:
    """Open the window and turn the sliders."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--method", default="simclr")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--moves", type=int, default=60)
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _ = QApplication([APPLICATION])
    with scratch_folders() as scratch:
        theme.current().apply("dark")
        session(scratch, arguments)


def session(scratch: Path, arguments: argparse.Namespace) -> None:
    """From an empty window to the printed row."""
    folder = demo.make(scratch / "images", count=60, size=arguments.size)
    window = Window(Workspace(Settings(remember=False)), restore=False)
    workspace = window.workspace
    window.resize(1440, 900)
    window.start()
    wait("torch", lambda: workspace.core_loaded)
    workspace.open_folder(folder)
    wait("the images", lambda: workspace.catalogue is not None and not busy(workspace))
    workspace.set_method(arguments.method)
    assert workspace.recipe is not None
    workspace.set_recipe(workspace.recipe.with_set({"data.image_size": arguments.size}))
    wait("the places", lambda: window.builder.idle)
    window.go("views")
    settle(window)
    panel = window.gates["views"].panel
    assert isinstance(panel, ViewsPanel)
    sliders = [one for one in panel.steps.findChildren(Slider) if one.isVisibleTo(panel)]
    taken = [one for number in range(arguments.moves) if (one := turn(panel, sliders, number))]
    p50, p95 = np.percentile(taken, [50, 95])
    print("| method | size | sliders | moves | p50 ms | p95 ms | max ms |\n|" + "---|" * 7)
    print(
        f"| {arguments.method} | {arguments.size} | {len(sliders)} | {len(taken)} "
        f"| {p50:.0f} | {p95:.0f} | {max(taken):.0f} |"
    )
    workspace.close()
    window.close()


def turn(panel: ViewsPanel, sliders: list[QWidget], number: int) -> float:
    """Milliseconds from a key press on a slider to the painted preview; 0 where nothing changed."""
    before = panel.preview
    slider = sliders[number % len(sliders)]
    slider.setFocus()
    key = Qt.Key.Key_Right if (number // len(sliders)) % 2 == 0 else Qt.Key.Key_Left
    # A loop that sleeps, as the window's own: one that spins would take turns from the worker.
    loop = QEventLoop()
    panel.rendered.connect(loop.quit)
    began = time.perf_counter()
    QTest.keyClick(slider, key)
    if panel.preview is before:
        QTimer.singleShot(500, loop.quit)
        loop.exec()
    panel.rendered.disconnect(loop.quit)
    if panel.preview is before:
        return 0.0
    panel.pictures.repaint()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
