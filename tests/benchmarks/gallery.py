"""How fast the gallery opens and scrolls, beside Qt's own list of icons in the same run.

    python -m tests.benchmarks.gallery [--counts 10000 100000 1000000] [--steps 200]

A few hundred real image files are shown again and again as the rows of a large folder. Each line is
measured in a process of its own, with all thumbnails in memory: opening (until the first screenful
is painted), reaching the last image, one step of scrolling with its painting (median and 95th
percentile), and the memory that opening and scrolling took. The other list is ``QListView`` in
``IconMode`` with ``Batched`` layout, one size for all items and the same pixmaps ready made: the
fastest way Qt offers. The aim is under 16 ms a step for a million images.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import QAbstractListModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QListView

from app import theme
from app.contact_sheet import FRAME
from app.gallery import ThumbnailGrid
from app.tasks import Tasks

FILES = 300
SIZE = (1200, 800)
SIDE = 96
NOWHERE = QModelIndex()
PATIENCE = 120.0
"""Seconds after which nobody waits any longer for the last image."""


class Repeated:
    """As much of a catalogue as a gallery needs: few files, many rows."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(folder.iterdir())
        self.paths = [path.name for path in self.files]

    def path(self, row: int) -> Path:
        """The file of a row."""
        return self.files[row]


class Icons(QAbstractListModel):
    """The same pixmaps for Qt's list."""

    def __init__(self, count: int, icons: list[QIcon]) -> None:
        super().__init__()
        self._count, self._icons = count, icons

    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:  # noqa: N802 - as Qt calls it
        """How many images there are."""
        return 0 if parent.isValid() else self._count

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The icon of an image."""
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons[index.row() % len(self._icons)]
        return None


def make_files(folder: Path) -> None:
    """Images of noise, 160 px, so that thumbnails are smaller than they are."""
    generator = np.random.default_rng(0)
    for number in range(FILES):
        coarse = generator.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((160, 160)).save(folder / f"{number:03d}.png")


def memory() -> float:
    """Megabytes of this process that are in memory (Linux; NaN elsewhere)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * 4096 / 1e6


def wait(tasks: Tasks) -> None:
    """Until all thumbnails that were asked for are there and have come up."""
    end = time.monotonic() + 0.4
    while time.monotonic() < end or tasks.running():
        QApplication.processEvents()
        time.sleep(FRAME / 1000)


def measure(kind: str, count: int, steps: int, folder: Path) -> dict[str, float]:
    """One line of the table."""
    theme.current().apply("dark")
    tasks = Tasks()
    catalogue: Any = Repeated(folder)
    warm = ThumbnailGrid(tasks)
    warm.resize(*SIZE)
    warm.show()
    for first in range(0, FILES, 60):
        warm.show_rows(catalogue, range(first, min(first + 60, FILES)))
        wait(tasks)
    pixmaps = [one for row in range(FILES) if isinstance(one := warm.picture(row), QPixmap)]
    warm.hide()
    before = memory()
    started = time.perf_counter()
    view: QAbstractScrollArea
    if kind == "gallery":
        view = grid = ThumbnailGrid(tasks)
        grid.resize(*SIZE)
        grid.show()
        grid.show_rows(catalogue, np.arange(count) % FILES)
    else:
        view = icons = QListView()
        icons.setViewMode(QListView.ViewMode.IconMode)
        icons.setLayoutMode(QListView.LayoutMode.Batched)
        icons.setResizeMode(QListView.ResizeMode.Adjust)
        icons.setUniformItemSizes(True)
        icons.setIconSize(QSize(SIDE, SIDE))
        icons.setGridSize(QSize(SIDE + 8, SIDE + 8))
        icons.setModel(Icons(count, [QIcon(one) for one in pixmaps]))
        icons.resize(*SIZE)
        icons.show()
    QApplication.processEvents()  # the window has to be there before anything is painted
    view.viewport().repaint()
    opened = time.perf_counter() - started
    started = time.perf_counter()
    if kind == "gallery":
        grid.bring_into_sight(count - 1)
    else:
        # Batched: the end can only be scrolled to once everything before it was laid out.
        index = icons.model().index(count - 1, 0)
        while time.perf_counter() - started < PATIENCE and icons.visualRect(index).isEmpty():
            QApplication.processEvents()
        icons.scrollTo(index)
    view.viewport().repaint()
    reached = time.perf_counter() - started
    wait(tasks)
    bar = view.verticalScrollBar()
    last = bar.maximum() - steps * 40
    times: list[float] = []
    for start in (0, last // 2, last):
        bar.setValue(start)
        wait(tasks)
        for step in range(steps):
            begun = time.perf_counter()
            bar.setValue(start + 40 * step)
            view.viewport().repaint()
            times.append(1000 * (time.perf_counter() - begun))
            QApplication.processEvents()
    found = {
        "open": 1000 * opened,
        "reach": 1000 * reached,
        "step": float(np.median(times)),
        "late": float(np.percentile(times, 95)),
        "memory": memory() - before,
    }
    view.hide()
    tasks.close()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--one", nargs=3, metavar=("KIND", "COUNT", "FOLDER"), help="one line")
    given = parser.parse_args()
    if given.one:
        kind, count, folder = given.one
        QApplication.instance() or QApplication([])
        print(json.dumps(measure(kind, int(count), given.steps, Path(folder))))
        return
    print("| images | list | open ms | reach the last ms | step ms | p95 ms | memory MB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder))
        for count in given.counts:
            lines: list[dict[str, float]] = []
            for kind in ("gallery", "QListView"):
                command = [sys.executable, "-m", "tests.benchmarks.gallery"]
                one = ["--one", kind, str(count), folder, "--steps", str(given.steps)]
                done = subprocess.run([*command, *one], capture_output=True, text=True, check=True)
                lines.append(json.loads(done.stdout.splitlines()[-1]))
                cells = " | ".join(f"{value:,.1f}" for value in lines[-1].values())
                print(f"| {count:,} | {kind} | {cells} |", flush=True)
            ratios = [
                other / own for own, other in zip(*(one.values() for one in lines), strict=True)
            ]
            cells = " | ".join(f"{ratio:.2f} x" for ratio in ratios)
            print(f"| {count:,} | QListView / gallery | {cells} |", flush=True)


if __name__ == "__main__":
    main()
