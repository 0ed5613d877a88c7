"""The images behind a cell or a sentence of a finding, in a gallery with the shared selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gallery import ThumbnailGrid
from app.panels.elided import Elided
from app.wording import count

if TYPE_CHECKING:
    from app.workspace import Workspace

HEIGHT = 216
"""Of the whole: two lines of images with a heading each."""
SIDE = 64

Section = tuple[str, Sequence[int]]
"""A heading and the catalogue rows below it."""


class ShownImages(QFrame):
    """A head with what is shown, and the images; hidden until something is asked for.

    Attributes:
        closed: a person has seen enough.

    Args:
        workspace: whose images and selection.
    """

    closed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._sections: tuple[Section, ...] = ()
        self.words = Elided("", "caption")
        self.choose = QPushButton("Choose all")
        self.choose.setProperty("role", "link")
        self.choose.setToolTip("Make these images the selection, everywhere")
        self.choose.setAccessibleName("Choose all images shown here")
        self.choose.clicked.connect(self._choose)
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("role", "link")
        self.close_button.setAccessibleName("Close these images")
        self.close_button.clicked.connect(self._close)
        self.grid = ThumbnailGrid(workspace.tasks)
        self.grid.set_side(SIDE)
        self.grid.bind(workspace.selection)
        self.grid.map_asked.connect(workspace.map_asked)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.words, 1)
        head.addWidget(self.choose)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.grid, 1)
        self.setFixedHeight(HEIGHT)
        self.hide()
        workspace.catalogue_changed.connect(self._close)

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is shown: headings and catalogue rows."""
        return self._sections

    def show_images(self, words: str, sections: Sequence[Section]) -> None:
        """Show other images.

        Args:
            words: what they are.
            sections: (heading, catalogue rows), one below another; those without rows are left out.
        """
        catalogue = self._workspace.catalogue
        known = 0 if catalogue is None else len(catalogue)
        kept = [(title, [row for row in rows if row < known]) for title, rows in sections]
        self._sections = tuple((title, rows) for title, rows in kept if rows)
        total = sum(len(rows) for _, rows in self._sections)
        if catalogue is None:
            self.words.say(f"{words}: the images of this run are not open")
        else:
            self.words.say(f"{words}: {count(total, 'image')}")
        self.choose.setEnabled(total > 0)
        self.grid.setAccessibleName(words)
        if len(self._sections) == 1:  # its heading would only repeat the words above
            self.grid.show_rows(catalogue, self._sections[0][1])
        else:
            self.grid.show_rows(catalogue, (), sections=self._sections)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self._workspace.selection.choose([row for _, rows in self._sections for row in rows])

    def _close(self) -> None:
        self._sections = ()
        if not self.isHidden():
            self.hide()
            self.closed.emit()
