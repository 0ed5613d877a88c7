"""The few-label set: a handful of images a person picked, with which a classifier is trained.

Few-label evaluation asks how far a handful of labels goes on frozen features. Which images these
are is told by tags that are marked for it (:meth:`~sslcore.data.tags.TagStore.set_few_labels`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sslcore.data.contents import Catalogue
from sslcore.data.tags import Tag, TagStore

FEWEST = 2
"""Classes without which nothing can be told apart."""
HOW = "choose images on the map or in the gallery, tag them, and mark the tag for the few-label set"


class FewLabelError(ValueError):
    """There is no few-label set that could be used; one sentence with the remedy."""


@dataclass(frozen=True, eq=False)
class FewLabelSet:
    """Images with their labels.

    Some of the images may be among those held out; whoever tests on these leaves them out.

    Attributes:
        rows: (N,) int64 catalogue rows, ascending.
        labels: (N,) int64 numbers into ``classes``, none below 0.
        classes: names; at least two of them have images.
        unlabelled: images of the marked tags that were left out, for they have no class.
        away: images of the marked tags that are not in the catalogue now.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    unlabelled: int = 0
    away: int = 0

    def __len__(self) -> int:
        """How many images."""
        return len(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """Images of each class that has any."""
        numbers = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        return {name: number for name, number in zip(self.classes, numbers, strict=True) if number}


def few_label_set(tags: TagStore, catalogue: Catalogue) -> FewLabelSet:
    """The images of all tags that are marked for it, with their labels.

    Labels are the classes of the catalogue. Where it has none (or one, which tells nothing apart),
    every marked tag is a class of its own.

    Args:
        tags: the file of tags.
        catalogue: the images.

    Raises:
        FewLabelError: if no tag is marked, none of its images is here, fewer than two classes have
            images, or (without classes of its own) an image belongs to two marked tags.
        TagError: if the file cannot be read.
    """
    return of_tags(tags.contents(), catalogue)


def of_tags(contents: Mapping[Tag, tuple[str, ...]], catalogue: Catalogue) -> FewLabelSet:
    """:func:`few_label_set` of what a file of tags holds."""
    marked = {tag.name: paths for tag, paths in contents.items() if tag.few_labels}
    if not marked:
        raise FewLabelError(f"No tag is marked for the few-label set; {HOW}.")
    places = {_normal(path): row for row, path in enumerate(catalogue.paths)}
    rows_of = {
        name: [places.get(_normal(path), -1) for path in own] for name, own in marked.items()
    }
    found = {name: np.array(own, np.int64) for name, own in rows_of.items()}
    found = {name: np.unique(own[own >= 0]) for name, own in found.items()}
    rows = np.unique(np.concatenate(list(found.values())))
    away = len({path for paths in marked.values() for path in paths}) - len(rows)
    if not len(rows):
        raise FewLabelError(
            f"None of the {away:,} images of the few-label set is in {catalogue.root}; open their "
            f"folder, or {HOW}."
        )
    if len(catalogue.classes) >= FEWEST:
        labels, classes = catalogue.labels[rows], catalogue.classes
        what, more = "class", "tag images of other classes too"
    else:
        labels, classes = _by_tag(found, rows, catalogue), tuple(found)
        what, more = "tag", "mark a second one: in a folder without classes, each tag is a class"
    known = labels >= 0
    made = FewLabelSet(rows[known], labels[known], classes, int((~known).sum()), away)
    if len(made.counts) < FEWEST:
        have = next(iter(made.counts), None)
        held = f"images of one {what} only ('{have}')" if have else "no image that has a class"
        raise FewLabelError(f"The few-label set has {held}; {more}.")
    return made


def _normal(path: str) -> str:
    """One Unicode form, as tags keep paths."""
    return unicodedata.normalize("NFC", path)


def _by_tag(
    found: Mapping[str, NDArray[np.int64]], rows: NDArray[np.int64], catalogue: Catalogue
) -> NDArray[np.int64]:
    """Number of the one marked tag of each row."""
    labels = np.full(len(rows), -1, np.int64)
    names = list(found)
    for number, own in enumerate(found.values()):
        places = np.searchsorted(rows, own)
        taken = places[labels[places] >= 0]
        if len(taken):
            row = int(rows[taken[0]])
            raise FewLabelError(
                f"{catalogue.paths[row]} has both '{names[int(labels[taken[0]])]}' and "
                f"'{names[number]}', and each is a class of the few-label set; take one from it."
            )
        labels[places] = number
    return labels
