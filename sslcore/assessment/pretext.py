"""What a run's pretext task asks for, and how far cheap cues solve it on the run's own views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.assessment.subject import Subject
from sslcore.augment.neighbours import Neighbours
from sslcore.augment.patch_grid import PatchGrid
from sslcore.augment.patches import Rotations, Tiles
from sslcore.augment.step import Step
from sslcore.augment.transforms import NOT_CHOSEN, TRANSFORMS, Transforms
from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.evaluation import cues
from sslcore.evaluation.cues import Cue
from sslcore.evaluation.shortcuts import Pretext, Task

COLOURS = frozenset({"colour_jitter", "grey", "intensity_jitter", "solarize"})
"""Kinds of steps that change the colour histogram."""

CENTRE = 4
"""The middle tile of a puzzle of 3 x 3."""

PATCH_NUMBERS, FEWEST = 10**8, 40
"""Numbers of all patches at most, and images at least."""

_BATCH = 128


@dataclass(frozen=True, eq=False)
class Pairs:
    """Patches of images with a neighbour of each, as the functions of cues take them."""

    first: Tensor
    second: Tensor
    position: Tensor
    image: Tensor


def of(subject: Subject) -> Pretext:
    """The pretext task of a run, read off its views."""
    plan = _plan(subject)
    card = subject.method().card
    steps = [step for view in plan.views for _, step in view.active]
    task: Task = "other"
    gap = 0.0
    for step in steps:
        if isinstance(step, Rotations):
            task = "rotation"
        if isinstance(step, PatchGrid):
            task = "context"
        if isinstance(step, Transforms):
            task = "transforms"
        if isinstance(step, Neighbours) or (isinstance(step, Tiles) and step.grid == 3):
            task, gap = "patches", step.gap
    if task == "other" and card.mechanism == "contrastive" and card.needs == "images":
        task = "views"
    if card.needs == "captions":
        task = "captions"
    changed = any(step.kind in COLOURS for step in steps)
    return Pretext(card.title, task, changed, gap)


def tried(subject: Subject, rows: NDArray[np.int64], task: Task, seed: int = 0) -> list[Cue]:
    """Every cue for a task, tried on views of some images as the method trains on them.

    Args:
        subject: whose images and views.
        rows: catalogue rows.
        task: of the run.
        seed: of the views' random numbers.

    Raises:
        ValueError: if there are too few images.
    """
    if task == "views":
        first, second = _two_views(subject, rows, seed)
        found = [cues.colour_histogram(first, second), cues.composition(first, second)]
        if first.shape == second.shape:
            found.append(cues.sharpness(first, second))
        return found
    if task == "context":
        upper, lower = _halves(subject, rows, seed)
        return [cues.colour_histogram(upper, lower, task="finds the lower half of an image")]
    if task == "rotation":
        return [cues.thumbnail_rotation(_upright(subject, rows, seed), seed)]
    if task == "captions":
        return [_spoken_of(subject, rows, seed)]
    if task == "transforms":
        return _changes(subject, rows, seed)
    if task == "patches":
        pairs = _pairs(subject, rows, seed)
        first, second = pairs.first, pairs.second
        found = [
            cues.patch_borders(first, second, pairs.position, pairs.image, seed),
            cues.patch_colour(first, second, pairs.position, pairs.image, seed),
        ]
        if first.shape[1] == 3:
            found.append(cues.patch_aberration(first, second, pairs.position, pairs.image, seed))
        return found
    return []


def _plan(subject: Subject) -> ViewPlan:
    return subject.recipe.view_plan(subject.opened.checkpoint.facts)


def _rendered(
    subject: Subject, rows: NDArray[np.int64], views: Sequence[View], seed: int
) -> dict[str, Tensor]:
    """Views of images by name, (N, V, C, h, w), and answers by theirs with "?" behind.

    Args:
        subject: whose images and plan.
        rows: of the images.
        views: of the plan, maybe with other settings; those they go on from come along.
        seed: of what is drawn.
    """
    own = {view.name: view for view in _plan(subject).views}
    own |= {view.name: view for view in views}
    needed = {view.name for view in views}
    for view in reversed(own.values()):
        if view.name in needed and view.of is not None:
            needed.add(view.of)
    plan = ViewPlan(views=tuple(view for view in own.values() if view.name in needed))
    parts: dict[str, list[Tensor]] = {}
    for number, start in enumerate(range(0, len(rows), _BATCH)):
        some = rows[start : start + _BATCH]
        images = subject.material.pixels.read(some)
        sample = Sample(torch.from_numpy(some.copy()), images)
        size = (images.shape[-2], images.shape[-1])
        drawn = plan.draw(mixed_seed(seed, "pretext", number), len(some), size)
        made = plan.render(sample, drawn)
        for name, view in made.views.items():
            parts.setdefault(name, []).append(view)
        for name, answer in made.truth.items():
            parts.setdefault(f"{name}?", []).append(answer)
    return {name: torch.cat(each) for name, each in parts.items()}


def _two_views(subject: Subject, rows: NDArray[np.int64], seed: int) -> tuple[Tensor, Tensor]:
    """The two views of each image that the method compares."""
    plan = _plan(subject)
    own = [view for view in plan.views if view.of is None]
    first = own[0]
    if first.copies > 1:
        both = _rendered(subject, rows, [first.changed(copies=2)], seed)[first.name]
        return both[:, 0], both[:, 1]
    if len(own) > 1:
        made = _rendered(subject, rows, own[:2], seed)
        return made[own[0].name][:, 0], made[own[1].name][:, 0]
    # A bank of what was seen before: the same view, drawn twice.
    return tuple(  # pyright: ignore[reportReturnType] - two of them
        _rendered(subject, rows, [first], seed + again)[first.name][:, 0] for again in (0, 1)
    )


def _halves(subject: Subject, rows: NDArray[np.int64], seed: int) -> tuple[Tensor, Tensor]:
    """The patches of the upper and of the lower half of each image, side by side."""
    view, step = _with(subject, PatchGrid)
    assert isinstance(step, PatchGrid)  # asked for
    numbers = step.grid**2 * 3 * view.size**2
    some = rows[: max(PATCH_NUMBERS // numbers, FEWEST)]
    patches = _rendered(subject, some, [view.changed(copies=1)], seed)[view.name]
    # Patches overlap by half: the rows beside the middle have no pixel in common.
    half = step.grid * ((step.grid - 1) // 2)
    return tuple(  # pyright: ignore[reportReturnType] - two of them
        part.transpose(1, 2).flatten(2, 3) for part in (patches[:, :half], patches[:, -half:])
    )


def _with(subject: Subject, kind: type[Step]) -> tuple[View, Step]:
    """The view that holds a step, and that step."""
    for view in _plan(subject).views:
        for _, step in view.active:
            if isinstance(step, kind):
                return view, step
    raise ValueError(f"no view of this run has the step {kind.title}")


def _upright(subject: Subject, rows: NDArray[np.int64], seed: int) -> Tensor:
    view, _ = _with(subject, Rotations)
    made = _rendered(subject, rows, [view], seed)[view.name]
    return made.unflatten(1, (-1, 4))[:, 0, 0]


def _spoken_of(subject: Subject, rows: NDArray[np.int64], seed: int) -> Cue:
    """Captions by colours, of images that have one."""
    sentences = subject.material.catalogue.captions
    if sentences is None:
        raise ValueError("the folder has no captions any more")
    some = np.array([row for row in rows.tolist() if sentences[row]], dtype=np.int64)
    if not len(some):
        raise ValueError("none of the held-out images has a caption")
    view = _plan(subject).views[0]
    made = _rendered(subject, some, [view.changed(copies=1)], seed)[view.name][:, 0]
    return cues.caption_colours(made, [sentences[row] for row in some.tolist()], seed)


def _changes(subject: Subject, rows: NDArray[np.int64], seed: int) -> list[Cue]:
    """One cue for every change that is asked for."""
    view, step = _with(subject, Transforms)
    made = _rendered(subject, rows, [view], seed)
    pictures = made[view.name]
    answers = made[f"{view.name}/{step.kind}?"].reshape(-1, len(TRANSFORMS))
    image = torch.arange(len(rows)).repeat_interleave(pictures.shape[1])
    return [
        cues.look(pictures.flatten(0, 1), asked, image, name, seed)
        for name, asked in zip(TRANSFORMS, answers.T, strict=True)
        if not (asked == NOT_CHOSEN).any()
    ]


def _pairs(subject: Subject, rows: NDArray[np.int64], seed: int) -> Pairs:
    """Neighbouring patches of each image, as the network sees them."""
    plan = _plan(subject)
    kinds = {step.kind for view in plan.views for _, step in view.active}
    image = torch.arange(len(rows))
    if "neighbours" in kinds:
        view, _ = _with(subject, Neighbours)
        made = _rendered(subject, rows, [view], seed)
        patches = made[view.name].unflatten(1, (-1, 2))
        answer = next(one for name, one in made.items() if name.endswith("neighbours?"))
        answer = answer.reshape(len(rows), -1)
        each = answer.shape[1]
        return Pairs(
            patches[:, :, 0].flatten(0, 1),
            patches[:, :, 1].flatten(0, 1),
            answer.flatten(),
            image.repeat_interleave(each),
        )
    view, _ = _with(subject, Tiles)
    steps = tuple(_in_order(step) for step in view.steps)
    tiles = _rendered(subject, rows, [view.changed(steps=steps, copies=1)], seed)[view.name]
    others = [cell for cell in range(9) if cell != CENTRE]
    second = tiles[:, others]
    return Pairs(
        tiles[:, CENTRE : CENTRE + 1].expand_as(second).flatten(0, 1),
        second.flatten(0, 1),
        torch.arange(8).repeat(len(rows)),
        image.repeat_interleave(8),
    )


def _in_order(step: Step) -> Step:
    """Tiles in reading order, everything else as it is."""
    return step.changed(shuffled=False) if isinstance(step, Tiles) else step
