"""What is said below a matrix of pairs of images: what its marks mean, and the two images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.card import label
from app.panels.elided import Elided
from app.plots.pair_map import MarkSwatch
from app.plots.picture_strip import PictureStrip, Thumbnail
from app.selection import CLICKS, click_mode

if TYPE_CHECKING:
    from app.pictures import Pictures
    from app.plots.pair_map import PairMap
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

TOO_SMALL = "too small here to mark"
FRAMED = "the framed blocks but for their diagonal"
LINE, CHIP = 18, 20
"""Height of a line with a button in it, and of a chip beside the legend."""


class PairImages(QWidget):
    """The legend of false negatives, and the images of the chosen cell.

    Attributes:
        closed: a person has seen enough of the images.

    Args:
        plot: the matrix.
        workspace: holds the selection.
        pictures: where thumbnails come from.
    """

    closed = Signal()

    def __init__(
        self,
        plot: PairMap,
        workspace: Workspace,
        pictures: Pictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plot, self._workspace, self._pictures = plot, workspace, pictures
        self._catalogue: Catalogue | None = None
        self._cell: tuple[int, int] | None = None
        self._told = ""
        self.swatch = MarkSwatch()
        self.legend = label("", "caption", wrap=True)
        self.legend.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.by_class = QPushButton("By class")
        self.by_class.setProperty("role", "chip")
        self.by_class.setCheckable(True)
        self.by_class.setAccessibleName("Order rows and columns by class")
        self.by_class.setToolTip(
            "Rows and columns of one class side by side: pairs of the same class are then the "
            "framed blocks on the diagonal"
        )
        self.by_class.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.by_class.setFont(theme.font(11))
        self.by_class.setStyleSheet("padding: 0px 8px; min-height: 0px")
        self.by_class.setFixedHeight(CHIP)
        self.by_class.toggled.connect(plot.set_by_class)
        self.caption = Elided("", "caption")
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("role", "link")
        self.close_button.setAccessibleName("Close the images of this pair")
        self.close_button.setToolTip("Close (Esc)")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.setFont(theme.font(11, bold=True))
        self.close_button.setStyleSheet("padding: 0px 4px; min-height: 0px")
        self.close_button.setFixedHeight(LINE)
        self.close_button.clicked.connect(self.closed)
        self.strip = PictureStrip("", pictures.get, hint=f"Click chooses it, {CLICKS}")
        self.strip.clicked.connect(self._choose)
        self.images = QWidget()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.caption, 1)
        head.addWidget(self.close_button)
        stack = QVBoxLayout(self.images)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(2)
        stack.addLayout(head)
        stack.addWidget(self.strip)
        self.images.hide()
        marks = QHBoxLayout()
        marks.setSpacing(6)
        marks.addWidget(self.swatch, 0, Qt.AlignmentFlag.AlignTop)
        marks.addWidget(self.legend, 1)
        marks.addWidget(self.by_class, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(marks)
        column.addWidget(self.images)
        self.hide()
        plot.pairs_changed.connect(self.refresh)
        pictures.arrived.connect(self.strip.invalidate)
        workspace.selection.changed.connect(self._mark)

    def set_catalogue(self, catalogue: Catalogue | None) -> None:
        """Take the run's images; None where they are not open."""
        self._catalogue = catalogue
        if catalogue is not None and catalogue.classes:
            self._plot.set_classes(catalogue.labels, catalogue.classes)
        else:
            self._plot.set_classes(None)

    def show_cell(self, cell: tuple[int, int] | None, told: str = "") -> None:
        """Show the images of a cell, where they are known.

        Args:
            cell: row and column of the matrix; None closes the images.
            told: what is read off the cell.
        """
        self._cell, self._told = cell, told
        self.refresh()

    @property
    def showing(self) -> bool:
        """Whether images are shown."""
        return not self.images.isHidden()

    def refresh(self) -> None:
        """Say what the plot shows now."""
        pairs = self._plot.pairs
        self.setVisible(pairs is not None)
        self._plot.set_chosen(self._cell if pairs is not None else None)
        if pairs is None:
            self.images.hide()
            return
        counts = pairs.counts
        told = counts.words
        framed = self._plot.blocks is not None
        fit = framed or self._plot.marks_fit or not counts.false
        self.by_class.setVisible(self._plot.can_order)
        self.swatch.setVisible(self._plot.marks_fit and not framed)
        self.swatch.set_framed(self._plot.framed)
        told = f"{told}: {FRAMED}" if framed and counts.false else told
        self.legend.setText(told if fit else f"{told}, {TOO_SMALL}")
        self.legend.setToolTip(
            "False negatives: pairs that the loss pushes apart though both images are of one "
            "class. The method does not know the classes."
        )
        self.images.setVisible(self._cell is not None)
        if self._cell is not None:
            self._show_images(*self._cell)

    def _show_images(self, row: int, column: int) -> None:
        pairs, catalogue, shown = self._plot.pairs, self._catalogue, self._plot.shown
        if pairs is None or catalogue is None or shown is None:
            return
        names = (shown.row_label or "row", shown.column_label or "column")
        sides = [
            (int(pairs.row_ids[row]), int(pairs.rows[row]), names[0]),
            (int(pairs.column_ids[column]), int(pairs.columns[column]), names[1]),
        ]
        if sides[0][0] == sides[1][0]:  # one image, of which the loss saw two views
            sides = [(*sides[0][:2], " and ".join(names))]
        self.caption.say(self._told)
        self.strip.set_title(f"Images of the cell, {pairs.words_at(row, column)}")
        self.strip.show_thumbnails(
            [
                Thumbnail(one, pairs.class_of(number), f"{name}: {catalogue.paths[one]}")
                for one, number, name in sides
            ]
        )
        self._pictures.ask([one for one, _, _ in sides], "pair")
        self._mark()

    def _choose(self, row: int, keys: Qt.KeyboardModifier) -> None:
        self._workspace.selection.choose([row], click_mode(keys))

    def _mark(self) -> None:
        self.strip.set_chosen(frozenset(self._workspace.selection.rows.tolist()))
