"""What shows a finding: a page of its own for each measurement, or its lines."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.card import label

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.assessment.kept import Kept


class FindingPage(Protocol):
    """A widget that shows findings of one measurement; ``app.panels.evaluate_KEY.Page``.

    Made with the workspace as its only argument.
    """

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        ...


class Lines(QWidget):
    """A finding as a terminal shows it: for measurements that brought no page of their own.

    Args:
        workspace: not needed; as for every page.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        del workspace
        self.words = label("")
        self.words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words)
        layout.addStretch(1)

    def show_finding(self, kept: Kept) -> None:
        """Show another finding."""
        self.words.setText("\n".join(kept.finding.lines()))


def page_for(key: str, workspace: Workspace) -> QWidget:
    """The page of a measurement; it has ``show_finding``."""
    name = f"app.panels.evaluate_{key}"
    if importlib.util.find_spec(name) is None:
        return Lines(workspace)
    return cast("QWidget", importlib.import_module(name).Page(workspace))


def cautions(page: QWidget, kept: Kept) -> list[str]:
    """What is to be known before a finding is read, a line each.

    That the folder had changed, that it was not kept, and remarks of the finding unless the page
    has a place for them.
    """
    lost = f"Not kept with the run: {kept.unsaved}." if kept.unsaved else ""
    remarks = () if hasattr(page, "remarks") else getattr(kept.finding, "remarks", ())
    return [one for one in (kept.caution, lost, *remarks) if one]


def show(page: QWidget, kept: Kept) -> None:
    """Show a finding on its page."""
    cast("FindingPage", page).show_finding(kept)
