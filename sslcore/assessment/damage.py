"""Energies of clean and damaged images of a run, by kind and strength of the damage."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.contract import Plain
from sslcore.assessment.spread import Spread, spread
from sslcore.assessment.subject import TRAINED, UNTRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.data.source import serving
from sslcore.engine.preparation import Material, open_data, sampled
from sslcore.evaluation.corrupted import CorruptedEnergies, Side, by_strength, usual_side
from sslcore.evaluation.corruptions import Corruption, kinds
from sslcore.evaluation.distributions import auroc, distribution, shared_edges
from sslcore.method import Method

SHOWN = 24
"""Images of the least and of the most energy that are named."""
WIDE = 20.0
"""How many times the clean median the largest energies are where bins become logarithmic."""
_BANKED = ("instance_discrimination",)
"""Methods whose energy is that of an image with its row in a bank of the training images."""
_COMPARING = ("contrastive", "bootstrapping", "regularization")
"""Families whose energy is how far two views are apart, where they have two views."""

Where = Literal["auto", "image", "view"]


class Kind(Plain):
    """One kind of damage.

    Attributes:
        key, title, axis: of :class:`sslcore.evaluation.corruptions.Corruption`.
        strengths: from weak to strong.
        spreads: energies at each.
        auroc: how often a damaged image has more energy than a clean one.
        rises: part of the images whose own energy is higher than before.
        untrained: the same as ``auroc`` before the first step; None where the method needs
            statistics of the data to have an energy at all.
    """

    key: str
    title: str
    axis: str
    strengths: tuple[float, ...]
    spreads: tuple[Spread, ...]
    auroc: tuple[float, ...]
    rises: tuple[float, ...]
    untrained: tuple[float, ...] | None


class Damaged(Plain):
    """Energies of clean and damaged images.

    Attributes:
        split: where the images are from.
        side: "image" where all the method sees is damaged, "view" where a view of the clean image
            is compared with one of the damaged image.
        logarithmic: whether bins are of the decimal logarithms of energies: where damage multiplies
            them, all clean images would lie in one bin otherwise.
        edges: of the bins of all spreads, logarithms if so. Quantiles and means are no logarithms.
        clean: energies of the images as they are.
        lowest, highest: catalogue rows of the clean images with the least and the most energy.
        kinds: of damage.
    """

    split: Literal["held-out", "training"]
    side: Side
    logarithmic: bool
    edges: tuple[float, ...]
    clean: Spread
    lowest: tuple[int, ...]
    highest: tuple[int, ...]
    kinds: tuple[Kind, ...]


def damaged(subject: Subject, count: int, where: Where, seed: int, watch: Watch) -> Damaged:
    """Damage some images and ask the method for their energy, trained and untrained.

    Args:
        subject: held-out images are asked for, training images where there are none that the
            method can take.
        count: images at most.
        where: "auto" for what suits the method.
        seed: of images, views and damage.
        watch: told of progress, asked whether to go on.

    Raises:
        ValueError: if no image serves the method, or its energy is not finite.
        Cancelled: if it was called off.
    """
    recipe, checkpoint = subject.recipe, subject.opened.checkpoint
    plan = recipe.view_plan(checkpoint.facts)
    method = subject.method(TRAINED)
    side: Side = "image"
    if where != "auto":
        side = where
    elif method.card.family in _COMPARING:
        side = usual_side(plan)
    with _material(subject, watch) as material:
        split, rows = _rows(subject, material, count, seed)
        source = material.source(recipe, checkpoint.facts)
        asked = kinds(material.pixels.channels)

        def measured(name: str, one: Method[Any]) -> CorruptedEnergies:
            return by_strength(
                one.energy,
                plan,
                source.sample,
                rows,
                asked,
                side=side,
                seed=seed,
                image_size=recipe.data.image_size,
                device=subject.device,
                progress=watch.stage(f"Energy of damaged images, {name}"),
                cancelled=watch.cancelled,
            )

        own = measured(TRAINED, method)
        before = None
        if type(method).prepare is Method.prepare and recipe.method.key not in _BANKED:
            before = measured(UNTRAINED, subject.method(UNTRAINED))
    everything = np.concatenate([own.clean, *(one.ravel() for one in own.corrupted.values())])
    logarithmic = bool(
        everything.min() > 0 and np.quantile(everything, 0.99) > WIDE * np.median(own.clean)
    )
    bins = _Bins(shared_edges(np.log10(everything) if logarithmic else everything), logarithmic)
    order = np.argsort(own.clean, kind="stable")
    return Damaged(
        split=split,
        side=side,
        logarithmic=logarithmic,
        edges=tuple(bins.edges.tolist()),
        clean=bins.spread(own.clean),
        lowest=tuple(rows[order[:SHOWN]].tolist()),
        highest=tuple(rows[order[::-1][:SHOWN]].tolist()),
        kinds=tuple(_kind(one, own, before, bins) for one in asked),
    )


class _Bins(NamedTuple):
    edges: NDArray[np.float64]
    logarithmic: bool

    def spread(self, energies: NDArray[np.float32]) -> Spread:
        """Figures of the energies themselves, counts in these bins."""
        found = distribution(energies, self.edges)
        if self.logarithmic:
            found = replace(found, counts=distribution(np.log10(energies), self.edges).counts)
        return spread(found)


def _kind(
    one: Corruption, own: CorruptedEnergies, before: CorruptedEnergies | None, bins: _Bins
) -> Kind:
    energies = own.corrupted[one.key]
    return Kind(
        key=one.key,
        title=one.title,
        axis=one.axis,
        strengths=one.strengths,
        spreads=tuple(bins.spread(row) for row in energies),
        auroc=tuple(auroc(own.clean, row) for row in energies),
        rises=tuple(float((row > own.clean).mean()) for row in energies),
        untrained=(
            None
            if before is None
            else tuple(auroc(before.clean, row) for row in before.corrupted[one.key])
        ),
    )


@contextmanager
def _material(subject: Subject, watch: Watch) -> Generator[Material]:
    """The images, with their targets where the method works on pairs."""
    material, card = subject.material, subject.method(TRAINED).card
    paired = "pairs" in (card.needs, *card.accepts) and material.catalogue.targets is not None
    if not paired or material.targets is not None:
        yield material
        return
    section = subject.recipe.data
    opened = watch.through(lambda control: open_data(section, control, targets=True))
    try:
        yield opened
    finally:
        opened.close()


def _rows(
    subject: Subject, material: Material, count: int, seed: int
) -> tuple[Literal["held-out", "training"], NDArray[np.int64]]:
    """Images that the method can take: held-out ones, or else training images."""
    recipe, catalogue = subject.recipe, material.catalogue
    served, window = recipe.served(catalogue), recipe.data.window
    held_out = serving(catalogue, np.sort(subject.queries), served, window)
    if len(held_out) >= 2 and recipe.method.key not in _BANKED:
        return "held-out", sampled(held_out, count, seed, "energy")
    training = serving(catalogue, np.sort(subject.bank), served, window)
    if not len(training):
        raise ValueError(
            f"no image of this run serves {subject.method(TRAINED).card.title}; has the folder "
            "changed since?"
        )
    return "training", sampled(training, count, seed, "energy")
