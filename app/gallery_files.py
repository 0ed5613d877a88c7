"""What can be done with the files of images: open, show in their folder, copy paths, drag away."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QProcess, QRect, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QDrag, QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app import theme

if TYPE_CHECKING:
    from app.tasks import Tasks
    from sslcore.data.catalogue import Catalogue

DRAGGED = 5000
"""Files in one drag at most; making the list for more would hold the window up."""
OWN = "application/x-ssl-workbench-images"
"""Format that marks our own drags: our windows do not open what is dragged out of one of them."""
STACKED = 3
SIDE = 72
SHIFT = 6


def file_of(catalogue: Catalogue, row: int) -> Path:
    """The file of an image, for a frame that of its video."""
    path = catalogue.path(row)
    frame = importlib.import_module("sslcore.data.video").split_path(str(path))
    return path if frame is None or path.exists() else Path(frame[0])


def open_file(tasks: Tasks, path: Path) -> None:
    """Show a file in the program the system has for it; where there is none, say where it lies."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        _tell(tasks, "open the file", f"the system has no program for it; it is {path}")


def show_in_folder(tasks: Tasks, path: Path) -> None:
    """Open the folder of a file, with the file marked where the system can do that."""
    if sys.platform == "win32":
        shown, _ = QProcess.startDetached("explorer", ["/select,", os.path.normpath(path)])
    elif sys.platform == "darwin":
        shown, _ = QProcess.startDetached("open", ["-R", str(path)])
    else:
        shown = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
    if not shown:
        _tell(tasks, "show the folder", f"the system has no file manager; it is {path.parent}")


def _tell(tasks: Tasks, what: str, why: str) -> None:
    tasks.failed.emit(f"Could not {what}", RuntimeError(why))


def copy_paths(tasks: Tasks, catalogue: Catalogue, rows: Sequence[int]) -> None:
    """Put the paths of images on the clipboard, one a line."""
    tasks.start(
        "Copying paths",
        lambda _: "\n".join(str(catalogue.path(int(row))) for row in rows),
        _to_clipboard,
        key="gallery/copy",
    )


def _to_clipboard(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def drag_files(
    source: QWidget, catalogue: Catalogue, rows: Sequence[int], pictures: Sequence[QPixmap]
) -> bool:
    """Let the files of images be dragged to another program; returns when they were let go.

    Args:
        source: where the drag begins.
        catalogue: whose images.
        rows: catalogue rows.
        pictures: some of their thumbnails, the one under the mouse first.

    Returns:
        False if there are too many files to drag.
    """
    if len(rows) > DRAGGED:
        return False
    files = dict.fromkeys(file_of(catalogue, int(row)) for row in rows)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    data.setData(OWN, b"")
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.setPixmap(_stack(pictures, len(rows), source.devicePixelRatioF()))
    drag.setHotSpot(QPoint(SIDE // 3, SIDE // 3))
    # Only copied: a file manager that moved the files would take them out of the open folder.
    drag.exec(Qt.DropAction.CopyAction)
    return True


def _stack(pictures: Sequence[QPixmap], count: int, ratio: float) -> QPixmap:
    """Up to three thumbnails one upon another, and how many there are if it is more than one."""
    tokens = theme.tokens()
    whole = SIDE + (STACKED - 1) * SHIFT + 10
    drawn = QPixmap(QSize(whole, whole) * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    shown = min(max(count, 1), STACKED)
    for depth in reversed(range(shown)):
        place = QRect(depth * SHIFT, depth * SHIFT, SIDE, SIDE)
        painter.setPen(QColor(tokens.border))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if depth < len(pictures):
            size = pictures[depth].size()
            size.scale(place.size() - QSize(6, 6), Qt.AspectRatioMode.KeepAspectRatio)
            inside = QRect(QPoint(), size)
            inside.moveCenter(place.center())
            painter.drawPixmap(inside, pictures[depth])
    if count > 1:
        words = f"{count:,}"
        painter.setFont(theme.font(11, bold=True))
        wide = max(painter.fontMetrics().horizontalAdvance(words) + 12, 22)
        badge = QRectF(whole - wide - 1, whole - 21, wide, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(badge, 10, 10)
        painter.setPen(QColor(tokens.on_accent))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return drawn
