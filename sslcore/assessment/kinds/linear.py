"""How well a straight cut through feature space tells the classes apart.

Linear evaluation on frozen features: standardised, an L2-penalised softmax solved to convergence,
the strength of the penalty chosen on a part of the training split, the held-out split asked once
(Kornblith et al. 2019, https://arxiv.org/abs/1805.08974). The confusion matrix opens the images of
a cell: what was taken for what.
"""

from __future__ import annotations

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.small_classes import remarks
from sslcore.assessment.solved import solved
from sslcore.assessment.subject import TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob


class LinearConfig(Config):
    """Settings of the linear evaluation."""

    validation: float = knob(
        0.15,
        low=0.05,
        high=0.5,
        help="Part of the training split on which the strength of the penalty is chosen.",
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of that part.")


class LinearScores(Plain):
    """One encoder.

    Attributes:
        top_1, top_5: part of the held-out images that have a label.
        penalty: the strength that was chosen.
        converged: whether the solver came to its end.
        per_class: part of each class that is found, None for classes never asked.
        confusion: [true][predicted] counts.
        predicted: class of every held-out image that has a label, in the order of ``rows``.
    """

    top_1: float
    top_5: float
    penalty: float
    converged: bool
    per_class: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    predicted: tuple[int, ...]


class LinearFinding(Finding):
    """Every encoder.

    Attributes:
        classes: names of the classes.
        rows: catalogue rows of the held-out images that have a label.
        truth: their classes.
        scores: name of the encoder -> what it reaches.
        remarks: what should be known of small classes, and of penalties at the end of their range.
    """

    classes: tuple[str, ...]
    rows: tuple[int, ...]
    truth: tuple[int, ...]
    scores: dict[str, LinearScores]
    remarks: tuple[str, ...] = ()

    @property
    def asked(self) -> int:
        """How many held-out images have a label."""
        return len(self.rows)

    def headline(self) -> str:
        """Top-1 accuracy of the trained encoder."""
        return percent(self.scores[TRAINED].top_1)

    def lines(self) -> list[str]:
        """A row an encoder."""
        head = f"{'linear accuracy':<16}{'top 1':>9}{'top 5':>9}"
        rows = (
            f"{name:<16}{one.top_1:>9.1%}{one.top_5:>9.1%}" for name, one in self.scores.items()
        )
        return [head, *rows, *self.remarks]


@assessment(
    title="Linear evaluation",
    order=20,
    config=LinearConfig,
    finding=LinearFinding,
    needs_labels=True,
)
def measure(subject: Subject, config: LinearConfig, watch: Watch) -> LinearFinding:
    """A linear classifier of every encoder's training features, asked on the held-out split."""
    labels = subject.labels
    asked = labels.queries >= 0
    found: dict[str, LinearScores] = {}
    ends: list[str] = []
    for name in subject.encoders:
        probe, scores, remark = solved(subject, name, config.validation, config.seed, watch)
        ends += [remark] if remark else []
        found[name] = LinearScores(
            top_1=scores.top_1,
            top_5=scores.top_5,
            penalty=probe.penalty,
            converged=probe.converged,
            per_class=tuple(None if one != one else float(one) for one in scores.per_class),
            confusion=tuple(tuple(row) for row in scores.confusion.tolist()),
            predicted=tuple(scores.predicted.tolist()),
        )
    return LinearFinding(
        classes=subject.classes,
        rows=tuple(subject.queries[asked].tolist()),
        truth=tuple(labels.queries[asked].tolist()),
        scores=found,
        remarks=(*remarks(labels.bank, labels.queries, subject.classes), *ends),
    )
