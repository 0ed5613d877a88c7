"""A linear classifier of an encoder's training features, solved and asked."""

from __future__ import annotations

from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.evaluation import linear
from sslcore.evaluation.linear import LinearProbe
from sslcore.evaluation.scores import Scores


def solved(
    subject: Subject, name: str, validation: float, seed: int, watch: Watch
) -> tuple[LinearProbe, Scores, str]:
    """The classifier of one encoder, what it gets right of the held-out split, and a remark.

    The remark is about a penalty at an end of those that were tried; "" for one in between.

    Args:
        subject: whose images.
        name: of the encoder.
        validation: part of the training split on which the penalty is chosen.
        seed: of that part.
        watch: told of progress.

    Raises:
        ValueError: if there is nothing to tell apart.
        Cancelled: if it was called off.
    """
    parts, labels = subject.features(name), subject.labels
    probe, tried = linear.chosen(
        parts.bank,
        labels.bank,
        validation=validation,
        seed=seed,
        device=subject.device,
        progress=watch.stage(f"Linear, {name}"),
        cancelled=watch.cancelled,
    )
    end, remark = linear.at_an_end(tried, probe.penalty), ""
    if end:
        beyond = {"weakest": "weaker", "strongest": "stronger"}[end]
        remark = (
            f"{name}: of all penalties the {end}, {probe.penalty:g}, did best; a {beyond} one "
            "might do better still."
        )
    return probe, linear.measure(probe, parts.queries, labels.queries), remark
