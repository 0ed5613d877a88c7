"""The contract every self-supervised method keeps, and the registry that finds them by file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

from sslcore.abilities import CarriesMasks as CarriesMasks
from sslcore.abilities import EmbedsSentences as EmbedsSentences
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, ConfigError
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.nets import vit
from sslcore.nets.encoder import Encoder

Family = Literal["generative", "predictive", "contrastive", "bootstrapping", "regularization"]
Mechanism = Literal["context", "temporal", "contrastive"]
Needs = Literal["images", "sequences", "pairs", "captions"]
BackboneOutput = Literal["vector", "map", "tokens"]
FAMILIES: tuple[Family, ...] = get_args(Family)


@dataclass(frozen=True)
class MethodCard:
    """What the gallery, the command line and the docs know of a method before it is built.

    Attributes:
        title: the name as its authors write it.
        family, mechanism: place in the field's taxonomy.
        year, paper: of the first publication; paper is a URL.
        config: class of its settings.
        needs: what a folder must serve.
        backbone: what the method takes from the encoder.
        diagnostics: what it shows at every snapshot, by name.
        accepts: other kinds of folder it can make do with.
        channels: of images it can learn from; empty where any number will do.
        instead: where ``channels`` says something: what suits other images, as advice.
        against_collapse: what keeps the method from giving all images one answer, as part of a
            sentence ("its negatives"); empty where it cannot, or where nothing special does.
    """

    title: str
    family: Family
    mechanism: Mechanism
    year: int
    paper: str
    config: type[Config]
    needs: Needs
    backbone: BackboneOutput
    diagnostics: tuple[DiagnosticSpec, ...]
    accepts: tuple[Needs, ...] = ()
    channels: tuple[int, ...] = ()
    instead: str = ""
    against_collapse: str = ""

    def serves(self, kinds: Sequence[str]) -> bool:
        """Whether a folder of these kinds has what the method needs, or can make do with."""
        return any(one in kinds for one in (self.needs, *self.accepts))

    def unsuited(self, channels: int) -> str:
        """Why images with that many channels cannot be learned from, and what can; or ""."""
        if not self.channels or channels in self.channels:
            return ""
        have = "1 channel" if channels == 1 else f"{channels} channels"
        return f"{self.title} needs colour images, these have {have}; {self.instead}"

    def check_channels(self, channels: int) -> None:
        """Refuse images that cannot be learned from.

        Raises:
            ConfigError: naming what to do instead.
        """
        if reason := self.unsuited(channels):
            raise ConfigError(reason)


@dataclass(frozen=True)
class DataFacts:
    """What a method may know of the data and of the run: sizes, never labels.

    Attributes:
        count: images in the training split.
        channels: of the images.
        image_size: side of a training image in pixels.
        batch_size: images per optimiser step, over all micro-batches and devices.
        total_steps: optimiser steps of the whole run.
        kinds: what the folder serves ("images", "sequences", ...).
        vocabulary_size: numbers a caption's words may have, padding (0) and unknown (1) counted;
            0 without captions.
        vocabulary: these words, the one of number 2 first; saved with the run, so that a sentence
            means the same ever after.
        frames: of a sample of a sequence; 0 where the method is not given any.
    """

    count: int
    channels: int
    image_size: int
    batch_size: int
    total_steps: int
    kinds: tuple[Needs, ...] = ("images",)
    vocabulary_size: int = 0
    vocabulary: tuple[str, ...] = ()
    frames: int = 0


@dataclass(frozen=True)
class Clock:
    """Where a run stands.

    Attributes:
        step: optimiser steps done before this one.
        total_steps: of the whole run.
        epoch: passes over the data done, fractional.
        snapshot: whether diagnostics are wanted from this step.
        generator: CPU generator seeded from (seed, step): the only source of randomness inside a
            method (permutations, dropout masks of its own), so that a resumed run repeats it.
    """

    step: int
    total_steps: int
    epoch: float
    snapshot: bool
    generator: torch.Generator

    @property
    def progress(self) -> float:
        """Part of the run that is done, 0 to 1."""
        return min(self.step / max(self.total_steps, 1), 1.0)


@dataclass(frozen=True)
class StepOutput:
    """What one training step says.

    Attributes:
        loss: scalar with a gradient.
        terms: named parts of the loss and pretext accuracies, scalars, detached.
        diagnostics: declared pictures, filled when the clock asks for a snapshot.
        tensors: detached (B, ...) tensors for ``after_step`` and shared diagnostics: by convention
            ``z_a`` and ``z_b`` (projections of two views, row i of the same image), ``keys``.
    """

    loss: Tensor
    terms: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])
    diagnostics: Mapping[str, Diagnostic] = field(default_factory=dict[str, Diagnostic])
    tensors: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that are optimised alike.

    Attributes:
        name: shown in errors.
        parameters: the tensors.
        lr_scale: factor on the recipe's learning rate.
        decays: whether weight decay applies; biases and norms are taken out of it by the engine
            in any case.
        adapts: whether LARS adapts the rate of each tensor; not of biases and norms in any case.
        schedule: "decay" follows the recipe's schedule, "fixed" keeps its rate after warm-up.
        frozen_epochs: epochs at the start during which these parameters stay put.
    """

    name: str
    parameters: Sequence[nn.Parameter]
    lr_scale: float = 1.0
    decays: bool = True
    adapts: bool = True
    schedule: Literal["decay", "fixed"] = "decay"
    frozen_epochs: float = 0.0


C = TypeVar("C", bound=Config)


