"""HHA from depth: a button where there is depth without it, and the dialog that asks the camera."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QProgressBar, QPushButton, QWidget

from app.card import label, tell
from app.forms.number import DecimalBox
from app.job_dialog import lay_out, name_button
from app.wording import count, sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue

DEPTH = ("depth", "depths")
"""Names of folders of depth, in lower case, as :mod:`sslcore.data.geocentric_files` has them."""
HHA = "hha"
DEGREES = 60.0
"""Field of view that is filled in where nobody knows the camera."""
MILLIMETRES = 1.0
"""One step of a 16-bit file, where nobody says otherwise."""
METRE = 1000.0
"""Millimetres of one step where files hold fractions."""
FRACTIONS = " The files hold fractions, which are metres as a rule: one step is 1 m (1,000 mm)."
LATER = "open the folder again and choose hha as target in Data"
"""What is left to do where the folder could not be read again; depth stays its first choice."""
TITLE = "Make HHA from depth"
ABOUT = (
    "HHA is three pictures in one: how near each pixel is, how high above the floor, and whether "
    "its surface lies or stands. It is easier to learn from than depth: it stays as it is when the "
    "camera tilts."
)


def wanted(catalogue: Catalogue | None) -> bool:
    """Whether a folder has depth as numbers, and no HHA beside it."""
    if catalogue is None or catalogue.targets is None:
        return False
    targets = catalogue.targets
    names = {name.lower() for name in targets.folders}
    coloured = targets.folder.lower() in DEPTH and targets.role != "depth"
    return HHA not in names and not coloured and not names.isdisjoint(DEPTH)


class HhaButton(QPushButton):
    """Opens the dialog; there only where it is of use.

    Args:
        workspace: whose folder.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(f"{TITLE}…", parent)
        self._workspace = workspace
        self.setAccessibleName(TITLE)
        self.setToolTip("Disparity, height above ground and angle with gravity, as another target")
        self.clicked.connect(self._open)
        self.hide()

    def refresh(self) -> None:
        """Show or hide with what the open folder holds."""
        self.setVisible(wanted(self._workspace.catalogue))

    def _open(self) -> None:
        catalogue = self._workspace.catalogue
        if catalogue is not None:
            HhaDialog(self._workspace, catalogue, self.window()).open()


