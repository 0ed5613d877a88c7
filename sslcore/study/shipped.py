"""Studies that come with the workbench: the field's known experiments, one click each.

A study is a file ``resources/studies/NAME.toml``: a title, the question it answers, and its trials,
either every combination of values of some knobs (``[vary]``, path = values) of one shipped recipe,
or rows (``trials``) of a shipped recipe and changes, each with its places on the ``axes``. Places
may be left empty. Recipes are the small presets; which images there are and how a machine is used
is laid over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from itertools import product
from typing import Any, Self

import tomlkit
from pydantic import Field, model_validator
from tomlkit.exceptions import TOMLKitError

from sslcore.assessment.contract import registry
from sslcore.config import Config, ConfigError
from sslcore.data.contents import Catalogue
from sslcore.method import find as method_of
from sslcore.recipe import Recipe, preset
from sslcore.sections import DataSection
from sslcore.study.plan import Axis, Measurement, Study, Trial, file_words, short, words


class ShippedTrial(Config):
    """A row of a study.

    Attributes:
        places: where it stands on each axis.
        recipe: name of a shipped recipe; "" for that of the study.
        changes: path of a knob -> value.
    """

    places: tuple[str, ...]
    recipe: str = ""
    changes: Mapping[str, Any] = Field(default_factory=dict[str, Any])


class Shipped(Config):
    """A shipped study.

    Attributes:
        title: for a person.
        question: it answers, a sentence or two.
        measurement: trials are judged by, unless said otherwise.
        epochs: of a trial, unless said otherwise.
        images: trained on at least.
        recipe: name of the shipped recipe that trials have in common.
        changes: path of a knob -> value, in all trials.
        vary: path of a knob -> values; every combination is a trial.
        axes: titles, where there are trials instead.
        trials: rows.
        closing: key of a measurement that is made of the last trial at the end; "" for none.
    """

    title: str
    question: str
    measurement: Measurement = "linear"
    epochs: int = 10
    images: int = 2
    recipe: str = ""
    changes: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    vary: Mapping[str, tuple[Any, ...]] = Field(default_factory=dict[str, tuple[Any, ...]])
    axes: tuple[str, ...] = ()
    trials: tuple[ShippedTrial, ...] = ()
    closing: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.vary) == bool(self.trials):
            raise ValueError("a study has either [vary] or trials")
        for one in self.rows:
            if not one.recipe:
                raise ValueError("recipe: missing; say which shipped recipe is meant")
            if len(one.places) != len(self.titles):
                raise ValueError(f"{one.places}: one place on each of the axes {self.titles}")
        if len({one.places for one in self.rows}) < len(self.rows):
            raise ValueError("two trials stand on one place")
        if self.closing and self.closing not in registry():
            raise ValueError(f"closing = {self.closing!r}: no such measurement")
        return self

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the axes."""
        return tuple(path.rpartition(".")[2] for path in self.vary) or self.axes

    @property
    def rows(self) -> tuple[ShippedTrial, ...]:
        """Every trial, with its recipe."""
        if not self.vary:
            return tuple(one.changed(recipe=one.recipe or self.recipe) for one in self.trials)
        return tuple(
            ShippedTrial(
                places=tuple(map(words, values)),
                recipe=self.recipe,
                changes=dict(zip(self.vary, values, strict=True)),
            )
            for values in product(*self.vary.values())
        )


@cache
def registered() -> Mapping[str, Shipped]:
    """Every shipped study by its name.

    Raises:
        ConfigError: naming a file that does not fit.
    """
    folder = resources.files("resources") / "studies"
    found = {
        entry.name.removesuffix(".toml"): read(entry.read_text(encoding="utf-8"), entry.name)
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return dict(sorted(found.items()))


def read(text: str, source: str) -> Shipped:
    """A study from its file.

    Raises:
        ConfigError: naming the source and what does not fit.
    """
    try:
        return Shipped.parse(tomlkit.parse(text).unwrap())
    except (TOMLKitError, ConfigError) as error:
        raise ConfigError(f"{source}: {error}") from None


def find(name: str) -> Shipped:
    """The shipped study of a name.

    Raises:
        ConfigError: naming those there are.
    """
    known = registered()
    if name not in known:
        alike = get_close_matches(name, known, 1)
        meant = f"did you mean {alike[0]}? There" if alike else "there"
        raise ConfigError(f"{name!r}: no such study; {meant} are: {', '.join(known)}")
    return known[name]


def planned(
    one: Shipped,
    laid_over: Callable[[Recipe], Recipe],
    epochs: int | None = None,
    measurement: Measurement | None = None,
) -> Study:
    """A shipped study, to be trained.

    Args:
        one: the study.
        laid_over: a shipped recipe -> the same with the images and the machine of a person. What
            trials differ in is set behind it.
        epochs: of a trial; None for those of the study.
        measurement: by which trials are compared; None for that of the study.

    Raises:
        ConfigError: if a value does not fit.
    """
    trials: list[Trial] = []
    for number, row in enumerate(one.rows, start=1):
        base = short(laid_over(preset(row.recipe)), one.epochs if epochs is None else epochs)
        made = base.with_set({**one.changes, **row.changes})
        name = f"{number:03d}-" + "-".join(map(file_words, row.places))
        trials.append(Trial(name=name[:80], places=row.places, recipe=made.to_toml()))
    axes = tuple(
        Axis(title=title, places=tuple(dict.fromkeys(row.places[number] for row in one.rows)))
        for number, title in enumerate(one.titles)
    )
    return Study(
        kind="known_experiment",
        title=one.title,
        measurement=one.measurement if measurement is None else measurement,
        axes=axes,
        trials=tuple(trials),
        question=one.question,
        closing=one.closing,
    )


def require_suited(
    one: Shipped, study: Study, open_folder: Callable[[DataSection], Catalogue]
) -> None:
    """Refuse a folder on which some trial could not be trained.

    Args:
        one: the study.
        study: the same, planned.
        open_folder: the catalogue of a folder, read as the section says.

    Raises:
        ConfigError: naming the method, with the reason.
        ValueError: if the folder cannot be read or split.
    """
    seen: set[tuple[str, DataSection]] = set()
    for trial in study.trials:
        recipe = Recipe.from_toml(trial.recipe, trial.name)
        if (recipe.method.key, recipe.data) in seen:
            continue
        seen.add((recipe.method.key, recipe.data))
        catalogue = open_folder(recipe.data)
        card = method_of(recipe.method.key).card
        if not {card.needs, *card.accepts} & set(catalogue.kinds):
            raise ConfigError(
                f"{recipe.data.folder}: holds no {card.needs}, which {card.title} needs; choose "
                "another folder or another study"
            )
        count = len(recipe.training_rows(catalogue, recipe.data.split(catalogue)))
        if count < one.images:
            raise ConfigError(
                f"{recipe.data.folder}: {count} images to train on, and this study needs "
                f"{one.images:,}; choose a larger folder"
            )
