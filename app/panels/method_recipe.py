"""Presets, and recipes as files and as text to paste."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QMenu, QPushButton, QWidget

from app.panels.method_copy import as_command, as_python
from app.wording import sentence

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.recipe import Recipe

FILTER = "Recipes (*.toml);;All files (*)"
EDITED = "Edited"


def preset_names(key: str, known: dict[str, str]) -> dict[str, str]:
    """Names of a method's presets with what a person calls them: Small, Paper, experiments."""
    found = {name: name.removeprefix(f"{key}.") for name in known if name.startswith(f"{key}.")}
    order = sorted(found, key=lambda name: (found[name] != "paper", name))
    titles = {name: found[name][:1].upper() + found[name][1:].replace("_", " ") for name in order}
    return {key: "Small", **titles} if key in known else titles


def same_run(one: Recipe, other: Recipe) -> bool:
    """Whether two recipes train alike; data, device and threads are the machine's business."""
    machine = {"device": one.run.device, "threads": one.run.threads}
    return (
        one.method == other.method
        and one.views == other.views
        and one.backbone == other.backbone
        and one.optimiser == other.optimiser
        and one.schedule == other.schedule
        and one.run == other.run.changed(**machine)
    )


class PresetBox(QComboBox):
    """The presets of the recipe's method; "Edited" where the recipe is none of them."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._key = ""
        self._presets: dict[str, Recipe] = {}
        self._base = ""
        self.setAccessibleName("Preset")
        self.setToolTip(
            "Small suits a laptop; Paper has the numbers of the publication; the others are known "
            "experiments, each with one thing changed"
        )
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._choose)

    @property
    def base(self) -> Recipe | None:
        """The preset that the recipe is, or began with."""
        return self._presets.get(self._base)

    def refresh(self) -> None:
        """Read the presets of the method and mark the one that the recipe is."""
        core, recipe = self._workspace.core, self._workspace.recipe
        if core is None or recipe is None:
            return
        with QSignalBlocker(self):
            if recipe.method.key != self._key:
                self._key = recipe.method.key
                names = preset_names(self._key, core.recipe.presets())
                self._presets = {name: core.recipe.preset(name) for name in names}
                self._base = next(iter(self._presets), "")
                self.clear()
                for name, words in names.items():
                    self.addItem(words, name)
            found = [name for name, one in self._presets.items() if same_run(recipe, one)]
            edited = self.findData("")
            if found:
                self._base = found[0]
                if edited >= 0:
                    self.removeItem(edited)
                self.setCurrentIndex(self.findData(found[0]))
            else:
                if edited < 0:
                    self.addItem(EDITED, "")
                self.setCurrentIndex(self.findData(""))

    def _choose(self, index: int) -> None:
        name = str(self.itemData(index) or "")
        if name:
            self._workspace.set_method(name)
        self.refresh()


class RecipeButton(QPushButton):
    """A menu: open, save, copy."""

    def __init__(
        self, workspace: Workspace, presets: PresetBox, parent: QWidget | None = None
    ) -> None:
        super().__init__("Recipe", parent)
        self._workspace = workspace
        self._presets = presets
        self.setAccessibleName("Recipe")
        self.setToolTip("Open, save or copy everything that determines the run")
        menu = QMenu(self)
        menu.addAction("Open recipe…").triggered.connect(self._ask_open)
        menu.addAction("Save recipe…").triggered.connect(self._ask_save)
        menu.addSeparator()
        for words in ("TOML", "command line", "Python"):
            action = menu.addAction(f"Copy as {words}")
            action.triggered.connect(partial(self.copy, words))
        self.setMenu(menu)

    def text_of(self, form: str) -> str:
        """The recipe as "TOML", "command line" or "Python"."""
        recipe, base = self._workspace.recipe, self._presets.base
        if recipe is None:
            return ""
        if form == "Python":
            return as_python(recipe)
        if form == "TOML" or base is None:
            return recipe.to_toml()
        core = self._workspace.core
        small = core.recipe.preset(recipe.method.key) if core is not None else base
        return as_command(recipe, small)

    def copy(self, form: str) -> None:
        """Put the recipe on the clipboard."""
        QGuiApplication.clipboard().setText(self.text_of(form))
        self._workspace.notice.emit("info", f"The recipe was copied as {form}.", "")

    def open(self, path: Path) -> None:
        """Take a recipe from a file; the open folder stays unless the recipe names one."""
        core, recipe = self._workspace.core, self._workspace.recipe
        if core is None or recipe is None:
            return
        try:
            read = core.recipe.Recipe.from_file(path)
        except ValueError as error:
            self._workspace.notice.emit("danger", str(error), "Mend the file, then open it again.")
            return
        open_now = recipe.data
        data = read.data.changed(folder=open_now.folder, **asdict(open_now.reading))
        self._workspace.set_recipe(read.changed(data=data))
        wanted = read.data.folder
        if wanted and wanted != recipe.data.folder and Path(wanted).exists():
            self._workspace.open_folder(wanted, read.data.reading)

    def save(self, path: Path) -> None:
        """Write the recipe to a file."""
        recipe = self._workspace.recipe
        if recipe is None:
            return
        try:
            path.write_text(recipe.to_toml(), encoding="utf-8")
        except OSError as error:
            self._workspace.notice.emit("danger", sentence(error), "Choose another folder.")
            return
        self._workspace.notice.emit("info", f"The recipe was saved as {path}.", "")

    def _ask_open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Open recipe", "", FILTER)
        if chosen:
            self.open(Path(chosen))

    def _ask_save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save recipe", "recipe.toml", FILTER)
        if chosen:
            self.save(Path(chosen))
