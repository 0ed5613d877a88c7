"""What a person asks of a study, as a form shows it; and the study that comes of it."""

from __future__ import annotations

from typing import Any

from sslcore.augment.view import ViewPlan
from sslcore.config import Config, ConfigError, knob
from sslcore.recipe import Recipe, parse_value
from sslcore.study import augmentations
from sslcore.study.plan import Kind, Measurement, Study, grid, short


class StudyWish(Config):
    """Settings of a study."""

    kind: Kind = knob(
        "augmentation_pairs",
        help="Every augmentation alone and in pairs; all but one; or every combination of the "
        "values of some knobs.",
    )
    epochs: int = knob(10, low=1, high=10_000, log=True, unit="epochs", help="Of every trial.")
    measurement: Measurement = knob(
        "linear",
        help="What trials are judged by, on images held out of the training images: 'linear' and "
        "'knn' need classes; 'rank' tells how many dimensions the features use (RankMe), needs "
        "none, and compares only networks of one width.",
    )
    one_view: bool = knob(
        True, help="Pairs: augment only one of the two views, as the SimCLR paper does."
    )
    vary: str = knob(
        "method.temperature", help="Grid: a knob by its path in the recipe, section and name."
    )
    values: str = knob("0.1, 0.2, 0.5", help="Grid: what to try, separated by commas.")
    and_vary: str = knob("", help="Grid: a second knob, or nothing.")
    and_values: str = knob("", help="Grid: what to try of the second knob.")


GRID_ONLY = ("vary", "values", "and_vary", "and_values")
"""Fields that mean something for grids alone."""


def planned(wish: StudyWish, recipe: Recipe, plan: ViewPlan) -> Study:
    """The study a person asked for.

    Args:
        wish: what was asked for.
        recipe: what its trials have in common.
        plan: the recipe's view plan for the open folder.

    Raises:
        ConfigError: if there is nothing to vary, or a value does not fit.
    """
    base = short(recipe, wish.epochs)
    if wish.kind == "augmentation_pairs":
        return augmentations.pairs(base, plan, wish.measurement, one_branch=wish.one_view)
    if wish.kind == "leave_one_out":
        return augmentations.leave_one_out(base, plan, wish.measurement)
    values: dict[str, list[Any]] = {}
    for path, tried in ((wish.vary, wish.values), (wish.and_vary, wish.and_values)):
        if path.strip():
            found = [parse_value(one.strip()) for one in tried.split(",") if one.strip()]
            if not found:
                raise ConfigError(f"{path.strip()}: no values to try; write some, with commas")
            values[path.strip()] = found
    return grid(base, values, wish.measurement)
