"""Everything a run works with, put together from its recipe."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sslcore.augment.view import ViewPlan, mixed_seed
from sslcore.batch import Batch, Sample
from sslcore.config import ConfigError
from sslcore.data.kinds import lacking
from sslcore.data.loader import Loader
from sslcore.data.source import Source
from sslcore.engine import correlation
from sslcore.engine.assembly import assemble
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.control import Control
from sslcore.engine.devices import Placement
from sslcore.engine.online_probe import OnlineProbe
from sslcore.engine.optimisation import Optimisation
from sslcore.engine.preparation import (
    Material,
    TrainingImages,
    channel_statistics,
    narrated,
    open_data,
)
from sslcore.engine.probe import Probe
from sslcore.engine.propagation import Propagation
from sslcore.engine.schedule import Timetable
from sslcore.engine.watch import Watch
from sslcore.events import Preparing
from sslcore.method import Clock, DataFacts, Method, find, wants_patches
from sslcore.nets import vit
from sslcore.nets.memory_format import channels_last
from sslcore.recipe import Recipe
from sslcore.tell_tales import widen


@dataclass(frozen=True)
class Rig:
    """A run ready for its next step.

    Attributes:
        shared: whether the cross-correlation of two views is shown beside the method's own
            diagnostics.
    """

    recipe: Recipe
    place: Placement
    material: Material
    loader: Loader
    timetable: Timetable
    facts: DataFacts
    plan: ViewPlan
    method: Method[Any]
    optimisation: Optimisation
    propagation: Propagation
    watch: Watch
    probe: Probe
    online: OnlineProbe
    shared: bool

    def clock(self, step: int, snapshot: bool) -> Clock:
        """The clock of a step; ``Propagation`` seeds its generator."""
        return _clock(self.timetable, step, snapshot)

    def batch(self, sample: Sample, step: int) -> Batch:
        """The views of a step, drawn on the CPU from (seed, step), made on the device."""
        return _batch(self.recipe.run.seed, self.plan, self.place.device, sample, step)


def prepare(
    recipe: Recipe,
    control: Control,
    place: Placement,
    checkpoint: Checkpoint | None,
    closers: list[Callable[[], object]],
) -> Generator[Preparing, None, Rig]:
    """Open the data and build the method, from a checkpoint or fresh.

    Args:
        recipe: everything that determines the run.
        control: a stop calls the preparation off.
        place: device and precision.
        checkpoint: where to go on from, or None.
        closers: gets what must be called when the run ends, last first.

    Raises:
        ConfigError: if the recipe does not fit the data.
        Cancelled: if it was called off.
    """
    section = recipe.schedule
    _check_backbone(recipe)
    accepted = {find(recipe.method.key).card.needs, *find(recipe.method.key).card.accepts}
    material = yield from open_data(recipe.data, control, "pairs" in accepted)
    closers.append(material.close)
    _check_needs(recipe, material)
    seed = recipe.run.seed
    rows = recipe.training_rows(material.catalogue, material.split)
    _check_count(recipe, rows)
    facts = recipe.facts(material.catalogue, rows)
    if checkpoint is not None:  # words keep their numbers, whatever became of the folder
        known = checkpoint.facts
        facts = replace(facts, vocabulary=known.vocabulary, vocabulary_size=known.vocabulary_size)
    source = material.source(recipe, facts)
    loader = Loader(
        material.pixels,
        rows,
        section.batch_size,
        mixed_seed(seed, "order"),
        sample=source.sample,
    )
    closers.append(loader.close)
    timetable = Timetable(section, recipe.optimiser, loader.steps_per_epoch)
    plan = recipe.view_plan(facts)
    _check_views(plan, find(recipe.method.key).default_views(recipe.method.config, facts))
    method = yield from _build(recipe, control, material, facts, checkpoint, source, rows)
    _check_parts(method, loader.batch_size, section.accumulate)
    method.to(place.device).train()
    channels_last(method, place.kind)
    fabric = place.fabric()
    optimisation = Optimisation(method, recipe.optimiser, timetable, fabric)
    watch = Watch(
        method.constants(),
        timetable.warmup_steps,
        optimisation.scales,
        widen(method.card.title, method.card.against_collapse),
    )
    if checkpoint is not None:
        optimisation.load(dict(checkpoint.optimiser))
        watch.load(checkpoint.watch)
    probe = Probe(
        material, plan, recipe.data.image_size, recipe.run.probe_images, seed, place.device
    )
    online = OnlineProbe(
        material.catalogue.labels if recipe.run.online_probe else None,
        len(material.catalogue.classes),
        place.device,
    )
    if checkpoint is not None:
        online.load(checkpoint.online)
    # What a step will show is known from one rehearsal, on a copy that is thrown away.
    step = 0 if checkpoint is None else checkpoint.step
    declared = {spec.name for spec in method.card.diagnostics}
    shared = False
    if correlation.CROSS_CORRELATION.name not in declared:
        stand_in = Propagation(copy.deepcopy(method), fabric, 1, seed)
        batch = _batch(seed, plan, place.device, loader.read(step), step)
        output = stand_in.rehearse(batch, _clock(timetable, step, False))
        shared = correlation.shows(output.tensors)
    return Rig(
        recipe=recipe,
        place=place,
        material=material,
        loader=loader,
        timetable=timetable,
        facts=facts,
        plan=plan,
        method=method,
        optimisation=optimisation,
        propagation=Propagation(method, fabric, section.accumulate, seed),
        watch=watch,
        probe=probe,
        online=online,
        shared=shared,
    )


def _check_backbone(recipe: Recipe) -> None:
    """What a recipe alone can tell, before minutes are spent on decoding."""
    card = find(recipe.method.key).card
    if card.backbone == "tokens" and recipe.backbone.name not in vit.NAMES:
        raise ConfigError(wants_patches(card))


def _check_needs(recipe: Recipe, material: Material) -> None:
    card = find(recipe.method.key).card
    kinds = material.catalogue.kinds
    where = f"method.key = {recipe.method.key!r}: "
    if not card.serves(kinds):
        why = material.catalogue.lacks.get(card.needs) or lacking(card.needs, kinds)
        raise ConfigError(f"{where}{card.title} {why}; choose another method or folder")
    if reason := card.unsuited(material.catalogue.channels):
        raise ConfigError(where + reason)


def _check_count(recipe: Recipe, rows: NDArray[np.int64]) -> None:
    if len(rows) < 2:
        raise ConfigError(
            f"data.folder = {recipe.data.folder!r}: at least 2 images are needed to train on, "
            f"{len(rows)} of the training split can be used; hold out or exclude fewer, or choose "
            "another folder"
        )


def _check_views(plan: ViewPlan, own: ViewPlan) -> None:
    """An edited plan must still have what the method asks of it."""
    there = {view.name: view for view in plan.views}
    for view in own.views:
        if view.name not in there:
            raise ConfigError(
                f"views: there is no view {view.name!r}, which the method needs; add it or remove "
                "the section [views]"
            )
        kinds = {step.kind for _, step in there[view.name].active}
        for _, step in view.active:
            if step.structural and step.kind not in kinds:
                raise ConfigError(
                    f"views: view {view.name!r} has no step {step.kind!r}, which the method needs; "
                    "add it or remove the section [views]"
                )


def _check_parts(method: Method[Any], batch_size: int, accumulate: int) -> None:
    """Batch norm over plain vectors has nothing to measure in a single image."""
    vectors = any(isinstance(module, nn.BatchNorm1d) for module in method.modules())
    if vectors and batch_size // min(accumulate, batch_size) < 2:
        most = batch_size // 2
        raise ConfigError(
            f"schedule.accumulate = {accumulate}: a batch of {batch_size} images would be cut into "
            f"single images, which batch norm cannot take; use at most {most}"
            if most
            else f"schedule.batch_size = {batch_size}: batch norm needs at least 2 images"
        )


def _build(
    recipe: Recipe,
    control: Control,
    material: Material,
    facts: DataFacts,
    checkpoint: Checkpoint | None,
    source: Source,
    rows: NDArray[np.int64],
) -> Generator[Preparing, None, Method[Any]]:
    """The method with its weights: from the checkpoint, or fresh and prepared."""
    if checkpoint is not None:
        method = assemble(recipe, facts)
        checkpoint.load_into(method)
        return method
    mean, std = yield from narrated(
        "Measuring colours",
        control,
        lambda progress, asked: channel_statistics(material, progress, asked),
    )
    fresh = assemble(recipe, facts, mean, std)
    if type(fresh).prepare is not Method.prepare:
        yield from narrated(
            "Preparing the method",
            control,
            lambda progress, asked: fresh.prepare(
                TrainingImages(source.sample, rows, asked, progress)
            ),
        )
    return fresh


def _clock(timetable: Timetable, step: int, snapshot: bool) -> Clock:
    epoch = step / timetable.steps_per_epoch
    return Clock(step, timetable.total_steps, epoch, snapshot, torch.Generator())


def _batch(seed: int, plan: ViewPlan, device: torch.device, sample: Sample, step: int) -> Batch:
    height, width = sample.image.shape[-2:]
    drawn = plan.draw(mixed_seed(seed, "step", step), len(sample), (height, width)).to(device)
    moved = sample.to(device)
    return plan.render(moved, drawn).batch(moved)
