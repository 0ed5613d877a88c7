"""Files dragged from another program over a widget, and let go there."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

COPY, BUTTON, HELD = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)


def data_of(paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(one)) for one in paths])
    return data


def enter(widget, *paths):
    """Drag files over it; whether they are welcome."""
    data = data_of(paths)
    event = QDragEnterEvent(QPoint(20, 20), COPY, data, BUTTON, HELD)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop(widget, *paths):
    """Let files go over it."""
    data = data_of(paths)
    QApplication.sendEvent(widget, QDropEvent(QPointF(20, 20), COPY, data, BUTTON, HELD))
