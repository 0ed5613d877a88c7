"""What a frame of the map costs for 10,000, 100,000 and 1,000,000 points, beside pyqtgraph.

    python -m tests.benchmarks.point_map [--points 10000 100000] [--limit SECONDS]

Prints a Markdown table of medians in milliseconds, wall clock and CPU time of the process: a frame
when the map is panned, after a recolouring, after all points moved (each once as dots, once as
density); the point under the mouse by asking all points and by the tree; a lasso of 200 corners;
and a frame while half of the points are chosen. pyqtgraph's ScatterPlotItem does what it can of the
same in the same run, in a view of the same size; what it would take longer than the limit for, by
its time for the size before, is left out, and the table says so.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from app import theme
from app.plots import colours
from app.plots.outline import Outline
from app.plots.pick import grow, nearest
from app.plots.point_map import PICK_RADIUS, PointMap

SIZE = (1000, 700)
CLASSES = 10
CORNERS = 200
Cost = tuple[float, float]


def points(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Clouds of ten classes: (N, 2) float32 and (N,) classes."""
    generator = np.random.default_rng(seed)
    middles = np.random.default_rng(1).normal(size=(CLASSES, 2)) * 4
    labels = generator.integers(0, CLASSES, count)
    return (middles[labels] + generator.normal(size=(count, 2))).astype(np.float32), labels


def cost(work: Callable[[], object], repeats: int) -> Cost:
    """Median milliseconds of wall clock and of CPU time, after one call that is not counted."""
    work()
    wall: list[float] = []
    spent: list[float] = []
    for _ in range(repeats):
        begin, before = time.perf_counter(), time.process_time()
        work()
        wall.append((time.perf_counter() - begin) * 1000)
        spent.append((time.process_time() - before) * 1000)
    return statistics.median(wall), statistics.median(spent)


def ours(count: int) -> dict[str, Cost]:
    """All figures of our own map."""
    places, labels = points(count)
    others, _ = points(count, seed=2)
    shown = PointMap()
    shown.resize(*SIZE)
    shown.set_points(places)
    shown.set_colours(colours.by_class(labels))
    shown.show()
    QApplication.processEvents()  # from now on it is painted when it is asked to be
    repeats = 9 if count < 1_000_000 else 5
    found: dict[str, Cost] = {}
    turn = iter(range(10**9))

    def pan() -> None:
        shown.pan(3 if next(turn) % 2 else -3, 2)
        shown.repaint()

    def recolour() -> None:
        shown.set_colours(colours.by_class((labels + next(turn)) % CLASSES))
        shown.repaint()

    def move() -> None:
        shown.set_points(places if next(turn) % 2 else others)
        shown.fit()  # at once, without gliding
        shown.repaint()

    for drawing in ("dots", "density"):
        shown.set_drawing(drawing)
        found[f"pan, {drawing}"] = cost(pan, repeats)
        found[f"recolour, {drawing}"] = cost(recolour, repeats)
        found[f"move all points, {drawing}"] = cost(move, repeats)
    shown.set_drawing("dots")
    shown.set_chosen(places[:, 0] > np.median(places[:, 0]))
    found["pan, half of them chosen, dots"] = cost(pan, repeats)
    shown.set_chosen(None)
    shown.set_points(places)
    shown.fit()
    place = QPointF(SIZE[0] * 0.4, SIZE[1] * 0.55)
    found["hover, asking all points"] = cost(lambda: shown.index_at(place), 21)
    wide = places.astype(np.float64)
    tree = grow(wide)
    x, y = shown.camera.point(place.x(), place.y())
    reach = PICK_RADIUS / shown.camera.scale
    found["hover, by the tree"] = cost(lambda: nearest(wide, x, y, reach, None, tree), 21)
    lasso = outline(shown)
    found[f"lasso of {CORNERS} corners"] = cost(lambda: lasso.holds(wide), repeats)
    shown.close()
    return found