class Method(nn.Module, ABC, Generic[C]):
    """One self-supervised method. One file, one subclass, read like the paper's algorithm box.

    Args:
        config: its settings.
        encoder: the network to train; built outside, so that every method can have any backbone.
        facts: what is known of the data.

    Raises:
        ConfigError: if the method works on patches and the encoder does not.
    """

    card: ClassVar[MethodCard]
    key: ClassVar[str]
    coupled: ClassVar[bool] = True
    """Whether the loss couples the images of a batch; then accumulation goes through
    :meth:`project` and :meth:`objective` (gradient caching) instead of averaging losses."""

    def __init__(self, config: C, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__()
        card: MethodCard | None = getattr(self, "card", None)  # an unregistered base has none
        if card is not None and card.backbone == "tokens" and not encoder.works_on_patches:
            raise ConfigError(wants_patches(card))
        self.config = config
        self.online = encoder
        self.facts = facts

    @property
    def seen(self) -> float:
        """Part of every image that goes through the encoder in a step.

        Below 1 where most patches are taken away before it: a step costs less than its images.
        """
        return 1.0

    @classmethod
    @abstractmethod
    def default_views(cls, config: C, facts: DataFacts) -> ViewPlan:
        """The views the method is trained on unless the recipe edits them; needs no network."""

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn data statistics into buffers before the first step (colour priors, centres)."""
        del samples

    @abstractmethod
    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Everything of a step up to where images of the batch meet: name -> (B, ...) tensors.

        Must treat images independently (up to batch norm), so that a batch can be projected in
        micro-batches. Tensors without a gradient (keys) are carried along detached.
        """

    @abstractmethod
    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Loss, terms, tensors and (when ``clock.snapshot``) diagnostics from the projections."""

    def training_step(self, batch: Batch, clock: Clock) -> StepOutput:
        """One step on a batch."""
        return self.objective(self.project(batch, clock), batch, clock)

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """Momentum copies, queues, banks, centres: once after every update that took place.

        Args:
            tensors: ``StepOutput.tensors`` of all micro-batches, concatenated in order.
            clock: the clock of the step that is done.
        """
        del tensors, clock

    def parameter_groups(self) -> list[ParameterGroup]:
        """How to optimise; by default every parameter with a gradient in one group."""
        trained = [one for one in self.parameters() if one.requires_grad]
        return [ParameterGroup("all", trained)]

    def encoder(self) -> Encoder:
        """The encoder worth keeping, for embedding and export."""
        return self.online

    @abstractmethod
    def projection(self, features: Tensor) -> Tensor:
        """(B, D) features to (B, d) projections (where there is no head: the features)."""

    @torch.no_grad()
    def embed(
        self, images: Tensor, layer: Literal["features", "projection"] = "features"
    ) -> Tensor:
        """(B, C, H, W) images in [0, 1] to (B, D) features or (B, d) projections, eval mode."""
        was_training = self.training
        self.eval()
        try:
            features = self.encoder()(images)
            return self.projection(features) if layer == "projection" else features
        finally:
            self.train(was_training)

    @abstractmethod
    def energy(self, batch: Batch) -> Tensor:
        """(B,) low where the parts of a batch row are compatible: 1 - cos, or squared error."""

    def constants(self) -> Mapping[str, float]:
        """Values at which a loss that learned nothing stands still: name -> value."""
        return {}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """What terms can never exceed, at the end of the run: name of a term -> value.

        Methods that report a ``bound`` give ln N, N the candidates the positive is told from.

        Args:
            plan: the views the run is trained on; copies of a view are candidates too.
        """
        del plan
        return {}

    def batch_rows(self, plan: ViewPlan, view: str) -> int:
        """How many pictures of a view a whole batch has: B times its copies, tiles or frames."""
        return self.facts.batch_size * plan.count(view, max(self.facts.frames, 1))


def wants_patches(card: MethodCard) -> str:
    """What to say where a method that works on patches meets a backbone that does not."""
    return (
        f"{card.title} works on the patches of a Vision Transformer: set backbone.name to "
        f"{' or '.join(vit.NAMES)}"
    )


M = TypeVar("M", bound=type[Method[Any]])
_found: dict[str, type[Method[Any]]] = {}


def register(card: MethodCard) -> Callable[[M], M]:
    """Class decorator that enters a method in the registry; its key is the stem of its file."""

    def enter(method: M) -> M:
        method.card = card
        method.key = method.__module__.rpartition(".")[2]
        _found[method.key] = method
        return method

    return enter


@cache
def registry() -> Mapping[str, type[Method[Any]]]:
    """All methods by key: the files of ``sslcore.methods`` and the entry points of plugins."""
    package = importlib.import_module("sslcore.methods")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    for plugin in entry_points(group="sslcore.methods"):
        plugin.load()
    order = {family: number for number, family in enumerate(FAMILIES)}
    found = sorted(
        _found.values(), key=lambda one: (order[one.card.family], one.card.year, one.key)
    )
    return {one.key: one for one in found}


def find(key: str) -> type[Method[Any]]:
    """The method of that key.

    Raises:
        ConfigError: naming the methods there are.
    """
    known = registry()
    if key not in known:
        alike = get_close_matches(key, known, 1)
        meant = f"did you mean {alike[0]}? There" if alike else "there"
        raise ConfigError(f"method.key = {key!r}: no such method; {meant} are: {', '.join(known)}")
    return known[key]


def idea(method: type[Method[Any]]) -> str:
    """The first line of the method's page: what it is about, in a sentence."""
    return about(method).partition("\n")[0]


def about(method: type[Method[Any]]) -> str:
    """The method's page: the docstring of its module (idea, equation, paper, what to watch)."""
    return inspect.getdoc(inspect.getmodule(method)) or ""
