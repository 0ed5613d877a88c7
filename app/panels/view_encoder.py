"""How far views move an image for an encoder: cosines of features, measured on a worker."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.panels import view_plan

if TYPE_CHECKING:
    from app.panels.view_render import Preview
    from app.tasks import Ticket

LEAST = 1e-12
"""Features shorter than this have no direction, so no cosine."""


@dataclass(frozen=True)
class Cosine:
    """What a view is compared with, and how alike the two are: -1 to 1, nan without features.

    Attributes:
        words: ``"to the original"``, ``"to view B"``, ``"to each other"``.
        trained: under the encoder of the last checkpoint.
        untrained: under the same encoder before its first step.
    """

    words: str
    trained: float
    untrained: float


@dataclass(frozen=True)
class Moved:
    """How far one view moves the image.

    Attributes:
        cosines: with the original first, then with the other view where there are two.
        pictures: trained cosine with the original of every picture of the view.
    """

    cosines: tuple[Cosine, ...]
    pictures: tuple[float, ...]


@dataclass(frozen=True)
class Likeness:
    """All views of a preview under one encoder.

    Attributes:
        run: name of the run.
        step: of the checkpoint.
        views: name of the view -> how far it moves the image.
    """

    run: str
    step: int
    views: Mapping[str, Moved]


@dataclass(frozen=True)
class Pair:
    """One encoder twice: as far as it is trained, and as it began."""

    run: str
    step: int
    trained: Any
    untrained: Any


class Encoders:
    """The newest encoder of a run, loaded once. For one worker at a time."""

    def __init__(self) -> None:
        self._key: tuple[Path, int] | None = None
        self._pair: Pair | None = None
        self._problem: Exception | None = None
        self._begun: tuple[tuple[Path, str], Any] | None = None

    def load(self, run: Path, step: int) -> Pair:
        """The pair of a run whose newest checkpoint is of a step.

        Raises:
            ValueError: if there is no whole checkpoint, or it does not fit its recipe; the same
                again, without another look at the disk, until there is a newer one.
        """
        if self._key != (run, step):
            self._key, self._pair, self._problem = (run, step), None, None
            try:
                self._pair = self._read(run)
            except Exception as error:
                self._problem = error
                raise
        if self._problem is not None:
            raise self._problem
        assert self._pair is not None  # one of the two is set with the key
        return self._pair

    def _read(self, run: Path) -> Pair:
        module = importlib.import_module
        store = module("sslcore.runs.directory").RunDirectory.open(run)
        loaded = store.load("auto")
        if loaded is None:
            raise ValueError(f"{run}: no checkpoint yet; train first")
        read = module("sslcore.engine.checkpoint").Checkpoint.read(loaded.files, loaded.path)
        trained = read.method().encoder().eval()
        trained.image_size = read.facts.image_size
        if self._begun is None or self._begun[0] != (run, read.recipe):
            # Weights are drawn from the recipe's seed: this is the very encoder the run began with.
            method = module("sslcore.engine.assembly").assemble(
                module("sslcore.recipe").Recipe.from_toml(read.recipe),
                read.facts,
                trained.mean.flatten().tolist(),
                trained.std.flatten().tolist(),
            )
            self._begun = ((run, read.recipe), method.encoder().eval())
        return Pair(run.name, read.step, trained, self._begun[1])


def measured(
    preview: Preview, load: Callable[[], Pair], ticket: Ticket
) -> tuple[Preview, Likeness] | None:
    """The likeness of a preview's views, or None if it is not wanted any more.

    Raises:
        ValueError: if there is no encoder, or it cannot see these images.
    """
    if ticket.cancelled():
        return None
    pair = load()
    torch = importlib.import_module("torch")
    found: list[dict[str, Any]] = []
    with torch.inference_mode():
        for encoder in (pair.trained, pair.untrained):
            if ticket.cancelled():
                return None
            found.append(_features(preview, encoder, pair.trained.image_size))
    return preview, Likeness(pair.run, pair.step, _compared(preview, found[0], found[1]))


def _features(preview: Preview, encoder: Any, size: int | None) -> dict[str, Any]:
    """Name of a view (and "" for the original) -> (V, D) features of length 1, nan without any.

    The original is brought to the size of training, as everywhere outside it; views have their own.
    """
    resized = importlib.import_module("sslcore.evaluation.features").resized
    stacks = {"": resized(preview.pixels[None], size)}
    stacks |= {view.name: view.pixels for view in preview.views}
    found: dict[str, Any] = {}
    for name, images in stacks.items():
        features = encoder(images).flatten(1).double()
        length = features.norm(dim=1, keepdim=True)
        found[name] = (features / length).masked_fill(length < LEAST, float("nan"))
    return found


def _compared(
    preview: Preview, trained: Mapping[str, Any], untrained: Mapping[str, Any]
) -> dict[str, Moved]:
    plan = preview.wish.plan
    moved: dict[str, Moved] = {}
    for view in plan.views:
        pairs = [("to the original", "")]
        if len(plan.views) == 2:
            other = next(one for one in plan.views if one.name != view.name)
            pairs.append((f"to {view_plan.view_phrase(other)}", other.name))
        elif len(plan.views) == 1 and len(trained[view.name]) > 1:
            pairs.append(("to each other", view.name))
        cosines = [
            Cosine(words, _mean(trained, view.name, other), _mean(untrained, view.name, other))
            for words, other in pairs
        ]
        pictures = (trained[view.name] @ trained[""].T).flatten().tolist()
        moved[view.name] = Moved(tuple(cosines), tuple(pictures))
    return moved


def _mean(features: Mapping[str, Any], name: str, other: str) -> float:
    """Mean cosine of every picture of one with every picture of the other; none with itself."""
    table = features[name] @ features[other].T
    if name != other:
        return float(table.mean())
    count = len(table)
    return float((table.sum() - table.diagonal().sum()) / (count * (count - 1)))
