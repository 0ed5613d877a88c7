"""Searches through the features of the map: what can be looked for, and what was found, in words.

Everything here runs on a worker and knows no widget.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.wording import count

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.panels.explore_probe import Probe
    from app.tasks import Ticket

Kind = Literal[
    "Near-duplicates",
    "Outliers",
    "Mislabelled",
    "Most typical",
    "Most diverse",
    "Matches of a sentence",
]

ALIKE, FILES = "features alike", "files equal"
FAR, LOCAL = "all images", "their surroundings"
EQUAL, NEARER = "each the same", "nearer ones more"
CLASSES, DENSE = "every class", "all images together"
AMONG = {FAR: 10, LOCAL: 20}
"""Neighbours that outliers are measured by."""


@dataclass(frozen=True)
class Wish:
    """What is to be found.

    Attributes:
        kind: the search.
        way: how, one of the words above; "" where there is only one way.
        number: its setting: a cosine, a number of neighbours or of images.
        seed: of what is drawn.
        text: what was typed.
    """

    kind: Kind
    way: str
    number: float
    seed: int = 0
    text: str = ""


@dataclass(frozen=True)
class Hit:
    """One image that was found: its position on the map, and its score in words.

    The words are short enough to stand under a picture.
    """

    position: int
    words: str


@dataclass(frozen=True, eq=False)
class Found:
    """The answer.

    Attributes:
        wish: what was asked.
        space: where it was searched.
        sentence: what was found, for a person.
        groups: (title or "", images) in the order they are shown.
        read: (step, epoch) of the checkpoint that looked, where it was not the map's features
            that were searched.
    """

    wish: Wish
    space: Space
    sentence: str
    groups: tuple[tuple[str, tuple[Hit, ...]], ...]
    read: tuple[int, float] | None = None

    @property
    def moment(self) -> tuple[int, float]:
        """(step, epoch) of the encoder in whose features this was found."""
        return self.read or (self.space.step, self.space.epoch)

    @property
    def positions(self) -> list[int]:
        """Of all images found, in the order they are shown."""
        return [hit.position for _, hits in self.groups for hit in hits]


def search(wish: Wish, space: Space, probe: Probe, ticket: Ticket) -> Found:
    """Find it.

    Raises:
        ValueError: with a sentence for a person, if it cannot be searched for.
        Cancelled: if the ticket says so.
    """
    if wish.kind == "Near-duplicates":
        return _files(wish, space, probe, ticket) if wish.way == FILES else _alike(
            wish, space, ticket
        )  # fmt: skip
    if wish.kind == "Outliers":
        return _outliers(wish, space, ticket)
    if wish.kind == "Mislabelled":
        return _mislabelled(wish, space, probe, ticket)
    if wish.kind == "Most typical":
        return _typical(wish, space, probe, ticket)
    return _diverse(wish, space, ticket)


def _module(name: str) -> Any:
    """A module of the library; the window starts without torch."""
    return importlib.import_module(f"sslcore.{name}")


def figure(value: float, places: int = 3) -> str:
    """A number with a true minus sign, and no minus before zero."""
    return f"{value + 0.0:.{places}f}".replace("-", "−")


def _alike(wish: Wish, space: Space, ticket: Ticket) -> Found:
    found = _module("evaluation.duplicates").near_duplicates(
        space.features, wish.number, progress=ticket.progress, cancelled=ticket.cancelled
    )
    images = count(found.images, "image")
    if not found.groups:
        sentence = f"No two of {images} have a cosine of {wish.number:g} or more."
        closest = _closest(space, ticket)
        if closest is not None:
            sentence += f" The closest pair has {figure(closest)}."
    elif found.capped:
        sentence = (
            f"More than {count(found.pairs, 'pair')} of near-duplicates among {images}: only the "
            f"closest {found.pairs:,} are shown. Ask for a larger cosine; an encoder that learned "
            "little holds everything for alike."
        )
    else:
        sentence = (
            f"{count(found.pairs, 'pair')} of near-duplicates among {images}, in "
            f"{count(len(found.groups), 'group')}; the closest {_have(found.pairs)} cosine "
            f"{figure(found.closest)}."
        )
    groups = tuple((f"closest {figure(group.closest)}", _likest(group)) for group in found.groups)
    return Found(wish, space, sentence, groups)


def _likest(group: Any) -> tuple[Hit, ...]:
    """The images of a group, those that are most like another first."""
    order = np.argsort(-group.cosines, kind="stable").tolist()
    return tuple(Hit(int(group.rows[one]), figure(group.cosines[one])) for one in order)


def _closest(space: Space, ticket: Ticket) -> float | None:
    """Cosine of the two images that are most alike; None for a single one."""
    module = _module("evaluation.duplicates")
    found = module.near_duplicates(space.features, -0.999, 1, cancelled=ticket.cancelled)
    return found.closest


def _have(pairs: int) -> str:
    return "has" if pairs == 1 else "have"


def _files(wish: Wish, space: Space, probe: Probe, ticket: Ticket) -> Found:
    catalogue = probe.catalogue
    if catalogue is None:
        raise ValueError("the images of this run are not open, so its files cannot be compared")
    paths = [catalogue.path(int(row)) for row in probe.index]
    sets: Sequence[Sequence[int]] = _module("data.copies").copies(
        paths, ticket.progress, ticket.cancelled
    )
    extra = sum(len(same) - 1 for same in sets)
    if sets:
        sentence = (
            f"{count(extra, 'file is a copy', 'files are copies')} of another among "
            f"{count(len(paths), 'image')}, byte for byte. Exclude copies before you evaluate: a "
            "copy on both sides of the split makes any encoder look better than it is."
        )
    else:
        sentence = f"No two of {count(len(paths), 'file')} are equal byte for byte."
    groups = tuple(
        ("equal files", tuple(Hit(one, PurePosixPath(probe.path(one)).name) for one in same))
        for same in sets
    )
    return Found(wish, space, sentence, groups)


def _outliers(wish: Wish, space: Space, ticket: Ticket) -> Found:
    module = _module("evaluation.outliers")
    near = min(AMONG[wish.way], len(space.features) - 1)
    far = wish.way == FAR
    score = module.neighbour_distance if far else module.local_outlier_factor
    scores: NDArray[np.float64] = score(space.features, near, ticket.progress, ticket.cancelled)
    found = _module("evaluation.ranking").ranked(scores, int(wish.number))
    middle = float(np.median(scores))
    among = count(len(scores), "image")
    if far:
        sentence = (
            f"The {len(found):,} of {among} that are least like any other: the "
            f"farthest is at a mean cosine distance of {figure(found.scores[0], 2)} from its "
            f"{near} nearest, the middle image at {figure(middle, 2)}."
        )
    else:
        sentence = (
            f"The {len(found):,} of {among} that stand most apart from their "
            f"surroundings: factor {figure(found.scores[0], 2)} for the first, "
            f"{figure(middle, 2)} for the middle image."
        )
    return Found(wish, space, sentence, _ranked(found, 3 if far else 2))


def _mislabelled(wish: Wish, space: Space, probe: Probe, ticket: Ticket) -> Found:
    if probe.catalogue is None or not (probe.labels >= 0).any():
        raise ValueError(
            "these images have no classes, so no label can be wrong; put them into a folder for "
            "each class, or open a CSV file with a column of labels"
        )
    classes = probe.catalogue.classes
    found = _module("evaluation.mislabelled").mislabelled(
        space.features,
        probe.labels,
        int(wish.number),
        None if wish.way == EQUAL else 0.1,
        ticket.progress,
        ticket.cancelled,
    )
    among = count(found.asked, "labelled image")
    if not len(found):
        sentence = f"The neighbours of all {among} agree with their label."
        return Found(wish, space, sentence, ())
    first, rival = classes[found.labels[0]], classes[found.suggested[0]]
    sentence = (
        f"{len(found):,} of {among} would get another label from "
        f"{'its' if len(found) == 1 else 'their'} neighbours; the clearest is called {first} and "
        f"lies among {rival}."
    )
    hits = tuple(
        Hit(int(row), f"{figure(margin, 2)} → {classes[other]}")
        for row, other, margin in zip(found.rows, found.suggested, found.margins, strict=True)
    )
    return Found(wish, space, sentence, (("", hits),))


def _typical(wish: Wish, space: Space, probe: Probe, ticket: Ticket) -> Found:
    module, wanted = _module("evaluation.subset"), int(wish.number)
    if wish.way == DENSE:
        found = module.densest(
            space.features, wanted, progress=ticket.progress, cancelled=ticket.cancelled
        )
        sentence = (
            f"The {count(len(found), 'image')} around which images lie densest: the nearest ten "
            f"at a mean cosine distance of {figure(found.scores[0])} for the first."
        )
        return Found(wish, space, sentence, _ranked(found, 3))
    labelled = probe.labels >= 0
    if not labelled.any():
        found = module.central(space.features, wanted)
        sentence = (
            f"The {count(len(found), 'image')} nearest to the centre of all, by cosine; these "
            "images have no classes."
        )
        return Found(wish, space, sentence, _ranked(found, 3))
    found = module.central(space.features, wanted, probe.labels)
    kinds = count(len(np.unique(probe.labels[labelled])), "class", "classes")
    sentence = (
        f"The {count(len(found), 'image')} nearest to the centre of {kinds}: first one of every "
        "class, then the second of every class, and so on."
    )
    hits = tuple(
        Hit(int(row), f"{figure(score, 2)} {probe.label(int(row))}")
        for row, score in zip(found.rows, found.scores, strict=True)
    )
    return Found(wish, space, sentence, (("", hits),))


def _diverse(wish: Wish, space: Space, ticket: Ticket) -> Found:
    found = _module("evaluation.subset").diverse(
        space.features, int(wish.number), wish.seed, ticket.progress, ticket.cancelled
    )
    sentence = (
        f"{count(len(found), 'image')} that cover all {len(space.features):,}: every other image "
        f"has a cosine of at least {figure(1 - found.radius, 2)} with one of them."
    )
    if len(found) == len(space.features):
        sentence = f"All {count(len(found), 'image')}, each as far from those before as can be."
    return Found(wish, space, sentence, _ranked(found, 3))


def _ranked(found: Any, places: int) -> tuple[tuple[str, tuple[Hit, ...]], ...]:
    """One group of images with their scores; the first of a spread has none."""
    hits = tuple(
        Hit(int(row), "first" if np.isnan(score) else figure(float(score), places))
        for row, score in zip(found.rows, found.scores, strict=True)
    )
    return (("", hits),)
