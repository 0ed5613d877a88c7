"""When views are compared under the encoder: after every drawing and every checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.panels.view_encoder import Encoders, Likeness, measured
from app.wording import sentence

if TYPE_CHECKING:
    from app.panels.view_render import Preview
    from app.tasks import Task
    from app.workspace import Workspace

NONE_YET = "After training you see below each view how far it moves the image for the encoder."
MEASURING = "Asking the encoder how far each view moves the image."


class LikenessWatch(QObject):
    """Keeps the likeness of the shown views up to date, one job at a time.

    What is outdated is cancelled; what was last measured stays until there is something newer.

    Attributes:
        changed: ``likeness``, ``fresh`` or ``words`` are new.

    Args:
        workspace: whose run has the encoder.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._encoders = Encoders()
        self._preview: Preview | None = None
        self._asked: tuple[Path, int] | None = None
        self._task: Task | None = None
        self._again = False
        self.likeness: Likeness | None = None
        self.fresh = False
        self.words = NONE_YET

    @property
    def newest(self) -> tuple[Path, int] | None:
        """The open run and the step of its newest checkpoint, or None while there is none."""
        record, directory = self._workspace.record, self._workspace.directory
        if record is None or directory is None or not record.checkpoints:
            return None
        return directory.path, record.checkpoints[-1].step

    def ask(self, preview: Preview) -> None:
        """Compare the views of a preview from now on."""
        self._preview = preview
        self._outdate()

    def check(self) -> None:
        """Look whether there is another run or a newer checkpoint; cheap enough for every event."""
        if self._preview is not None and self.newest != self._asked:
            self._outdate()

    def _outdate(self) -> None:
        """What is known or being measured counts no more."""
        last, self._asked = self._asked, self.newest
        self.fresh = False
        if self._asked is None:
            self.likeness, self.words = None, NONE_YET
        elif last is None or last[0] != self._asked[0]:
            self.likeness, self.words = None, MEASURING
        self.changed.emit()
        if self._task is not None:
            self._task.cancel()
            self._again = True
        else:
            self._measure()

    def _measure(self) -> None:
        preview, newest, encoders = self._preview, self._asked, self._encoders
        self._again = False
        if preview is None or newest is None:
            return
        self._task = self._workspace.tasks.start(
            "Comparing views",
            lambda ticket: measured(preview, lambda: encoders.load(*newest), ticket),
            self._take,
            failed=self._explain,
            quiet=True,
        )
        self._task.ended.connect(self._free)

    def _take(self, result: tuple[Preview, Likeness]) -> None:
        likeness = result[1]
        self.likeness, self.fresh = likeness, True
        self.words = (
            f"Cosine of features under the encoder of step {likeness.step:,}: 1.00 where it sees "
            "no difference."
        )
        self.changed.emit()

    def _explain(self, error: Exception) -> None:
        self.likeness, self.fresh = None, False
        self.words = f"The encoder cannot compare these views: {sentence(error)}."
        self.changed.emit()

    def _free(self) -> None:
        self._task = None
        if self._again:
            self._measure()
