"""Which rows of the open catalogue carry which tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sslcore.data.tags import Tag

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tagged:
    """Tags by name, in order of their first use.

    Attributes:
        rows: name -> (K,) catalogue rows, ascending.
        away: name -> how many images carry it that are not in the catalogue now.
        few_labels: tags whose images are the few-label set.
        colours: name -> number of the colour a person chose, for those that have one.
    """

    rows: Mapping[str, Rows] = field(default_factory=dict[str, Rows])
    away: Mapping[str, int] = field(default_factory=dict[str, int])
    few_labels: frozenset[str] = frozenset()
    colours: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def of(
        cls,
        contents: Mapping[str, Sequence[str]],
        places: Mapping[str, int],
        tags: Iterable[Tag] = (),
    ) -> Tagged:
        """From paths by tag, the row of every path, and what else is known of tags."""
        rows: dict[str, Rows] = {}
        away: dict[str, int] = {}
        for name, paths in contents.items():
            found = [row for path in paths if (row := places.get(path)) is not None]
            rows[name] = np.sort(np.array(found, np.int64))
            away[name] = len(paths) - len(found)
        known = tuple(tags)
        few_labels = frozenset(tag.name for tag in known if tag.few_labels)
        colours = {tag.name: tag.colour for tag in known if tag.colour is not None}
        return cls(rows, away, few_labels, colours)

    @property
    def names(self) -> tuple[str, ...]:
        """All tags in order."""
        return tuple(self.rows)

    @property
    def tints(self) -> tuple[int, ...]:
        """Number of the colour of each tag: the chosen one, else that of its place."""
        return tuple(self.colours.get(name, place) for place, name in enumerate(self.rows))

    def of_tag(self, name: str) -> Rows:
        """(K,) rows that carry a tag; none for a tag that is not there."""
        return self.rows.get(name, np.zeros(0, np.int64))

    def of_row(self, row: int) -> tuple[str, ...]:
        """Tags of an image."""
        return tuple(name for name, rows in self.rows.items() if _has(rows, np.array([row]))[0])

    def within(self, rows: Rows) -> dict[str, int]:
        """Tags that some of the rows carry, and how many of them do."""
        counts = {name: int(_has(tagged, rows).sum()) for name, tagged in self.rows.items()}
        return {name: number for name, number in counts.items() if number}

    def by_row(self, rows: Rows) -> dict[int, list[str]]:
        """Tags of every row that has any."""
        found: dict[int, list[str]] = {}
        for name, tagged in self.rows.items():
            for row in rows[_has(tagged, rows)].tolist():
                found.setdefault(row, []).append(name)
        return found

    def colouring(self, index: Rows) -> tuple[Rows, tuple[str, ...]]:
        """What to colour a map by.

        Args:
            index: (N,) catalogue rows.

        Returns:
            (N,) number of each row's tag among the names, -1 for none, and the names. Of several
            tags the one that was made last counts: what a person is at work on is seen.
        """
        numbers = np.full(len(index), -1, np.int64)
        for number, tagged in enumerate(self.rows.values()):
            numbers[_has(tagged, index)] = number
        return numbers, self.names


def _has(tagged: Rows, rows: Rows) -> NDArray[np.bool_]:
    """Which of some rows are among ascending ones."""
    if not len(tagged):
        return np.zeros(len(rows), bool)
    at = np.minimum(np.searchsorted(tagged, rows), len(tagged) - 1)
    return tagged[at] == rows
