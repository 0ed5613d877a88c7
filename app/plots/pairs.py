"""Which cells of a matrix of pairs are positives, negatives and false negatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import Heatmap

Ints = NDArray[np.int64]
Relation = Literal["positive", "negative", "false negative"]


@dataclass(frozen=True)
class Counts:
    """How many cells are what; only pairs of images that both have a class are judged.

    Attributes:
        negatives: judged cells that are no positives.
        false: those whose two images are of one class.
        unknown: negatives with an image that has no class.
    """

    negatives: int
    false: int
    unknown: int

    @property
    def words(self) -> str:
        """``12 of 240 negatives are of the same class``, and how many could not be judged."""
        verb = "is" if 1 in (self.false, self.negatives) else "are"
        first = f"{self.false:,}" if self.false else "None"
        noun = "negative" if self.negatives == 1 else "negatives"
        told = f"{first} of {self.negatives:,} {noun} {verb} of the same class"
        return f"{told}; {self.unknown:,} without a class not counted" if self.unknown else told


class Pairs:
    """The images behind the rows and columns of a matrix, with their classes.

    Where rows and columns are the same images in the same order, the diagonal are the positives:
    another copy of an image is a negative to the loss as any other row is. Elsewhere the positives
    are the cells of one image.

    Args:
        row_ids: (H,) catalogue rows behind the rows.
        column_ids: (W,) behind the columns.
        labels: (N,) class of every catalogue row, -1 for none.
        names: of the classes.
    """

    def __init__(self, row_ids: Ints, column_ids: Ints, labels: Ints, names: Sequence[str]) -> None:
        self.row_ids, self.column_ids, self.names = row_ids, column_ids, tuple(names)
        self.rows, self.columns = labels[row_ids], labels[column_ids]
        self.paired = np.array_equal(row_ids, column_ids)

    @classmethod
    def of(cls, shown: Heatmap, labels: Ints, names: Sequence[str]) -> Pairs | None:
        """The pairs of a matrix; None where it is none of images, or none of them has a class."""
        sides = (shown.row_ids, shown.column_ids)
        for ids, size in zip(sides, shown.shape, strict=True):
            if len(ids) != size or int(ids.min()) < 0 or int(ids.max()) >= len(labels):
                return None
        made = cls(*sides, labels, names)
        return made if (made.rows >= 0).any() and (made.columns >= 0).any() else None

    @cached_property
    def counts(self) -> Counts:
        """Counted by class: the matrix itself may be large."""
        size = max(len(self.names), int(self.rows.max()) + 1, int(self.columns.max()) + 1)
        down, across = (
            np.bincount(one[one >= 0], minlength=size) for one in (self.rows, self.columns)
        )
        judged, same = int(down.sum()) * int(across.sum()), int((down * across).sum())
        if self.paired:
            everywhere, positives = len(self.rows), int(down.sum())
        else:
            ids, often = np.unique(self.column_ids, return_counts=True)
            place = np.minimum(np.searchsorted(ids, self.row_ids), len(ids) - 1)
            met = np.where(ids[place] == self.row_ids, often[place], 0)
            everywhere, positives = int(met.sum()), int(met[self.rows >= 0].sum())
        negatives = judged - positives
        total = len(self.rows) * len(self.columns) - everywhere
        return Counts(negatives, same - positives, total - negatives)

    def false_negatives(self, rows: Ints, columns: Ints) -> NDArray[np.bool_]:
        """(R, C) which cells of these rows and columns are false negatives."""
        classes = self.rows[rows]
        same = (classes[:, None] == self.columns[columns][None]) & (classes >= 0)[:, None]
        if self.paired:
            return same & (rows[:, None] != columns[None])
        return same & (self.row_ids[rows][:, None] != self.column_ids[columns][None])

    def relation(self, row: int, column: int) -> Relation:
        """What a cell is; a negative whose class nobody knows is a negative."""
        same_image = bool(self.row_ids[row] == self.column_ids[column])
        if row == column if self.paired else same_image:
            return "positive"
        same = self.rows[row] == self.columns[column] and self.rows[row] >= 0
        return "false negative" if same else "negative"

    def words_at(self, row: int, column: int) -> str:
        """``false negative: both cat``, ``negative: cat and dog``, ``positive: cat``."""
        relation = self.relation(row, column)
        first, second = self.class_of(self.rows[row]), self.class_of(self.columns[column])
        if relation == "positive":
            return f"positive: {first}"
        if self.row_ids[row] == self.column_ids[column]:
            return f"{relation}: another copy of the image, {first}"
        named = f"both {first}" if first == second else f"{first} and {second}"
        return f"{relation}: {named}"

    def class_of(self, number: int) -> str:
        """Name of a class by its number."""
        return self.names[number] if number >= 0 else "no class"
