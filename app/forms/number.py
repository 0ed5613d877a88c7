"""Spin boxes whose words keep their distance from the frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

INDENT = 7
"""Pixels left and right of the words, as in the other fields.

Qt gives the field inside a spin box the whole width whatever padding the style sheet asks for.
"""


class WholeBox(QSpinBox):
    """A whole number to type or step through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(INDENT, 0, INDENT, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel turned to scroll a page must not change what lies under the mouse."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalBox(QDoubleSpinBox):
    """A number with a fraction to type or step through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(INDENT, 0, INDENT, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel turned to scroll a page must not change what lies under the mouse."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
