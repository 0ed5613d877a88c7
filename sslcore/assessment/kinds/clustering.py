"""Whether clusters found without labels follow the classes, or classes share them or are split.

k-means (k-means++ starts), density-based clustering (HDBSCAN) or Ward's merging in feature space,
held against the classes: homogeneity, completeness, NMI, ARI. *Under-clustering*: classes share
clusters; there were too few or too easy negatives, nothing pushed them apart. *Over-clustering*: a
class falls apart; there were too many negatives, false ones among them (Wang et al. 2021,
https://arxiv.org/abs/2104.08760). Each verdict names classes and the images that show it, and says
whether the features are at fault or only the number of clusters.

What lies in no dense region is noise. It counts as one more cluster in the scores, so that leaving
out what is hard does not pay. Without labels, sizes and silhouette are all there is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.drawing import Split, drawn
from sslcore.assessment.subject import TRAINED, UNTRAINED, Layer, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation import cluster_verdict, clustering
from sslcore.evaluation.cluster_agreement import Agreement, agree
from sslcore.evaluation.cluster_verdict import Verdict, judge
from sslcore.evaluation.negatives import negatives

USUAL = 10
"""Clusters that are looked for where there are no classes to count."""


class ClusteringConfig(Config):
    """Settings of the clustering."""

    algorithm: Literal["k-means", "density", "merging"] = knob(
        "k-means",
        help="'k-means' finds as many round clusters as asked for; 'density' (HDBSCAN) as many "
        "dense ones as there are, and noise; 'merging' (Ward) joins the most alike, 5,000 images "
        "at most.",
    )
    clusters: int = knob(
        0,
        low=0,
        high=1000,
        help="How many are looked for; 0 is as many as there are classes. Not for density.",
    )
    starts: int = knob(10, low=1, high=100, help="Starts of k-means, of which the best counts.")
    smallest: int = knob(
        15, low=2, high=1000, unit="images", help="The smallest cluster density-based finds."
    )
    split: Split = knob(
        "held-out", help="Which images are clustered. Held-out ones never entered training."
    )
    images: int = knob(
        3000, low=10, high=100_000, log=True, unit="images", help="At most so many, drawn evenly."
    )
    layer: Layer = knob(
        "features", help="What the encoder gives, or what the head makes of it for the loss."
    )
    scaling: Literal["unit", "standardised", "none"] = knob(
        "unit",
        help="'unit' compares directions, as kNN does; 'standardised' gives every dimension the "
        "same weight.",
    )
    components: int = knob(
        32,
        low=0,
        high=1000,
        help="Principal components kept before; 0 keeps all. Densities need few.",
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of starts and of the images drawn.")


class ClusterScores(Plain):
    """Agreement with the classes, see :class:`sslcore.evaluation.cluster_agreement.Scores`."""

    homogeneity: float
    completeness: float
    nmi: float
    ari: float
    accuracy: float


class Clustered(Plain):
    """The clusters of one encoder.

    Attributes:
        sizes: images of each cluster, the largest first.
        noise: images in no cluster.
        silhouette: -1 to 1; None for fewer than two clusters.
        scores: over all labelled images; None without labels.
        without_noise: over those in clusters only; None where nothing is noise.
    """

    sizes: tuple[int, ...]
    noise: int
    silhouette: float | None
    scores: ClusterScores | None
    without_noise: ClusterScores | None


class Case(Plain):
    """Classes that show a fault; ``rows`` are catalogue rows, those of the first side first."""

    classes: tuple[int, ...]
    clusters: tuple[int, ...]
    figure: float
    real: bool
    sentence: str
    rows: tuple[int, ...]


class Fault(Plain):
    """One of the two faults in words; "unclear" where clusters do not follow classes."""

    level: Literal["none", "some", "strong", "unclear"]
    sentence: str
    remedy: str
    cases: tuple[Case, ...]


class Judged(Plain):
    """The verdict on the trained encoder.

    Attributes:
        home, split, shared, noise: where the images of a class lie, mean over classes.
        under, over: the faults.
        note: about the number of clusters, or "".
    """

    home: float
    split: float
    shared: float
    noise: float
    under: Fault
    over: Fault
    note: str


class ClusteringFinding(Finding):
    """Clusters of every encoder, those of the trained one image by image.

    Attributes:
        classes: names; empty without labels.
        rows: catalogue rows of the images that were clustered.
        truth: their classes, -1 for none.
        numbers: their clusters under the trained encoder, -1 for noise.
        columns: an order of clusters that brings the table of classes and clusters near a diagonal.
        encoders: name -> its clusters.
        judged: None without labels.
        labelled: how many of the images have a class.
    """

    classes: tuple[str, ...]
    rows: tuple[int, ...]
    truth: tuple[int, ...]
    numbers: tuple[int, ...]
    columns: tuple[int, ...]
    encoders: dict[str, Clustered]
    judged: Judged | None
    labelled: int

    def headline(self) -> str:
        """NMI of the trained encoder, or how many clusters there are."""
        own = self.encoders[TRAINED]
        if own.scores is not None:
            return f"NMI {percent(own.scores.nmi)}"
        return f"{len(own.sizes)} clusters"

    def lines(self) -> list[str]:
        """A row an encoder, then the verdicts."""
        head = (
            f"{'clusters':<16}{'homog.':>8}{'compl.':>8}{'NMI':>8}{'ARI':>8}"
            f"{'silh.':>8}{'number':>8}{'noise':>8}"
        )
        told = [head, *(_line(name, one) for name, one in self.encoders.items())]
        if self.judged is None:
            return [*told, "No labels: how clusters agree with classes cannot be said."]
        for fault in (self.judged.under, self.judged.over):
            told.append(f"{fault.sentence} {fault.remedy}".strip())
            told += [f"  {case.sentence}" for case in fault.cases]
        return [*told, *([self.judged.note] if self.judged.note else [])]

    def table(self) -> NDArray[np.int64]:
        """(C, K + 1) images of every class in every cluster, and in none in the last column."""
        counts = np.zeros((len(self.classes), len(self.encoders[TRAINED].sizes) + 1), np.int64)
        truth, numbers = np.asarray(self.truth), np.asarray(self.numbers)
        known = truth >= 0
        np.add.at(counts, (truth[known], numbers[known]), 1)  # -1 is the last column
        return counts


def _line(name: str, one: Clustered) -> str:
    scores = one.scores
    figures = (
        [None] * 4
        if scores is None
        else [scores.homogeneity, scores.completeness, scores.nmi, scores.ari]
    )
    words = "".join(f"{'–' if v is None else f'{v:.3f}':>8}" for v in (*figures, one.silhouette))
    return f"{name:<16}{words}{len(one.sizes):>8}{one.noise:>8}"


@assessment(title="Clusters", order=40, config=ClusteringConfig, finding=ClusteringFinding)
def measure(subject: Subject, config: ClusteringConfig, watch: Watch) -> ClusteringFinding:
    """Cluster the images under every encoder."""
    some = drawn(subject, config.split, config.images, config.seed)
    labels = subject.material.catalogue.labels[some.rows].astype(np.int64)
    present = len(np.unique(labels[labels >= 0]))
    classes = subject.classes if present > 1 else ()
    if not classes:
        labels = np.full_like(labels, -1)
    wanted = min(config.clusters or (present if classes else USUAL), len(some.rows))
    encoders: dict[str, Clustered] = {}
    own = _Own(np.zeros(0, np.int64), np.zeros(0, np.int64), None)
    for name in subject.encoders:
        layer: Layer = config.layer if name in (TRAINED, UNTRAINED) else "features"
        features = some.of(subject.features(name, layer))
        watch.check()
        points = clustering.scaled(features, config.scaling, config.components, config.seed)
        found = _clusters(points, wanted, config, watch, name)
        agreed = agree(labels, found.numbers, len(classes)) if classes else None
        encoders[name] = _clustered(found, agreed)
        if name == TRAINED:
            own = _Own(found.numbers, np.arange(len(found), dtype=np.int64), None)
            if agreed is not None:
                pushed = _has_negatives(subject)
                verdict = judge(points, labels, found.numbers, agreed, classes, pushed)
                own = _Own(found.numbers, agreed.columns, _judged(verdict, some.rows))
    return ClusteringFinding(
        classes=classes,
        rows=tuple(some.rows.tolist()),
        truth=tuple(labels.tolist()),
        numbers=tuple(own.numbers.tolist()),
        columns=tuple(own.columns.tolist()),
        encoders=encoders,
        judged=own.judged,
        labelled=int((labels >= 0).sum()),
    )


class _Own(NamedTuple):
    """What is kept of the trained encoder alone."""

    numbers: NDArray[np.int64]
    columns: NDArray[np.int64]
    judged: Judged | None


def _clusters(
    points: NDArray[np.float32], wanted: int, config: ClusteringConfig, watch: Watch, name: str
) -> clustering.Clusters:
    progress = watch.stage(f"Clustering, {name}")
    if config.algorithm == "k-means":
        return clustering.k_means(
            points, wanted, config.starts, config.seed, progress, watch.cancelled
        )
    progress(0, 0)  # one call of which nothing is heard until it is done
    if config.algorithm == "density":
        return clustering.density(points, min(config.smallest, len(points)), config.seed)
    return clustering.agglomerative(points, wanted, config.seed)


def _clustered(found: clustering.Clusters, agreed: Agreement | None) -> Clustered:
    return Clustered(
        sizes=tuple(found.sizes.tolist()),
        noise=found.noise,
        silhouette=found.silhouette,
        scores=None if agreed is None else ClusterScores(**asdict(agreed.scores)),
        without_noise=(
            None
            if agreed is None or agreed.clustered is None
            else ClusterScores(**asdict(agreed.clustered))
        ),
    )


def _judged(verdict: Verdict, rows: NDArray[np.int64]) -> Judged:
    def fault(one: cluster_verdict.Fault) -> Fault:
        cases = tuple(
            Case(
                classes=case.classes,
                clusters=case.clusters,
                figure=case.figure,
                real=case.real,
                sentence=case.sentence,
                rows=tuple(rows[case.rows].tolist()),
            )
            for case in one.evidence
        )
        return Fault(level=one.level, sentence=one.sentence, remedy=one.remedy, cases=cases)

    return Judged(
        **asdict(verdict.shares),
        under=fault(verdict.under),
        over=fault(verdict.over),
        note=verdict.note,
    )


def _has_negatives(subject: Subject) -> bool:
    section = subject.recipe.method
    facts = subject.opened.checkpoint.facts
    return negatives(section.key, section.config, facts.batch_size, facts.count) is not None
