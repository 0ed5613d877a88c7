"""``ssl-workbench``: open the window, or photograph it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import theme
from app.settings import APPLICATION, Settings
from app.window import Window
from app.workspace import Workspace


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="ssl-workbench", description="A workbench for visual self-supervised learning."
    )
    parser.add_argument(
        "path", nargs="?", type=Path, help="folder of images, CSV file or run directory to open"
    )
    parser.add_argument(
        "--photograph", metavar="DIR", type=Path, help="write pictures of every place, then quit"
    )
    parser.add_argument(
        "--run", metavar="RUN_DIR", type=Path, help="with --photograph: the run to show"
    )
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Open the window; returns the exit code."""
    chosen = arguments(given)
    if chosen.photograph is not None and sys.platform == "linux" and not _has_screen():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([APPLICATION])
    application.setApplicationName(APPLICATION)
    if chosen.photograph is not None:
        from app.photograph import photograph

        return photograph(chosen.photograph, chosen.run)
    settings = Settings()
    theme.current().apply(settings.theme)
    window = Window(Workspace(settings))
    if chosen.path is not None:
        path: Path = chosen.path
        window.open_first(path)
    # The run bar's clock wakes Python every second, so that Ctrl+C is seen while Qt's loop runs.
    signal.signal(signal.SIGINT, lambda _number, _frame: window.close())
    window.start()
    code = application.exec()
    window.garbage.close()  # whoever works on is of no window
    return code


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
