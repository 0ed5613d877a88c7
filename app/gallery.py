"""A grid of thumbnails to walk in, to choose from, and to take files out of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMetaMethod, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from app.contact_sheet import ContactSheet
from app.gallery_files import DRAGGED, drag_files, file_of, open_file
from app.gallery_menu import image_menu
from app.selection import CLICKS, Selection

if TYPE_CHECKING:
    from app.tasks import Tasks

NONE = Qt.KeyboardModifier.NoModifier


class ThumbnailGrid(ContactSheet):
    """Images of a catalogue that can be chosen, opened and dragged away.

    Without :meth:`bind` one image at most is current; with it, images are chosen by clicks and
    keys. Space is left to the window (Ctrl+Space turns the current image over).

    Attributes:
        current_changed: catalogue row under the cursor, by mouse or arrow keys.
        map_asked: (K,) catalogue rows to be shown in the map; the context menu offers it only
            where somebody is connected.
        side_asked: side in pixels that Ctrl and the wheel ask for.
    """

    current_changed = Signal(int)
    map_asked = Signal(object)
    side_asked = Signal(int)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._tasks = tasks
        self._pressed = QPoint()
        self._held = -1
        self._collapses = False
        self._menu: QMenu | None = None

    def bind(self, selection: Selection) -> None:
        """From now on the images chosen here are those of a selection, and the other way round."""
        self._choice.selection = selection
        selection.changed.connect(self.viewport().update)
        self.viewport().update()

    @property
    def choosing(self) -> bool:
        """Whether the selection is being changed from this grid at this moment."""
        return self._choice.choosing

    def choose(self, position: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Go to the n-th image as the keys do, and bring it into sight."""
        if self.count:
            self._choice.step(min(max(position, 0), self.count - 1), modifiers)
            self._tell_current()

    def _tell_current(self) -> None:
        position = self._choice.current
        self.bring_into_sight(position)
        if self._catalogue is not None:
            path = self._catalogue.paths[self.current]
            self.setAccessibleDescription(f"{path}, {position + 1:,} of {self.count:,}")
        self.current_changed.emit(self.current)

    # --- events ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose an image, or take hold of those that are chosen."""
        self._pressed = event.position().toPoint()
        self._held = self.position_at(self._pressed)
        self._collapses = False
        if self._held < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        plain = event.modifiers() == NONE
        if plain and self._choice.holds(self._held):
            # It may become a drag of all of them; if not, letting go chooses this one alone.
            self._choice.current, self._collapses = self._held, True
        else:
            self._choice.click(self._held, event.modifiers())
        self._tell_current()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the files of the chosen images away."""
        far = (event.position().toPoint() - self._pressed).manhattanLength()
        held = self._held >= 0 and bool(event.buttons() & Qt.MouseButton.LeftButton)
        if held and far >= QApplication.startDragDistance() and self._catalogue is not None:
            self._choice.current, self._held, self._collapses = self._held, -1, False
            rows = self._choice.acted_on()
            shown = [self.current, *(row for row in rows[:3].tolist() if row != self.current)]
            pictures = [one for row in shown if isinstance(one := self.picture(row), QPixmap)]
            if not drag_files(self, self._catalogue, rows.tolist(), pictures):
                words = f"{len(rows):,} files are too many to drag; at most {DRAGGED:,} go at once"
                QToolTip.showText(event.globalPosition().toPoint(), words, self.viewport())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click into what is chosen leaves that image alone chosen."""
        if self._collapses and event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._held)
        self._held, self._collapses = -1, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the file."""
        if self.position_at(event.position().toPoint()) == self._choice.current:
            self._open()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl, ask for another size."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.side_asked.emit(round(self._side * 1.12 ** (event.angleDelta().y() / 120)))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, choose, open, ask for the menu; everything else is the window's."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        bound = self._choice.selection is not None
        target = self._target(key)
        if target is not None:
            self.choose(target, modifiers)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control and self.current >= 0:
            self._open()
        elif bound and control and key == Qt.Key.Key_A:
            self._choice.all()
        elif bound and control and key == Qt.Key.Key_Space:
            self._choice.toggle()
        elif key == Qt.Key.Key_Menu or (
            key == Qt.Key.Key_F10 and modifiers & Qt.KeyboardModifier.ShiftModifier
        ):
            self._open_menu(self.viewport().mapToGlobal(self.cell(self._choice.current).center()))
        else:
            super().keyPressEvent(event)
            event.ignore()

    def _target(self, key: Qt.Key) -> int | None:
        """Where a key goes from here; None if it goes nowhere."""
        now = self._choice.current
        page = max(self.viewport().height() // self._place.line, 1)
        lines = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }
        beside = {Qt.Key.Key_Left: now - 1, Qt.Key.Key_Right: now + 1}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count - 1}
        if key not in lines and key not in beside and key not in ends:
            return None
        if now < 0:
            return 0
        return self._place.moved(now, lines[key]) if key in lines else (beside | ends)[key]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the image under the mouse, or with the current one."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.cell(self._choice.current).center())
        else:
            position = self.position_at(self.viewport().mapFromGlobal(place))
            if position < 0:
                return
            if self._choice.holds(position):
                self._choice.current = position
                self._tell_current()
            else:
                self.choose(position)
        self._open_menu(place)

    def _open_menu(self, place: QPoint) -> None:
        # Some systems send both a key and a request for the menu.
        if self.current < 0 or self._catalogue is None or self._menu is not None:
            return
        asked = self.isSignalConnected(QMetaMethod.fromSignal(self.map_asked))
        self._menu = image_menu(
            self,
            self._catalogue,
            self.current,
            self._choice.acted_on(),
            tasks=self._tasks,
            selection=self._choice.selection,
            show_in_map=self.map_asked.emit if asked else None,
        )
        self._menu.aboutToHide.connect(self._close_menu)
        self._menu.popup(place)

    def _close_menu(self) -> None:
        if self._menu is not None:
            self._menu.deleteLater()  # later: the chosen action still has to act
            self._menu = None

    def _open(self) -> None:
        if self._catalogue is not None and self.current >= 0:
            open_file(self._tasks, file_of(self._catalogue, self.current))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the file, and why a picture is missing, under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self.position_at(event.pos())
            if position >= 0 and self._catalogue is not None:
                row = int(self._choice.rows[position])
                picture = self.picture(row)
                words = self._catalogue.paths[row]
                if isinstance(picture, str):
                    words = f"{words}: {picture}"
                if self._choice.selection is not None:
                    words = f"{words}\n{CLICKS} and all from the last one"
                QToolTip.showText(event.globalPos(), words, self.viewport())
                return True
        return super().viewportEvent(event)
