"""What the left button does on the map, and how its points are drawn."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from app import theme
from app.icon import icon
from app.plots.plane import Drawing
from app.plots.point_map import Tool
from app.selection import CLICKS

Marks = Literal["automatic", "on", "off"]

TOOLS: tuple[tuple[Tool, str, str], ...] = (
    (
        "pan",
        "Pan",
        f"Drag to move the map (V). A click pins an image, {CLICKS}",
    ),
    (
        "lasso",
        "Lasso",
        "Draw around images to choose them (L). Shift adds, Ctrl takes away, both turn over; "
        "drag with the right button to move the map",
    ),
    (
        "box",
        "Box",
        "Drag a box over images to choose them (B). Shift adds, Ctrl takes away, both turn over; "
        "drag with the right button to move the map",
    ),
)
DRAWINGS: tuple[tuple[Drawing, str], ...] = (
    ("automatic", "Dots, or density in a crowd"),
    ("dots", "Dots"),
    ("density", "Density"),
)
MARKS: tuple[tuple[Marks, str], ...] = (
    ("automatic", "Shapes for more than 8 classes"),
    ("on", "Shapes for classes"),
    ("off", "Circles only"),
)
NARROW = 34


class MapTools(QWidget):
    """Pan, lasso and box, and a menu of the drawing.

    Attributes:
        tool_chosen: "pan", "lasso" or "box".
        drawing_chosen: "automatic", "dots" or "density".
        marks_chosen: "automatic", "on" or "off".
        trails_chosen: whether paths of the chosen images are painted.
    """

    tool_chosen = Signal(str)
    drawing_chosen = Signal(str)
    marks_chosen = Signal(str)
    trails_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        for tool, name, hint in TOOLS:
            button = self._button(f"{name} tool", hint)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, tool=tool: self.tool_chosen.emit(tool))
            self._group.addButton(button)
            self.buttons[tool] = button
            row.addWidget(button)
        self.buttons["pan"].setChecked(True)
        self._group.buttonToggled.connect(self._tint)
        self.look = self._button(
            "How points are drawn",
            "Dots or density, shapes for classes, trails of the chosen images",
        )
        self.look.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.look.setMenu(self._menu())
        row.addWidget(self.look)
        theme.current().changed.connect(self._tint)
        self._tint()

    def show_tool(self, tool: str) -> None:
        """Another tool was taken by its key."""
        self.buttons[tool].setChecked(True)

    def _button(self, name: str, hint: str) -> QToolButton:
        made = QToolButton()
        made.setFixedWidth(NARROW)
        made.setIconSize(QSize(18, 18))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setAccessibleName(name)
        made.setToolTip(hint)
        return made

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for choices, signal in ((DRAWINGS, self.drawing_chosen), (MARKS, self.marks_chosen)):
            if not menu.isEmpty():
                menu.addSeparator()
            group = QActionGroup(menu)
            for word, title in choices:
                action = menu.addAction(title)
                action.setCheckable(True)
                action.setChecked(word == "automatic")
                action.triggered.connect(lambda _=False, s=signal, word=word: s.emit(word))
                group.addAction(action)
        menu.addSeparator()
        trails = menu.addAction("Trails of the chosen images")
        trails.setCheckable(True)
        trails.toggled.connect(self.trails_chosen)
        return menu

    def _tint(self) -> None:
        tokens = theme.tokens()
        for tool, button in self.buttons.items():
            button.setIcon(icon(tool, tokens.accent if button.isChecked() else tokens.text))
        self.look.setIcon(icon("settings"))
