"""Which class an image's nearest neighbours in feature space have, without training anything.

Weighted k-nearest-neighbour accuracy by cosine (Wu et al. 2018, https://arxiv.org/abs/1805.01978,
section 3.4): the training split is the bank, the held-out split asks. Cheap, without a knob that
could be tuned badly, and so the first thing to look at. Beside it stand the same encoder before its
first step and raw pixels: what is not above both was not learned.
"""

from __future__ import annotations

from sslcore.assessment.contract import Finding, assessment, percent
from sslcore.assessment.small_classes import remarks
from sslcore.assessment.subject import TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation import knn


class KnnConfig(Config):
    """Settings of the nearest-neighbour classifier."""

    neighbours: int = knob(
        20, low=1, high=10_000, log=True, help="Neighbours that vote.", paper="k"
    )
    second: int = knob(
        200, low=1, high=10_000, log=True, help="Another number of neighbours beside it.", paper="k"
    )
    temperature: float = knob(
        0.1,
        low=0.01,
        high=10.0,
        log=True,
        help="Small lets only the very nearest count.",
        paper="T = .07 to .1",
    )


class KnnFinding(Finding):
    """Accuracies.

    Attributes:
        neighbours: values of k.
        accuracy: name of the encoder -> one part of the held-out images that have a label a k.
        asked: how many these are; None in findings of before it was kept.
        remarks: what should be known of small classes.
    """

    neighbours: tuple[int, ...]
    accuracy: dict[str, tuple[float, ...]]
    asked: int | None = None
    remarks: tuple[str, ...] = ()

    def headline(self) -> str:
        """The trained encoder with the first k."""
        return percent(self.accuracy[TRAINED][0])

    def lines(self) -> list[str]:
        """A row an encoder."""
        head = f"{'kNN accuracy':<16}" + "".join(f"{f'k = {k}':>9}" for k in self.neighbours)
        return [
            head,
            *(
                f"{name:<16}" + "".join(f"{one:>9.1%}" for one in row)
                for name, row in self.accuracy.items()
            ),
            *self.remarks,
        ]


@assessment(
    title="Nearest neighbours",
    order=10,
    config=KnnConfig,
    finding=KnnFinding,
    needs_labels=True,
)
def measure(subject: Subject, config: KnnConfig, watch: Watch) -> KnnFinding:
    """Accuracy of every encoder for both k."""
    neighbours = tuple(dict.fromkeys((config.neighbours, config.second)))
    labels = subject.labels
    found: dict[str, tuple[float, ...]] = {}
    for name in subject.encoders:
        parts = subject.features(name)
        progress = watch.stage(f"Neighbours, {name}")
        scores: list[float] = []
        for number, k in enumerate(neighbours):
            watch.check()
            progress(number, len(neighbours))
            scores.append(
                knn.accuracy(
                    parts.bank, labels.bank, parts.queries, labels.queries, k, config.temperature
                )
            )
        found[name] = tuple(scores)
    return KnnFinding(
        neighbours=neighbours,
        accuracy=found,
        asked=int((labels.queries >= 0).sum()),
        remarks=remarks(labels.bank, labels.queries, subject.classes),
    )
