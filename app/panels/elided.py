"""A label and a list of one line that shorten their words instead of widening their card."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)


class Elided(QLabel):
    """Words cut with an ellipsis where room ends; the tooltip has them all.

    Args:
        text: the words.
        role: of ``workbench.qss``.
        cut: where they are cut: paths say most at their end.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "",
        parent: QWidget | None = None,
        *,
        cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._full, self._mode = "", cut
        self.setProperty("elides", True)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.say(text)

    @property
    def full(self) -> str:
        """All the words."""
        return self._full

    def say(self, text: str) -> None:
        """Other words."""
        self._full = text
        self.setAccessibleName(text)
        self._cut()

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return QSize(20, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut to the new width."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, self._mode, max(self.width(), 20))
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class ElidedBox(QComboBox):
    """A list whose chosen words end in an ellipsis where room ends; opened, it shows them whole."""

    def shown(self, option: QStyleOptionComboBox) -> str:
        """The words as they fit."""
        part = QStyle.SubControl.SC_ComboBoxEditField
        whole = QStyle.ComplexControl.CC_ComboBox
        room = self.style().subControlRect(whole, option, part, self).width()
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As the style has it, with the words cut."""
        del event
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown(option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
