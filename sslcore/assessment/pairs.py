"""Energies of pairs of a run's images, now, in its checkpoints and in the features it kept."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.contract import Plain
from sslcore.assessment.drawing import Split, drawn
from sslcore.assessment.moments import moments
from sslcore.assessment.spread import Spread, spread
from sslcore.assessment.subject import TRAINED, UNTRAINED, Encode, Layer, Subject
from sslcore.assessment.trained import open_trained
from sslcore.assessment.watch import Watch
from sslcore.augment.presets import contrastive_views
from sslcore.engine.store import CheckpointError
from sslcore.evaluation.pair_energy import PairEnergies, pair_energies
from sslcore.evaluation.two_views import comparable_views, two_views

FEWEST = 20
"""Images whose kept features make a moment of the past."""


class Pairs(Plain):
    """Pairs at one moment, see :class:`sslcore.evaluation.pair_energy.PairEnergies`.

    Attributes:
        positives: None where there are no second views, as in kept features.
        other, same: negatives of another and of the same class; without labels all negatives are
            in ``other`` and ``same`` is None.
    """

    positives: Spread | None
    other: Spread
    same: Spread | None
    separation: float | None
    false_separation: float | None
    common: float | None
    false_common: float | None


class Shown(Plain):
    """Images of the trained encoder's pairs, as catalogue rows.

    Attributes:
        farthest: images whose two views are farthest apart.
        closest: pairs of different classes (of any images without labels) with the least energy.
        false_closest: the same of one class.
    """

    farthest: tuple[int, ...]
    closest: tuple[tuple[int, int], ...]
    false_closest: tuple[tuple[int, int], ...]


class PastPairs(Plain):
    """A moment of the past.

    Attributes:
        source: "checkpoint" (asked now) and "evaluation" (kept while it trained) are of random
            views and have positives, "embedding" (kept features of whole images) has not.
    """

    step: int
    epoch: float
    source: Literal["checkpoint", "embedding", "evaluation"]
    pairs: Pairs


class Compared(Plain):
    """Pairs of a run.

    Attributes:
        own_views: whether positives are made by the method's own two views; otherwise by crop,
            flip and colour as contrastive methods have them.
        layer: of the trained and the untrained encoder, and of checkpoints.
        labelled: whether negatives are told apart by class.
        false_negatives: part of the negatives that is of the same class; None without labels.
        now: "trained" and "untrained"; of features also "pixels" and encoders from outside.
        shown: images of the trained encoder.
        past: checkpoints and kept features in the order of training.
    """

    own_views: bool
    layer: Layer
    labelled: bool
    false_negatives: float | None
    now: dict[str, Pairs]
    shown: Shown
    past: tuple[PastPairs, ...]


def compared(
    subject: Subject, split: Split, count: int, layer: Layer, most: int, seed: int, watch: Watch
) -> Compared:
    """Look at all pairs of some images.

    Args:
        subject: whose run.
        split: where the images are from.
        count: how many images at most.
        layer: features or projection.
        most: checkpoints, and kept features, that are looked at.
        seed: of images and views.
        watch: told of progress, asked whether to go on.

    Raises:
        ValueError: if there are not two images, or features are not finite.
        Cancelled: if it was called off.
    """
    some = drawn(subject, split, count, seed)
    labels = _told_apart(subject.material.catalogue.labels[some.rows])
    own = comparable_views(subject.recipe.view_plan(subject.opened.checkpoint.facts))
    size, channels = subject.recipe.data.image_size, subject.material.pixels.channels
    plan = own or contrastive_views(size, channels)

    def looked(name: str, encode: Encode) -> PairEnergies:
        first, second = two_views(
            encode,
            subject.material.pixels,
            plan,
            some.rows,
            subject.material.pixels.side,
            seed,
            "energy views",
            device=subject.device,
            progress=watch.stage(f"Pairs, {name}"),
            cancelled=watch.cancelled,
        )
        return pair_energies(first, second, labels)

    trained = looked(TRAINED, subject.encode(TRAINED, layer))
    now = {TRAINED: _pairs(trained)}
    # What is no method of ours has no projection.
    beside = subject.encoders if layer == "features" else (UNTRAINED,)
    for name in (UNTRAINED, *beside):
        if name not in now:
            now[name] = _pairs(looked(name, subject.encode(name, layer)))
    before: list[PastPairs] = []
    if layer == "features":
        before += _kept(subject, some.rows, count, most, watch)
        # Views were kept of held-out images, or of the others where none were held out.
        if split == "held-out" or not len(subject.queries):
            before += _viewed(subject, most, watch)
    viewed = {one.step for one in before if one.source == "evaluation"}
    entries = subject.directory.shelf.entries()[-most:] if most else []
    for _, path in entries:
        if int(path.name.removeprefix("step_")) in viewed:  # its views were kept
            continue
        try:
            opened = open_trained(subject.directory, path.name)
        except CheckpointError:
            continue
        found = looked(path.name.replace("_", " "), partial(opened.method.embed, layer=layer))
        before.append(
            PastPairs(
                step=opened.checkpoint.step,
                epoch=opened.epoch,
                source="checkpoint",
                pairs=_pairs(found),
            )
        )
    return Compared(
        own_views=own is not None,
        layer=layer,
        labelled=labels is not None,
        false_negatives=trained.false_negatives,
        now=now,
        shown=_shown(trained, some.rows),
        past=tuple(sorted(before, key=lambda one: (one.step, one.source))),
    )


def _told_apart(labels: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Labels that tell negatives apart: of two classes at least."""
    return labels if len(np.unique(labels[labels >= 0])) > 1 else None


