"""What the number of negatives does: runs beside this one that differ in batch, queue or bank.

InfoNCE with N negatives proves at most log(N + 1) nats of mutual information between two views, so
more negatives make a tighter bound. They also part classes, and, false ones among them, tear
classes apart: the bound (with its ceiling), kNN accuracy, NMI of clusters and both faults, under-
and over-clustering, stand side by side over N. N is 2 (B - 1) for SimCLR, the queue for MoCo v1 and
v2, B - 1 for MoCo v3 and CLIP, the bank for instance discrimination, all other patches of the batch
for CPC, the images a negative is chosen among for triplets (whose loss proves no bound).

Looked through are the runs in the folder where this run lies, on the same images, by what they
logged and kept themselves: nothing is trained or embedded. Every method is a line of its own. Their
bounds lie under the same ceiling, and each is one on what two views of an image have in common; but
views, heads and temperatures are the methods' own, so a higher line is no better source of
negatives for that alone. To make such runs, start a study: the shipped one of negatives (batch,
queue and bank), or a grid over schedule.batch_size or method.queue_size.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.siblings import Labelled, Sibling, siblings
from sslcore.assessment.subject import TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation.negatives import ALONE, MEASURES, Point, Trial, compared, point, sweep

Methods = Literal["this", "all"]


class NegativesConfig(Config):
    """Settings of the sweep."""

    folder: str = knob(
        "", help="Where the runs lie, each in a folder of its own; empty is beside this run."
    )
    methods: Methods = knob(
        "all",
        help="'all' shows a line for every method with negatives among the runs; 'this' only that "
        "of this run.",
    )
    starts: int = knob(5, low=1, high=100, help="Starts of k-means, of which the best counts.")
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of k-means.")


class Between(Plain):
    """A figure over the runs with one N."""

    mean: float
    low: float
    high: float


class SweepPoint(Plain):
    """All runs with one number of negatives.

    Attributes:
        negatives: N.
        ceiling: log(N + 1), in nats.
        runs: their names.
        values: by keys of :data:`sslcore.evaluation.negatives.MEASURES`.
    """

    negatives: int
    ceiling: float
    runs: tuple[str, ...]
    values: dict[str, Between]


class MethodLine(Plain):
    """The runs of another method.

    Attributes:
        method: its title.
        points: by N.
        sentences: what they say.
    """

    method: str
    points: tuple[SweepPoint, ...]
    sentences: tuple[str, ...]


class NegativesFinding(Finding):
    """The sweep.

    Attributes:
        method: title of this run's.
        own: negatives of this run; None where its method has none, or they are not counted.
        points: of this run's method, by N; one alone if there is no other run.
        epochs: fewest and most epochs of the runs.
        others: fields in which runs differ besides.
        sentences: what the figures say.
        counted: False where there are negatives whose number is not known here.
        beside: lines of other methods; none in files from before they were looked for.
    """

    method: str
    own: int | None
    points: tuple[SweepPoint, ...]
    epochs: tuple[float, float]
    others: tuple[str, ...]
    sentences: tuple[str, ...]
    counted: bool = True
    beside: tuple[MethodLine, ...] = ()

    @property
    def by_method(self) -> dict[str, tuple[SweepPoint, ...]]:
        """Title of every method -> its points, this run's first; nothing without a point."""
        own = {self.method: self.points} if self.points else {}
        return own | {one.method: one.points for one in self.beside}

    @property
    def said(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is said of all runs, and of each of several methods alone."""
        if not self.beside:
            return self.sentences, ()
        head = f"{self.method}: "
        own = tuple(one for one in self.sentences if one.startswith(head))
        others = tuple(one for line in self.beside for one in line.sentences)
        return tuple(one for one in self.sentences if one not in own), own + others

    def headline(self) -> str:
        """How many numbers of negatives are compared."""
        if self.own is None:
            return "no negatives" if self.counted else "not counted"
        counts = {one.negatives for points in self.by_method.values() for one in points}
        numbers = f"{self.own:,} negatives" if len(counts) < 2 else f"{len(counts)} numbers"
        return f"{numbers}, {len(self.beside) + 1} methods" if self.beside else numbers

    def lines(self) -> list[str]:
        """A row a number of negatives, method by method."""
        told: list[str] = []
        if self.points:
            names = ("bound", "kNN", "NMI", "under", "over")
            told.append(
                f"{'negatives':>10}{'log(N + 1)':>12}" + "".join(f"{one:>10}" for one in names)
            )
        for method, points in self.by_method.items():
            if self.beside:
                told.append(method)
            told.extend(_rows(points))
        return [*told, *(one for part in self.said for one in part)]


def _rows(points: tuple[SweepPoint, ...]) -> list[str]:
    proved = any("bound" in one.values for one in points)
    told: list[str] = []
    for one in points:
        ceiling = f"{one.ceiling:.2f}" if proved else "–"
        words = [_word(key, one.values.get(key)) for key in MEASURES]
        told.append(f"{one.negatives:>10}{ceiling:>12}" + "".join(f"{w:>10}" for w in words))
    return told


def _word(key: str, value: Between | None) -> str:
    if value is None:
        return "–"
    return f"{value.mean:.3f}" if key in ("bound", "nmi") else percent(value.mean)


@assessment(
    title="Negatives",
    order=45,
    config=NegativesConfig,
    finding=NegativesFinding,
    before={"methods": "this"},
)
def measure(subject: Subject, config: NegativesConfig, watch: Watch) -> NegativesFinding:
    """Look through the runs beside this one."""
    folder = Path(config.folder).expanduser() if config.folder else subject.directory.path.parent
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; choose the one that holds the runs")
    catalogue = subject.material.catalogue
    known = Labelled(
        catalogue.labels.astype(np.int64), subject.classes, subject.queries.astype(np.int64)
    )
    found = list(
        siblings(
            subject.directory, folder, known, config.starts, config.seed, watch,
            all_methods=config.methods == "all",
        )
    )  # fmt: skip
    title = subject.method(TRAINED).card.title
    own = next((one for one in found if one.own), None)
    if own is None:
        counted = _counted(subject)
        said = "does not choose among negatives" if counted else "has negatives not counted here"
        return NegativesFinding(
            method=title,
            own=None,
            points=(),
            epochs=(0.0, 0.0),
            others=(),
            sentences=(f"{title}, with these settings, {said}.",),
            counted=counted,
        )
    lines = _by_method(found, own.title)
    swept = {name: _line([one.trial for one in runs]) for name, runs in lines.items()}
    points, told = swept.pop(own.title)
    if not swept and len(points) < 2:
        told = (_TRY.format(folder=folder.name),)
    epochs = [one.epochs for one in found]
    others = tuple(sorted({path for one in found for path in one.others}))
    caveats = _caveats(lines, others)
    if swept:
        single = ALONE in {line for _, words in swept.values() for line in words} | set(told)
        several = compared({own.title: points} | {name: one[0] for name, one in swept.items()})
        caveats = [*several, _SEVERAL, *caveats, *((ALONE,) if single else ())]
        sentences = (*caveats, *_headed(own.title, told))
    else:
        sentences = (*told, *caveats)
    return NegativesFinding(
        method=title,
        own=own.trial.negatives,
        points=tuple(map(_plain, points)),
        epochs=(min(epochs), max(epochs)),
        others=others,
        sentences=sentences,
        beside=tuple(
            MethodLine(
                method=name,
                points=tuple(map(_plain, points)),
                sentences=_headed(name, told),
            )
            for name, (points, told) in swept.items()
        ),
    )


def _by_method(found: list[Sibling], first: str) -> dict[str, list[Sibling]]:
    """Runs by the title of their method, one of them first, the others by name."""
    titles = sorted({one.title for one in found} - {first})
    return {title: [one for one in found if one.title == title] for title in (first, *titles)}


def _line(trials: list[Trial]) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """Points of one method and what they say; nothing is said of a single number."""
    if len({one.negatives for one in trials}) < 2:
        return (point(trials),), ()
    swept = sweep(trials)
    return swept.points, swept.sentences


def _headed(title: str, told: tuple[str, ...]) -> tuple[str, ...]:
    """What one of several lines says, as a paragraph behind the name of its method."""
    words = " ".join(one for one in told if one != ALONE)
    return (f"{title}: {words}",) if words else ()


def _counted(subject: Subject) -> bool:
    """Whether a run without a number of negatives has none; frames have some, not counted here."""
    method = subject.recipe.method
    left_out = getattr(method.config, "negatives", None) is False
    return left_out or subject.method(TRAINED).card.family != "contrastive"


_TRY = (
    "There is no other run of this method on these images in the folder {folder}. Start a study "
    "over schedule.batch_size (SimCLR, MoCo v3, CLIP, CPC, triplets) or method.queue_size (MoCo v1 "
    "and v2), or the shipped one of negatives, and measure one of its runs."
)
_SEVERAL = (
    "All bounds lie under the ceiling log(N + 1), and each is one on what two views of an image "
    "have in common. But views, heads and temperatures are the methods' own: what parts two lines "
    "is the method as much as where its negatives come from."
)


def _plain(one: Point) -> SweepPoint:
    return SweepPoint(
        negatives=one.negatives,
        ceiling=one.ceiling,
        runs=one.names,
        values={key: Between(**asdict(value)) for key, value in one.values.items()},
    )


def _caveats(lines: dict[str, list[Sibling]], others: tuple[str, ...]) -> list[str]:
    told: list[str] = []
    bounds = [one.trial.values.get("bound", 0.0) for runs in lines.values() for one in runs]
    if min(bounds) < 0:
        told.append("A bound below 0 nats proves nothing at all, like one of 0.")
    epochs = [one.epochs for runs in lines.values() for one in runs]
    if max(epochs) - min(epochs) > 0.5:
        told.append(
            f"The runs have between {min(epochs):.0f} and {max(epochs):.0f} epochs behind them, so "
            "more is compared than negatives."
        )
    steps = [one.steps for runs in lines.values() for one in runs]
    if max(steps) > 1.1 * min(steps) and max(epochs) - min(epochs) <= 0.5:
        told.append(
            f"A larger batch makes fewer steps of the same epochs: the runs took {min(steps):,} to "
            f"{max(steps):,}, which may matter more than the negatives."
        )
    if others:
        told.append(f"They differ in {', '.join(others)} as well.")
    return told
