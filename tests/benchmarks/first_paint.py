"""Seconds from the start of the process to the first paint of the window, cold and warm.

    python tests/benchmarks/first_paint.py [repeats]

The first start may read the interpreter and Qt from the disk (cold); the others find them in
memory (warm). The aim is less than one second warm.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

CHILD = """
import sys, time
from PySide6.QtWidgets import QApplication
from app import theme
from app.__main__ import APPLICATION
from app.settings import Settings
from app.window import Window
from app.workspace import Workspace

application = QApplication([APPLICATION])
settings = Settings()
theme.current().apply(settings.theme)
workspace = Workspace(settings)
workspace.load_core = lambda: application.exit()  # asked for by the first paint
window = Window(workspace)
window.start()
application.exec()
heavy = {"torch", "pyqtgraph", "sklearn", "umap", "numpy"} & set(sys.modules)
print(time.time(), " ".join(sorted(heavy)))
"""


def measure() -> tuple[float, str]:
    """One start: seconds to the first paint, heavy modules that were already imported."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "SSL_WORKBENCH_CONFIG": folder,
            "SSL_WORKBENCH_CACHE": folder,
            "SSL_WORKBENCH_RUNS": folder,
        }
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        begin = time.time()
        done = subprocess.run(
            [sys.executable, "-c", CHILD], env=environment, check=True, capture_output=True
        )
        painted, _, heavy = done.stdout.decode().strip().partition(" ")
    return float(painted) - begin, heavy


def main() -> None:
    """Print one line per start and the median of the warm ones."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    times: list[float] = []
    for number in range(repeats):
        seconds, heavy = measure()
        times.append(seconds)
        print(f"start {number}: {seconds:.3f} s; imported before it: {heavy or 'nothing heavy'}")
    print(f"median of {repeats - 1} warm starts: {statistics.median(times[1:]):.3f} s")


if __name__ == "__main__":
    main()
