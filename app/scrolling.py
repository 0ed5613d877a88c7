"""Columns that scroll up and down where they have too little room, and look like their ground."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LEAST = 96
"""Pixels of height that a snug area keeps whatever stands below it."""


def scrolled(content: QWidget) -> QScrollArea:
    """A widget in a frameless scroll area of its width.

    The area takes no keyboard focus: what lies in it does, and is scrolled into sight.
    """
    return _dress(QScrollArea(), content)


class SnugArea(QScrollArea):
    """As tall as what lies in it where there is room for that; where there is not, it scrolls.

    Args:
        content: a widget with a layout.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        _dress(self, content)
        content.setMinimumWidth(1)  # or it would be wider than the area, and be cut
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """All of the content, at the width there is."""
        wanted, layout = self._content.sizeHint(), self._content.layout()
        if layout is not None and layout.hasHeightForWidth():
            wanted.setHeight(layout.totalHeightForWidth(self.viewport().width()))
        return wanted

    def minimumSizeHint(self) -> QSize:
        """A few lines, however narrow."""
        return QSize(1, min(self.sizeHint().height(), LEAST))

    def reveal(self, part: QWidget) -> None:
        """Scroll a part of the content into sight, as tall as it has just become."""
        for widget in (self._content, self.parentWidget()):
            layout = None if widget is None else widget.layout()
            if layout is not None:
                layout.activate()
        self.ensureWidgetVisible(part, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines break elsewhere at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The content has more or less to show."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def _dress(area: QScrollArea, content: QWidget) -> QScrollArea:
    content.setProperty("role", "scrolled")
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    return area
