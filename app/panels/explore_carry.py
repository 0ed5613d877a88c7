"""Carry a mask: mark a thing in the first frame of a clip, and see where the run finds it again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.card import Card, label, tell
from app.forms.number import WholeBox
from app.forms.slider import Slider
from app.panels.explore_carried import Carried, carried, carries_masks, shown_frame
from app.plots.mask_canvas import MaskCanvas, Outline, veil
from app.plots.picture_strip import GAP, SIDE, PictureStrip, Thumbnail
from app.plots.raster import image_of
from app.wording import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from app.panels.explore_probe import Probe
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.sequences import Sequences

USUAL = 24
"""Frames a mask is carried to unless told otherwise."""
OUTLINES: tuple[tuple[Outline, str], ...] = (("box", "Box"), ("ellipse", "Ellipse"))
DRAW = "Drag a box around a thing in the first frame, then carry it along the clip."
READY = "Carry looks for what is marked in every later frame, by attention alone."
NO_PIXEL = "The outline lies between the pixels of the frame; draw a larger one."


class CarryCard(Card):
    """Clip, first frame, outline; then every frame with the mask over it.

    Args:
        workspace: whose run and images.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Carry a mask", parent=parent)
        self._workspace = workspace
        self._probe: Probe | None = None
        self._run = ""
        self._first: NDArray[np.uint8] | None = None
        self._asked: Path | None = None
        self._found: Carried | None = None
        self._pictures: dict[int, QPixmap] = {}  # small ones, by frame, once the strip shows them
        self._laid: list[int] = []
        self._task: Task | None = None
        self.clip = QComboBox()
        self.clip.setAccessibleName("Clip")
        self.clip.setMinimumContentsLength(12)
        self.clip.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.clip.currentIndexChanged.connect(self._change_clip)
        self.frames = WholeBox()
        self.frames.setAccessibleName("Frames")
        self.frames.setToolTip("Frames of the clip, the first one included")
        self.frames.valueChanged.connect(self._forget)
        self.canvas = MaskCanvas("First frame; drag to mark a thing")
        self.canvas.drawn.connect(self._forget)
        self.slider = Slider()
        self.slider.setAccessibleName("Frame shown")
        self.slider.valueChanged.connect(self._show)
        self.where = label("", "muted")
        self.words = label("", "caption", wrap=True)
        self.strip = PictureStrip(
            "Frames with the mask", self._pictured, hint="Click shows this frame"
        )
        self.strip.clicked.connect(self._turn_to)
        self.body.addLayout(self._upper_row())
        self.body.addWidget(self.canvas, 1)
        self.body.addLayout(self._lower_row())
        self.body.addWidget(self.strip)
        self.body.addWidget(self.words)
        self._forget()

    def _upper_row(self) -> QHBoxLayout:
        self.outlines: dict[Outline, QToolButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.clip, 1)
        for key, words in OUTLINES:
            button = QToolButton()
            button.setText(words)
            button.setCheckable(True)
            button.setAccessibleName(f"Draw: {words}")
            group.addButton(button)
            button.clicked.connect(partial(self._draw, key))
            self.outlines[key] = button
            row.addWidget(button)
        self.outlines["box"].setChecked(True)
        row.addSpacing(8)
        row.addWidget(label("Frames", "muted"))
        row.addWidget(self.frames)
        self.start = QPushButton("Carry")
        self.start.setProperty("role", "primary")
        self.start.setAccessibleName("Carry the mask along the clip")
        self.start.clicked.connect(self._carry)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(80)
        self.bar.setAccessibleName("Progress of carrying the mask")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel carrying the mask")
        self.cancel.clicked.connect(self._stop)
        for one in (self.start, self.bar, self.cancel):
            row.addWidget(one)
        self.bar.hide()
        self.cancel.hide()
        return row

    def _draw(self, outline: Outline, _checked: bool = False) -> None:
        self.canvas.set_outline(outline)

    def _lower_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.slider, 1)
        row.addWidget(self.where)
        return row

    # Which clip -----------------------------------------------------------------------------

    def set_probe(self, probe: Probe | None) -> bool:
        """Look at the images of another map (or of none); returns whether masks can be carried."""
        if not carries_masks(self._workspace.core, probe):
            probe = None
        directory = self._workspace.directory
        run = "" if directory is None else str(directory.path)
        before = None if self._probe is None else self._probe.catalogue
        same = probe is not None and probe.catalogue is before and run == self._run
        self._probe, self._run = probe, run
        if not same:
            self._offer_clips()
        return probe is not None

    def _offer_clips(self) -> None:
        self.canvas.set_box(None)
        self.clip.blockSignals(True)
        self.clip.clear()
        if self._sequences is not None:
            self.clip.addItems(list(self._sequences.names))
        self.clip.blockSignals(False)
        self._change_clip()

    @property
    def _sequences(self) -> Sequences | None:
        catalogue = None if self._probe is None else self._probe.catalogue
        return None if catalogue is None else catalogue.sequences

    def _paths(self) -> list[Path]:
        """The frames of the chosen clip."""
        sequences, number = self._sequences, self.clip.currentIndex()
        if sequences is None or self._probe is None or number < 0:
            return []
        catalogue = self._probe.catalogue
        rows = sequences.rows[sequences.starts[number] : sequences.starts[number + 1]]
        return [] if catalogue is None else [catalogue.path(int(row)) for row in rows]

    def _change_clip(self) -> None:
        self._first = self._asked = None
        length = len(self._paths())
        self.frames.blockSignals(True)
        self.frames.setRange(min(2, length), length)
        self.frames.setValue(min(length, USUAL))
        self.frames.blockSignals(False)
        self.canvas.set_box(None)
        self._forget()
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the first frame when somebody looks."""
        super().showEvent(event)
        self._load()

    def _load(self) -> None:
        paths = self._paths()
        if not paths or not self.isVisible() or self._asked == paths[0]:
            return
        first = self._asked = paths[0]

        def work(_: Ticket) -> tuple[Path, NDArray[np.uint8]]:
            return first, shown_frame(first)

        self._workspace.tasks.start(
            "Reading the first frame",
            work,
            self._take_first,
            failed=self._fail,
            key="explore/carry/first",
            quiet=True,
        )

    def _take_first(self, answer: tuple[Path, NDArray[np.uint8]]) -> None:
        if answer[0] == self._asked:
            self._first = answer[1]
            self._forget()

    # Carrying -------------------------------------------------------------------------------

    def _forget(self) -> None:
        """What is to be carried is another thing: what was found does not belong to it."""
        self._stop()
        self._found, self._pictures = None, {}
        self.slider.setRange(0, 0)
        self.slider.setEnabled(False)
        self.strip.show_thumbnails(())
        self.strip.hide()
        self.start.setEnabled(self._first is not None and self.canvas.box is not None)
        tell(self.words, READY if self.canvas.box is not None else DRAW, "caption")
        self._show()

    def _carry(self) -> None:
        directory, record = self._workspace.directory, self._workspace.record
        if directory is None or record is None or self._first is None:
            return
        mask = self.canvas.marked(*self._first.shape[:2])
        if not mask.any():
            tell(self.words, NO_PIXEL, "danger")
            return
        checkpoints, position = list(record.checkpoints), self._workspace.snapshot_position
        newest = checkpoints[-1].step if checkpoints else 0
        step = newest if position is None else position
        run, paths = directory.path, self._paths()[: self.frames.value()]

        def work(ticket: Ticket) -> Carried:
            return carried(run, checkpoints, step, paths, mask, ticket)

        self._stop()
        task = self._task = self._workspace.tasks.start(
            "Carrying a mask", work, self._take, failed=self._fail, key="explore/carry"
        )
        task.progress.connect(self._progress)
        task.ended.connect(self._end)
        self.start.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.show()
        self.cancel.setFocus()

    def _stop(self) -> None:
        """Call the work off."""
        if self._task is not None:
            self._task.cancel()
            self._task.ended.disconnect(self._end)  # it ends later, when another may be at work
            self._end()

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)

    def _end(self) -> None:
        had_focus = self.cancel.hasFocus()
        self._task = None
        self.bar.hide()
        self.cancel.hide()
        self.start.show()
        if had_focus:
            (self.slider if self.slider.isEnabled() else self.start).setFocus()

    def _take(self, found: Carried) -> None:
        self._found, self._pictures = found, {}
        last = len(found.frames) - 1
        self.slider.setRange(0, last)
        self.slider.setEnabled(True)
        self.strip.show()
        self._lay_strip()
        tell(self.words, told(found))
        self.slider.setValue(last)
        self._show()

    def _fail(self, error: Exception) -> None:
        tell(self.words, sentence(error), "danger")

    # What is shown --------------------------------------------------------------------------

    def _show(self) -> None:
        """The frame the slider stands at; on the first one can draw."""
        found, number = self._found, self.slider.value()
        if found is None:
            self.canvas.show_frame(self._first)
        else:
            self.canvas.show_frame(found.frames[number], found.masks[number])
        self.canvas.allow(number == 0 and self._first is not None)
        total = self.frames.value() if found is None else len(found.frames)
        self.where.setText(f"Frame {number + 1} of {total}" if total else "")
        self.slider.setAccessibleDescription(self.where.text())
        self._mark_strip()

    def _turn_to(self, frame: int) -> None:
        self.slider.setValue(frame)

    def _pictured(self, frame: int) -> QPixmap | None:
        """The small picture of a frame; made when it is first shown, as a clip may be long."""
        found = self._found
        if found is None or frame >= len(found.frames):
            return None
        if frame not in self._pictures:
            self._pictures[frame] = _over(found.frames[frame], found.masks[frame])
        return self._pictures[frame]

    def _lay_strip(self) -> None:
        """As many frames as there is room for, evenly spaced, the first and the last among them."""
        count = 0 if self._found is None else len(self._found.frames)
        room = max((self.strip.width() + GAP) // (SIDE + GAP), 1)
        numbers = np.unique(np.linspace(0, count - 1, min(room, count)).round().astype(int))
        self._laid = numbers.tolist()
        self._pictures = {one: self._pictures[one] for one in self._laid if one in self._pictures}
        self.strip.show_thumbnails(
            [Thumbnail(one, str(one + 1), f"Frame {one + 1}") for one in self._laid]
        )
        self._mark_strip()

    def _mark_strip(self) -> None:
        """Frame the one that is shown, or the nearest one there is room for."""
        near = sorted(self._laid, key=lambda one: abs(one - self.slider.value()))
        self.strip.set_chosen(frozenset(near[:1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other frames."""
        super().resizeEvent(event)
        if self._found is not None:
            self._lay_strip()


def told(found: Carried) -> str:
    """How much of the frames the mask covers, and where it was lost."""
    parts = found.masks.mean((1, 2))
    gone = np.flatnonzero(parts == 0)
    words = (
        f"Carried to {len(parts) - 1:,} frames by the checkpoint of step {found.step:,}: it covers "
        f"{100 * parts[0]:.1f} % of the first frame and {100 * parts[-1]:.1f} % of the last."
    )
    if len(gone):
        words += f" In {len(gone):,} nothing is left of it, first in frame {int(gone[0]) + 1:,}."
    return words


def _over(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> QPixmap:
    """A small picture of a frame with its mask over it."""
    small = QPixmap.fromImage(image_of(picture))
    painter = QPainter(small)
    painter.drawImage(small.rect(), veil(mask))
    painter.end()
    ways = Qt.TransformationMode
    return small.scaledToHeight(2 * SIDE, ways.SmoothTransformation)
