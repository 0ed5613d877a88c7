"""Training as a generator: events come out, a control goes in, and nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sslcore.batch import Sample
from sslcore.data.catalogue import Cancelled
from sslcore.data.channels import counted
from sslcore.data.folder import left_out
from sslcore.diagnostics import Diagnostic
from sslcore.engine import correlation, devices, failure, pace
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.control import Control
from sslcore.engine.environment import environment
from sslcore.engine.rig import prepare
from sslcore.engine.store import CheckpointError, Store
from sslcore.evaluation.features import Cancelled as EvaluationCancelled
from sslcore.events import (
    CheckpointSaved,
    EmbeddingSaved,
    Evaluated,
    Paused,
    Reason,
    Resumed,
    RunEvent,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
    packed,
)
from sslcore.recipe import Recipe

logger = logging.getLogger(__name__)


def train(
    recipe: Recipe, control: Control, store: Store, resume: str | None = None
) -> Iterator[RunEvent]:
    """Train a method as its recipe says.

    Args:
        recipe: everything that determines the run.
        control: stop, pause, resume and snapshot requests from any thread.
        store: where checkpoints and features go; claimed for as long as the run lasts.
        resume: None begins anew; "auto" goes on from the newest whole checkpoint, if there is
            one; anything else is the path of a checkpoint.

    Yields:
        ``Preparing`` events, ``RunStarted``, then what happens, and ``RunStopped`` as the very
        last. Never raises for what goes wrong in the run: that is ``RunStopped`` "failed" with
        one sentence.
    """
    run = _Run(recipe, control, store, resume)
    reason: Reason = "failed"
    error = ""
    try:
        reason = yield from run.events()
    except (Cancelled, EvaluationCancelled):
        reason = "stopped"
    except failure.EXPECTED as problem:
        error = failure.sentence(problem)
    except Exception as problem:
        logger.exception("training failed")
        error = failure.sentence(problem)
    finally:
        run.close()
    yield RunStopped(run.step, reason, error, time.time())


class _Run:
    """One call of :func:`train`."""

    def __init__(self, recipe: Recipe, control: Control, store: Store, resume: str | None) -> None:
        self.recipe = recipe
        self.control = control
        self.store = store
        self.resume = resume
        self.step = 0
        self._saved = -1
        self._evaluated = -1
        self._closers: list[Callable[[], object]] = []
        self.speed = pace.Speed()

    def close(self) -> None:
        """Let go of threads, files and the claim, last taken first."""
        while self._closers:
            self._closers.pop()()

    def events(self) -> Generator[RunEvent, None, Reason]:
        """The whole run; returns how it ended."""
        self._take_place()
        checkpoint, problems = self._checkpoint()
        self.rig = yield from prepare(
            self.recipe, self.control, self.place, checkpoint, self._closers
        )
        if checkpoint is not None:
            self.step, self._evaluated = checkpoint.step, checkpoint.evaluated
            self._saved = checkpoint.step
        yield self._started()
        yield from problems
        yield from self._notices(checkpoint)
        if self.step == 0 or (self._evaluation_due() and self._evaluated != self.step):
            yield from self._evaluate(reference=self.step == 0)
        total = self.rig.timetable.total_steps
        samples = self.rig.loader.batches(self.step)
        while self.step < total:
            if (yield from self._asked_to_stop()):
                return "stopped"
            self.speed.start()
            yield from self._do_step(next(samples))
        yield from self._save()
        return "completed"

    # Before the first step

    def _take_place(self) -> None:
        self.store.claim()
        self._closers.append(self.store.release)
        section = self.recipe.run
        self.place = devices.place(section)
        before = torch.get_num_threads()
        torch.set_num_threads(devices.threads(section))
        self._closers.append(lambda: torch.set_num_threads(before))

    def _checkpoint(self) -> tuple[Checkpoint | None, list[Warned]]:
        loaded = None if self.resume is None else self.store.load(self.resume)
        if loaded is None:
            return None, []
        checkpoint = Checkpoint.read(loaded.files, loaded.path)
        key = Recipe.from_toml(checkpoint.recipe).method.key
        if key != self.recipe.method.key:
            raise CheckpointError(
                f"{loaded.path}: made by {key!r}, the recipe says {self.recipe.method.key!r}; "
                "resume with its own recipe or start a new run"
            )
        remedy = f"The run goes on from step {checkpoint.step} instead."
        problems = [
            Warned(checkpoint.step, "checkpoint_damaged", f"Passed over: {text}", remedy)
            for text in loaded.problems
        ]
        return checkpoint, problems

    def _started(self) -> RunStarted:
        card = self.rig.method.card
        shared = (correlation.CROSS_CORRELATION,) if self.rig.shared else ()
        return RunStarted(
            method=self.rig.method.key,
            title=card.title,
            total_steps=self.rig.timetable.total_steps,
            steps_per_epoch=self.rig.timetable.steps_per_epoch,
            epochs=self.recipe.schedule.epochs,
            first_step=self.step,
            images=len(self.rig.material.split.train),
            held_out=len(self.rig.material.split.held_out),
            classes=self.rig.material.catalogue.classes,
            device=self.place.title,
            precision=self.place.precision,
            diagnostics=(*card.diagnostics, *shared),
            constants=dict(self.rig.method.constants()),
            environment=environment(),
            time=time.time(),
            ceilings=dict(self.rig.method.ceilings(self.rig.plan)),
        )

    def _notices(self, checkpoint: Checkpoint | None) -> Iterator[Warned]:
        problems = self.rig.material.catalogue.problems
        if problems:
            remedy = "Training goes on with the rest; the place Data of the window lists all."
            yield Warned(self.step, "left_out", left_out(problems), remedy)
        unknown = self.recipe.data.exclusion(self.rig.material.catalogue).unknown
        if unknown:
            yield Warned(
                self.step,
                "excluded_unknown",
                f"Not in the folder, so excluded without effect: {unknown[0]}"
                + (f" and {len(unknown) - 1} more." if len(unknown) > 1 else "."),
                "Nothing, if they were removed; else correct the paths in data.excluded.",
            )
        channels, views = self.rig.material.catalogue.channels, self.recipe.views
        idle = () if views is None else views.idle(channels)
        if idle:
            names = ", ".join(dict.fromkeys(step.title.lower() for step in idle))
            yield Warned(
                self.step,
                "colour_steps",
                f"These images have {counted(channels)}, so steps that need colour are "
                f"switched off: {names}.",
                "Nothing, or remove them from the views of the recipe.",
            )
        for text in self.rig.material.notices:
            yield Warned(self.step, "pixel_cache", f"{text[0].upper()}{text[1:]}.", "")
        if (
            checkpoint is not None
            and checkpoint.catalogue != self.rig.material.catalogue.fingerprint
        ):
            yield Warned(
                self.step,
                "folder_changed",
                "The folder is not what it was when this run began; images were added, removed "
                "or changed.",
                "The run goes on with the folder as it is; its curves are no longer comparable.",
            )

    # Steps

    def _do_step(self, sample: Sample) -> Generator[RunEvent, None, None]:
        """One update, and everything that is due after it."""
        rig = self.rig
        number, total = self.step + 1, rig.timetable.total_steps
        asked = self.control.take_snapshot_request()
        wanted = asked or number == 1 or pace.due(number, self.recipe.run.snapshot_every, total)
        clock = rig.clock(self.step, wanted)
        rate = rig.optimisation.start(self.step)
        batch = rig.batch(sample, self.step)
        with rig.online.listening(rig.method.encoder(), batch):
            output = rig.propagation.run(batch, clock)
        updated = rig.optimisation.finish(self.step)
        if updated:
            with torch.no_grad():
                rig.method.after_step(output.tensors, clock)
        else:
            rig.propagation.forget()
        # One transfer from the device for all numbers.
        scalars = [output.loss, *output.terms.values()]
        loss, *terms = torch.stack([one.detach().float() for one in scalars]).tolist()
        self.step = number
        yield StepDone(
            step=number,
            epoch=self._epoch,
            loss=loss,
            terms=dict(zip(output.terms, terms, strict=True)),
            learning_rate=rate,
            images_per_second=self.speed.stop(len(sample)),
            memory=self.place.memory(),
            skipped=not updated,
        )
        yield from self.rig.watch.step(number, loss, not updated)
        yield from self.rig.watch.files(number, self.rig.material.missing)
        if wanted:
            yield Snapshot(number, self._epoch, self._pictures(output.diagnostics, output.tensors))
        if self._evaluation_due():
            yield from self._evaluate(reference=False)
        elif self._features_due(asked):
            yield from self._keep_features()
        interval = pace.every(self.recipe.run.checkpoint_every, rig.timetable.steps_per_epoch)
        if pace.due(number, interval, total):
            yield from self._save()

    @property
    def _epoch(self) -> float:
        return self.step / self.rig.timetable.steps_per_epoch

    def _pictures(
        self, own: Mapping[str, Diagnostic], tensors: Mapping[str, torch.Tensor]
    ) -> dict[str, Diagnostic]:
        """The method's diagnostics, with the shared one where it has none of its own."""
        pictures = dict(own)
        if self.rig.shared and correlation.shows(tensors):
            name = correlation.CROSS_CORRELATION.name
            pictures[name] = correlation.cross_correlation(tensors)
        return pictures

    def _asked_to_stop(self) -> Generator[RunEvent, None, bool]:
        """Wait while paused; on a stop save and say True."""
        if self.control.pausing:
            yield Paused(self.step)
            self.control.wait()
            if not self.control.stopping:
                yield Resumed(self.step)
        if self.control.stopping:
            yield from self._save()
        return self.control.stopping

    # What is due now and then

    def _evaluation_due(self) -> bool:
        interval = pace.every(self.recipe.run.evaluate_every, self.rig.timetable.steps_per_epoch)
        return pace.due(self.step, interval, self.rig.timetable.total_steps)

    def _features_due(self, asked: bool) -> bool:
        """Whether the timeline gets a set of features here, where no evaluation keeps one."""
        section, rig = self.recipe.run, self.rig
        interval = pace.features(
            section.embed_every,
            section.snapshot_every,
            len(rig.probe.index),
            rig.loader.batch_size * rig.method.seen,
            rig.timetable.total_steps,
        )
        return interval > 0 and (asked or self.step % interval == 0)

    def _keep_features(self) -> Generator[RunEvent, None, None]:
        """Features of the probe images and nothing else; a stop calls it off."""
        with suppress(EvaluationCancelled):
            features = self.rig.probe.embed(self.rig.method, lambda: self.control.stopping)
            yield self._embedded(features, {})

    def _embedded(
        self, features: NDArray[np.float32], views: Mapping[str, NDArray[Any]]
    ) -> EmbeddingSaved:
        """Write features of the probe images, and which these are: rows shift in other folders."""
        index, paths = self.rig.probe.index, self.rig.material.catalogue.paths
        path = self.store.save_array(
            f"embeddings/step_{self.step:08d}",
            {
                "index": index,
                "features": features,
                "paths": packed(paths[one] for one in index),
                **views,
            },
        )
        return EmbeddingSaved(self.step, self._epoch, path, *features.shape)

    def _evaluate(self, *, reference: bool) -> Generator[RunEvent, None, None]:
        """Measure the encoder; called off by a stop, and then done when the run is resumed."""
        try:
            measured = self.rig.probe.measure(self.rig.method, lambda: self.control.stopping)
        except EvaluationCancelled:
            return
        saved = self._embedded(measured.features, measured.views)
        self._evaluated = self.step
        yield saved
        read = self.rig.online.metrics(measured.index, measured.features, self.rig.probe.queries)
        yield Evaluated(self.step, self._epoch, {**measured.metrics, **read}, reference)
        if reference:
            self.rig.watch.untrained(measured.metrics)
        else:
            yield from self.rig.watch.evaluation(self.step, measured.metrics, saved.dimensions)

    def _save(self) -> Generator[RunEvent, None, None]:
        if self._saved == self.step:
            return
        checkpoint = Checkpoint(
            step=self.step,
            evaluated=self._evaluated,
            recipe=self.recipe.to_toml(),
            facts=self.rig.facts,
            catalogue=self.rig.material.catalogue.fingerprint,
            watch=self.rig.watch.state(),
            weights=self.rig.method.state_dict(),
            optimiser=self.rig.optimisation.state(),
            online=self.rig.online.state(),
        )
        path = self.store.save_checkpoint(
            self.step, checkpoint.files(), self.recipe.run.keep_checkpoints
        )
        self._saved = self.step
        yield CheckpointSaved(self.step, self._epoch, path)
