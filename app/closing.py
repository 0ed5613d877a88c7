"""What happens to a run when the window closes: stop and save, or go on without the window."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app.workspace import Workspace

Way = Literal["stop", "keep", "cancel"]


class ClosingDialog(QMessageBox):
    """The question; nothing is lost by any answer.

    Args:
        parent: the window.
        isolated: whether the run trains in a process of its own already.
    """

    def __init__(self, parent: QWidget, *, isolated: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("A run is being trained")
        self.setText("A run is being trained.")
        how = "Another process trains it, which does not need this window."
        if not isolated:
            how = "Either way a checkpoint is saved first."
        self.setInformativeText(
            f"{how} A stopped run can be continued later; one that goes on is followed again as "
            "soon as it is opened."
        )
        self.stop: QPushButton = self.addButton(
            "Stop and save", QMessageBox.ButtonRole.DestructiveRole
        )
        self.keep: QPushButton = self.addButton(
            "Keep running without the window", QMessageBox.ButtonRole.AcceptRole
        )
        self.cancel: QPushButton = self.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.keep if isolated else self.cancel)
        self.setEscapeButton(self.cancel)

    @property
    def way(self) -> Way:
        """The answer, once it was given."""
        clicked = self.clickedButton()
        return "stop" if clicked is self.stop else "keep" if clicked is self.keep else "cancel"


def ask_before_closing(parent: QWidget, *, isolated: bool) -> Way:
    """Ask what becomes of the run; blocks until the answer."""
    dialog = ClosingDialog(parent, isolated=isolated)
    dialog.exec()
    dialog.deleteLater()
    return dialog.way


class Closing(QObject):
    """Decides whether the window may close, and closes it once the run is in safety.

    Args:
        workspace: whose run it is.
        window: disabled while the run is saved or handed over.
    """

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._window = window
        self._way: Way | None = None
        self._asking = False
        workspace.record_changed.connect(self._look)

    def may_close(self) -> bool:
        """Whether the window can close now; asks if a run would end with it."""
        if self._over():
            return True
        if self._asking or self._way is not None:
            return False
        self._asking = True
        way = ask_before_closing(self._window, isolated=self._workspace.isolated)
        self._asking = False
        if way == "cancel":
            return False
        # The run may have ended meanwhile, and a process needs no preparation to go on.
        if not self._workspace.running or (way == "keep" and self._workspace.isolated):
            return True
        self._begin(way)
        return False

    def _begin(self, way: Way) -> None:
        self._way = way
        self._window.setEnabled(False)
        if way == "keep":
            self._workspace.keep_running()
            self._workspace.notice.emit(
                "info", "The run is handed over to a process of its own.", "Then the window closes."
            )
        else:
            self._workspace.stop()
            self._workspace.notice.emit("info", "The run is saved.", "Then the window closes.")

    def _over(self) -> bool:
        """Whether nothing is left to wait for."""
        if not self._workspace.running:
            return True
        record = self._workspace.record
        # Handed over once the process has said its first word, which takes back the last one.
        return (
            self._way == "keep"
            and self._workspace.isolated
            and (record is not None and record.stopped is None)
        )

    def _look(self) -> None:
        if self._way is None or not self._over():
            return
        record = self._workspace.record
        stopped = None if record is None else record.stopped
        if stopped is not None and stopped.reason == "failed":
            # It could not be saved or handed over: that has to be seen.
            self._way = None
            self._window.setEnabled(True)
        else:
            self._window.close()
