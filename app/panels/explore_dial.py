"""The dial: turn one augmentation up on one image, and see where it goes on the map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import Card, label
from app.crisp import CrispPicture
from app.forms.slider import Slider
from app.panels.elided import Elided
from app.panels.empty import Empty
from app.panels.explore_dial_words import noted, told
from app.panels.explore_dialled import Asked, Augmentation, Dialled, augmentations, dialled
from app.panels.explore_encoder import NO_ENCODER, EncoderAt
from app.plots.response_chart import Chart
from app.plots.response_grid import Key, ResponseGrid
from app.plots.trails import Trails
from app.wording import sentence

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout
    from app.panels.explore_near import Banks
    from app.panels.explore_probe import Probe
    from app.tasks import Ticket
    from app.workspace import Workspace

NOTHING = (
    "No image to turn something up on",
    "Click a point of the map. Then choose what changes about its image, turn it up, and see "
    "where it goes: what the encoder ignores leaves it where it is.",
)
SIDE = 108
"""Of each of the two pictures in pixels."""


class DialCard(Card):
    """Augmentation, slider, both pictures, and what became of the features.

    Attributes:
        path_changed: :class:`~app.plots.trails.Trails` of one image for the map, or None.

    Args:
        workspace: whose run and images.
        encoders: of the run.
        banks: unit rows of the map's features.
    """

    path_changed = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        encoders: EncoderAt,
        banks: Banks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Dial", parent=parent)
        self._workspace, self._encoders, self._banks = workspace, encoders, banks
        self._layout: Layout | None = None
        self._probe: Probe | None = None
        self._position = -1
        self._seed = 0
        self._known: tuple[Augmentation, ...] = ()
        self._asked: Asked | None = None
        self._shown: Dialled | None = None
        self.name = Elided("", "caption")
        self.choice = QComboBox()
        self.choice.setAccessibleName("What is turned up")
        self.choice.currentIndexChanged.connect(self._turn)
        self.again = QPushButton("Again")
        self.again.setToolTip("Draw anew which way it goes: where the crop lies, the noise, …")
        self.again.setAccessibleName("Draw anew which way it goes")
        self.again.clicked.connect(self._draw_again)
        self.slider = Slider()
        self.slider.setAccessibleName("Strength")
        self.slider.valueChanged.connect(self._show_strength)
        self.strength = label("", "figure")
        self.scale = label("", "caption")
        self.pictures = (
            CrispPicture("The image itself", SIDE),
            CrispPicture("The image as it is changed", SIDE),
        )
        self.words = label("", wrap=True)
        self.chart = ResponseGrid("Cosine with the image itself, by strength")
        self.note = label("", "caption", wrap=True)
        self.empty = Empty(*NOTHING, mark="explore")
        self._rooms = QStackedWidget()
        self._rooms.addWidget(self.empty)
        self.area = QScrollArea()
        self.area.setWidget(self._content())
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.viewport().setAutoFillBackground(False)
        self._rooms.addWidget(self.area)
        self.body.addWidget(self._rooms, 1)
        theme.current().changed.connect(self._paint)

    def _content(self) -> QWidget:
        content = QWidget()
        content.setProperty("role", "scrolled")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(10)
        column.addWidget(self.name)
        chosen = QHBoxLayout()
        chosen.setSpacing(8)
        chosen.addWidget(self.choice, 1)
        chosen.addWidget(self.again)
        column.addLayout(chosen)
        reading = QHBoxLayout()
        reading.setSpacing(8)
        reading.addWidget(self.strength)
        reading.addWidget(self.scale, 1)
        column.addLayout(reading)
        column.addWidget(self.slider)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        for picture in self.pictures:
            pair.addWidget(picture)
        pair.addStretch(1)
        column.addLayout(pair)
        column.addWidget(self.words)
        column.addWidget(self.chart)
        column.addWidget(self.note)
        column.addStretch(1)
        return content

    # What is looked at

    def set_layout(self, layout: Layout | None, probe: Probe | None) -> None:
        """The map is another one (or none)."""
        if layout is None or (self._layout and layout.space.run != self._layout.space.run):
            self._position = -1
        self._layout, self._probe = layout, probe
        self._ask()

    def set_pinned(self, position: int, neighbours: object = ()) -> None:
        """Another image of the map is pinned; none (-1) leaves the one there is."""
        del neighbours
        if position >= 0 and position != self._position:
            self._position = position
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Look when somebody does."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: Any) -> None:
        """The path leaves the map with the page."""
        super().hideEvent(event)
        self.path_changed.emit(None)

    def _turn(self) -> None:
        self._ask()

    def _draw_again(self) -> None:
        self._seed += 1
        self._ask()

    def _ask(self) -> None:
        """Compute what belongs to map, image and augmentation, unless that was done."""
        layout, probe = self._layout, self._probe
        there = layout is not None and probe is not None and self._position >= 0
        there = there and probe is not None and self._position < len(probe)
        self._rooms.setCurrentIndex(int(there))
        if layout is None or probe is None or not there:
            self._shown = self._asked = None
            self.path_changed.emit(None)
            return
        if not self.isVisible():
            return
        self.name.say(probe.path(self._position))
        if not self._known:
            self._load()
            return
        self._offer(probe)
        asked = Asked(layout, self._position, str(self.choice.currentData()), self._seed)
        if asked == self._asked:
            self._paint()
            return
        self._asked = asked
        record, directory = self._workspace.record, self._workspace.directory
        checkpoints = [] if record is None else list(record.checkpoints)
        if directory is None or not checkpoints:
            self._fail(ValueError(NO_ENCODER))
            return
        run = directory.path

        def work(ticket: Ticket) -> Dialled:
            return dialled(asked, probe, run, checkpoints, self._encoders, self._banks, ticket)

        self._workspace.tasks.start(
            "Turning it up", work, self._take, failed=self._fail, key="explore/dial", quiet=True
        )

    def _load(self) -> None:
        """The list of augmentations needs torch, so a worker gets it."""

        def work(_: Ticket) -> tuple[Augmentation, ...]:
            return augmentations()

        self._workspace.tasks.start(
            "Loading augmentations",
            work,
            self._take_known,
            failed=self._fail,
            key="explore/dial",
            quiet=True,
        )

    def _take_known(self, known: tuple[Augmentation, ...]) -> None:
        self._known = known
        self._ask()

    def _offer(self, probe: Probe) -> None:
        """List what works for the images; the choice stays where it can."""
        channels = 3 if probe.catalogue is None else probe.catalogue.channels
        wanted = [one for one in self._known if not one.channels or channels in one.channels]
        there = [self.choice.itemData(place) for place in range(self.choice.count())]
        if there == [one.key for one in wanted]:
            return
        before = self.choice.currentData()
        self.choice.blockSignals(True)
        self.choice.clear()
        for one in wanted:
            self.choice.addItem(one.title, one.key)
        self.choice.setCurrentIndex(max(self.choice.findData(before or "rotation"), 0))
        self.choice.blockSignals(False)

    # What was found

    def _take(self, found: Dialled) -> None:
        if found.asked != self._asked:
            return
        before = self._shown
        self._shown = found
        last = len(found.strengths) - 1
        same = before is not None and len(before.strengths) == last + 1
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setPageStep(max(last // 4, 1))
        if not same:
            self.slider.setValue(last)
        self.slider.blockSignals(False)
        self.slider.setEnabled(last > 0)
        self.chart.show_charts([_chart(found)], Key(floor=_floor(found)))
        self._paint()

    def _fail(self, error: Exception) -> None:
        self._shown = None
        self.words.setText(sentence(error))
        self.strength.setText("")
        self.scale.setText("")
        for picture in self.pictures:
            picture.show_picture(None)
        self.chart.show_charts([], Key())
        self.note.setText("")
        self.slider.setEnabled(False)
        self.path_changed.emit(None)

    def _show_strength(self) -> None:
        self._paint()

    def _paint(self) -> None:
        """Pictures, words and the path for the strength the slider stands at."""
        found, probe = self._shown, self._probe
        if found is None or probe is None or found.asked != self._asked:
            return
        place = min(self.slider.value(), len(found.strengths) - 1)
        self.strength.setText(found.words[place])
        self.scale.setText(found.scale)
        self.chart.set_mark(place)
        self.slider.setAccessibleDescription(found.words[place])
        for picture, number in zip(self.pictures, (0, place), strict=True):
            picture.show_picture(found.pictures[number])
        self.words.setText(told(found, place, probe.path))
        self.note.setText(noted(found))
        if self.isVisible():
            self.path_changed.emit(_trail(found, place))


def _floor(found: Dialled) -> str:
    return "different images" if math.isfinite(found.different) else ""


def _chart(found: Dialled) -> Chart:
    return Chart(
        title=found.title,
        scale=found.scale,
        strengths=found.strengths,
        words=found.words,
        lines={"cosine with itself": tuple(float(one) for one in found.cosines)},
        floor=found.different if math.isfinite(found.different) else None,
    )


def _trail(found: Dialled, place: int) -> Trails | None:
    if found.places is None:
        return None
    colour = QColor(theme.tokens().text)
    tint = np.array([[colour.red(), colour.green(), colour.blue()]], np.uint8)
    return Trails(found.places[:, None], tint, place)
