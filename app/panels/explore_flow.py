"""Widgets side by side that go on in the next row, like words in a text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QSizePolicy, QWidget

from app import theme


class FlowList(QListView):
    """A list whose items are pressed like chips and go on in the next row, like words in a text.

    Args:
        name: what assistive technology calls it.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("role", "bare")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        theme.current().changed.connect(self.viewport().update)


class Flow(QWidget):
    """Rows of widgets, each as wide as it wants to be, upright in the middle of its row.

    It takes the height it needs at its width. (A layout with height for width would be asked for
    its height at its least width, and so push a window tall.)

    Args:
        gap: pixels between widgets and between rows.
    """

    def __init__(self, gap: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self._gap = gap
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, widget: QWidget) -> None:
        """Another widget at the end."""
        widget.setParent(self)
        self._widgets.append(widget)
        self.arrange()

    def minimumSizeHint(self) -> QSize:
        """As wide as its widest widget."""
        widths = [_size(one).width() for one in self._widgets if not one.isHidden()]
        return QSize(max(widths, default=0), self.height())

    def sizeHint(self) -> QSize:
        """All in one row."""
        shown = [_size(one) for one in self._widgets if not one.isHidden()]
        width = sum(one.width() for one in shown) + self._gap * max(len(shown) - 1, 0)
        return QSize(width, self.height())

    def arrange(self) -> None:
        """Put every widget that is shown in its place; to be called when others are shown."""
        rows: list[list[tuple[QWidget, QRect]]] = [[]]
        x = y = 0
        for one in self._widgets:
            if one.isHidden():
                continue
            size = _size(one)
            if rows[-1] and x + size.width() > self.width():
                y += _height(rows[-1]) + self._gap
                rows.append([])
                x = 0
            rows[-1].append((one, QRect(x, y, size.width(), size.height())))
            x += size.width() + self._gap
        for row in rows:
            height = _height(row)
            for one, place in row:
                one.setGeometry(place.translated(0, (height - place.height()) // 2))
        needed = y + _height(rows[-1])
        if needed != self.height() or self.minimumHeight() != needed:
            self.setFixedHeight(needed)

    def event(self, event: QEvent) -> bool:
        """A widget wants another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer to a row."""
        super().resizeEvent(event)
        self.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """The style is known now, and with it the sizes."""
        super().showEvent(event)
        self.arrange()


def _size(widget: QWidget) -> QSize:
    return widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())


def _height(row: list[tuple[QWidget, QRect]]) -> int:
    return max((place.height() for _, place in row), default=0)
