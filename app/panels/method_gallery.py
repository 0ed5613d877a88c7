"""The gallery: every method there is, by family."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.card import label
from app.panels.method_card import MethodCardButton
from sslcore.data.kinds import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslcore.method import Method

FAMILIES = {
    "generative": "Generative: rebuild the image",
    "predictive": "Predictive: recover what was done",
    "contrastive": "Contrastive: alike and unlike",
    "bootstrapping": "Bootstrapping: learn from oneself",
    "regularization": "Regularisation: shape the embedding",
}
BAR = 10
"""Width of a scroll bar (``workbench.qss``)."""


def idea_of(method: type[Method[Any]]) -> str:
    """The first sentence of a method's file."""
    text = inspect.getmodule(method).__doc__ or method.__doc__ or ""
    return " ".join(text.strip().split("\n\n")[0].split())


def reason_not(
    needs: str, kinds: Sequence[str] | None, lacks: Mapping[str, str] | None = None
) -> str:
    """Why a folder of these kinds cannot be used, or ""; None means that no folder is open.

    Args:
        needs: what a method needs.
        kinds: what the folder serves.
        lacks: what is known of this very folder (``Catalogue.lacks``).
    """
    if kinds is None or needs in kinds:
        return ""
    words = (lacks or {}).get(needs) or lacking(needs, kinds)
    return f"{words[0].upper()}{words[1:]}."


class MethodGallery(QScrollArea):
    """Cards in a column.

    Attributes:
        chosen: key of the method a person chose.
    """

    chosen = Signal(str)

    def __init__(
        self, methods: Mapping[str, type[Method[Any]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.cards: dict[str, MethodCardButton] = {}
        self._cards = {key: method.card for key, method in methods.items()}
        self._group = QButtonGroup(self)
        column = QWidget()
        column.setProperty("role", "scrolled")
        column.setAccessibleName("Methods")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for family, words in FAMILIES.items():
            found = {key: one for key, one in methods.items() if one.card.family == family}
            if not found:
                continue
            if self.cards:
                layout.addSpacing(8)
            layout.addWidget(label(words, "heading"))
            for key, method in found.items():
                card = MethodCardButton(key, method.card.title, method.card.year, idea_of(method))
                self._group.addButton(card)
                self.cards[key] = card
                layout.addWidget(card)
        layout.addStretch(1)
        self._column = column
        self.setWidget(column)
        self._group.buttonClicked.connect(self._choose)
        # Cards get their heights after the first layout, and others in another width.
        self.verticalScrollBar().rangeChanged.connect(self._reveal)

    def set_width(self, width: int) -> None:
        """As wide with and without the scroll bar, which stands in the gap beside the cards."""
        self._column.setFixedWidth(width)
        self.setFixedWidth(width + BAR)

    def show_chosen(self, key: str) -> None:
        """Mark the recipe's method and bring it into sight."""
        if key in self.cards:
            self.cards[key].setChecked(True)
            self._reveal()

    def _reveal(self) -> None:
        card = self._group.checkedButton()
        if card is not None:
            self.ensureWidgetVisible(card, 0, 24)

    def show_kinds(
        self,
        kinds: Sequence[str] | None,
        channels: int | None = None,
        lacks: Mapping[str, str] | None = None,
    ) -> None:
        """Say what cannot be started on the open folder, whose images have so many channels."""
        for key, card in self.cards.items():
            method = self._cards[key]
            serves = kinds is None or method.serves(kinds)
            reason = "" if serves else reason_not(method.needs, kinds, lacks)
            if not reason and channels is not None:
                reason = method.unsuited(channels)
            card.set_reason(reason)

    def _choose(self, card: MethodCardButton) -> None:
        self.chosen.emit(card.key)
