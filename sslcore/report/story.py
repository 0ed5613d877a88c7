"""Everything a report tells of a run, gathered; a run needs no checkpoint for it."""

from __future__ import annotations

from dataclasses import dataclass

from sslcore.assessment import kept
from sslcore.assessment.kept import Kept
from sslcore.assessment.watch import Watch
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.store import CheckpointError
from sslcore.export.probe import Probe, probe
from sslcore.export.source import public
from sslcore.method import MethodCard, find
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory, RunError
from sslcore.runs.health import Verdict, verdict
from sslcore.runs.record import RunRecord


@dataclass(frozen=True, eq=False)
class Story:
    """A run to be told.

    Attributes:
        name: of the run.
        recipe: with the folder by its name, not by its place.
        card: of the method.
        record: the log, folded.
        verdict: how it is doing.
        findings: what was measured afterwards, by the key of the measurement.
        probe: features, classes and images of the last evaluation.
        shown: diagnostics of the last whole snapshot with what they are; may be empty.
        shown_epoch: of that snapshot.
        problems: what could not be read, in sentences.
    """

    name: str
    recipe: Recipe
    card: MethodCard
    record: RunRecord
    verdict: Verdict
    findings: dict[str, Kept]
    probe: Probe
    shown: list[tuple[DiagnosticSpec, Diagnostic]]
    shown_epoch: float
    problems: list[str]

    @classmethod
    def read(cls, directory: RunDirectory, watch: Watch) -> Story:
        """Gather what is in a run directory.

        Raises:
            ConfigError, RunError: if recipe or log cannot be read.
            Cancelled: if it was called off.
        """
        recipe = directory.own(directory.recipe())
        watch.stage("Reading the log")(0, 0)
        record = RunRecord.fold(directory.replay())
        watch.check()
        findings, problems = kept.everything(directory)
        fingerprint = _fingerprint(directory, problems)
        shown, epoch = _shown(directory, record, problems)
        return cls(
            name=directory.path.resolve().name,
            recipe=public(recipe),
            card=find(recipe.method.key).card,
            record=record,
            verdict=verdict(record),
            findings=findings,
            probe=probe(directory, record, recipe.data, fingerprint, watch),
            shown=shown,
            shown_epoch=epoch,
            problems=problems,
        )


def _fingerprint(directory: RunDirectory, problems: list[str]) -> str | None:
    """Of the folder as the newest checkpoint has it."""
    try:
        loaded = directory.load()
        if loaded is None:
            return None
        return Checkpoint.read(loaded.files, loaded.path).catalogue
    except CheckpointError as error:
        problems.append(str(error))
        return None


def _shown(
    directory: RunDirectory, record: RunRecord, problems: list[str]
) -> tuple[list[tuple[DiagnosticSpec, Diagnostic]], float]:
    specs = () if record.started is None else record.started.diagnostics
    for step, epoch in reversed(record.snapshots):
        try:
            found = directory.snapshot(step).diagnostics
        except RunError as error:
            problems.append(str(error))
            continue
        return [(spec, found[spec.name]) for spec in specs if spec.name in found], epoch
    return [], 0.0
