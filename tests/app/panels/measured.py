"""Findings of the short run of the tests, measured for real."""

from sslcore.assessment import kept
from sslcore.assessment.contract import find
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.runs.directory import RunDirectory


def measure(path, key, **settings):
    """What a measurement finds of a run."""
    one = find(key)
    with Subject.open(RunDirectory.open(path)) as subject:
        return kept.measure(one, subject, one.config().changed(**settings), Watch())


def changed(found, **values):
    """The same finding with other parts."""
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return kept.Kept(**{**fields, "finding": found.finding.model_copy(update=values)})
