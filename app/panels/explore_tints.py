"""By what the points of the map are coloured: offered, chosen, applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.panels.explore_probe import AGREEMENT

if TYPE_CHECKING:
    from app.panels.explore_map import MapCard
    from app.panels.explore_near import Nearest


class Tints(QObject):
    """Keeps the chosen colouring from map to map, as long as the images have it.

    Args:
        card: of the map; its header offers the choices.
        nearest: measures how far neighbours agree.
    """

    def __init__(self, card: MapCard, nearest: Nearest, parent: QObject) -> None:
        super().__init__(parent)
        self._card, self._nearest = card, nearest
        self._chosen = ""
        card.header.colour_changed.connect(self.choose)
        nearest.agreed.connect(self.apply)

    def offer(self) -> None:
        """Other images are on the map: offer what they can be coloured by, and colour them."""
        probe = self._card.probe
        choices = () if probe is None else probe.choices()
        if self._chosen not in choices:
            self._chosen = "" if probe is None else probe.first_choice()
        self._card.header.offer_colours(choices, self._chosen)
        self.apply()

    def choose(self, choice: str) -> None:
        """Colour by something else."""
        self._chosen = choice
        self.apply()

    def apply(self) -> None:
        """Colour the points; agreement is measured first, and comes later."""
        probe, layout = self._card.probe, self._card.layout_shown
        if probe is None or layout is None:
            return
        if self._chosen != AGREEMENT:
            self._card.colour_by(probe.colouring(self._chosen) if self._chosen else None)
            return
        colouring = self._nearest.agreement(layout.space, probe)
        if colouring is not None:
            self._card.colour_by(colouring)
