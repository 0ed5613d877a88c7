"""What pages of findings are made of: a scrolled column over images, plots side by side, words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.panels.evaluate_images import ShownImages
from app.panels.evaluate_scores import compared

if TYPE_CHECKING:
    from app.workspace import Workspace


OWN = ("trained", "untrained", "pixels")
"""The trained encoder and what it must beat."""


class FindingView(QWidget):
    """A column that scrolls, and below it the images that somebody asked for.

    Args:
        workspace: whose images and selection.

    Attributes:
        column: what subclasses fill.
        images: shows images.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 4, 10, 0)
        self.column.setSpacing(12)
        self.area = QScrollArea()
        self.area.setWidget(inner)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self.images = ShownImages(workspace)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.images)


class Columns(QWidget):
    """Widgets side by side, as many in a row as are wide enough.

    Args:
        least: width of a widget in pixels at least.
        most: widgets in a row at most.
    """

    def __init__(self, least: int, most: int = 4) -> None:
        super().__init__()
        self._least, self._most = least, most
        self._widgets: list[QWidget] = []
        self._count = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def count(self) -> int:
        """Widgets in a row now."""
        return self._count

    def show_widgets(self, widgets: list[QWidget]) -> None:
        """Hold these widgets from now on; others are let go."""
        for one in self._widgets:
            if one not in widgets:
                self._grid.removeWidget(one)
                one.deleteLater()
        self._widgets = list(widgets)
        self._count = 0
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One widget wide; as high as they are now."""
        return QSize(self._least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many in a row as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = (self.width() + self._grid.spacing()) // (self._least + self._grid.spacing())
        count = min(max(room, 1), self._most, max(len(self._widgets), 1))
        if count == self._count:
            return
        self._count = count
        for column in range(self._most):
            self._grid.setColumnStretch(column, int(column < count))
        for number, one in enumerate(self._widgets):
            self._grid.addWidget(one, number // count, number % count)
            one.show()


class Told(QWidget):
    """Words, and at their right a link to the images that show it.

    Args:
        words: of any length; they are wrapped.
        link: words of the link, "" for none.
        role: of the words.
    """

    def __init__(self, words: str, link: str = "", role: str = "") -> None:
        super().__init__()
        self.words = label(words, role, wrap=True)
        self.link = QPushButton(link)
        self.link.setProperty("role", "link")
        self.link.setAccessibleName(f"{link}: {words}"[:200])
        self.link.setVisible(bool(link))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        row.addWidget(self.link, 0, Qt.AlignmentFlag.AlignTop)


def beside(scores: Mapping[str, float], asked: int) -> str:
    """What the trained encoder reached beyond what it must beat; others are yardsticks only.

    Args:
        scores: name of the encoder -> part of the images; "trained" is among them.
        asked: number of these images.
    """
    words = compared({name: one for name, one in scores.items() if name in OWN}, asked)
    outside = [f"{name} {100 * one:.1f} %" for name, one in scores.items() if name not in OWN]
    return f"{words} From outside: {', '.join(outside)}." if outside else words


def chip(words: str, name: str) -> QPushButton:
    """One of a row of buttons of which one is down."""
    made = QPushButton(words)
    made.setProperty("role", "chip")
    made.setCheckable(True)
    made.setAccessibleName(name)
    return made
