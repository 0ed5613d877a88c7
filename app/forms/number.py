"""Spin boxes whose words keep their distance from the frame."""

from __future__ import annotations

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


class DecimalBox(QDoubleSpinBox):
    """A number with a fraction to type or step through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(INDENT, 0, INDENT, 0)
