"""What a keyboard reaches and a screen reader cannot name."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QScrollBar, QWidget


def unnamed(panel):
    """Visible widgets that take the keyboard by Tab and have no accessible name."""
    found = []
    for widget in panel.findChildren(QWidget):
        tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")
        if isinstance(widget, QLineEdit) and widget.parentWidget().accessibleName():
            continue
        if widget.isVisible() and tab and not inner and not widget.accessibleName():
            found.append(widget)
    return found
