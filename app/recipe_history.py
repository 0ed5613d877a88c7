"""Changes of the recipe can be undone: a click on a card replaces a whole method's settings."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from sslcore.data.reading import Reading

if TYPE_CHECKING:
    from app.opening import Opening
    from sslcore.recipe import Recipe

MOST = 100
"""Changes that are remembered."""
TOGETHER = 1.0
"""Seconds within which changes of one section are one, as when a slider is drawn."""
SECTIONS = ("method", "views", "data", "backbone", "optimiser", "schedule", "run")
IMAGES = ("folder", "excluded", *(one.name for one in fields(Reading)))
"""Of the data section: what is open and tagged has its own ways back."""


class RecipeHistory(QObject):
    """Recipes of before, and of after what was undone; which images are open is no part of it.

    Attributes:
        changed: what can be undone is another thing.
    """

    changed = Signal()

    def __init__(self, workspace: Opening) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._past: list[Recipe] = []
        self._future: list[Recipe] = []
        self._shown: Recipe | None = None
        self._last: tuple[tuple[str, ...], float] = ((), 0.0)
        self._moving = False
        workspace.recipe_changed.connect(self._take)

    @property
    def can_undo(self) -> bool:
        """Whether there is a recipe of before."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone and nothing changed since."""
        return bool(self._future)

    @property
    def undo_words(self) -> str:
        """``Undo change of schedule``."""
        return self._words("Undo", self._past)

    @property
    def redo_words(self) -> str:
        """``Redo change of schedule``."""
        return self._words("Redo", self._future)

    def undo(self) -> None:
        """Take the recipe of before."""
        self._move(self._past, self._future)

    def redo(self) -> None:
        """Take the recipe that was undone."""
        self._move(self._future, self._past)

    def _take(self) -> None:
        now, before = self._workspace.recipe, self._shown
        self._shown = now
        if now is None or before is None or self._moving:
            return
        sections = _differing(before, now)
        if not sections:
            return
        drawn = sections == self._last[0] and time.monotonic() - self._last[1] < TOGETHER
        if not (drawn and self._past):
            self._past = [*self._past, before][-MOST:]
        self._future.clear()
        self._last = (sections, time.monotonic())
        self.changed.emit()

    def _move(self, source: list[Recipe], target: list[Recipe]) -> None:
        now = self._workspace.recipe
        if not source or now is None:
            return
        wanted = source.pop()
        target.append(now)
        self._last = ((), 0.0)
        self._moving = True
        try:
            self._workspace.set_recipe(_with_images_of(wanted, now))
        finally:
            self._moving = False
        self.changed.emit()

    def _words(self, verb: str, recipes: list[Recipe]) -> str:
        now = self._workspace.recipe
        if not recipes or now is None:
            return verb
        sections = _differing(recipes[-1], now)
        return f"{verb} change of {' and '.join(sections[:2])}" if sections else verb


def _with_images_of(recipe: Recipe, other: Recipe) -> Recipe:
    kept = {name: getattr(other.data, name) for name in IMAGES}
    return recipe.changed(data=recipe.data.changed(**kept))


def _differing(one: Recipe, two: Recipe) -> tuple[str, ...]:
    """Sections in which two recipes differ, images apart; a change of method is that alone."""
    if one.method.key != two.method.key:
        return ("method",)
    alike = _with_images_of(one, two)
    return tuple(name for name in SECTIONS if getattr(alike, name) != getattr(two, name))