def outline(shown: PointMap) -> Outline:
    """A lasso around the middle of the map, about half as large as it."""
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = 1 + 0.2 * np.sin(5 * angles)
    x = SIZE[0] / 2 + 260 * radius * np.cos(angles)
    y = SIZE[1] / 2 + 190 * radius * np.sin(angles)
    made = Outline("lasso", *shown.camera.point(x[0], y[0]))
    for one in zip(x[1:], y[1:], strict=True):
        made.extend(*shown.camera.point(*one), shown.camera)
    return made


def theirs(count: int, limit: float, before: dict[str, Cost], grown: float) -> dict[str, Cost]:
    """What pyqtgraph's ScatterPlotItem needs; nothing for what would take too long.

    Args:
        count: of points.
        limit: seconds one figure may take.
        before: what it needed for the size before.
        grown: how many times as many points there are now.
    """
    import pyqtgraph

    places, labels = points(count)
    others, _ = points(count, seed=2)
    brushes = [pyqtgraph.mkBrush(*map(int, one)) for one in colours.class_colours(CLASSES)]
    repeats = 3
    estimate = before.get("move all points, dots", (0.0, 0.0))[0] * grown * (repeats + 1) / 1000
    if estimate > limit:
        return {}
    view = pyqtgraph.PlotWidget(background=theme.tokens().surface)
    view.hideAxis("left")
    view.hideAxis("bottom")
    view.resize(*SIZE)
    item = pyqtgraph.ScatterPlotItem(
        pos=places, size=4, pen=None, brush=[brushes[one] for one in labels]
    )
    view.addItem(item)
    view.show()
    QApplication.processEvents()
    low, high = places.min(axis=0), places.max(axis=0)
    turn = iter(range(10**9))

    def pan() -> None:
        by = 0.02 if next(turn) % 2 else -0.02
        view.setRange(xRange=(low[0] + by, high[0] + by), yRange=(low[1], high[1]), padding=0.02)
        view.viewport().repaint()

    def recolour() -> None:
        shift = next(turn)
        item.setBrush([brushes[one] for one in (labels + shift) % CLASSES])
        view.viewport().repaint()

    def move() -> None:
        item.setData(
            pos=places if next(turn) % 2 else others, brush=[brushes[one] for one in labels]
        )
        view.viewport().repaint()

    middle = QPointF(*map(float, (low + high) / 2))
    found = {
        "pan, dots": cost(pan, repeats),
        "recolour, dots": cost(recolour, repeats),
        "move all points, dots": cost(move, repeats),
        "hover, asking all points": cost(lambda: item.pointsAt(middle), repeats),
    }
    view.close()
    return found


def row(count: int, name: str, mine: Cost, other: Cost | None, left_out: str) -> str:
    """One line of the table."""
    if other is None:
        beside, ratio = left_out, ""
    else:
        beside, ratio = f"{other[0]:.1f} ({other[1]:.1f})", f"{other[0] / mine[0]:.1f}x"
    return f"| {count:,} | {name} | {mine[0]:.2f} ({mine[1]:.2f}) | {beside} | {ratio} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--limit", type=float, default=20.0)
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _ = QApplication([])
    theme.current().apply("dark")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{SIZE[0]} x {SIZE[1]} pixels, {os.cpu_count()} cores, load {load}; ms, CPU in brackets")
    print("\n| points | what | our map | ScatterPlotItem | ratio |\n|---|---|---|---|---|")
    before: dict[str, Cost] = {}
    last = 0
    for count in arguments.points:
        mine = ours(count)
        other = theirs(count, arguments.limit, before, count / max(last, 1))
        if other:
            before, last = other, count
        for name, figure in mine.items():
            left_out = f"left out: over {arguments.limit:g} s" if name in before else "-"
            print(row(count, name, figure, other.get(name), left_out), flush=True)


if __name__ == "__main__":
    main()
