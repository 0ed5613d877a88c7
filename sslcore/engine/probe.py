"""What is measured of an encoder while it trains: kNN where there are labels, and its health."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.engine.preparation import Material, sampled
from sslcore.evaluation import collapse, knn
from sslcore.evaluation.features import extract
from sslcore.evaluation.retrieval import view_retrieval
from sslcore.evaluation.two_views import comparable_views, two_views
from sslcore.losses import spread
from sslcore.method import Method
from sslcore.nets.mode import evaluating

NEIGHBOURS = (20, 200)
"""k of the kNN accuracies."""
KEPT_VIEWS = 600
"""Images at most whose views are kept at an evaluation."""
_BATCH = 256


@dataclass(frozen=True)
class Measured:
    """One evaluation.

    Attributes:
        metrics: name -> value, named as in ``events.Evaluated``.
        index: (N,) catalogue rows of the probe images.
        features: (N, D) float32 of these.
        views: "viewed" (V,) catalogue rows, "first" and "second" (V, D) float16 unit vectors of
            two views of these images; empty where there are none to compare.
    """

    metrics: Mapping[str, float]
    index: NDArray[np.int64]
    features: NDArray[np.float32]
    views: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, "NDArray[Any]"])


class Probe:
    """The probe images of a run and what is measured on them; the same images and views each time.

    Args:
        material: the data; the bank comes from the training images, queries from those held out.
        plan: the view plan of the run; its two views are compared if it has two that can be.
        image_size: side of a training image.
        limit: images of the bank, and of the queries, at most.
        seed: of the run.
        device: where the method computes.
    """

    def __init__(
        self,
        material: Material,
        plan: ViewPlan,
        image_size: int,
        limit: int,
        seed: int,
        device: torch.device,
    ) -> None:
        split = material.split
        self._pixels = material.pixels
        self._labels = material.catalogue.labels
        self._bank = sampled(split.train, limit, seed, "probe bank")
        self._queries = sampled(split.held_out, limit, seed, "probe queries")
        self._viewed = self._queries if len(self._queries) >= 2 else self._bank
        self._plan = comparable_views(plan) or contrastive_views(
            image_size, material.pixels.channels
        )
        self._image_size = image_size
        self._seed = seed
        self._device = device

    @property
    def index(self) -> NDArray[np.int64]:
        """(N,) catalogue rows of the probe images, those of the bank first."""
        return np.concatenate([self._bank, self._queries])

    @property
    def queries(self) -> NDArray[np.int64]:
        """(Q,) catalogue rows of those that were held out."""
        return self._queries

    def embed(self, method: Method[Any], asked: Callable[[], bool]) -> NDArray[np.float32]:
        """(N, D) features of the probe images by the encoder a method would keep.

        Raises:
            Cancelled: if ``asked`` said so.
        """
        return extract(
            method.embed,
            self._pixels,
            self.index,
            _BATCH,
            self._device,
            cancelled=asked,
            image_size=self._image_size,
        )

    def measure(self, method: Method[Any], asked: Callable[[], bool]) -> Measured:
        """Measure the encoder a method would keep.

        Raises:
            Cancelled: if ``asked`` said so.
        """
        index, features = self.index, self.embed(method, asked)
        metrics: dict[str, float] = {}
        if not np.isfinite(features).all():
            return Measured(metrics, index, features)
        metrics |= self._neighbours(features)
        metrics["feature_std"] = collapse.feature_std(features)
        metrics["rank_me"] = collapse.rank_me(features)
        metrics |= self._projected(method, features)
        views: dict[str, NDArray[Any]] = {}
        if len(self._viewed) >= 2:
            first, second = self._views(method, asked)
            views = self._kept(first, second)
            metrics["alignment"] = collapse.alignment(first, second)
            metrics["uniformity"] = collapse.uniformity(first)
            metrics["view_retrieval"] = view_retrieval(first, second)
        return Measured(metrics, index, features, views)

    def _projected(self, method: Method[Any], features: NDArray[np.float32]) -> dict[str, float]:
        """How far projections spread; nothing where the loss compares the features themselves."""
        asked = features[np.isin(self.index, self._viewed)]
        own = torch.from_numpy(asked).to(self._device)
        with evaluating(method):
            projected = method.projection(own)
        if projected is own or len(asked) < 2 or not projected.isfinite().all():
            return {}
        return {"projection_spread": float(spread.relative(projected))}

    def _neighbours(self, features: NDArray[np.float32]) -> dict[str, float]:
        """KNN accuracies; a k larger than the bank has no meaning and is left out."""
        bank, queries = features[: len(self._bank)], features[len(self._bank) :]
        bank_labels, query_labels = self._labels[self._bank], self._labels[self._queries]
        labelled = int((bank_labels >= 0).sum())
        if not labelled or not (query_labels >= 0).any():
            return {}
        return {
            f"knn_{k}": knn.accuracy(bank, bank_labels, queries, query_labels, k)
            for k in NEIGHBOURS
            if k <= labelled
        }

    def _kept(self, first: Tensor, second: Tensor) -> dict[str, NDArray[Any]]:
        """What is kept of views: directions of some, for half of a number's bytes are enough."""
        rows = sampled(self._viewed, KEPT_VIEWS, self._seed, "kept views")
        here = torch.from_numpy(np.isin(self._viewed, rows))
        pair = {"first": first, "second": second}
        return {"viewed": rows} | {
            name: F.normalize(one[here], dim=1).half().numpy() for name, one in pair.items()
        }

    def _views(self, method: Method[Any], asked: Callable[[], bool]) -> tuple[Tensor, Tensor]:
        return two_views(
            method.embed,
            self._pixels,
            self._plan,
            self._viewed,
            self._pixels.side,
            self._seed,
            "probe views",
            device=self._device,
            cancelled=asked,
        )
