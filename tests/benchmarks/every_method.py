"""Every method started by clicks, on a folder that fits it: does it run, how does it look?

    python -m tests.benchmarks.every_method --pictures DIR

For each method the demo set of the kind it needs is opened in the window, its card in the gallery
is clicked, then Start. The run is short (settings below). When it has ended, Train and Views are
photographed, and every text that is cut off is named. Prints a row per method: steps done, what
its diagnostics show, what was warned of. Some ten minutes of CPU.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import theme
from app.__main__ import APPLICATION
from app.panels.method import MethodPanel
from app.photograph import SIZES, busy, grab, scratch_folders, settle, wait
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace
from sslcore.data import demo, demo_kinds
from sslcore.method import registry

SHORT = {
    "data.limit": 400,
    "schedule.epochs": 6,
    "schedule.batch_size": 32,
    "run.evaluate_every": 2.0,
    "run.snapshot_every": 10,
    "run.probe_images": 200,
}
PLACES: tuple[tuple[str, theme.Name], ...] = (("train", "dark"), ("views", "light"))


def main() -> None:
    """Go through the gallery."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", default=list(registry()))
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    _ = QApplication([APPLICATION])
    theme.current().apply("dark")
    print(
        "| method | folder | steps | diagnostics | said | cut off |\n" + "|---" * 6 + "|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as temporary, scratch_folders():
        window = Window(Workspace(Settings(remember=False)), restore=False)
        window.resize(*SIZES[0])
        told: list[str] = []
        window.workspace.notice.connect(lambda _level, message, _remedy: told.append(message))
        window.start()
        wait("torch", lambda: window.workspace.core_loaded)
        wait("the places", lambda: window.builder.idle)
        for key in arguments.methods:
            told.clear()
            print(row(window, key, Path(temporary), arguments.pictures, told), flush=True)
        window.workspace.close()
        window.close()


def row(window: Window, key: str, sets: Path, pictures: Path, told: list[str]) -> str:
    """Start one method from the gallery, photograph it at its end; a Markdown row."""
    workspace = window.workspace
    kind = registry()[key].card.needs
    folder = fitting(kind, sets)
    workspace.open_folder(folder)
    wait("the folder", lambda: (catalogue := workspace.catalogue) is not None
         and catalogue.root == folder and not busy(workspace))  # fmt: skip
    window.go("method")
    settle(window)
    panel = window.gates["method"].panel
    assert isinstance(panel, MethodPanel)
    card = panel.gallery.cards[key]
    panel.gallery.ensureWidgetVisible(card, 0, 24)
    settle(window)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    wait("the recipe", lambda: (recipe := workspace.recipe) is not None
         and recipe.method.key == key and not busy(workspace))  # fmt: skip
    assert workspace.recipe is not None
    workspace.set_recipe(workspace.recipe.with_set(SHORT))
    before = workspace.record
    QTest.mouseClick(window.run_bar.primary, Qt.MouseButton.LeftButton)
    wait(f"{key} to begin", lambda: workspace.record is not before or bool(told))
    wait(f"{key} to end", lambda: not workspace.running)
    record = workspace.record
    if record is None or record is before:
        return f"| {key} | {kind} | did not start | - | {'; '.join(told)} | |"
    cut: list[str] = []
    for place, name in PLACES:
        window.go(place)
        theme.current().apply(name)
        settle(window)
        cut += grab(window, pictures, place, key)["cut_off"]
    shown = list(record.latest.diagnostics) if record.latest is not None else []
    said = [*told, *(one.code for one in record.warnings)]
    return (
        f"| {key} | {kind} | {record.step} | {', '.join(shown) or '-'} | {'; '.join(said) or '-'} "
        f"| {'; '.join(cut) or '-'} |"
    )


def fitting(kind: str, sets: Path) -> Path:
    """The demo set of a kind, drawn once."""
    folder = (sets / kind).resolve()
    if not folder.exists():
        if kind == "images":
            demo.make(folder, count=600)
        else:
            demo_kinds.make(folder, kind)
    return folder


if __name__ == "__main__":
    main()
