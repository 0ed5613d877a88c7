"""What is known of the images on the map: names, classes, factors, neighbours that agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.panels.same_images import same_images

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue
    from sslcore.recipe import Recipe

CLASS, SPLIT, AGREEMENT = "class", "split", "neighbour agreement"
NONE = "none"
"""All points in one colour."""
ASKED = 10
"""Neighbours that are asked whether they agree."""
FEW = 12
"""A column of at most so many whole numbers is coloured as categories."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """What every point is coloured by.

    Attributes:
        numbers: (N,) category of each point, -1 for none; or (N,) values.
        names: of the categories; empty where ``numbers`` are values.
        unit: of the values.
        title: what they are the categories or values of.
        tints: number of the colour of each category; empty where it is that of the category.
    """

    numbers: NDArray[Any]
    names: tuple[str, ...] = ()
    unit: str = ""
    title: str = ""
    tints: tuple[int, ...] = ()

    @property
    def painted(self) -> NDArray[np.int64]:
        """(N,) number of the colour of each point, -1 for none; of categories only."""
        numbers = np.asarray(self.numbers, np.int64)
        return np.array([*self.tints, -1], np.int64)[numbers] if self.tints else numbers


CHANGED = "files were added or removed since the run, so its images are not shown"


class Probe:
    """The images behind the points of a map, by position on the map.

    Args:
        index: (N,) catalogue rows.
        catalogue: the run's images, or None where they are not open.
        recipe: of the run; says which images were trained on.
        paths: (N,) of the images when the features were made, or () where nobody knows.

    Attributes:
        changed: whether the folder holds other images at these rows by now.
        recipe: of the run.
    """

    def __init__(
        self,
        index: NDArray[np.int64],
        catalogue: Catalogue | None,
        recipe: Recipe | None,
        paths: Sequence[str] = (),
    ) -> None:
        self.index = index
        self.changed = catalogue is not None and not same_images(index, paths, catalogue)
        self.catalogue = None if self.changed else catalogue
        self.recipe = recipe
        order = np.argsort(index, kind="stable")
        self._sorted, self._order = index[order], order

    def __len__(self) -> int:
        return len(self.index)

    def position(self, row: int) -> int:
        """Where a catalogue row stands on the map, -1 if it does not."""
        at = int(np.searchsorted(self._sorted, row))
        found = at < len(self._sorted) and int(self._sorted[at]) == row
        return int(self._order[at]) if found else -1

    def path(self, position: int) -> str:
        """Path of an image within its folder."""
        row = int(self.index[position])
        return f"image {row:,}" if self.catalogue is None else self.catalogue.paths[row]

    def label(self, position: int) -> str:
        """Class of an image, or ""."""
        if self.catalogue is None:
            return ""
        number = int(self.catalogue.labels[self.index[position]])
        return self.catalogue.classes[number] if number >= 0 else ""

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) class of each point, -1 for none."""
        if self.catalogue is None:
            return np.full(len(self.index), -1, np.int64)
        return self.catalogue.labels[self.index]

    def agreement(self, position: int, neighbours: Sequence[int]) -> str:
        """``8 of 10 neighbours agree``, or "" where there is no class to agree on.

        Args:
            position: of an image.
            neighbours: positions of its nearest images, nearest first.
        """
        labels = self.labels
        asked = [one for one in neighbours[:ASKED] if labels[one] >= 0]
        if labels[position] < 0 or not asked:
            return ""
        same = sum(int(labels[one] == labels[position]) for one in asked)
        return f"{same} of {len(asked)} neighbours agree"

    def agreements(self, neighbours: NDArray[np.int64]) -> Colouring:
        """Part of each point's neighbours that have its class.

        Args:
            neighbours: (N, k) positions.
        """
        labels = self.labels
        near = labels[neighbours]
        known = (near >= 0).sum(1)
        same = (near == labels[:, None]).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where((labels >= 0) & (known > 0), same / known, np.nan)
        unit = f"of {neighbours.shape[1]} neighbours have the same class"
        return Colouring(part, unit=unit, title="Agreement")

    def choices(self) -> tuple[str, ...]:
        """What the points can be coloured by."""
        if self.catalogue is None:
            return ()
        classes = (CLASS,) if self.catalogue.classes else ()
        agreement = (AGREEMENT,) if self.catalogue.classes else ()
        taken = {*classes, SPLIT, *agreement, NONE}
        columns = tuple(name for name in self.catalogue.metadata if name not in taken)
        return (*classes, *columns, SPLIT, *agreement, NONE)

    def first_choice(self) -> str:
        """What the points are coloured by until a person chooses: classes, or nothing.

        A column is never taken by itself: which of them a newcomer should look at is no matter
        of their order in a file.
        """
        choices = self.choices()
        return next((one for one in (CLASS, NONE) if one in choices), "")

    def colouring(self, choice: str) -> Colouring | None:
        """Numbers behind a choice; None for none, and for agreement, which is measured first."""
        catalogue = self.catalogue
        if catalogue is None or choice in (AGREEMENT, NONE):
            return None
        if choice == CLASS:
            return Colouring(self.labels, catalogue.classes, title="Class")
        if choice == SPLIT:
            return self._split()
        column = np.asarray(catalogue.metadata[choice])[self.index]
        title = choice[:1].upper() + choice[1:].replace("_", " ")
        if column.dtype.kind != "f":
            names, numbers = np.unique(column, return_inverse=True)
            shown = tuple(map(str, names))
            return Colouring(_without_blank(names, numbers), shown, title=title)
        finite = np.unique(column[np.isfinite(column)])
        if 0 < len(finite) <= FEW and bool((finite == np.round(finite)).all()):
            numbers = np.where(np.isfinite(column), np.searchsorted(finite, column), -1)
            return Colouring(numbers, tuple(f"{value:g}" for value in finite), title=title)
        return Colouring(column, title=title)

    def _split(self) -> Colouring | None:
        if self.catalogue is None or self.recipe is None:
            return None
        try:
            split = self.recipe.data.split(self.catalogue)
        except ValueError:  # its list of excluded images is gone: nobody knows
            return None
        numbers = np.full(len(self.index), -1, np.int64)
        numbers[np.isin(self.index, split.train)] = 0
        numbers[np.isin(self.index, split.excluded)] = 2
        numbers[np.isin(self.index, split.held_out)] = 1
        names = ("trained on", "held out", "excluded")[: 3 if len(split.excluded) else 2]
        return Colouring(numbers, names, title="Split")


def _without_blank(names: NDArray[Any], numbers: NDArray[Any]) -> NDArray[np.int64]:
    """Categories, with -1 where the column is empty."""
    flat = numbers.reshape(-1).astype(np.int64)
    return np.where(names[flat] == "", -1, flat) if len(names) else flat
