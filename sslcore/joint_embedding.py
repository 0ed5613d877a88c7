"""What methods of two views share: a head behind the encoder, both views through it, an energy.

A method that compares two views of an image (Siamese networks with or without negatives) differs
from its sisters in the objective, not in how views become projections. Only that plain part lives
here; what makes a method itself (queues, momentum copies, predictors) stays in its own file.
"""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn

from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config
from sslcore.losses import agreement
from sslcore.method import Clock, DataFacts, Method

C = TypeVar("C", bound=Config)


class JointEmbedding(Method[C]):
    """A method of two views, ``view_a`` and ``view_b``; subclasses set :attr:`head`."""

    head: nn.Module
    """(B, D) features -> (B, d) projections."""

    @classmethod
    def default_views(cls, config: C, facts: DataFacts) -> ViewPlan:
        """Two independent draws of crop, flip, colour jitter and grey; blur on large images."""
        del config
        return contrastive_views(facts.image_size, facts.channels)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Both views through encoder and head: ``z_a``, ``z_b`` (B, d)."""
        del clock
        return {
            "z_a": self.projection(self.online(batch.view("view_a"))),
            "z_b": self.projection(self.online(batch.view("view_b"))),
        }

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, d) through the head."""
        return self.head(features)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) 1 - cosine of the projections of the two views."""
        z_a = self.embed(batch.view("view_a"), "projection")
        z_b = self.embed(batch.view("view_b"), "projection")
        return agreement.energy(z_a, z_b)
