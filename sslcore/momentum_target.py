"""What BYOL and MoCo v3 share: a predictor, and a target network that follows the online one.

Each view is predicted from the other. The online side is encoder, head and predictor, with a
gradient; the target side is a slow copy of encoder and head, without one. What "predicted" means,
with or without negatives, is each method's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from sslcore.augment.presets import asymmetric_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Bars
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, pictures
from sslcore.method import Clock, DataFacts
from sslcore.nets import ema
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp
from sslcore.nets.mode import evaluating


class MomentumTargetConfig(Config):
    """Settings of the two networks."""

    momentum: float = knob(
        0.99,
        low=0.0,
        high=1.0,
        help="How slowly the target network follows at the start; it rises to 1 over the run. "
        "0 copies the online network at every step of the run and does not rise, 1 keeps the "
        "random start for ever.",
        paper="τ = 0.996 (1000 epochs), 0.99 (300 epochs)",
    )
    head_hidden: int = knob(
        1024, low=8, high=16384, log=True, help="Width inside the head.", paper="4096"
    )
    head_output: int = knob(
        256, low=2, high=16384, log=True, help="Length of a projection.", paper="256"
    )
    predictor_hidden: int = knob(
        1024, low=8, high=16384, log=True, help="Width inside the predictor.", paper="4096"
    )


C = TypeVar("C", bound=MomentumTargetConfig)


class MomentumTarget(JointEmbedding[C]):
    """Predicts a target network's projection of one view from the other; subclasses compare.

    Args:
        config: momentum and sizes.
        encoder: of the online side; the target side gets a follower of it.
        facts: what is known of the data.
        head: (B, D) features to (B, head_output) projections.
    """

    def __init__(self, config: C, encoder: Encoder, facts: DataFacts, head: nn.Module) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        self.head = head
        length = config.head_output
        self.predictor = mlp(length, config.predictor_hidden, length, layers=2)
        self.target_encoder = ema.follower(encoder)
        self.target_head = ema.follower(head)

    @classmethod
    def default_views(cls, config: C, facts: DataFacts) -> ViewPlan:
        """Crop, flip, colour jitter and grey; the second view is also solarized now and then."""
        del config
        return asymmetric_views(facts.image_size, facts.channels)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Projections ``z``, predictions ``p`` and targets ``t`` of both views, (B, d) each."""
        del clock
        view_a, view_b = batch.view("view_a"), batch.view("view_b")
        z_a = self.projection(self.online(view_a))
        z_b = self.projection(self.online(view_b))
        return {
            "z_a": z_a,
            "z_b": z_b,
            "p_a": self.predictor(z_a),
            "p_b": self.predictor(z_b),
            "t_a": self.target(view_a),
            "t_b": self.target(view_b),
        }

    @torch.no_grad()
    def target(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, d): the target network's projections, without a gradient."""
        return self.target_head(self.target_encoder(images))

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """The target follows, ever more slowly: its momentum rises to 1 on half a cosine.

        A momentum of 0 stays 0: the experiment without a slow target (BYOL, table 5a) keeps it so
        throughout.
        """
        del tensors
        start = self.config.momentum
        momentum = ema.rising(start, clock.progress) if start else 0.0
        ema.update(self.target_encoder, self.online, momentum)
        ema.update(self.target_head, self.head, momentum)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) 1 - cosine of the prediction from view a and the target of view b."""
        with evaluating(self):
            z = self.projection(self.online(batch.view("view_a")))
            return agreement.energy(self.predictor(z), self.target(batch.view("view_b")))

    def drift(self) -> Bars:
        """How far the target lags behind, layer by layer."""
        head = ema.drift(self.target_head, self.head)
        return pictures.lag(
            {
                **ema.drift(self.target_encoder, self.online),
                **{f"head.{name}": one for name, one in head.items()},
            }
        )
