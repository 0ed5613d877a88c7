"""Which texts of a window have less room than they need."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)


def cut_off(window: QWidget) -> list[str]:
    """Texts of labels, buttons, fields and heads of tables that have less room than they need.

    Fields are chosen values of boxes, numbers with their units and words that stand in empty lines;
    what a person typed scrolls by itself. Labels and fields with the property ``elides`` cut
    themselves on purpose. What a scroll area has scrolled out of sight is not counted; what sticks
    out of its parent sideways is.
    """
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        # A head is covered by its own viewport.
        seen = widget.viewport() if isinstance(widget, QHeaderView) else widget
        if not widget.isVisible() or widget.property("elides") or seen.visibleRegion().isEmpty():
            continue
        if isinstance(widget, (QLabel, QAbstractButton)):
            text = widget.text()
            if text and (needed_width(widget) > visible_width(widget, window) or too_low(widget)):
                found.append(text)
        elif isinstance(widget, (QComboBox, QAbstractSpinBox, QLineEdit)):
            text, room = _field(widget)
            if text and widget.fontMetrics().horizontalAdvance(text) > room:
                found.append(text)
        elif isinstance(widget, QHeaderView):
            found += _heads(widget)
    return found


def _field(widget: QComboBox | QAbstractSpinBox | QLineEdit) -> tuple[str, int]:
    """The text of a field that must be read whole, and the pixels there are for it."""
    if isinstance(widget, QComboBox):
        if widget.isEditable():
            return "", 0
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, part, widget
        )
        icon = 0 if option.currentIcon.isNull() else option.iconSize.width() + 4
        return widget.currentText(), room.width() - icon
    if isinstance(widget, QAbstractSpinBox):
        return widget.text(), widget.lineEdit().width()
    if isinstance(widget.parentWidget(), (QAbstractSpinBox, QComboBox)) or widget.text():
        return "", 0
    margins = widget.textMargins()
    return widget.placeholderText(), widget.width() - margins.left() - margins.right()


def _heads(header: QHeaderView) -> list[str]:
    """Names of columns that are wider than their column."""
    model = header.model()
    if header.orientation() != Qt.Orientation.Horizontal:
        return []
    found: list[str] = []
    for section in range(header.count()):
        text = str(model.headerData(section, header.orientation()) or "")
        if header.isSectionHidden(section) or not text:
            continue
        if header.fontMetrics().horizontalAdvance(text) > header.sectionSize(section):
            found.append(text)
    return found


def needed_width(widget: QLabel | QAbstractButton) -> int:
    """Pixels the text needs sideways."""
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            longest = max(widget.text().split(), key=len, default="")
            return widget.fontMetrics().horizontalAdvance(longest)
        return widget.sizeHint().width()
    if isinstance(widget, QPushButton):
        return widget.sizeHint().width()
    return widget.fontMetrics().horizontalAdvance(widget.text())


def visible_width(widget: QWidget, window: QWidget) -> int:
    """Pixels of the widget's width that no ancestor cuts away."""
    corner = widget.mapTo(window, QPoint(0, 0))
    left, right = corner.x(), corner.x() + widget.width()
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        area = QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        left, right = max(left, area.left()), min(right, area.right() + 1)
        parent = parent.parentWidget()
    return right - left


def too_low(widget: QWidget) -> bool:
    """Whether a label is lower than its lines."""
    if not isinstance(widget, QLabel):
        return False
    if widget.wordWrap():
        return widget.height() + 1 < widget.heightForWidth(widget.width())
    return widget.height() + 1 < min(widget.sizeHint().height(), widget.fontMetrics().height())
