"""By what the points of the map are coloured: offered, chosen, applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.panels.explore_probe import AGREEMENT, Colouring

if TYPE_CHECKING:
    from app.groups import Groups
    from app.panels.explore_map import MapCard
    from app.panels.explore_near import Nearest
    from app.tagging import Tagging

TAG = "tag"
"""The choice of the person's own tags; a column of that name goes before it."""


class Tints(QObject):
    """Keeps the chosen colouring from map to map, as long as the images have it.

    Args:
        card: of the map; its header offers the choices.
        nearest: measures how far neighbours agree.
        tagging: knows the tags.
        parent: Qt parent.
        groups: what a measurement found; None without.
    """

    def __init__(
        self,
        card: MapCard,
        nearest: Nearest,
        tagging: Tagging,
        parent: QObject,
        groups: Groups | None = None,
    ) -> None:
        super().__init__(parent)
        self._card, self._nearest, self._tagging = card, nearest, tagging
        self._groups = groups
        if groups is not None:
            groups.changed.connect(self._take_more)
        self._chosen = ""
        card.header.colour_changed.connect(self.choose)
        nearest.agreed.connect(self.apply)
        tagging.changed.connect(self._take_more)

    def offer(self) -> None:
        """Other images are on the map: offer what they can be coloured by, and colour them."""
        probe = self._card.probe
        choices = () if probe is None else probe.choices()
        if choices and self._tagging.tagged.names and TAG not in choices:
            choices = (*choices[:-1], TAG, choices[-1])  # before "none"
        groups = self._groups
        if groups is not None and choices and groups.name and groups.name not in choices:
            choices = (*choices[:-1], groups.name, choices[-1])
            if groups.wanted:
                self._chosen, groups.wanted = groups.name, False
        if self._chosen not in choices:
            self._chosen = "" if probe is None else probe.first_choice()
        self._card.header.offer_colours(choices, self._chosen)
        self.apply()

    def _take_more(self) -> None:
        if self._card.probe is not None:
            self.offer()

    def choose(self, choice: str) -> None:
        """Colour by something else."""
        self._chosen = choice
        self.apply()

    def apply(self) -> None:
        """Colour the points; agreement is measured first, and comes later."""
        probe, layout = self._card.probe, self._card.layout_shown
        if probe is None or layout is None:
            return
        if self._chosen == TAG:
            tagged = self._tagging.tagged
            numbers, names = tagged.colouring(probe.index)
            self._card.colour_by(Colouring(numbers, names, title="Tag", tints=tagged.tints))
            return
        groups = self._groups
        if groups is not None and groups.name and self._chosen == groups.name:
            numbers, names = groups.colouring(probe.index)
            self._card.colour_by(Colouring(numbers, names, title=groups.name.capitalize()))
            return
        if self._chosen != AGREEMENT:
            self._card.colour_by(probe.colouring(self._chosen) if self._chosen else None)
            return
        colouring = self._nearest.agreement(layout.space, probe)
        if colouring is not None:
            self._card.colour_by(colouring)
