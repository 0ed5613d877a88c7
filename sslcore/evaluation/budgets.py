"""Label budgets: how many images may show their label, and which ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sslcore.data.order import shuffled
from sslcore.evaluation.scores import known
from sslcore.evaluation.vectors import Features

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%")
_EACH = re.compile(r"(\d+)(?:\s*(?:per|a|each)\s*class|\s*each)?")


TAGGED = "tagged"
"""Budget of the images a person picked."""


@dataclass(frozen=True)
class Budget:
    """Either a part of all labels, or so many for every class, or the images a person picked.

    Attributes:
        part: above 0 and at most 1, or None.
        each: images of every class, at least 1, or None.
        tagged: whether it is the few-label set (:mod:`sslcore.data.few_labels`), which is not
            drawn.
    """

    part: float | None = None
    each: int | None = None
    tagged: bool = False

    def __post_init__(self) -> None:
        if (self.part is not None) + (self.each is not None) + self.tagged != 1:
            raise ValueError(
                "a label budget is either a part of all, or a number for each class, or 'tagged'"
            )
        if self.part is not None and not 0 < self.part <= 1:
            raise ValueError(f"a label budget of {self.part:g} must be above 0 and at most 1")
        if self.each is not None and self.each < 1:
            raise ValueError(f"a label budget of {self.each} per class must be at least 1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"1 %"``, ``"10 per class"`` (or only ``"10"``), or ``"tagged"``.

        Raises:
            ValueError: naming what was read and how it should look.
        """
        words = text.strip()
        if found := _PART.fullmatch(words):
            return cls(part=float(found[1]) / 100)
        if found := _EACH.fullmatch(words):
            return cls(each=int(found[1]))
        if words.lower() == TAGGED:
            return cls(tagged=True)
        raise ValueError(f"{words!r} is no label budget; write '1 %', '10 per class' or 'tagged'")

    @property
    def title(self) -> str:
        """``"1 %"``, ``"10 per class"`` or ``"tagged"``."""
        if self.tagged:
            return TAGGED
        return f"{100 * self.part:g} %" if self.part is not None else f"{self.each} per class"

    def takes(self, size: int) -> int:
        """How many of a class of ``size`` images: at least one, at most all."""
        wanted = self.each if self.part is None else round(self.part * size)
        return min(max(wanted or 1, 1), size)


def parse(text: str) -> tuple[Budget, ...]:
    """Budgets of a list with commas, each once, in the order given: ``"1 %, 10 %, 100 %"``.

    Raises:
        ValueError: naming what cannot be read, or without any.
    """
    found = dict.fromkeys(Budget.parse(one) for one in text.split(",") if one.strip())
    if not found:
        raise ValueError("no label budget is given; write a list such as '1 %, 10 %, 100 %'")
    return tuple(found)


def subset(
    labels: Features, budget: Budget, seed: int, tagged: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """The images that show their label under a budget.

    Stratified: of every class the same part, at least one image. Nested: with the same seed a
    larger budget holds every image of a smaller one, so that a curve over budgets adds labels and
    takes none away. Neither holds for the images a person picked: they are taken as they are.

    Args:
        labels: (N,) class numbers; images with a negative one are never chosen.
        budget: how many.
        seed: of the draw, at least 0.
        tagged: (T,) int64 places of the images a person picked.

    Returns:
        (M,) int64 places in ``labels``, ascending.

    Raises:
        ValueError: if no image has a label, or none was picked where these are asked for.
    """
    if budget.tagged:
        if tagged is None or not len(tagged):
            raise ValueError("no image was picked for the budget 'tagged'")
        return np.sort(tagged)
    rows, truth = (one.numpy() for one in known("bank", labels, len(labels)))
    chosen: list[NDArray[np.int64]] = []
    for number in np.unique(truth).tolist():
        members = rows[truth == number]
        order = shuffled(len(members), seed, number)
        chosen.append(members[order[: budget.takes(len(members))]])
    return np.sort(np.concatenate(chosen))


def remarks(bank: Features, queries: Features, names: Sequence[str] = ()) -> tuple[str, ...]:
    """What a reader of accuracies should know of classes that are too small to count on.

    Args:
        bank: (N,) classes of the images to learn from, negative for none.
        queries: (Q,) of the images asked.
        names: of the classes, by number; numbers stand in where there are none.
    """
    have = np.unique(known("bank", bank, len(bank))[1].numpy(), return_counts=True)
    asked = np.unique(known("queries", queries, len(queries))[1].numpy()).tolist()
    counts = dict(zip(have[0].tolist(), have[1].tolist(), strict=True))
    said: list[str] = []
    if single := [one for one, count in counts.items() if count == 1]:
        said.append(
            f"One labelled image only: {listed(single, names)}. It is in every budget, so seeds "
            "do not vary it, and settings are chosen without it."
        )
    if unseen := [one for one in asked if one not in counts]:
        said.append(
            f"Asked for but never shown: {listed(unseen, names)}. No readout can find what it has "
            "not seen; give the training images such labels too."
        )
    return tuple(said)


def listed(numbers: Sequence[int], names: Sequence[str]) -> str:
    """Classes in words, three of them by name: "cat, dog, class 2 and 6 more"."""
    words = [names[one] if one < len(names) else f"class {one}" for one in numbers[:3]]
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return ", ".join(words) + more
