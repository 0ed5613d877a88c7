"""From one method's recipe to another's: what a person set for the data and the machine stays."""

from __future__ import annotations

from typing import Any

from sslcore.recipe import Recipe, preset, presets

MACHINE = ("device", "threads")
"""Settings of a run that belong to the computer, not to the method."""


def switched(recipe: Recipe | None, name: str) -> Recipe:
    """A shipped recipe for the same images on the same machine.

    Some methods come with data settings of their own: video colourisation with larger images,
    frame prediction with five frames. So only those that no shipped recipe of the old method has
    (the folder, a limit, a size that was typed) are carried over.

    Args:
        recipe: of the method before, or None.
        name: of the shipped recipe.

    Raises:
        ConfigError: naming the presets there are.
    """
    made = preset(name)
    if recipe is None:
        return made
    key = recipe.method.key
    shipped = [preset(one).data for one in presets() if one.partition(".")[0] == key]
    kept: dict[str, Any] = {}
    for field in type(recipe.data).model_fields:
        value = getattr(recipe.data, field)
        if all(getattr(one, field) != value for one in shipped):
            kept[field] = value
    machine = {field: getattr(recipe.run, field) for field in MACHINE}
    return made.changed(data=made.data.changed(**kept), run=made.run.changed(**machine))
