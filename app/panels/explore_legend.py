"""The legend of the map: names in their colours; a click isolates one, Ctrl+click adds or removes.

Values on a scale get a ramp with a histogram instead, on which a range is isolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.card import label
from app.panels.explore_names import HIGH, Names
from app.panels.explore_ramp import Ramp, Range

MANY = 20
"""With more names a line filters them."""
TALLEST = 77
"""Height of the names at most; more of them are scrolled to."""


class Legend(QWidget):
    """Names or a ramp.

    Attributes:
        isolated: numbers of the categories that stay in colour, or None for all.
        select_asked: (number, mode) of the category whose images are to be selected.
        ranged: (low, high) of the values that stay in colour, or None for all.
        values_asked: mode; the images of the range of values are to be selected.
    """

    isolated = Signal(object)
    select_asked = Signal(int, str)
    ranged = Signal(object)
    values_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: frozenset[int] = frozenset()
        self._numbers: frozenset[int] = frozenset()
        self._marked = False
        self._flags: NDArray[np.bool_] | None = None
        self._of = ("", "")
        self.setAccessibleName("Legend of the map")
        self.names = Names()
        self.names.isolate_asked.connect(self._isolate)
        self.names.select_asked.connect(self.select_asked)
        self.line = QLineEdit()
        self.line.setFixedWidth(190)
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Filter the classes")
        self.line.textChanged.connect(self._filter)
        self.line.returnPressed.connect(self._enter_names)
        self.count = label("", "caption")
        self.title = label("", "caption")
        self.title.setContentsMargins(6, 0, 6, 0)
        self.title.setFixedHeight(HIGH)
        self._head = QWidget()
        self._above = QHBoxLayout(self._head)
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.setSpacing(8)
        self._above.addWidget(self.line)
        self._above.addWidget(self.count, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._row.addWidget(self.title, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.names, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addLayout(self._row)
        self.ramp: Ramp | None = None
        self.show_names(())

    @property
    def chosen(self) -> frozenset[int] | None:
        """Categories that stay in colour, or None for all."""
        return self._chosen or None

    @property
    def listed(self) -> list[str]:
        """Names that are listed, in order."""
        return [] if self.names.isHidden() else [name for _, name in self.names.names.listed]

    def show_names(
        self,
        names: Sequence[str],
        numbers: NDArray[np.int64] | None = None,
        title: str = "",
        tints: Sequence[int] = (),
    ) -> None:
        """A name per category, those with a point on the map only.

        Args:
            names: of the categories.
            numbers: (N,) category of each point; None shows all names.
            title: what the names are names of.
            tints: number of the colour of each; without, it is that of the category.
        """
        self._renew(title)
        self.names.painter.tints = tuple(tints)
        present = range(len(names)) if numbers is None else np.unique(numbers[numbers >= 0])
        kept = [(int(number), names[number] or "(empty)") for number in present]
        self._numbers = frozenset(number for number, _ in kept)
        self.names.names.set_names(kept)
        self.names.show()
        self.line.setPlaceholderText(f"Filter {len(kept):,} names")
        if len(kept) > MANY:
            self._above.insertWidget(0, self.title)
            self._head.show()
        self._show_state()
        self._fit()

    def show_ramp(
        self, values: NDArray[Any], low: float, high: float, unit: str, title: str = ""
    ) -> None:
        """A scale of numbers, and what they are the numbers of; a range of the same ones stays.

        Args:
            values: (N,) of the points, not finite where there is none.
            low: value at the left end.
            high: value at the right end.
            unit: of the values.
            title: what they are.
        """
        if self.ramp is not None and (title, unit) == self._of:
            self.ramp.set_values(values, low, high, unit)
            return
        self._renew(title)
        self._of = (title, unit)
        self.ramp = Ramp(values, low, high, unit)
        self.ramp.show_chosen(self._flags)
        self.ramp.ranged.connect(self.ranged)
        self.ramp.select_asked.connect(self.values_asked)
        self._row.addWidget(self.ramp, 1)
        self.ramp.show()
        self._fit()

    def show_chosen(self, flags: NDArray[np.bool_] | None) -> None:
        """Show which points (N,) are chosen, or that none is; on a ramp that comes later, too."""
        self._flags = flags
        if self.ramp is not None:
            self.ramp.show_chosen(flags)

    @property
    def range(self) -> Range | None:
        """Values that stay in colour, both ends included; None for all."""
        return None if self.ramp is None else self.ramp.range

    def forget_range(self) -> None:
        """Values of another map come: all of them stay in colour."""
        if self.ramp is not None:
            self.ramp.clear()

    def show_note(self, words: str) -> None:
        """A sentence in place of names."""
        self._renew(words)
        self._fit()

    def show_marks(self, *, marked: bool) -> None:
        """Whether the categories have marks of their own on the map."""
        self._marked = marked
        self._show_state()

    def _renew(self, title: str) -> None:
        self._chosen = self._numbers = frozenset()
        self.names.names.set_names(())
        self.names.hide()
        self._head.hide()
        self._row.insertWidget(0, self.title, 0, Qt.AlignmentFlag.AlignTop)
        self.line.clear()
        if self.ramp is not None:
            self._row.removeWidget(self.ramp)
            self.ramp.deleteLater()
            self.ramp = None
        self.title.setText(title)
        self.title.setVisible(bool(title))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as its rows, within a limit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        high = HIGH
        if not self.names.isHidden():
            self.names.doItemsLayout()
            high = min(max(self.names.height_wanted(), HIGH), TALLEST)
        self.names.setFixedHeight(high)
        row = high if self.ramp is None else self.ramp.height()
        above = 0 if self._head.isHidden() else self._head.sizeHint().height() + 4
        self.setFixedHeight(row + above)

    def _filter(self, words: str) -> None:
        self.names.names.filter(words)
        listed, total = self.names.names.rowCount(), len(self._numbers)
        self.count.setText(f"{listed:,} of {total:,}" if words.strip() else "")
        self._fit()

    def _enter_names(self) -> None:
        """From the filter to the first name that it left."""
        if self.names.names.rowCount():
            self.names.setCurrentIndex(self.names.names.index(0))
            self.names.setFocus(Qt.FocusReason.TabFocusReason)

    def _isolate(self, number: int, plus: bool) -> None:
        if plus:
            chosen = (self._chosen or self._numbers) ^ {number}
            self._chosen = frozenset() if chosen == self._numbers else chosen
        else:
            alone = frozenset({number})
            self._chosen = frozenset() if self._chosen == alone else alone
        self._show_state()
        self.isolated.emit(self.chosen)

    def _show_state(self) -> None:
        self.names.show_state(self.chosen, marked=self._marked)
