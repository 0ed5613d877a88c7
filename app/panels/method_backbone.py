"""The backbone's page: which network, with a line about each, and names of timm's."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.card import label
from app.forms.editors import Combo
from app.forms.field import NAME_WIDTH
from app.wording import spoken

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.recipe import Recipe

EDGE = 30
"""Pixels to the right that the fields below give to their reset buttons."""


class BackbonePage(QWidget):
    """Which network becomes the encoder.

    Networks that the chosen method cannot work with are greyed out. The last entry opens a line
    for the name of a network of timm.

    Args:
        workspace: whose recipe.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._texts: Mapping[str, str] = importlib.import_module("sslcore.nets.backbones").NAMES
        self._patches: Mapping[str, str] = importlib.import_module("sslcore.nets.vit").NAMES
        self._prefix: str = importlib.import_module("sslcore.nets.timm_network").PREFIX
        self.network = Combo()
        self.network.setAccessibleName("Backbone")
        self.network.setToolTip("The network that becomes the encoder")
        for name in self._texts:
            self.network.addItem(spoken(name), name)
        self.network.addItem("A network of timm", self._prefix)
        self.timm = QLineEdit()
        self.timm.setAccessibleName("Name of the network in timm")
        self.timm.setToolTip("As timm.list_models() has it")
        self.timm.setPlaceholderText("convnext_tiny")
        self._words = label("", "caption", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._row(layout, label("Network"), self.network)
        self._timm_words = label("Name in timm")
        self._row(layout, self._timm_words, self.timm)
        under = QHBoxLayout()
        under.setContentsMargins(NAME_WIDTH + 8, 0, EDGE, 0)
        under.addWidget(self._words)
        layout.addLayout(under)
        self.network.activated.connect(self._choose)
        self.timm.editingFinished.connect(self._name_timm)
        self._show(next(iter(self._texts)))

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the recipe's network, and which the method can work with."""
        method = importlib.import_module("sslcore.method").find(recipe.method.key)
        model = self.network.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self.network.count()):
            name = str(self.network.itemData(row))
            fits = method.card.backbone != "tokens" or name in self._patches
            model.item(row).setEnabled(fits)
            reason = "" if fits else f"{method.card.title} works on patches: take one of the ViTs"
            self.network.setItemData(row, reason, Qt.ItemDataRole.ToolTipRole)
        self._show(recipe.backbone.name)

    def _row(self, layout: QVBoxLayout, words: QLabel, field: QWidget) -> None:
        """Aligned with the fields below: their names to the left, reset buttons to the right."""
        words.setBuddy(field)
        words.setFixedWidth(NAME_WIDTH)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, EDGE, 0)
        row.setSpacing(8)
        row.addWidget(words)
        row.addWidget(field, 1)
        layout.addLayout(row)

    def _show(self, name: str) -> None:
        borrowed = name.startswith(self._prefix)
        self.network.setCurrentIndex(self.network.findData(self._prefix if borrowed else name))
        # Before the line is hidden: it says that editing is finished when it loses the keyboard.
        self.timm.setText(name.removeprefix(self._prefix) if borrowed else "")
        self.timm.setVisible(borrowed)
        self._timm_words.setVisible(borrowed)
        self._words.setText(self._about_timm() if borrowed else self._texts.get(name, ""))

    def _about_timm(self) -> str:
        missing = importlib.util.find_spec("timm") is None
        remedy = " timm is not installed here: run pip install timm." if missing else ""
        return f"Any network of the library timm, with fresh weights. Width has no effect.{remedy}"

    def _choose(self, index: int) -> None:
        name = str(self.network.itemData(index))
        if name == self._prefix:  # nothing is chosen until it has a name
            self._show(self._prefix + self.timm.text())
            self.timm.setFocus()
        else:
            self._take(name)

    def _name_timm(self) -> None:
        name = self.timm.text().strip()
        if name:
            self._take(self._prefix + name)

    def _take(self, name: str) -> None:
        recipe = self._workspace.recipe
        if recipe is not None and recipe.backbone.name != name:
            self._workspace.change_section("backbone", recipe.backbone.changed(name=name))
