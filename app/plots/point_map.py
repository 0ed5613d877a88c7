"""A map of many points: hover, click and pin; lasso and box; everything also with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.plots.canvas import ink
from app.plots.outline import Outline, paint_words
from app.plots.pick import Tree, nearest
from app.plots.plane import Plane
from app.plots.trails import Trails
from app.selection import Mode, click_mode, mode_of

Tool = Literal["pan", "lasso", "box"]

PICK_RADIUS = 14.0
DWELL = 125
STRIDE = 60.0
KEYS: dict[Qt.Key, Tool] = {
    Qt.Key.Key_V: "pan",
    Qt.Key.Key_L: "lasso",
    Qt.Key.Key_B: "box",
}
ZOOMS = {Qt.Key.Key_Plus: 1.25, Qt.Key.Key_Equal: 1.25, Qt.Key.Key_Minus: 0.8}
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
SIGNS: dict[Mode, str] = {"replace": "", "add": "+", "subtract": "\N{MINUS SIGN}", "toggle": "±"}


class PointMap(Plane):
    """(N, 2) points that can be looked at one by one and chosen together.

    Signals:
        hovered(int): index of the point under the mouse, -1 when none is, at once.
        card_requested(int, QPoint): the mouse rested on a point for 125 ms; where the point stands,
            in this widget's coordinates.
        clicked(int): index of the clicked point, -1 for a click beside all.
        picked(object, str): (K,) indices of points to choose, and the mode of
            :class:`~app.selection.Selection`; the answer comes by :meth:`set_chosen`.
        tool_changed(str): "pan", "lasso" or "box".
    """

    hovered = Signal(int)
    card_requested = Signal(int, QPoint)
    clicked = Signal(int)
    picked = Signal(object, str)
    tool_changed = Signal(str)

    def __init__(self, title: str = "Map", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._tool: Tool = "pan"
        self._hovered = -1
        self._pinned = -1
        self._neighbours: tuple[int, ...] = ()
        self._tree: Tree | None = None
        self._trails: Trails | None = None
        self._pressed: QPointF | None = None
        self._panning = False
        self._outline: Outline | None = None
        self._held: NDArray[np.intp] | None = None
        self._mode: Mode = "replace"
        self._mouse = QPointF()
        self._dwell = QTimer(self, singleShot=True, interval=DWELL)
        self._dwell.timeout.connect(self._ask_for_card)

    # What is shown -------------------------------------------------------------------------

    def forget_points(self) -> None:
        """Neither pin nor hover nor outline stays."""
        self._pinned, self._neighbours, self._trails = -1, (), None
        self._drop_outline()
        self._set_hovered(-1)

    def set_pinned(self, index: int, neighbours: Sequence[int] = ()) -> None:
        """A strong ring around one point and thin ones around its neighbours; -1 for none."""
        self._pinned = index
        self._neighbours = tuple(int(one) for one in neighbours) if index >= 0 else ()
        self.update()

    def set_trails(self, trails: Trails | None) -> None:
        """Paint where some points stood before and after; None paints no paths."""
        self._trails = trails
        self.update()

    def set_tree(self, tree: Tree) -> None:
        """Take a tree grown from the points of ``settled``; without one, all are asked."""
        self._tree = tree

    @property
    def tool(self) -> Tool:
        """What dragging with the left button does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Drag to pan, or to choose points by lasso or box."""
        self._drop_outline()
        if tool != self._tool:
            self._tool = tool
            self._show_cursor()
            self.tool_changed.emit(tool)

    @property
    def hovered_index(self) -> int:
        """The point under the mouse, or -1."""
        return self._hovered

    def index_at(self, place: QPointF, radius: float = PICK_RADIUS) -> int:
        """The nearest point within a radius in pixels, or -1; greyed ones only if no other is."""
        x, y = self._camera.point(place.x(), place.y())
        reach = radius / self._camera.scale
        return nearest(self._shown, x, y, reach, self.emphasis, self._tree)

    # Mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press may become a click, a drag or an outline."""
        self._drop_outline()
        self._pressed, self._panning = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan or draw while pressed, else hover."""
        self._mouse, self._mode = event.position(), mode_of(event.modifiers())
        if self._pressed is None:
            self._set_hovered(self.index_at(self._mouse))
            return
        by = self._mouse - self._pressed
        if not self._panning and self._outline is None:
            if by.manhattanLength() < QApplication.startDragDistance():
                return
            self._set_hovered(-1)
            if self._tool == "pan" or not event.buttons() & Qt.MouseButton.LeftButton:
                self._panning = True
                self._show_cursor()
            else:
                self._outline = Outline(self._tool, *self._within(self._pressed))
        if self._outline is not None:
            self._draw_on()
        else:
            self._pressed = self._mouse
            self.drag(by, event.buttons())

    def drag(self, by: QPointF, buttons: Qt.MouseButton) -> None:
        """The mouse takes the map along by pixels, with these buttons held down."""
        del buttons
        self.pan(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag or of an outline, or a click."""
        if self._pressed is None:
            return
        self._pressed = None
        self._mouse, self._mode = event.position(), mode_of(event.modifiers())
        if self._panning:
            self._panning = False
            self._show_cursor()
            self._set_hovered(self.index_at(event.position()))
        elif self._outline is not None:
            self._draw_on()
            held = self._inside()
            self._drop_outline()
            self.picked.emit(held, self._mode)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._click(self.index_at(event.position()), click_mode(event.modifiers()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse."""
        turned = event.angleDelta().y() or event.pixelDelta().y()
        self.zoom(1.0015**turned, event.position())
        if self._outline is None:
            self._set_hovered(self.index_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No point is hovered."""
        self._set_hovered(-1)
        super().leaveEvent(event)

    def _show_cursor(self) -> None:
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._tool == "pan":
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)

    # Choosing ------------------------------------------------------------------------------

    def _click(self, index: int, mode: Mode) -> None:
        """Pin a point, or with Shift or Ctrl held down choose it."""
        if mode == "replace":
            self.clicked.emit(index)
        elif index >= 0:
            self.picked.emit(np.array([index]), mode)

    def _within(self, place: QPointF) -> tuple[float, float]:
        """A place on the plane; outside of the widget, the nearest at its edge: chosen is seen."""
        x = min(max(place.x(), 0.0), float(self.width()))
        y = min(max(place.y(), 0.0), float(self.height()))
        return self._camera.point(x, y)

    def _draw_on(self) -> None:
        if self._outline is not None:
            if self._outline.extend(*self._within(self._mouse), self._camera):
                self._held = None
            self.update()

    def _inside(self) -> NDArray[np.intp]:
        """(K,) points within the outline that are not greyed out by the legend."""
        if self._outline is None:
            return np.zeros(0, np.intp)
        if self._held is None:
            flags = self._outline.holds(self._shown)
            self._held = np.flatnonzero(flags if self.emphasis is None else flags & self.emphasis)
        return self._held

    def _drop_outline(self) -> None:
        self._pressed = None
        self._outline = self._held = None
        self.update()

    # Keyboard ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Esc is for this map while there is something to leave, not for the window's command."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and (self._outline is not None or self.chosen is not None)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, with Ctrl they go from point to point; Enter clicks; letters take tools.

        Plus and minus zoom, 0 fits, Ctrl+A chooses all that are in colour, Esc chooses none.
        """
        key, held = Qt.Key(event.key()), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        self._mode = mode_of(held)
        if key in ARROWS and control:
            self._hop(*ARROWS[key])
        elif key in ARROWS:
            self.pan(*(-STRIDE * one for one in ARROWS[key]))
        elif key == Qt.Key.Key_A and control:
            self._choose_all()
        elif key == Qt.Key.Key_Escape and self._outline is not None:
            self._drop_outline()
        elif key == Qt.Key.Key_Escape and self.chosen is not None:
            self.picked.emit(np.zeros(0, np.intp), "replace")
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hovered >= 0:
            self._click(self._hovered, click_mode(held))
        elif not self.take_key(event):
            super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means for a map wherever the keyboard is; whether it means anything.

        V, L and B take a tool, plus and minus zoom, 0 fits.
        """
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if key in KEYS and not held:
            self.set_tool(KEYS[key])
        elif key in ZOOMS:
            self.zoom(ZOOMS[key])
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            return False
        return True

    def _choose_all(self) -> None:
        flags = np.isfinite(self._points).all(axis=1)
        if self.emphasis is not None:
            flags &= self.emphasis
        self.picked.emit(np.flatnonzero(flags), "replace")

    def _hop(self, dx: int, dy: int) -> None:
        """Hover the next point in a direction, from the hovered one or from the middle."""
        start = QPointF(self.width() / 2, self.height() / 2)
        if self._hovered >= 0:
            start = self.place_of(self._hovered)
        x, y = self._camera.pixels(self._shown)
        ahead = (x - start.x()) * dx + (y - start.y()) * dy
        aside = np.abs((x - start.x()) * dy) + np.abs((y - start.y()) * dx)
        good = (ahead > 0.5) & (aside <= ahead)
        if self.emphasis is not None:
            good &= self.emphasis
        rows = np.flatnonzero(good)
        if not len(rows):
            return
        index = int(rows[(ahead[rows] + 2 * aside[rows]).argmin()])
        place = self.place_of(index)
        if not self.rect().contains(place.toPoint()):
            self.pan(self.width() / 2 - place.x(), self.height() / 2 - place.y())
        self._set_hovered(index)

    # Hovering and painting -----------------------------------------------------------------

    def _set_hovered(self, index: int) -> None:
        if index == self._hovered:
            return
        self._hovered = index
        self._dwell.stop()
        if index >= 0:
            self._dwell.start()
        self.hovered.emit(index)
        self.update()

    def _ask_for_card(self) -> None:
        if 0 <= self._hovered < len(self._points):
            self.card_requested.emit(self._hovered, self.place_of(self._hovered).toPoint())

    def paint_live(self, painter: QPainter) -> None:
        """Rings of neighbours, of the pinned and of the hovered point; the outline being drawn."""
        count = len(self._points)
        if self._trails is not None and not self._outline:
            self._trails.paint(painter, self._camera)
        for index in self._neighbours:
            if 0 <= index < count:
                self._ring(painter, index, 6.5, ink("accent"), 1.6)
        if 0 <= self._pinned < count:
            self._ring(painter, self._pinned, 8.5, ink("text"), 2.2)
        if 0 <= self._hovered < count and self._hovered != self._pinned:
            self._ring(painter, self._hovered, 7.5, ink("text"), 1.6)
        if self._outline is not None:
            self._outline.paint(painter, self._camera)
            words = f"{SIGNS[self._mode]}{len(self._inside()):,}"
            paint_words(painter, words, self._mouse, QRectF(self.rect()))

    def _ring(
        self, painter: QPainter, index: int, radius: float, colour: QColor, width: float
    ) -> None:
        place = self.place_of(index)
        if not np.isfinite([place.x(), place.y()]).all():
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for tint, wide in ((ink("surface"), width + 2), (colour, width)):
            painter.setPen(QPen(tint, wide))
            painter.drawEllipse(place, radius, radius)
