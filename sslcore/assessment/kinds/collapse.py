"""How many of its dimensions the feature space really uses, now and over the whole run.

The spectrum of the covariance (Jing et al. 2022, https://arxiv.org/abs/2110.09348), its effective
rank, participation ratio and RankMe, dead dimensions, and how far images spread at all. Needs no
labels. Features of the trained and the untrained encoder and the projections the loss works on are
measured now; the past comes from the features the run kept of its probe images. The projection may
well collapse while the features do not: that is what a projection head is for.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.contract import Finding, Plain, assessment
from sslcore.assessment.drawing import Split, drawn
from sslcore.assessment.moments import moments
from sslcore.assessment.subject import PIXELS, TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation.spectrum import Spectrum, spectrum, told

PROJECTION = "projection"
"""Name of what the trained head makes of the features, beside the encoders."""
_RANKS = 256
"""Places of a spectrum that are kept at most."""


class CollapseConfig(Config):
    """Settings of the spectrum."""

    split: Split = knob("held-out", help="Of which images the features are looked at.")
    images: int = knob(
        4000, low=10, high=100_000, log=True, unit="images", help="At most so many, drawn evenly."
    )
    moments: int = knob(
        40,
        low=0,
        high=1000,
        help="Evaluations of the run that are looked at, spread evenly over it; 0 for none.",
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of the images drawn.")


class Figures(Plain):
    """One feature space, see :class:`sslcore.evaluation.spectrum.Spectrum`.

    Attributes:
        ranks: numbers of the directions whose eigenvalue is kept, from 1 on; all up to 256.
        logarithms: decimal logarithms of their eigenvalues over the sum of all.
        dead: how many dimensions are dead.
    """

    images: int
    dimensions: int
    effective_rank: float
    participation: float
    rank_me: float
    spread: float
    dead: int
    void: int
    for_90: int
    state: Literal["collapsed", "dimensional", "narrow", "healthy"]
    ranks: tuple[int, ...]
    logarithms: tuple[float, ...]


class Space(Plain):
    """A feature space measured now.

    Attributes:
        figures: of it.
        sentence: the verdict in words.
        remedy: what to try, or "".
        dead: which dimensions are dead.
    """

    figures: Figures
    sentence: str
    remedy: str
    dead: tuple[int, ...]


class PastFigures(Plain):
    """The probe images at one evaluation."""

    step: int
    epoch: float
    figures: Figures


class CollapseFinding(Finding):
    """Spectra now and then.

    Attributes:
        spaces: "trained", "untrained", encoders from outside, and "projection" where there is a
            head.
        past: evaluations of the run, the first one first.
    """

    spaces: dict[str, Space]
    past: tuple[PastFigures, ...]

    def headline(self) -> str:
        """Effective rank of the trained encoder, or that it is collapsed."""
        own = self.spaces[TRAINED].figures
        if own.state in ("collapsed", "dimensional"):
            return "collapsed" if own.state == "collapsed" else "dimensional collapse"
        return f"rank {own.effective_rank:.1f} of {own.dimensions}"

    def lines(self) -> list[str]:
        """A row a space, the verdict, and the run in a few moments."""
        head = (
            f"{'spectrum':<16}{'rank':>8}{'of':>7}{'90 %':>7}{'RankMe':>9}{'spread':>8}{'dead':>7}"
        )
        lines = [head, *(_line(name, one.figures) for name, one in self.spaces.items())]
        own = self.spaces[TRAINED]
        lines.append(f"{own.sentence} {own.remedy}".strip())
        places = np.unique(np.linspace(0, len(self.past) - 1, 6).round().astype(int))
        if self.past:
            lines.append("Probe images over the run:")
            lines += [
                _line(f"epoch {self.past[n].epoch:g}", self.past[n].figures)
                for n in places.tolist()
            ]
        return lines


def _line(name: str, one: Figures) -> str:
    return (
        f"{name:<16}{one.effective_rank:>8.1f}{one.dimensions:>7}{one.for_90:>7}"
        f"{one.rank_me:>9.1f}{one.spread:>8.2f}{one.dead:>7}"
    )


@assessment(title="Collapse", order=60, config=CollapseConfig, finding=CollapseFinding)
def measure(subject: Subject, config: CollapseConfig, watch: Watch) -> CollapseFinding:
    """Spectra of the feature spaces there are, and of those the run kept."""
    some = drawn(subject, config.split, config.images, config.seed)
    spaces: dict[str, Space] = {}
    for name in (*(one for one in subject.encoders if one != PIXELS), PROJECTION):
        if name == PROJECTION:
            parts = subject.features(TRAINED, "projection")
            if np.array_equal(parts.bank, subject.features(TRAINED).bank):
                continue  # a method without a head
        else:
            parts = subject.features(name)
        watch.stage(f"Spectrum, {name}")(0, 0)
        watch.check()
        found = spectrum(some.of(parts))
        sentence, remedy = told(found)
        dead = tuple(found.dead.tolist())
        spaces[name] = Space(figures=_figures(found), sentence=sentence, remedy=remedy, dead=dead)
    past = tuple(
        PastFigures(step=one.step, epoch=one.epoch, figures=_figures(spectrum(one.features)))
        for one in moments(subject.directory, config.moments, watch, "Spectra of the past")
    )
    return CollapseFinding(spaces=spaces, past=past)


def _figures(found: Spectrum) -> Figures:
    ranks = _ranks(found.dimensions)
    return Figures(
        images=found.images,
        dimensions=found.dimensions,
        effective_rank=found.effective_rank,
        participation=found.participation,
        rank_me=found.rank_me,
        spread=found.spread,
        dead=len(found.dead),
        void=found.void,
        for_90=found.for_90,
        state=found.state,
        ranks=tuple((ranks + 1).tolist()),
        logarithms=tuple(round(value, 4) for value in found.logarithms[ranks].tolist()),
    )


def _ranks(dimensions: int) -> NDArray[np.int64]:
    """Places of a spectrum that are kept: all, or a quarter of the room for the first ones."""
    if dimensions <= _RANKS:
        return np.arange(dimensions)
    first = _RANKS // 4
    rest = np.geomspace(first, dimensions - 1, _RANKS - first).round().astype(np.int64)
    return np.unique(np.concatenate([np.arange(first), rest]))
