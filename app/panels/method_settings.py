"""Every knob of the recipe but the data's and the views': one tab per section."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.forms.form import ConfigForm
from app.panels.method_backbone import BackbonePage

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.config import Config
    from sslcore.recipe import Recipe
    from sslcore.sections import MethodSection

SECTIONS = {
    "method": "Method",
    "backbone": "Backbone",
    "optimiser": "Optimiser",
    "schedule": "Schedule",
    "run": "Run",
}


def section_of(recipe: Recipe, name: str) -> Config:
    """A section of the recipe as a form shows it: of the method, its own settings."""
    section: Config = getattr(recipe, name)
    return cast("MethodSection", section).config if name == "method" else section


class Settings(QTabWidget):
    """Forms of the recipe's sections; every valid change goes straight into the recipe.

    Args:
        workspace: whose recipe.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._recipe: Recipe | None = None
        self._base: Recipe | None = None
        self.forms: dict[str, ConfigForm] = {}
        self._starts: dict[str, Config] = {}
        self._pages: dict[str, QVBoxLayout] = {}
        self.backbone = BackbonePage(workspace)
        self.setDocumentMode(True)
        self.setAccessibleName("Settings of the recipe")
        self.tabBar().setAccessibleName("Sections of the recipe")
        self.tabBar().setDrawBase(False)
        self.tabBar().setExpanding(False)
        for name, title in SECTIONS.items():
            self._pages[name] = self._page(title)
        self._pages["backbone"].insertWidget(0, self.backbone)
        self.currentChanged.connect(self._show_page)

    def show_recipe(self, recipe: Recipe, base: Recipe) -> None:
        """Show a recipe.

        Args:
            recipe: what the fields show.
            base: where their reset buttons lead (the preset the recipe began with).
        """
        self._recipe, self._base = recipe, base
        self.backbone.show_recipe(recipe)
        self._show_page(self.currentIndex())

    def form(self, name: str) -> ConfigForm:
        """The form of a section, showing the recipe.

        Forms are built and brought up to date when they are looked at: all of them at once would
        stop the window for a fifth of a second.
        """
        assert self._recipe is not None
        assert self._base is not None
        section, start = section_of(self._recipe, name), section_of(self._base, name)
        form = self.forms.get(name)
        stale = form is None or self._starts[name] != start
        if form is None or stale or type(form.config) is not type(section):
            return self._rebuild(name, section, start)
        form.set_config(section)
        return form

    def _show_page(self, index: int) -> None:
        if self._recipe is not None:
            self.form(list(SECTIONS)[index])

    def _rebuild(self, name: str, section: Config, start: Config) -> ConfigForm:
        old = self.forms.pop(name, None)
        page = self._pages[name]
        if old is not None:
            page.removeWidget(old)
            old.hide()
            old.deleteLater()
        hidden = ("name",) if name == "backbone" else ()
        form = ConfigForm(section, hidden, defaults=start, explained=True)
        form.changed.connect(partial(self._take, name))
        page.insertWidget(page.count() - 1, form)
        form.show()  # at once, for somebody may be looking
        self.forms[name], self._starts[name] = form, start
        return form

    def _take(self, name: str, config: Config) -> None:
        recipe = self._workspace.recipe
        if recipe is None:
            return
        section = recipe.method.changed(config=config) if name == "method" else config
        self._workspace.change_section(name, section)

    def _page(self, title: str) -> QVBoxLayout:
        content = QWidget()
        content.setProperty("role", "scrolled")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 12, 12, 4)
        layout.setSpacing(12)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        self.addTab(area, title)
        return layout
