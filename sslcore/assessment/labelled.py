"""The labels of a few-label study: classes of the folder or tags, and the images a person picked.

A folder without classes can still be studied: there every tag of the few-label set is a class, and
its held-out images are those that are asked (:mod:`sslcore.data.few_labels`). Tags lie in the run
or beside the images, as the window's settings say; a library does not know these, so it looks in
the run first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.subject import Subject
from sslcore.data.few_labels import FEWEST, FewLabelError, FewLabelSet, of_tags
from sslcore.data.tags import BESIDE_IMAGES, IN_RUN, TagStore
from sslcore.evaluation.budgets import listed


@dataclass(frozen=True, eq=False)
class Labels:
    """What a study learns from and is asked.

    Attributes:
        bank: (N,) int64 classes of the training images, -1 for none.
        queries: (Q,) int64 of the held-out images.
        names: of the classes.
        tagged: (T,) int64 places in the bank of the images a person picked, ascending; None where
            they were not asked for.
        remarks: what should be known of these.
    """

    bank: NDArray[np.int64]
    queries: NDArray[np.int64]
    names: tuple[str, ...]
    tagged: NDArray[np.int64] | None = None
    remarks: tuple[str, ...] = ()


def labels_of(subject: Subject, tagged: bool) -> Labels:
    """The labels of a run's images.

    Args:
        subject: the run.
        tagged: whether the images a person picked are asked for.

    Raises:
        ValueError: without labels, or without images that were picked; the message says what to do.
    """
    subject.require_queries()
    has_classes = len(subject.classes) >= FEWEST
    if has_classes:
        subject.require_labels()
        if not tagged:
            return Labels(subject.labels.bank, subject.labels.queries, subject.classes)
    try:
        picked, file = _picked(subject)
    except FewLabelError:
        if not tagged:
            subject.require_labels()  # says what gives labels
        raise
    if has_classes:
        bank, queries, names = subject.labels.bank, subject.labels.queries, subject.classes
    else:
        every = np.full(len(subject.material.catalogue), -1, np.int64)
        every[picked.rows] = picked.labels
        bank, queries, names = every[subject.bank], every[subject.queries], picked.classes
        if not (queries >= 0).any():
            raise ValueError(
                "no held-out image is in the few-label set, so there is nothing to ask: in a "
                "folder without classes tags are the classes; give held-out images such tags too"
            )
    places = np.flatnonzero(np.isin(subject.bank, picked.rows))
    seen = np.unique(bank[places])
    if len(seen) < FEWEST:
        have = f"of one class only ('{names[int(seen[0])]}')" if len(seen) else "none"
        raise ValueError(
            f"of the few-label set's {len(picked):,} images, {len(places):,} are training images, "
            f"{have}; tag training images of at least two classes"
        )
    said = [_told(subject, picked, len(places), file, has_classes)]
    unseen = np.setdiff1d(queries[queries >= 0], seen).tolist()
    if unseen and tagged and has_classes:  # else the remark for all budgets says the same
        said.append(
            f"Not in the few-label set but asked for: {listed(unseen, names)}. With 'tagged', all "
            "of these count as wrong; tag some of them too."
        )
    return Labels(bank, queries, names, places if tagged else None, tuple(said))


def _picked(subject: Subject) -> tuple[FewLabelSet, Path]:
    """The few-label set and the file that marks it: that of the run before that of the folder."""
    catalogue = subject.material.catalogue
    files = (subject.directory.path / IN_RUN, catalogue.root / BESIDE_IMAGES)
    found = [(TagStore(file).contents(), file) for file in files]
    marked = [one for one in found if any(tag.few_labels for tag in one[0])]
    contents, file = (marked or found)[0]
    return of_tags(contents, catalogue), file


def _told(subject: Subject, picked: FewLabelSet, count: int, file: Path, has_classes: bool) -> str:
    """How many of the images that were picked take part, and why others do not."""
    held = int(np.isin(picked.rows, subject.queries).sum())
    asked = "" if has_classes else f"; each tag is a class, and {held:,} held-out images are asked"
    left = (
        (held * has_classes, "held out from training"),
        (len(picked) - count - held, "neither trained on nor held out"),
        (picked.unlabelled, "without a class"),
        (picked.away, "not in the folder now"),
    )
    out = ", ".join(f"{number:,} {why}" for number, why in left if number)
    out = f"; left out: {out}" if out else ""
    return f"Few-label set ({file}): {count:,} images to learn from{asked}{out}."
