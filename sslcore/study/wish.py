"""What a person asks of a study, as a form shows it; and the study that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from sslcore.augment.view import ViewPlan
from sslcore.config import Config, ConfigError, knob
from sslcore.recipe import Recipe, parse_value
from sslcore.study import augmentations, shipped
from sslcore.study.plan import Kind, Measurement, Study, grid, short

Name = Literal[
    "denoising_grid",
    "negatives",
    "moco_momentum",
    "relative_position_colour",
    "simsiam_collapse",
]
"""Every shipped study, as a form lists them."""


class StudyWish(Config):
    """Settings of a study."""

    kind: Kind = knob(
        "augmentation_pairs",
        help="Every augmentation alone and in pairs; all but one; every combination of the values "
        "of some knobs; or a known experiment of the field, which brings its own methods.",
    )
    shipped: Name = knob("denoising_grid", help="Which known experiment.", title="Experiment")
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


def with_defaults(wish: StudyWish) -> StudyWish:
    """The same with the epochs and the measurement that the chosen shipped study comes with."""
    one = shipped.find(wish.shipped)
    return wish.changed(epochs=one.epochs, measurement=one.measurement)


def question(wish: StudyWish) -> str:
    """What the chosen shipped study answers, and how many trials it takes."""
    one = shipped.find(wish.shipped)
    return f"{one.question} {len(one.rows)} trials."


def own_ground(recipe: Recipe) -> Callable[[Recipe], Recipe]:
    """Lays the images and the machine of a recipe over others, which keep all else."""
    return lambda other: other.changed(data=recipe.data, run=recipe.run)


def experiment(wish: StudyWish, recipe: Recipe) -> Study:
    """The shipped study that is chosen, whatever the method of the recipe.

    Args:
        wish: what was asked for.
        recipe: whose images and machine are laid over those of the study.

    Raises:
        ConfigError: if a value does not fit.
    """
    one = shipped.find(wish.shipped)
    return shipped.planned(one, own_ground(recipe), wish.epochs, wish.measurement)


def planned(wish: StudyWish, recipe: Recipe, plan: ViewPlan) -> Study:
    """The study a person asked for.

    Args:
        wish: what was asked for.
        recipe: what its trials have in common; of a shipped study only images and machine.
        plan: the recipe's view plan for the open folder.

    Raises:
        ConfigError: if there is nothing to vary, or a value does not fit.
    """
    if wish.kind == "known_experiment":
        return experiment(wish, recipe)
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
