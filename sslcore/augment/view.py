"""View plans: how the images of a batch become the views a method trains on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.geometric import whole
from sslcore.augment.step import AnyStep, Params, Size, Step
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob


def mixed_seed(*parts: int | str) -> int:
    """One 63-bit seed out of several numbers and names; the same on every machine."""
    text = "/".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


class View(Config):
    """One kind of picture a method sees of an image.

    Without a step that crops, images are first resized (antialiased) to ``size``.
    """

    name: str = knob(..., help="What the method calls this view.")
    steps: tuple[AnyStep, ...] = knob((), help="What happens to the image, in order.")
    size: int = knob(32, low=4, high=1024, unit="px", help="Side of the finished view.")
    copies: int = knob(1, low=1, high=64, help="Independent draws of this view for every image.")
    of: str | None = knob(None, help="Go on from this view's output instead of the image.")
    source: Literal["image", "frames"] = knob("image", help="Single images, or all frames.")

    @model_validator(mode="after")
    def _asks_once(self) -> Self:
        kinds = [step.kind for step in self.steps if step.structural]
        for kind in kinds:
            if kinds.count(kind) > 1:
                places = [str(i + 1) for i, step in enumerate(self.steps) if step.kind == kind]
                raise ValueError(
                    f"view {self.name!r} has step {kind!r} {len(places)} times (steps "
                    f"{', '.join(places)}), but a task asks it for one answer; keep one of them"
                )
        return self

    @property
    def active(self) -> tuple[tuple[int, Step], ...]:
        """Position and step of everything that is switched on."""
        return tuple(
            (i, step) for i, step in enumerate(self.steps) if step.enabled or step.structural
        )

    @property
    def count(self) -> int:
        """V for single images: copies times what the steps fan out to."""
        total = self.copies
        for _, step in self.active:
            total *= step.fan_out
        return total

    def truth_key(self, position: int) -> str:
        """Name of a step's answer: ``"view/kind"``; a second one of its kind ``"view/kind/2"``.

        Steps that are switched off count too, so that no answer changes its name with a switch.
        """
        kind = self.steps[position].kind
        number = sum(step.kind == kind for step in self.steps[: position + 1])
        return f"{self.name}/{kind}" if number == 1 else f"{self.name}/{kind}/{number}"


@dataclass(frozen=True)
class Drawn:
    """All random numbers of one batch: view name -> position of the step -> its params.

    Rows run image by image: N of a step is batch size x copies x what came before fanned out.
    """

    params: Mapping[str, Mapping[int, Params]]
    batch_size: int

    def rows(self, start: int, stop: int) -> Self:
        """The numbers of the images ``start:stop``, for one rank or one micro-batch."""

        def cut(values: Tensor) -> Tensor:
            each = values.shape[0] // self.batch_size
            return values[start * each : stop * each]

        return type(self)(
            {
                view: {i: {k: cut(v) for k, v in params.items()} for i, params in steps.items()}
                for view, steps in self.params.items()
            },
            stop - start,
        )

    def to(self, device: torch.device | str) -> Self:
        """The same numbers on another device."""
        return type(self)(
            {
                view: {i: {k: v.to(device) for k, v in one.items()} for i, one in steps.items()}
                for view, steps in self.params.items()
            },
            self.batch_size,
        )


@dataclass(frozen=True)
class Traced:
    """One step as it happened: where it stands, the step itself and the numbers drawn."""

    position: int
    step: Step
    params: Params


@dataclass(frozen=True)
class Rendered:
    """Views ready for a method, and how they came about.

    Attributes:
        views: name -> (B, V, C, h, w).
        truth: "view/kind of step" (:meth:`View.truth_key`) -> (B, V, ...), V as it was when the
            step gave its answer.
        trace: view name -> the steps in order; rows of params run image by image, and all frames
            of a sequence share one row.
        target: (B, C', h, w), moved like the first picture of the first view, or None.
    """

    views: Mapping[str, Tensor]
    truth: Mapping[str, Tensor]
    trace: Mapping[str, tuple[Traced, ...]]
    target: Tensor | None = None

    def batch(self, sample: Sample) -> Batch:
        """What the method gets: views and answers, no trace, no label."""
        return Batch(sample.index, self.views, self.target, sample.tokens, self.truth)


@dataclass(frozen=True)
class _Flat:
    """A flat stack of images and how it is ordered: (outer, frames, inner).

    Outer counts images of the batch times copies, inner what steps fanned out. Numbers are drawn
    for (outer, inner): the frames of one sequence share theirs.
    """

    images: Tensor
    outer: int
    frames: int

    def spread(self, rows: Tensor) -> Tensor:
        """One row per (outer, inner) to one row per image of the stack."""
        if self.frames == 1:
            return rows
        grouped = rows.unflatten(0, (self.outer, -1))
        return grouped.repeat_interleave(self.frames, 0).flatten(0, 1)

    def after(self, step: Step, params: Params, size: int) -> _Flat:
        """The stack once a step has been applied."""
        spread = {name: self.spread(rows) for name, rows in params.items()}
        return _Flat(step.apply(self.images, spread, size), self.outer, self.frames)


def _follow(target: Tensor, step: Step, params: Params, size: int) -> Tensor:
    """Move a target as the first picture of each image moves."""
    count = len(target)
    first = {name: rows[:: len(rows) // count] for name, rows in params.items()}
    moved = step.apply_target(target, first, size)
    return moved[:: len(moved) // count]


class ViewPlan(Config):
    """All views of a method, in order; a view may go on from an earlier one (``of``)."""

    views: tuple[View, ...] = knob(..., help="The views, in order.")

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        seen: dict[str, View] = {}
        for view in self.views:
            if view.name in seen:
                raise ValueError(f"two views are called {view.name!r}; give each its own name")
            if view.of is not None and view.of not in seen:
                raise ValueError(
                    f"view {view.name!r} goes on from {view.of!r}, not an earlier view"
                )
            seen[view.name] = view
        if not seen:
            raise ValueError("a view plan needs at least one view")
        return self

    def view(self, name: str) -> View:
        """The view of that name (KeyError if there is none)."""
        return next(iter([one for one in self.views if one.name == name] or self._missing(name)))

    def count(self, name: str, frames: int = 1) -> int:
        """V of a view, with those of the view it goes on from, for samples of so many frames."""
        view = self.view(name)
        if view.of is not None:
            return view.count * self.count(view.of, frames)
        return view.count * (frames if view.source == "frames" else 1)

    def for_channels(self, channels: int) -> Self:
        """The same plan, with steps that need colour switched off for images that have none."""
        idle = self.idle(channels)
        if not idle:
            return self
        views = [
            view.changed(
                steps=tuple(
                    step.changed(enabled=False) if step in idle else step for step in view.steps
                )
            )
            for view in self.views
        ]
        return self.changed(views=tuple(views))

    def kept_for(self, channels: int, before: Self | None) -> Self:
        """This plan as it is to be kept, made of one shown for images of so many channels.

        Steps that were switched off for want of colour are on or off as in the plan kept before:
        an edit made before such images is none of theirs.
        """
        if channels == 3 or before is None:
            return self
        known = {view.name: view.steps for view in before.views}
        views: list[View] = []
        for view in self.views:
            steps = list(view.steps)
            for place, old in enumerate(known.get(view.name, ())[: len(steps)]):
                if steps[place].kind == old.kind and old.needs_colour:
                    steps[place] = steps[place].changed(enabled=old.enabled)
            views.append(view.changed(steps=tuple(steps)))
        return self.changed(views=tuple(views))

    def idle(self, channels: int) -> tuple[Step, ...]:
        """Steps that are on and mean nothing for images of so many channels."""
        if channels == 3:
            return ()
        active = [step for view in self.views for _, step in view.active]
        return tuple(step for step in active if step.needs_colour)

    def draw(self, seed: int, batch_size: int, size: Size) -> Drawn:
        """Draw every number for a batch of images of ``size`` (height, width).

        Each step has its own generator, seeded from (seed, view, position): switching one step
        off leaves the numbers of all others as they were.
        """
        drawn: dict[str, dict[int, Params]] = {}
        counts: dict[str, int] = {}
        for view in self.views:
            here = self._size_at_start(view, size)
            count = (counts[view.of] if view.of else batch_size) * view.copies
            drawn[view.name] = {}
            for position, step in view.active:
                generator = Generator().manual_seed(
                    mixed_seed(seed, view.name, position, step.kind)
                )
                drawn[view.name][position] = step.draw(generator, count, here)
                here = step.output_size(here, view.size)
                count *= step.fan_out
            counts[view.name] = count
        return Drawn(drawn, batch_size)

    def render(self, sample: Sample, drawn: Drawn) -> Rendered:
        """Make the views of a sample with numbers drawn before, on the sample's device.

        Args:
            sample: (B, C, H, W) images, all of the size the numbers were drawn for.
            drawn: from :meth:`draw` with the same batch size, moved to the same device.

        Raises:
            ValueError: if batch sizes differ, or a view asks for frames that are not there.
        """
        if drawn.batch_size != len(sample):
            raise ValueError(f"numbers for {drawn.batch_size} images, but {len(sample)} came")
        flat: dict[str, _Flat] = {}
        views: dict[str, Tensor] = {}
        truth: dict[str, Tensor] = {}
        trace: dict[str, tuple[Traced, ...]] = {}
        target = sample.target
        for number, view in enumerate(self.views):
            now = self._start(view, sample, flat)
            if number == 0 and target is not None and self._resizes_first(view, target):
                target = whole(target, view.size)
            steps: list[Traced] = []
            for position, step in view.active:
                params = drawn.params[view.name][position]
                steps.append(Traced(position, step, params))
                if number == 0 and target is not None:
                    target = _follow(target, step, params, view.size)
                answer = step.truth(params)
                if answer is not None:
                    spread = now.spread(answer)
                    truth[view.truth_key(position)] = spread.unflatten(0, (len(sample), -1))
                now = now.after(step, params, view.size)
            flat[view.name] = now
            views[view.name] = now.images.unflatten(0, (len(sample), -1))
            trace[view.name] = tuple(steps)
        return Rendered(views, truth, trace, target)

    def _start(self, view: View, sample: Sample, flat: Mapping[str, _Flat]) -> _Flat:
        """What a view begins with."""
        if view.of is not None:
            before = flat[view.of]
            outer, frames = before.outer, before.frames
            images = before.images.repeat_interleave(view.copies, 0)
        else:
            outer, frames, images = len(sample) * view.copies, 1, sample.image
            if view.source == "frames":
                if sample.frames is None:
                    raise ValueError(
                        f"view {view.name!r} needs sequences; this folder has images only"
                    )
                frames, images = sample.frames.shape[1], sample.frames
            images = images.repeat_interleave(view.copies, 0)
            images = images.flatten(0, 1) if view.source == "frames" else images
        if self._resizes_first(view, images):
            images = whole(images, view.size).clamp_(0.0, 1.0)
        return _Flat(images, outer, frames)

    def _resizes_first(self, view: View, images: Tensor) -> bool:
        fits = images.shape[-2:] == (view.size, view.size)
        return not fits and not any(step.resizes for _, step in view.active)

    def _size_at_start(self, view: View, size: Size) -> Size:
        if not any(step.resizes for _, step in view.active):
            return (view.size, view.size)
        if view.of is not None:
            before = self.view(view.of)
            return (before.size, before.size)
        return size

    def _missing(self, name: str) -> list[View]:
        names = ", ".join(view.name for view in self.views)
        raise KeyError(f"no view is called {name!r}; there are: {names}")
