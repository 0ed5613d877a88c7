"""What is chosen before a projection is made; needs neither torch nor umap.

Checked when made, so that a wrong number is told before anything starts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

Metric = Literal["cosine", "euclidean"]
Start = Literal["last", "pca"]
"""From where points set out: the map before of the same images if there is one, or PCA."""


@dataclass(frozen=True)
class PcaSettings:
    """Principal components.

    Attributes:
        dimensions: of the map, 2 or 3.
    """

    dimensions: int = 2
    kind: ClassVar[Literal["pca"]] = "pca"
    name: ClassVar[str] = "PCA"
    metric: ClassVar[Metric] = "cosine"
    """In which its faithfulness is measured, as for the others."""

    def __post_init__(self) -> None:
        _check(self.dimensions in (2, 3), "dimensions must be 2 or 3", self.dimensions)


@dataclass(frozen=True)
class UmapSettings:
    """UMAP, McInnes et al. 2018 (https://arxiv.org/abs/1802.03426).

    Attributes:
        n_neighbors: size of a neighbourhood, at least 2: small shows detail, large the whole;
            cut to N - 1.
        min_dist: how close points may lie on the map, 0 to 1.
        metric: "cosine" or "euclidean".
        seed: the same seed gives the same map.
        dimensions: of the map, 2 or 3.
        start: "last" or "pca".
        epochs: passes of the optimisation; None takes 500, above 10,000 images 200.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: Metric = "cosine"
    seed: int = 0
    dimensions: int = 2
    start: Start = "last"
    epochs: int | None = None
    kind: ClassVar[Literal["umap"]] = "umap"
    name: ClassVar[str] = "UMAP"

    def __post_init__(self) -> None:
        _check(self.n_neighbors >= 2, "n_neighbors must be at least 2", self.n_neighbors)
        _check(0 <= self.min_dist <= 1, "min_dist must be between 0 and 1", self.min_dist)
        _check(self.epochs is None or self.epochs >= 11, "epochs must be at least 11", self.epochs)
        _check_shared(self)


@dataclass(frozen=True)
class TsneSettings:
    """t-SNE, van der Maaten and Hinton 2008 (https://jmlr.org/papers/v9/vandermaaten08a.html).

    Attributes:
        perplexity: how many neighbours a point listens to, about; at least 1; cut to (N - 1) / 3.
        metric: "cosine" or "euclidean".
        learning_rate: step of the optimisation; None takes N / 48, at least 50 (10 in 3-D).
        seed: the same seed gives the same map.
        dimensions: of the map, 2 or 3.
        start: "last" or "pca".
        iterations: of the optimisation, at least 250.
    """

    perplexity: float = 30.0
    metric: Metric = "cosine"
    learning_rate: float | None = None
    seed: int = 0
    dimensions: int = 2
    start: Start = "last"
    iterations: int = 1000
    kind: ClassVar[Literal["tsne"]] = "tsne"
    name: ClassVar[str] = "t-SNE"

    def __post_init__(self) -> None:
        _check(self.perplexity >= 1, "perplexity must be at least 1", self.perplexity)
        rate = self.learning_rate
        _check(rate is None or rate > 0, "learning_rate must be positive", rate)
        _check(self.iterations >= 250, "iterations must be at least 250", self.iterations)
        _check_shared(self)


Computed = UmapSettings | TsneSettings
"""Projections that take long, so that a child process computes them when asked."""
Settings = PcaSettings | Computed


def to_words(settings: Computed) -> dict[str, Any]:
    """As plain numbers and words, for JSON; with its kind."""
    return {"kind": settings.kind, **asdict(settings)}


def from_words(words: dict[str, Any]) -> Computed:
    """The settings again."""
    values = {name: value for name, value in words.items() if name != "kind"}
    return UmapSettings(**values) if words["kind"] == "umap" else TsneSettings(**values)


def _check_shared(settings: Computed) -> None:
    metric, seed = settings.metric, settings.seed
    known = metric in ("cosine", "euclidean")
    _check(known, 'metric must be "cosine" or "euclidean"', f'"{metric}"')
    _check(0 <= seed < 2**32, f"seed must be between 0 and {2**32 - 1}", seed)
    _check(settings.dimensions in (2, 3), "dimensions must be 2 or 3", settings.dimensions)
    _check(settings.start in ("last", "pca"), 'start must be "last" or "pca"', settings.start)


def _check(holds: bool, rule: str, value: object) -> None:
    if not holds:
        raise ValueError(f"{rule}, got {value}")
