"""What the number of negatives does: runs beside this one that differ in batch or queue.

InfoNCE with N negatives proves at most log(N + 1) nats of mutual information between two views, so
more negatives make a tighter bound. They also part classes, and, false ones among them, tear
classes apart: the bound (with its ceiling), kNN accuracy, NMI of clusters and both faults, under-
and over-clustering, stand side by side over N. N is 2 (B - 1) for SimCLR, the queue for MoCo v1 and
v2, B - 1 for MoCo v3 and CLIP, the bank for instance discrimination, all other patches of the batch
for CPC, the images a negative is chosen among for triplets (whose loss proves no bound).

Looked through are the runs in the folder where this run lies, of the same method on the same
images, by what they logged and kept themselves: nothing is trained or embedded. To make such runs,
start a study: a grid over schedule.batch_size or method.queue_size.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.siblings import Labelled, Sibling, siblings
from sslcore.assessment.subject import TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation.negatives import MEASURES, Point, point, sweep


class NegativesConfig(Config):
    """Settings of the sweep."""

    folder: str = knob(
        "", help="Where the runs lie, each in a folder of its own; empty is beside this run."
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


class NegativesFinding(Finding):
    """The sweep.

    Attributes:
        method: its title.
        own: negatives of this run; None where its method has none, or they are not counted.
        points: by N; one alone if there is no other run.
        epochs: fewest and most epochs of the runs.
        others: fields in which runs differ besides.
        sentences: what the figures say.
        counted: False where there are negatives whose number is not known here.
    """

    method: str
    own: int | None
    points: tuple[SweepPoint, ...]
    epochs: tuple[float, float]
    others: tuple[str, ...]
    sentences: tuple[str, ...]
    counted: bool = True

    def headline(self) -> str:
        """How many numbers of negatives are compared."""
        if self.own is None:
            return "no negatives" if self.counted else "not counted"
        return f"{self.own:,} negatives" if len(self.points) < 2 else f"{len(self.points)} numbers"

    def lines(self) -> list[str]:
        """A row a number of negatives."""
        told: list[str] = []
        if self.points:
            names = ("bound", "kNN", "NMI", "under", "over")
            told.append(
                f"{'negatives':>10}{'log(N + 1)':>12}" + "".join(f"{one:>10}" for one in names)
            )
        proved = any("bound" in one.values for one in self.points)
        for one in self.points:
            ceiling = f"{one.ceiling:.2f}" if proved else "–"
            words = [_word(key, one.values.get(key)) for key in MEASURES]
            told.append(f"{one.negatives:>10}{ceiling:>12}" + "".join(f"{w:>10}" for w in words))
        return [*told, *self.sentences]


def _word(key: str, value: Between | None) -> str:
    if value is None:
        return "–"
    return f"{value.mean:.3f}" if key in ("bound", "nmi") else percent(value.mean)


@assessment(title="Negatives", order=45, config=NegativesConfig, finding=NegativesFinding)
def measure(subject: Subject, config: NegativesConfig, watch: Watch) -> NegativesFinding:
    """Look through the runs beside this one."""
    folder = Path(config.folder).expanduser() if config.folder else subject.directory.path.parent
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; choose the one that holds the runs")
    catalogue = subject.material.catalogue
    known = Labelled(
        catalogue.labels.astype(np.int64), subject.classes, subject.queries.astype(np.int64)
    )
    found = list(siblings(subject.directory, folder, known, config.starts, config.seed, watch))
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
    trials = [one.trial for one in found]
    if len({one.negatives for one in trials}) < 2:
        points, told = (point(trials),), (_TRY.format(folder=folder.name),)
    else:
        swept = sweep(trials)
        points, told = swept.points, swept.sentences
    epochs = [one.epochs for one in found]
    others = tuple(sorted({path for one in found for path in one.others}))
    return NegativesFinding(
        method=title,
        own=own.trial.negatives,
        points=tuple(map(_plain, points)),
        epochs=(min(epochs), max(epochs)),
        others=others,
        sentences=(*told, *_caveats(found, others)),
    )


def _counted(subject: Subject) -> bool:
    """Whether a run without a number of negatives has none; frames have some, not counted here."""
    method = subject.recipe.method
    left_out = getattr(method.config, "negatives", None) is False
    return left_out or subject.method(TRAINED).card.family != "contrastive"


_TRY = (
    "There is no other run of this method on these images in the folder {folder}. Start a study "
    "over schedule.batch_size (SimCLR, MoCo v3, CLIP, CPC, triplets) or method.queue_size (MoCo v1 "
    "and v2), and measure one of its runs."
)


def _plain(one: Point) -> SweepPoint:
    return SweepPoint(
        negatives=one.negatives,
        ceiling=one.ceiling,
        runs=one.names,
        values={key: Between(**asdict(value)) for key, value in one.values.items()},
    )


def _caveats(found: list[Sibling], others: tuple[str, ...]) -> list[str]:
    told: list[str] = []
    epochs = [one.epochs for one in found]
    if max(epochs) - min(epochs) > 0.5:
        told.append(
            f"The runs have between {min(epochs):.0f} and {max(epochs):.0f} epochs behind them, so "
            "more is compared than negatives."
        )
    steps = [one.steps for one in found]
    if max(steps) > 1.1 * min(steps) and max(epochs) - min(epochs) <= 0.5:
        told.append(
            f"A larger batch makes fewer steps of the same epochs: the runs took {min(steps):,} to "
            f"{max(steps):,}, which may matter more than the negatives."
        )
    if others:
        told.append(f"They differ in {', '.join(others)} as well.")
    return told
