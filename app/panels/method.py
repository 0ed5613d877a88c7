"""The Method place: which method, with which settings, and what a run will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from app.card import Card, label
from app.panels.empty import LOADING, Empty
from app.panels.method_about import About
from app.panels.method_forecast import ForecastCard
from app.panels.method_gallery import MethodGallery
from app.panels.method_recipe import PresetBox, RecipeButton
from app.panels.method_settings import Settings

if TYPE_CHECKING:
    from app.core import Core
    from app.workspace import Workspace

WIDE = 1100
"""Pixels from which the About page has a column of its own; below, it is a tab."""
PAUSE = 150
"""Milliseconds without a change until weights are counted anew."""


class MethodPanel(QWidget):
    """Choose and set up a method.

    Args:
        workspace: what is open.
    """

    title = "Method"
    icon = "method"
    order = 2

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._stale = False
        self._rooms = QStackedWidget()
        blank = Card()
        blank.body.addWidget(Empty(*LOADING, mark="method"))
        self._rooms.addWidget(blank)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._rooms)
        # The About column must not keep the window from being made narrow enough to lose it.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumWidth(720)
        if workspace.core is not None:
            self._build(workspace.core)
        else:
            workspace.core_ready.connect(self._take_core)

    def _take_core(self) -> None:
        if self._workspace.core is not None and self._rooms.count() == 1:
            self._build(self._workspace.core)
            self._arrange()

    def _build(self, core: Core) -> None:
        workspace = self._workspace
        self.methods = core.method.registry()
        self.gallery = MethodGallery(self.methods)
        self.presets = PresetBox(workspace)
        self.recipe = RecipeButton(workspace, self.presets)
        self.settings = Settings(workspace)
        self.forecast = ForecastCard(workspace)
        self.about = About()
        self.card = Card("Settings")
        self.card.add_action(label("Preset", "muted"))
        self.card.add_action(self.presets)
        self.card.add_action(self.recipe)
        self.card.body.addWidget(self.settings, 1)
        self._about_card = Card("About")
        self._about_card.setFixedWidth(372)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.forecast.refresh)
        middle = QVBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.card, 1)
        middle.addWidget(self.forecast)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        left = QHBoxLayout()
        left.setSpacing(2)
        left.addWidget(self.gallery)
        left.addLayout(middle, 1)
        row.addLayout(left, 1)
        row.addWidget(self._about_card)
        self._rooms.addWidget(content)
        self._rooms.setCurrentWidget(content)
        self.gallery.chosen.connect(self._choose)
        workspace.recipe_changed.connect(self._follow)
        workspace.catalogue_changed.connect(self._follow)
        self.refresh()

    def _follow(self) -> None:
        """Show the recipe at once if somebody looks: a slider in Views changes it many times."""
        self._stale = not self.isVisible()
        if not self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show the recipe."""
        self._stale = False
        recipe, catalogue = self._workspace.recipe, self._workspace.catalogue
        if recipe is None:
            return
        key = recipe.method.key
        self.presets.refresh()
        self.gallery.show_chosen(key)
        if catalogue is None:
            self.gallery.show_kinds(None)
        else:
            self.gallery.show_kinds(catalogue.kinds, catalogue.channels, catalogue.lacks)
        self.card.set_title(f"Settings of {self.methods[key].card.title}")
        self.settings.show_recipe(recipe, self.presets.base or recipe)
        self.about.show_method(self.methods[key])
        if self.isVisible():
            self._pause.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Count weights when somebody looks."""
        super().showEvent(event)
        if self._rooms.count() > 1:
            if self._stale:
                self.refresh()
            self._pause.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Count nothing that nobody sees."""
        super().hideEvent(event)
        if self._rooms.count() > 1:
            self._pause.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the About page where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if self._rooms.count() == 1:
            return
        wide = self.width() >= WIDE
        self.gallery.set_width(318 if wide else 264)
        place = self.settings.indexOf(self.about)
        if wide and self._about_card.body.indexOf(self.about) < 0:
            if place >= 0:
                self.settings.removeTab(place)
            self._about_card.body.addWidget(self.about, 1)
            self.about.show()
        elif not wide and place < 0:
            self._about_card.body.removeWidget(self.about)
            self.settings.addTab(self.about, "About")
        self._about_card.setVisible(wide)

    def _choose(self, key: str) -> None:
        recipe = self._workspace.recipe
        if recipe is not None and recipe.method.key != key:
            self._workspace.set_method(key)
