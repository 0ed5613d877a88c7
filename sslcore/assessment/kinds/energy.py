"""What the method finds compatible: energies of clean and damaged images, and of pairs of images.

Every method has an energy that is low for what goes together (LeCun et al. 2006): the error of a
reconstruction or of a pretext answer, or how far two views are apart. It is asked for clean images
and for the same ones damaged in several ways, with the same random views; AUROC says how often the
damaged image has more energy (1 always, .5 as often as not). Less energy than clean is no error of
the measurement: blurred or dark images are easier to restore.

Beside it stand energies of pairs, 1 - cosine: positives (two views of one image), negatives of
another class and of the same class (false negatives), now and in what the run kept of its past.
Classes are used to look, never to train; without them all negatives are one heap.
"""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

from sslcore.assessment.contract import Finding, assessment
from sslcore.assessment.damage import Damaged, Kind, Where, damaged
from sslcore.assessment.drawing import Split
from sslcore.assessment.pairs import Compared, compared
from sslcore.assessment.subject import TRAINED, UNTRAINED, Layer, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation.pair_energy import EDGES, MOST
from sslcore.method import Method

_APART = 0.05
"""How far from .5 an AUROC must be to be called a difference."""


class EnergyConfig(Config):
    """Settings of the energies."""

    images: int = knob(
        256, low=2, high=10_000, log=True, unit="images", help="That are damaged, at most."
    )
    damage: Where = knob(
        "auto",
        help="'image' damages all the method sees; 'view' compares a view of the clean image with "
        "one of the damaged image; 'auto' takes 'view' for methods that compare two views.",
    )
    pairs: int = knob(
        600, low=2, high=MOST, log=True, unit="images", help="Whose pairs are all looked at."
    )
    split: Split = knob("held-out", help="Where the images of the pairs are from.")
    layer: Layer = knob(
        "features",
        help="Of pairs: what the encoder gives, or what the head makes of it for the loss. The run "
        "keeps features only, so projections have less of a past.",
    )
    moments: int = knob(
        30, low=0, high=1000, help="Checkpoints, and kept features, that are looked at; 0 for none."
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of images, views and damage.")


class EnergyFinding(Finding):
    """Energies of a run.

    Attributes:
        meaning: what the energy of the method is, in words.
        comparing: whether the method's energy compares two views or a view with something, so
            that pairs are what counts.
        damaged: clean against damaged images.
        pair_edges: of the bins of pair energies.
        pairs: positives and negatives.
        sentences: what the figures say.
    """

    meaning: str
    comparing: bool
    damaged: Damaged
    pair_edges: tuple[float, ...]
    pairs: Compared
    sentences: tuple[str, ...]

    def headline(self) -> str:
        """How well positives are told from negatives, or noisy images from clean ones."""
        own = self.pairs.now[TRAINED].separation
        if self.comparing and own is not None:
            return f"pairs AUROC {own:.2f}"
        return f"noise AUROC {self.damaged.kinds[0].auroc[-1]:.2f}"

    def lines(self) -> list[str]:
        """AUROC by kind and strength, pairs, sentences."""
        told = [f"Energy: {self.meaning}", f"{'AUROC against clean, by strength':<40}"]
        for kind in self.damaged.kinds:
            figures = "".join(f"{value:>8.2f}" for value in kind.auroc)
            strengths = "".join(f"{value:>8g}" for value in kind.strengths)
            told += [f"{kind.title:<18}{strengths}", f"{'':<18}{figures}"]
        told.append(f"{'pairs, median':<18}{'positive':>10}{'same':>10}{'other':>10}{'AUROC':>8}")
        for name, one in self.pairs.now.items():
            medians = (one.positives, one.same, one.other)
            words = "".join(f"{'–' if s is None else f'{s.median:.3f}':>10}" for s in medians)
            told.append(f"{name:<18}{words}{one.separation or 0.0:>8.2f}")
        return [*told, *self.sentences]


@assessment(title="Energy", order=50, config=EnergyConfig, finding=EnergyFinding, slow=True)
def measure(subject: Subject, config: EnergyConfig, watch: Watch) -> EnergyFinding:
    """Energies of damaged images and of pairs."""
    hurt = damaged(subject, config.images, config.damage, config.seed, watch)
    pairs = compared(
        subject, config.split, config.pairs, config.layer, config.moments, config.seed, watch
    )
    method = subject.method(TRAINED)
    return EnergyFinding(
        meaning=meaning(method),
        comparing=method.card.family not in ("generative", "predictive"),
        damaged=hurt,
        pair_edges=tuple(EDGES.tolist()),
        pairs=pairs,
        sentences=(*_of_damage(hurt), *_of_pairs(pairs), *_of_the_past(pairs, config.moments)),
    )


def meaning(method: Method[Any]) -> str:
    """What the energy of a method is, from the first line of its docstring."""
    words = (inspect.getdoc(type(method).energy) or "").partition("\n")[0]
    return words.removeprefix("(B,)").strip().rstrip(".")


def _of_damage(found: Damaged) -> list[str]:
    def named(kinds: list[Kind]) -> str:
        return ", ".join(f"{one.title} ({one.auroc[-1]:.2f})" for one in kinds)

    higher = [one for one in found.kinds if one.auroc[-1] > 0.5 + _APART]
    lower = [one for one in found.kinds if one.auroc[-1] < 0.5 - _APART]
    equal = [one for one in found.kinds if one not in higher and one not in lower]
    told: list[str] = []
    if higher:
        told.append(f"At full strength these raise the energy (AUROC): {named(higher)}.")
    if lower:
        told.append(f"These lower it, they leave less to explain: {named(lower)}.")
    if equal:
        told.append(f"The energy does not notice: {named(equal)}.")
    return told


def _of_pairs(found: Compared) -> list[str]:
    own, before = found.now[TRAINED], found.now[UNTRAINED]
    told: list[str] = []
    if own.separation is not None and before.separation is not None:
        what = "of another class" if found.labelled else "(any other image)"
        told.append(
            f"A negative {what} has more energy than a positive in {100 * own.separation:.1f} % of "
            f"cases, before training in {100 * before.separation:.1f} %."
        )
    if not found.labelled:
        told.append("Without labels, false negatives cannot be told from true ones.")
    elif own.false_separation is not None and found.false_negatives is not None:
        told.append(
            f"{100 * found.false_negatives:.1f} % of the negatives are of the same class. One of "
            f"another class has more energy than they have in {100 * own.false_separation:.1f} % "
            "of cases (50 % would be no difference)."
        )
    return told


def _of_the_past(found: Compared, moments: int) -> list[str]:
    if not moments:
        return []
    count = Counter(one.source for one in found.past)
    known = count["evaluation"]
    told = f"Of the past, positives are known from {_counted(known, 'evaluation')}" if known else ""
    if count["checkpoint"] or not known:
        told = f"{told} and " if known else "Of the past, positives are known from "
        told += f"{_counted(count['checkpoint'], 'checkpoint')} (run.keep_checkpoints keeps more)"
    if found.layer == "projection":
        return [f"{told}; kept features say nothing of projections."]
    return [f"{told}, negatives of whole images from {count['embedding']} sets of features."]


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
