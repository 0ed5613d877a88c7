"""The recipe: everything that determines a run, as one TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import tomlkit
from tomlkit.exceptions import TOMLKitError

from sslcore.augment.view import ViewPlan
from sslcore.config import Config, ConfigError, knob
from sslcore.data.captions import Vocabulary
from sslcore.data.catalogue import Catalogue
from sslcore.data.source import serving
from sslcore.data.split import Rows, Split
from sslcore.method import DataFacts, Needs, find
from sslcore.sections import (
    BackboneSection,
    DataSection,
    MethodSection,
    OptimiserSection,
    RunSection,
    ScheduleSection,
)


class Recipe(Config):
    """Everything that determines a run. Sections and fields are the paths of ``--set``."""

    data: DataSection = DataSection()
    method: MethodSection = knob(..., help="The method and its settings.")
    views: ViewPlan | None = knob(None, help="The view plan, only if it was edited.")
    backbone: BackboneSection = BackboneSection()
    optimiser: OptimiserSection = OptimiserSection()
    schedule: ScheduleSection = ScheduleSection()
    run: RunSection = RunSection()

    @classmethod
    def from_toml(cls, text: str, source: str = "recipe") -> Self:
        """Read a recipe.

        Raises:
            ConfigError: naming the source and line, or field, value and bound.
        """
        try:
            values = tomlkit.parse(text).unwrap()
        except TOMLKitError as error:
            raise ConfigError(f"{source}: not TOML: {error}") from None
        try:
            return cls.parse(values)
        except ConfigError as error:
            raise ConfigError(f"{source}: {error}") from None

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a recipe from a file (ConfigError also where it cannot be read).

        A relative ``data.excluded`` lies beside the recipe.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")  # Windows' editor begins with a mark
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: not UTF-8 text; save it anew in UTF-8") from None
        recipe = cls.from_toml(text, str(path))
        if not recipe.data.excluded:
            return recipe
        listed = path.absolute().parent / recipe.data.excluded
        return recipe.with_set({"data.excluded": str(listed)})

    def to_toml(self) -> str:
        """The recipe as TOML; fields that are None are left out."""
        return tomlkit.dumps(_without_none(self.model_dump(mode="json")))

    def with_set(self, assignments: Mapping[str, Any]) -> Self:
        """A new recipe with dotted paths replaced: ``{"schedule.epochs": 3}``.

        Raises:
            ConfigError: if a path does not exist or a value does not fit.
        """
        values = _without_none(self.model_dump(mode="json"))
        if assignments.get("method.key", self.method.key) != self.method.key:
            values["method"] = {}  # the settings of one method mean nothing to another
        for path, value in assignments.items():
            place = values
            *sections, name = path.split(".")
            for section in sections:
                inner = place.setdefault(section, {})
                if not isinstance(inner, dict):
                    raise ConfigError(f"{path}: {section} has no fields of its own")
                place = cast("dict[str, Any]", inner)
            place[name] = value
        return type(self).parse(values)

    def served(self, catalogue: Catalogue) -> Needs:
        """What the method takes of this folder: what it needs, or the next best it accepts."""
        card = find(self.method.key).card
        kinds = cast("tuple[Needs, ...]", catalogue.kinds)
        wishes: list[Needs] = [one for one in (card.needs, *card.accepts) if one in kinds]
        if wishes[:1] == ["images"] and "sequences" in wishes:
            plan = self.view_plan(self._sizes(catalogue, len(catalogue)))
            if any(view.source == "frames" for view in plan.views):
                return "sequences"
        return wishes[0] if wishes else card.needs

    def training_rows(self, catalogue: Catalogue, split: Split) -> Rows:
        """Rows of the training split that the method can be trained on.

        Raises:
            ConfigError: if there are none.
        """
        served, window = self.served(catalogue), self.data.window
        try:
            rows = serving(catalogue, split.train, served, window)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        if served != "sequences" or catalogue.sequences is None or not len(split.excluded):
            return rows
        # An excluded frame must not come in through the windows of its neighbours either.
        frames = catalogue.sequences.windows(rows, window.frames, window.step)
        return rows[~np.isin(frames, split.excluded).any(1)]

    def facts(self, catalogue: Catalogue, rows: Rows | None = None) -> DataFacts:
        """What the method may know when it trains on images of this catalogue.

        Args:
            catalogue: the folder.
            rows: trained on; None works them out.

        Raises:
            ConfigError: if rows are not given and there are none.
        """
        if rows is None:
            rows = self.training_rows(catalogue, self.data.split(catalogue))
        known, served = self._sizes(catalogue, len(rows)), self.served(catalogue)
        if served == "sequences":
            return replace(known, frames=self.data.frames)
        if served != "captions" or catalogue.captions is None:
            return known
        sentences = (catalogue.captions[row] for row in rows)
        vocabulary = Vocabulary.build(sentences, self.data.vocabulary)
        return replace(known, vocabulary=vocabulary.words, vocabulary_size=len(vocabulary))

    def _sizes(self, catalogue: Catalogue, count: int) -> DataFacts:
        """Facts without a vocabulary."""
        batch_size = min(self.schedule.batch_size, count)
        return DataFacts(
            count=count,
            channels=catalogue.channels,
            image_size=self.data.image_size,
            batch_size=batch_size,
            total_steps=count // max(batch_size, 1) * self.schedule.epochs,
            kinds=cast("tuple[Needs, ...]", catalogue.kinds),
        )

    def view_plan(self, facts: DataFacts) -> ViewPlan:
        """The edited plan, or the method's own; without colour, steps that need it are off."""
        if self.views is not None:
            return self.views.for_channels(facts.channels)
        return find(self.method.key).default_views(self.method.config, facts)


def presets() -> dict[str, str]:
    """TOML text of every shipped recipe by name; each method has one under its key."""
    folder = resources.files("resources") / "recipes"
    found = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return dict(sorted(found.items()))


def preset(name: str) -> Recipe:
    """A shipped recipe.

    Raises:
        ConfigError: naming the presets there are.
    """
    known = presets()
    if name not in known:
        raise ConfigError(f"no preset is called {name!r}; there are: {', '.join(known)}")
    return Recipe.from_toml(known[name], f"preset {name}")


def parse_value(text: str) -> Any:
    """The value of ``--set path=value``: TOML if it is TOML, else the text itself."""
    try:
        return tomlkit.parse(f"value = {text}").unwrap()["value"]
    except TOMLKitError:
        return text


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_none(one) for key, one in items if one is not None}
    if isinstance(value, list):
        return [_without_none(one) for one in cast("list[Any]", value)]
    return value
