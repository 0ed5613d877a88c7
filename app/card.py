"""The card: a rounded surface with a head (title, legend or actions) and a body."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import theme

PADDING = 16
"""Left and right of what a card holds, in pixels."""
HEAD = 30
"""Height of a head, so that titles of neighbours stand on one line, with buttons or without."""


class Card(QFrame):
    """A surface of the main area.

    Put the content into :attr:`body` (a vertical layout) and small widgets (buttons, figures) into
    the head with :meth:`add_action`.

    Args:
        title: what the card shows; "" for a card without a head.
        legend: (name, ``"#rrggbb"``) pairs, written at the right of the head in their colours.
        flush: whether the body reaches the card's edges (maps, pictures).
    """

    def __init__(
        self,
        title: str = "",
        *,
        legend: Iterable[tuple[str, str]] = (),
        flush: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._head = QWidget(self)
        row = QHBoxLayout(self._head)
        self._head.setMinimumHeight(HEAD)
        row.setContentsMargins(PADDING - 1, 0, PADDING - 1, 0)
        row.setSpacing(8)
        self._title = label(title, "heading")
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._legend = label("")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self._legend)
        self._actions: QBoxLayout = row
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        margin = 0 if flush else PADDING - 1
        self.body.setContentsMargins(margin, 0, margin, 0 if flush else 16 if title else 12)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 8, 1, 1)
        outer.setSpacing(4)
        outer.addWidget(self._head)
        outer.addLayout(self.body, 1)
        if not title:
            self._head.hide()
            outer.setContentsMargins(1, 1 if flush else 12, 1, 1)
        self.set_title(title)
        self.set_legend(legend)

    @property
    def title(self) -> str:
        """The words of the head."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Other words for the head; an empty head is hidden."""
        self._title.setText(title)
        self._head.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_legend(self, entries: Iterable[tuple[str, str]]) -> None:
        """Names in the colours of their lines, at the right of the head."""
        parts = [
            f'<span style="color:{colour}; font-weight:600">{escape(name)}</span>'
            for name, colour in entries
        ]
        self._legend.setText("&nbsp;&nbsp; ".join(parts))
        self._legend.setVisible(bool(parts))

    def add_action(self, widget: QWidget) -> None:
        """Put a small widget at the right end of the head."""
        self._actions.addWidget(widget)
        self._head.show()


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the roles of ``workbench.qss`` (muted, caption, heading, figure, title)."""
    made = QLabel(text)
    # Names of folders and classes are words, whatever tags they look like.
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if role == "figure":
        made.setFont(theme.font(22, bold=True))
    return made


def tell(where: QLabel, words: str, role: str = "") -> None:
    """Say something in a label, in a role of ``workbench.qss``; without words the label hides."""
    theme.set_role(where, role)
    where.setText(words)
    where.setVisible(bool(words))


def rule(*, vertical: bool = False) -> QFrame:
    """A line of one pixel between two things."""
    made = QFrame()
    made.setProperty("role", "rule")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
