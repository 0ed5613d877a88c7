"""Pages of a place under a row of tabs, one shown at a time."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget


class Pages(QWidget):
    """Pages with tabs above them, one shown at a time.

    Attributes:
        turned: key of the page that is shown now.

    Args:
        name: what the tabs choose, for a screen reader.
    """

    turned = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: list[str] = []
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName(name)
        self._rooms = QStackedWidget()
        # No page pushes another part of the place aside: all take the width they are given.
        self._rooms.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self._rooms, 1)
        self.tabs.currentChanged.connect(self._turn)

    def add_pages(self, pages: Iterable[tuple[str, str, str, QWidget]]) -> None:
        """Add pages: key, words on the tab, what it is for, and the page itself."""
        for key, words, hint, page in pages:
            self._keys.append(key)
            self._rooms.addWidget(page)
            self.tabs.setTabToolTip(self.tabs.addTab(words), hint)

    @property
    def page(self) -> str:
        """Key of the page that is shown."""
        return self._keys[self.tabs.currentIndex()]

    def show_page(self, key: str) -> None:
        """Show a page."""
        self.tabs.setCurrentIndex(self._keys.index(key))

    def say(self, key: str, words: str) -> None:
        """Write other words on a tab."""
        self.tabs.setTabText(self._keys.index(key), words)

    def offer(self, key: str, *, wanted: bool) -> None:
        """Offer a page, or take it away for now; what was shown of it gives way to the first."""
        if not wanted and self.page == key:
            self.tabs.setCurrentIndex(0)
        self.tabs.setTabVisible(self._keys.index(key), wanted)

    def _turn(self, index: int) -> None:
        self._rooms.setCurrentIndex(index)
        self.turned.emit(self._keys[index])