class HhaDialog(QDialog):
    """The camera and the unit of depth; then progress, and what was made.

    Args:
        workspace: opens the folder again when HHA is there.
        catalogue: of the folder.
    """

    def __init__(
        self, workspace: Workspace, catalogue: Catalogue, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self.setMinimumWidth(480)
        self._workspace, self._catalogue = workspace, catalogue
        self._task: Task | None = None
        self._size = (0, 0)
        self.focal = (_box("fx", 1.0, 1e6), _box("fy", 1.0, 1e6))
        self.centre = (_box("cx", 0.0, 1e5), _box("cy", 0.0, 1e5))
        self.unit = _box("", 0.001, 1e5, " mm", decimals=3)
        self.unit.setValue(MILLIMETRES)
        self.found = label("Looking at the depth…", "muted", wrap=True)
        self.seen = label("", "caption", wrap=True)
        self.told = label("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of making HHA")
        self.start = QPushButton()
        self.start.setProperty("role", "primary")
        self.start.setDefault(True)
        name_button(self.start, "Make HHA")
        self.close_button = QPushButton()
        name_button(self.close_button, "Cancel")
        self._lay_out()
        for box in self.focal:
            box.valueChanged.connect(self._say_field)
        self.start.clicked.connect(self._start)
        self.close_button.clicked.connect(self.reject)
        self._allow(False)
        self._look()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for column in (1, 2):
            grid.setColumnStretch(column, 1)
        grid.addWidget(label(ABOUT, "muted", wrap=True), 0, 0, 1, 3)
        grid.addWidget(self.found, 1, 0, 1, 3)
        grid.setRowMinimumHeight(2, 4)
        rows = (
            (3, "Focal length", self.focal, ("across", "down")),
            (5, "Centre", self.centre, ("column", "row")),
        )
        for line, name, boxes, ways in rows:
            grid.addWidget(label(name, "muted"), line, 0)
            for column, (box, way) in enumerate(zip(boxes, ways, strict=True), 1):
                box.setAccessibleName(f"{name}, {way}")
                box.setToolTip(f"{name}, {way}, in pixels of the depth files")
                grid.addWidget(box, line, column)
        grid.addWidget(self.seen, 4, 1, 1, 2)
        grid.addWidget(label("One step is", "muted"), 6, 0)
        self.unit.setAccessibleName("One step is")
        self.unit.setToolTip(
            "What a depth of 1 in the files means: 1 mm for most sensors, 0.2 mm for TUM sequences"
        )
        grid.addWidget(self.unit, 6, 1)
        lay_out(self, TITLE, grid, self.told, self.bar, (self.close_button, self.start))

    def reject(self) -> None:
        """Call running work off, or close."""
        if self._task is not None and not self.bar.isHidden():
            self._task.cancel()
            self._end("Called off. What is made stays, and another start goes on from there.", "")
        else:
            super().reject()

    def done(self, result: int, /) -> None:
        """Nothing goes on behind a closed dialog."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    # What is filled in --------------------------------------------------------------------------

    def _look(self) -> None:
        root = self._catalogue.root

        def work(ticket: Ticket) -> Any:
            files: Any = importlib.import_module("sslcore.data.geocentric_files")
            return files.look(root, cancelled=ticket.cancelled)

        self._task = self._workspace.tasks.start(
            "Looking at the depth", work, self._fill, failed=self._fail, quiet=True
        )

    def _fill(self, seen: Any) -> None:
        self._task, self._size = None, (seen.width, seen.height)
        focal = seen.width / 2 / math.tan(math.radians(DEGREES) / 2)
        for box in self.focal:
            box.setValue(focal)
        for box, side in zip(self.centre, self._size, strict=True):
            box.setMaximum(side - 1)
            box.setValue((side - 1) / 2)
        self.unit.setValue(METRE if seen.fractions else MILLIMETRES)
        self.found.setText(
            f"{count(seen.count, 'depth file')} of {seen.width:,} × {seen.height:,} px. Filled in "
            f"is a camera that sees {DEGREES:.0f}° across, which is near enough for many; take the "
            f"numbers of its calibration if you have them.{FRACTIONS if seen.fractions else ''}"
        )
        self._allow(True)
        self._grow()
        self.focal[0].setFocus()

    def _say_field(self) -> None:
        across, down = (
            math.degrees(2 * math.atan2(side / 2, box.value()))
            for side, box in zip(self._size, self.focal, strict=True)
        )
        self.seen.setText(f"sees {across:.1f}° across and {down:.1f}° down")

    def _allow(self, allowed: bool) -> None:
        for widget in (*self.focal, *self.centre, self.unit, self.start):
            widget.setEnabled(allowed)

    # Work ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        root, step = self._catalogue.root, self.unit.value() / 1000
        focal, centre = (tuple(box.value() for box in boxes) for boxes in (self.focal, self.centre))

        def work(ticket: Ticket) -> Any:
            files: Any = importlib.import_module("sslcore.data.geocentric_files")
            camera = files.Camera(focal, centre)
            return files.make(
                root, camera, step, progress=ticket.progress, cancelled=ticket.cancelled
            )

        tell(self.told, "", "")
        self._task = self._workspace.tasks.start(
            "Making HHA", work, self._finish, failed=self._fail
        )
        self._task.progress.connect(self._progress)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._allow(False)
        name_button(self.close_button, "Cancel")

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)

    def _finish(self, made: Any) -> None:
        if not made.written and not made.there:
            first = made.problems[0]
            self._end(f"{first.path}: {first.reason}", "danger")
            return
        words = [f"Done: {count(made.written + made.there, 'file')} in {made.folders[0]}/"]
        if made.problems:
            first = made.problems[0]
            words.append(
                f"{count(len(made.problems), 'file')} left out, such as {first.path} "
                f"({first.reason})"
            )
        if math.isfinite(made.median):
            words.append(
                f"Half of all depths are nearer than {made.median:.3g} m; if that cannot be, mend "
                "the step and make them again"
            )
        words.append(self._read_again())
        self._end(
            "".join(f"{one}. " for one in words if one).rstrip(),
            "warning" if made.problems else "good",
        )
        name_button(self.start, "Make again")
        self.close_button.setFocus()

    def _read_again(self) -> str:
        """Read the folder again, with HHA as the target; what a person has to know of it."""
        workspace, recipe = self._workspace, self._workspace.recipe
        catalogue = workspace.catalogue
        if recipe is None or catalogue is None or catalogue.root != self._catalogue.root:
            return ""  # somebody went on to another folder
        if workspace.running:
            return f"Once the run is over, {LATER}"
        # A folder that is being read is what somebody asked for in the meantime.
        busy = any(task.key == "scan" for task in workspace.tasks.running())
        asked = replace(recipe.data.reading, target=HHA)
        if busy or workspace.open_folder(recipe.data.folder, asked) is None:
            return f"To use it, {LATER}"
        return "The folder is read again with HHA as the target"

    def _fail(self, error: Exception) -> None:
        self._end(sentence(error), "danger")

    def _end(self, words: str, role: str) -> None:
        self._task = None
        self.bar.hide()
        self._allow(self._size[0] > 0)
        name_button(self.close_button, "Close")
        tell(self.told, words, role)
        self._grow()

    def _grow(self) -> None:
        """As high as the words need: Qt asks wrapped lines for their height only once."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))


def _box(name: str, low: float, high: float, unit: str = " px", decimals: int = 1) -> DecimalBox:
    made = DecimalBox()
    made.setPrefix(f"{name} " if name else "")
    made.setDecimals(decimals)
    made.setRange(low, high)
    made.setSuffix(unit)
    return made
