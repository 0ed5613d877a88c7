"""What a study is: its trials, each a whole recipe, kept in ``STUDY/study.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from sslcore.assessment.contract import Plain
from sslcore.config import ConfigError
from sslcore.recipe import Recipe
from sslcore.runs import atomic

FILE = "study.json"
Kind = Literal["augmentation_pairs", "leave_one_out", "grid", "known_experiment"]
Measurement = Literal["knn", "linear", "rank"]


class Trial(Plain):
    """One short run.

    Attributes:
        name: of its run directory below ``STUDY/runs``.
        places: where it stands on each axis of the study.
        recipe: as TOML.
    """

    name: str
    places: tuple[str, ...]
    recipe: str


class Axis(Plain):
    """What trials differ in.

    Attributes:
        title: "Step", or the path of a knob.
        places: every value, in words.
    """

    title: str
    places: tuple[str, ...]


class Study(Plain):
    """All trials of a study.

    Attributes:
        kind: how trials came about.
        title: for a person.
        measurement: by which trials are compared.
        axes: one or more.
        trials: in the order they are trained.
        question: that it answers, of a shipped one.
        closing: measurement that is made once, of the last trial, when all are measured.
    """

    kind: Kind
    title: str
    measurement: Measurement
    axes: tuple[Axis, ...]
    trials: tuple[Trial, ...]
    question: str = ""
    closing: str = ""

    def save(self, folder: Path) -> None:
        """Write the study into its folder.

        Raises:
            ConfigError: if the folder holds another study.
            SaveError: if it cannot be written.
        """
        path = folder / FILE
        if path.exists() and Study.open(folder) != self:
            raise ConfigError(
                f"{folder}: holds another study; go on with that one, or choose another folder"
            )
        text = json.dumps(self.model_dump(mode="json"), indent=1)
        atomic.write(path, text.encode())

    @classmethod
    def open(cls, folder: Path) -> Study:
        """Read a study.

        Raises:
            ConfigError: if there is none, or it is damaged.
        """
        path = folder / FILE
        try:
            return cls.model_validate_json(path.read_text("utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"{folder}: not the folder of a study (no {FILE} in it)") from None
        except (OSError, UnicodeDecodeError, ValidationError):
            raise ConfigError(f"{path}: damaged; start the study in another folder") from None


def short(recipe: Recipe, epochs: int) -> Recipe:
    """A recipe as trials use it: so many epochs, evaluated only at the end.

    Whoever compares trials tunes, so a folder's own test images are not looked at: a part of the
    training images is held out in their place.
    """
    return recipe.with_set(
        {
            "schedule.epochs": epochs,
            "schedule.warmup_epochs": min(recipe.schedule.warmup_epochs, epochs / 4),
            "run.evaluate_every": float(epochs),
            "data.held_out_from": "train",
        }
    )


def grid(
    recipe: Recipe, values: Mapping[str, Sequence[Any]], measurement: Measurement = "knn"
) -> Study:
    """One trial for every combination of values of some knobs.

    Args:
        recipe: what all trials have in common.
        values: path of a knob (``"method.temperature"``) -> values to try.
        measurement: by which trials are compared.

    Raises:
        ConfigError: if nothing is varied, a path does not exist or a value does not fit.
    """
    if not values or not all(len(one) for one in values.values()):
        raise ConfigError("a grid needs a knob to vary and values for it: --vary PATH=A,B,C")
    axes = tuple(
        Axis(title=path, places=tuple(words(one) for one in tried))
        for path, tried in values.items()
    )
    trials: list[Trial] = []
    for number, combination in enumerate(product(*values.values())):
        assigned = dict(zip(values, combination, strict=True))
        made = recipe.with_set(assigned)
        places = tuple(map(words, combination))
        name = f"{number + 1:03d}-" + "-".join(map(file_words, places))
        trials.append(Trial(name=name[:80], places=places, recipe=made.to_toml()))
    title = " and ".join(values)
    return Study(kind="grid", title=title, measurement=measurement, axes=axes, trials=tuple(trials))


def words(value: Any) -> str:
    """A value as a place on an axis."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def file_words(given: str) -> str:
    """A place as a part of the name of a directory."""
    return "".join(one if one.isalnum() or one in "._" else "_" for one in given)
