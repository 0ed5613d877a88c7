"""What can be done with a run: open, take away, show, rename, remove; with undo where there is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFile, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from app.panels.runs_export import EMBEDDINGS, WRITE_REPORT, ExportRunDialog, Offer, offers
from app.panels.runs_shelf import Shelf
from app.wording import sentence

if TYPE_CHECKING:
    from app.workspace import Workspace


class RunActs(QObject):
    """Acts on one run of the shelf.

    Attributes:
        removed: a run went to the trash, or came back: ``can_undo`` may have changed.
        dialog: the last dialog that was opened, while it is there.

    Args:
        workspace: opens runs, has the tasks, tells what went wrong.
        shelf: is refreshed after changes.
        parent: owner of dialogs.
    """

    removed = Signal()

    def __init__(self, workspace: Workspace, shelf: Shelf, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._shelf, self._window = workspace, shelf, parent
        self._gone: list[tuple[Path, Path]] = []
        self.dialog: ExportRunDialog | None = None

    def do(self, key: str, path: Path) -> None:
        """Carry out an act by its key."""
        acts: dict[str, Any] = {
            "open": self.open,
            "export": self.export,
            "embeddings": self.embeddings,
            "report": self.report,
            "tensorboard": self.tensorboard,
            "folder": self.show_folder,
            "rename": self.ask_name,
            "trash": self.trash,
        }
        acts[key](path)

    def open(self, path: Path) -> None:
        """Make it the open run."""
        if path != self._shelf.open_path:
            self._workspace.open_run(path)

    def show_folder(self, path: Path) -> None:
        """Show the directory in the file manager."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._workspace.notice.emit("info", f"The run lies in {path}", "")

    # Taking away ----------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        """Ask for a format and a target for the encoder."""
        self._offer(path, "", f"Export the encoder of {path.name}")

    def tensorboard(self, path: Path) -> None:
        """Ask where a log for TensorBoard goes."""
        self._offer(path, "tensorboard", f"TensorBoard log of {path.name}")

    def embeddings(self, path: Path) -> None:
        """Ask for a format and a target for the features of all images."""
        self._show(EMBEDDINGS, path, f"Embeddings of {path.name}")

    def report(self, path: Path) -> None:
        """Ask where the report goes."""
        self._show([WRITE_REPORT], path, f"Report on {path.name}")

    def _offer(self, path: Path, only: str, title: str) -> None:
        self._workspace.tasks.start(
            "Looking at the encoder",
            lambda _: offers(path, only),
            lambda found: self._show(found, path, title),
            failed=lambda error: self._workspace.notice.emit(
                "danger", sentence(error), "Let the run train to its first checkpoint."
            ),
            key="export offers",
        )

    def _show(self, found: list[Offer], path: Path, title: str) -> None:
        self.dialog = ExportRunDialog(self._workspace, path, found, title, self._window)
        self.dialog.destroyed.connect(self._forget_dialog)
        self.dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    # The directory ----------------------------------------------------------------------------

    def ask_name(self, path: Path) -> None:
        """Ask for another name and rename the directory."""
        if self._in_use(path, "renamed"):
            return
        name, agreed = QInputDialog.getText(
            self._window, "Rename the run", "Name of its directory", QLineEdit.EchoMode.Normal,
            path.name,
        )  # fmt: skip
        if agreed:
            self.rename(path, name)

    def rename(self, path: Path, name: str) -> bool:
        """Rename the directory; a notice tells why if that was not possible."""
        name = name.strip()
        target = path.with_name(name) if name and name == Path(name).name else None
        if name == path.name or self._in_use(path, "renamed"):
            return False
        if target is None or name in (".", "..") or name.startswith("."):
            self._refuse(f"{name!r} is no name of a directory", "Leave out slashes and dots ahead.")
            return False
        if os.path.lexists(target):
            self._refuse(f"{target} is there already", "Choose another name.")
            return False
        try:
            path.rename(target)
        except OSError as error:
            self._refuse(sentence(error), "The run kept its name.")
            return False
        self._moved(path, target)
        return True

    def trash(self, path: Path) -> bool:
        """Move the directory to the trash; whether it went."""
        if self._in_use(path, "removed"):
            return False
        file = QFile(str(path))
        if not file.moveToTrash():
            self._refuse(
                f"{path} could not be moved to the trash", "Delete it in the file manager instead."
            )
            return False
        place = Path(file.fileName())
        if place != path and place.exists():
            self._gone.append((path, place))
        self._shelf.choose([one for one in self._shelf.chosen if one != path])
        self._shelf.refresh()
        self._workspace.notice.emit("info", f"{path.name} lies in the trash.", "")
        self.removed.emit()
        return True

    @property
    def can_undo(self) -> bool:
        """Whether a run can be fetched back from the trash."""
        return bool(self._gone)

    def undo(self) -> None:
        """Fetch back the run that went to the trash last."""
        if not self._gone:
            return
        path, place = self._gone.pop()
        try:
            if os.path.lexists(path):
                raise FileExistsError(17, "is there already", str(path))
            place.rename(path)
            # The trash's own card about it would point at nothing.
            info = place.parent.parent / "info" / f"{place.name}.trashinfo"
            info.unlink(missing_ok=True)
        except OSError as error:
            self._refuse(sentence(error), f"The run lies at {place}.")
        self._shelf.refresh()
        self.removed.emit()

    def _in_use(self, path: Path, what: str) -> bool:
        """Whether the run is open or trained; a notice tells."""
        summary = self._shelf.summaries.get(path)
        if path == self._shelf.open_path:
            self._refuse(f"{path.name} is open and cannot be {what} now", "Open another run first.")
            return True
        if summary is not None and summary.state == "training":
            self._refuse(f"{path.name} is being trained", "Stop it first.")
            return True
        return False

    def _moved(self, old: Path, new: Path) -> None:
        self._shelf.choose([new if one == old else one for one in self._shelf.chosen])
        self._shelf.refresh()

    def _refuse(self, what: str, remedy: str) -> None:
        self._workspace.notice.emit("warning", f"{what}.", remedy)