def _kept(
    subject: Subject, wanted: NDArray[np.int64], count: int, most: int, watch: Watch
) -> list[PastPairs]:
    """Negatives in the features the run kept, of the same images where it kept those."""
    found: list[PastPairs] = []
    known = subject.material.catalogue.labels
    for one in moments(subject.directory, most, watch, "Pairs in kept features"):
        if one.rows.max() >= len(known):
            continue  # of a folder that had more images
        here = np.flatnonzero(np.isin(one.rows, wanted))
        if len(here) < min(FEWEST, len(wanted)):
            here = np.arange(len(one.rows))[-count:]  # held-out images come last
        labels = _told_apart(known[one.rows[here]])
        pairs = _pairs(pair_energies(one.features[here], None, labels))
        found.append(PastPairs(step=one.step, epoch=one.epoch, source="embedding", pairs=pairs))
    return found


def _viewed(subject: Subject, most: int, watch: Watch) -> list[PastPairs]:
    """Pairs of the views the run looked at and kept: other images of the same split."""
    found: list[PastPairs] = []
    known = subject.material.catalogue.labels
    past = moments(subject.directory, most, watch, "Pairs in kept views", evaluations=True)
    for one in past:
        if one.views is None or one.views.rows.max() >= len(known):
            continue
        labels = _told_apart(known[one.views.rows])
        first, second = (view.astype(np.float32) for view in (one.views.first, one.views.second))
        pairs = _pairs(pair_energies(first, second, labels))
        found.append(PastPairs(step=one.step, epoch=one.epoch, source="evaluation", pairs=pairs))
    return found


def _pairs(found: PairEnergies) -> Pairs:
    return Pairs(
        positives=None if found.positives is None else spread(found.positives),
        other=spread(found.other_class),
        same=None if found.same_class is None else spread(found.same_class),
        separation=found.separation,
        false_separation=found.false_separation,
        common=found.common,
        false_common=found.false_common,
    )


def _shown(found: PairEnergies, rows: NDArray[np.int64]) -> Shown:
    def named(pairs: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
        return tuple((int(rows[a]), int(rows[b])) for a, b in pairs.tolist())

    return Shown(
        farthest=tuple(rows[found.farthest].tolist()),
        closest=named(found.closest),
        false_closest=named(found.false_closest),
    )
