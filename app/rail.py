"""The left rail: one button per place, icon over word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from app import theme
from app.icon import pixmap

WIDTH = 76


@dataclass(frozen=True)
class Place:
    """A place of the window: key, word on the rail, icon, and the panel's module and class."""

    key: str
    title: str
    icon: str
    module: str
    panel: str


PLACES = (
    Place("data", "Data", "data", "app.panels.data", "DataPanel"),
    Place("method", "Method", "method", "app.panels.method", "MethodPanel"),
    Place("views", "Views", "views", "app.panels.views", "ViewsPanel"),
    Place("train", "Train", "train", "app.panels.train", "TrainPanel"),
    Place("explore", "Explore", "explore", "app.panels.explore", "ExplorePanel"),
    Place("evaluate", "Evaluate", "evaluate", "app.panels.evaluate", "EvaluatePanel"),
    Place("runs", "Runs", "runs", "app.panels.runs", "RunsPanel"),
)


class RailButton(QAbstractButton):
    """Icon over word; the chosen one has a raised ground and an accent edge."""

    def __init__(self, place: Place, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = place.icon
        self.setText(place.title)
        self.setAccessibleName(f"{place.title} place")
        self.setToolTip(f"{place.title}  {keys}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """One place on the rail."""
        return QSize(WIDTH - 14, 54)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, edge, icon, word."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        here = self.isChecked()
        if here:
            ground, edge = QPainterPath(), QPainterPath()
            ground.addRoundedRect(area, 7, 7)
            edge.addRect(QRectF(0, 0, 3, self.height()))
            painter.fillPath(ground, QColor(tokens.raised))
            painter.fillPath(ground.intersected(edge), QColor(tokens.accent))
        elif self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.mixed(tokens.surface, tokens.raised, 0.7)))
            painter.drawRoundedRect(area, 7, 7)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 7, 7)
        colour = tokens.text if here or self.underMouse() else tokens.muted
        painter.drawPixmap((self.width() - 18) // 2, 9, pixmap(self._icon, colour))
        painter.setPen(QColor(colour))
        painter.setFont(theme.font(11))
        painter.drawText(QRectF(0, 29, self.width(), 18), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Rail(QFrame):
    """The places, top to bottom.

    Attributes:
        chosen: key of the place a person went to.
    """

    chosen = Signal(str)

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Places")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(7, 12, 7, 12)
        layout.setSpacing(4)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, RailButton] = {}
        for number, place in enumerate(places, start=1):
            button = RailButton(place, f"Ctrl+{number}", self)
            button.clicked.connect(lambda _checked=False, key=place.key: self.chosen.emit(key))
            self._group.addButton(button)
            layout.addWidget(button)
            self.buttons[place.key] = button
        layout.addStretch(1)
        theme.current().changed.connect(self._repaint)

    def show_place(self, key: str) -> None:
        """Mark a place as the one that is shown."""
        self.buttons[key].setChecked(True)

    def _repaint(self) -> None:
        for button in self.buttons.values():
            button.update()
