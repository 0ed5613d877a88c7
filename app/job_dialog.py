"""The look of dialogs that write something: title, fields, what is told, a bar, buttons below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label


def name_button(button: QPushButton, words: str) -> None:
    """What a button says, to the eye and to a screen reader."""
    button.setText(words)
    button.setAccessibleName(words)


def lay_out(
    dialog: QDialog,
    title: str,
    fields: QLayout,
    told: QWidget,
    bar: QProgressBar,
    buttons: Sequence[QWidget],
    aside: QWidget | None = None,
) -> None:
    """Lay a dialog out; what is told and the bar stay hidden until there is something.

    Args:
        dialog: without a layout yet.
        title: what it does, in its head.
        fields: what a person chooses.
        told: how it went.
        bar: progress.
        buttons: at the right of the foot, the main one last.
        aside: at the left of the foot.
    """
    foot = QHBoxLayout()
    if aside is not None:
        foot.addWidget(aside)
    foot.addStretch(1)
    for button in buttons:
        foot.addWidget(button)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 20, 24, 16)
    column.setSpacing(12)
    column.addWidget(label(title, "title"))
    column.addLayout(fields)
    column.addWidget(told)
    column.addWidget(bar)
    column.addStretch(1)
    column.addLayout(foot)
    for one in (told, bar):
        one.hide()
