"""One method in the gallery: title, year, idea, and why it cannot be started here."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app import theme

PADDING = 12
WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)


class MethodCardButton(QAbstractButton):
    """A card to choose a method with; in a button group the arrow keys walk from card to card.

    Args:
        key: of the method.
        title: as its authors write it.
        year: of the first publication.
        idea: one sentence.
    """

    def __init__(
        self, key: str, title: str, year: int, idea: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._year = str(year)
        self._idea = idea
        self._reason = ""
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{title} ({year})")
        self.setAccessibleDescription(idea)
        theme.current().changed.connect(self.update)

    @property
    def reason(self) -> str:
        """Why the method cannot be started on the open folder, or ""."""
        return self._reason

    def set_reason(self, reason: str) -> None:
        """Say why it cannot be started; it can be chosen and read about all the same."""
        self._reason = reason
        self.setToolTip(reason)
        self.setAccessibleDescription(f"{self._idea} {reason}".strip())
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        """As tall as its words."""
        return QSize(220, self._height(220))

    def minimumSizeHint(self) -> QSize:
        """Narrow, if it must be."""
        return QSize(140, self._height(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The width says how tall the words are."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, title and year, idea, reason."""
        del event
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen, near = self.isChecked(), self.underMouse()
        edge = tokens.accent if chosen or self.hasFocus() else tokens.border
        ground = tokens.raised if near else tokens.surface
        if chosen:
            ground = theme.mixed(tokens.surface, tokens.accent, 0.14)
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 7, 7)
        title, idea, reason = self._areas(self.width())
        painter.setFont(theme.font(13, bold=True))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.text))
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, title.width() - 40)
        painter.drawText(title, middle | Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(title, middle | Qt.AlignmentFlag.AlignRight, self._year)
        painter.setFont(theme.font(12))
        painter.drawText(idea, WRAP, self._idea)
        if self._reason:
            painter.setPen(QColor(tokens.warning))
            painter.drawText(reason, WRAP, self._reason)
        painter.end()

    def _areas(self, width: int) -> tuple[QRect, QRect, QRect]:
        metrics = QFontMetrics(theme.font(12))
        inner = QRect(PADDING, 9, max(width - 2 * PADDING, 40), 20)
        tall = QRect(0, 0, inner.width(), 1000)
        idea = metrics.boundingRect(tall, WRAP, self._idea)
        below = QRect(PADDING, inner.bottom() + 4, inner.width(), idea.height() + 2)
        need = metrics.boundingRect(tall, WRAP, self._reason).height() + 2 if self._reason else 0
        last = QRect(PADDING, below.bottom() + 4, inner.width(), need)
        return inner, below, last

    def _height(self, width: int) -> int:
        _, idea, reason = self._areas(width)
        return (reason.bottom() if self._reason else idea.bottom()) + 11

    def _fit(self) -> None:
        self.setFixedHeight(self._height(self.width()))
