"""The controls above the map: which map, its settings before it is computed, colours, dots."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.panels.elided import ElidedBox
from app.panels.explore_projection import KINDS, ProjectionSettings
from app.panels.explore_space import Way
from app.panels.explore_tools import MapTools

WIDE = 760
"""Pixels from which on there is room for words beside the fields."""
NARROW_DOTS, NARROW_COLOUR, SPACE = 52, 128, 8
DIMENSIONS = (
    (2, "2-D", "Two dimensions", "A flat map"),
    (
        3,
        "3-D",
        "Three dimensions",
        "A cloud to turn: drag with the mouse, or press the arrow keys. A lasso takes also what "
        "lies behind",
    ),
)


class MapHeader(QWidget):
    """Two rows: the map and its look; below, for UMAP and t-SNE, settings, progress and cancel.

    Attributes:
        way_changed: another projection or other settings were chosen.
        compute_asked, all_asked, cancel_asked: UMAP or t-SNE of now, of all evaluations, or no
            more of it.
        colour_changed: word of the new colouring.
        size_changed: diameter of the dots in pixels, 0 for automatic.
        fit_asked: look at all points.
    """

    way_changed = Signal()
    compute_asked = Signal()
    all_asked = Signal()
    cancel_asked = Signal()
    colour_changed = Signal(str)
    size_changed = Signal(int)
    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.projection = QComboBox()
        for _, name, hint in KINDS:
            self.projection.addItem(name)
            last = self.projection.count() - 1
            self.projection.setItemData(last, hint, Qt.ItemDataRole.ToolTipRole)
        self.projection.setAccessibleName("Projection")
        self.dimensions, switch = self._switch()
        self.colour = ElidedBox()
        self.colour.setAccessibleName("Colour by")
        self.colour.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.dots = QSlider(Qt.Orientation.Horizontal)
        self.dots.setRange(0, 16)
        self.dots.setAccessibleName("Size of the dots, 0 for automatic")
        self.dots.setToolTip("Size of the dots in pixels; at the left end it is automatic")
        self.whole = QToolButton()
        self.whole.setText("Fit")
        self.whole.setAccessibleName("Fit the map")
        self.whole.setToolTip("Look at all points (0)")
        self.tools = MapTools()
        self._words = (label("Colour", "muted"), label("Dots", "muted"))
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self.projection)
        first.addLayout(switch)
        first.addStretch(1)
        for widget in (self._words[0], self.colour, self._words[1], self.dots, self.tools):
            first.addWidget(widget)
        first.addWidget(self.whole)
        self.settings = ProjectionSettings()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(first)
        column.addWidget(self.settings)
        self._make_room(wide=True)
        self._show_kind()
        self.projection.currentIndexChanged.connect(self._change_kind)
        self.settings.changed.connect(self.way_changed)
        self.settings.compute_asked.connect(self.compute_asked)
        self.settings.all_asked.connect(self.all_asked)
        self.settings.cancel_asked.connect(self.cancel_asked)
        self.colour.textActivated.connect(self.colour_changed)
        self.dots.valueChanged.connect(self.size_changed)
        self.whole.clicked.connect(self.fit_asked)

    def _switch(self) -> tuple[dict[int, QToolButton], QHBoxLayout]:
        """2-D or 3-D."""
        row = QHBoxLayout()
        row.setSpacing(4)
        buttons: dict[int, QToolButton] = {}
        self._group = QButtonGroup(self)
        for number, words, name, hint in DIMENSIONS:
            button = QToolButton()
            button.setText(words)
            button.setAccessibleName(name)
            button.setToolTip(hint)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            buttons[number] = button
            row.addWidget(button)
        buttons[2].setChecked(True)
        self._group.idToggled.connect(self._change_dimensions)
        return buttons, row

    @property
    def way(self) -> Way:
        """The projection with its settings."""
        return self.settings.way(self._group.checkedId())

    def offer_colours(self, choices: Sequence[str], chosen: str) -> None:
        """Fill the list of colourings."""
        with QSignalBlocker(self.colour):
            self.colour.clear()
            self.colour.addItems(list(choices))
            self.colour.setCurrentText(chosen)
        self.colour.setEnabled(bool(choices))
        self.colour.setToolTip(
            "What the dots are coloured by"
            if choices
            else "Colours come when the run's images are open"
        )

    def set_known(self, known: bool) -> None:
        """Whether the map of these settings is there already, so that nothing is to compute."""
        self.settings.set_known(known)

    def set_behind(self, epochs: tuple[float, float] | None) -> None:
        """Epochs of a computed map and of the timeline, where it does not follow."""
        self.settings.set_behind(epochs)

    def set_ahead(self, made: int, total: int) -> None:
        """How many evaluations of the run are laid out with these settings, of how many."""
        self.settings.set_ahead(made, total)

    def set_progress(self, part: float, stage: str) -> None:
        """A projection is being computed."""
        self.settings.set_progress(part, stage)

    def set_idle(self) -> None:
        """No projection is being computed."""
        self.settings.set_idle()

    def minimumSizeHint(self) -> QSize:
        """As narrow as without the words that give way."""
        fields = (self.projection, *self.dimensions.values(), self.tools, self.whole)
        width = sum(one.sizeHint().width() + SPACE for one in fields)
        margins = self.contentsMargins() + self._column.contentsMargins()
        width += NARROW_DOTS + NARROW_COLOUR + SPACE + margins.left() + margins.right()
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, words give way: tooltips say the same."""
        super().resizeEvent(event)
        self._make_room(wide=self.width() >= WIDE)

    def _make_room(self, *, wide: bool) -> None:
        for one in self._words:
            one.setVisible(wide)
        self.dots.setFixedWidth(84 if wide else NARROW_DOTS)
        self.colour.setMaximumWidth(220 if wide else NARROW_COLOUR)

    def _change_kind(self) -> None:
        self._show_kind()
        self.way_changed.emit()

    def _show_kind(self) -> None:
        kind, _, hint = KINDS[self.projection.currentIndex()]
        self.projection.setToolTip(hint)
        self.settings.show_kind(kind)

    def _change_dimensions(self, _number: int, checked: bool) -> None:
        if checked:
            self.way_changed.emit()
