"""Two views through one network, a predictor on one side and no gradient on the other: enough.

Each view is encoded (z) and predicts the other (p = h(z), a small network):

    loss = D(p_a, sg(z_b)) / 2  +  D(p_b, sg(z_a)) / 2,     D = -cosine

There are no negatives, no momentum network and no large batch. What is left is sg, the
stop-gradient: z is taken as a constant when p is moved towards it. Switch it off and the network
finds the trivial answer within a few hundred steps: every image the same point, loss -1. The paper
reads the method as alternating: one variable is the network, the other the mean of each image's
projections, and the stop-gradient keeps the two apart.

Paper: Chen and He 2021, https://arxiv.org/abs/2011.10566

What to watch. Not the loss: it is low in health and lowest in collapse. Watch the spread, the
deviation of unit-length projections against 1 / sqrt(d): near 1 is healthy, 0 is collapse. Without
stop-gradient, the paper measured 0.1 % accuracy instead of 67.7 %; without a predictor as little.
The norm at the end of the head hides a part: it keeps z from being one point within a batch, so in
collapse one image or two stand apart from all others and the spread falls to 2 / sqrt(B), not 0. In
between lies dimensional collapse: the spread is fine, but the spectrum falls off a cliff. It starts
slowly, as BYOL does: on the demo set neighbours improved only after 40 epochs.

Where our numbers differ. On ImageNet the head has three layers of 2048; on CIFAR-10 two, which is
the default here. The predictor is a bottleneck, 512 of 2048 numbers, and its rate does not fall
with the schedule, so that it keeps up with the projections it predicts. The preset for laptops has
1024 and 256 numbers in place of 2048 and 512, and AdamW at 1e-3 instead of SGD at 0.03.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor, nn

from sslcore.augment.presets import MOCO_CROP, contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, pictures, spread
from sslcore.method import (
    Clock,
    DataFacts,
    MethodCard,
    ParameterGroup,
    StepOutput,
    register,
)
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp
from sslcore.nets.mode import evaluating


class SimsiamConfig(Config):
    """Settings of SimSiam."""

    stop_gradient: bool = knob(
        True,
        help="Take the other view's projection as a constant. Off is the experiment that "
        "collapses: both sides then meet in one point.",
        paper="stopgrad",
    )
    predictor: bool = knob(
        True,
        help="Let one view predict the other through a small network. Off, views are compared "
        "directly, and training collapses or learns nothing.",
        paper="h",
    )
    head_layers: int = knob(
        2, low=1, high=3, help="Layers of the projection head.", paper="3 (ImageNet), 2 (CIFAR-10)"
    )
    head_hidden: int = knob(
        2048, low=8, high=16384, log=True, help="Width inside the head.", paper="2048"
    )
    head_output: int = knob(
        2048, low=2, high=16384, log=True, help="Length of a projection.", paper="d = 2048"
    )
    predictor_hidden: int = knob(
        512,
        low=2,
        high=16384,
        log=True,
        help="Width inside the predictor, a bottleneck: a quarter of the projection.",
        paper="512",
    )


@register(
    MethodCard(
        title="SimSiam",
        family="bootstrapping",
        mechanism="contrastive",
        year=2021,
        paper="https://arxiv.org/abs/2011.10566",
        config=SimsiamConfig,
        needs="images",
        backbone="vector",
        against_collapse="stop-gradient and predictor (method.stop_gradient, method.predictor)",
        diagnostics=(
            DiagnosticSpec(
                "deviation",
                "curve",
                "Spread of every dimension",
                "Standard deviation over the batch of each number of the unit-length projections. "
                "Around the line, directions are spread evenly; at 0 all images are one point.",
            ),
            DiagnosticSpec(
                "spectrum",
                "curve",
                "Directions in use",
                "Singular values of the projections. A sudden fall means that only a few "
                "dimensions carry anything.",
            ),
            DiagnosticSpec(
                "cosines",
                "histogram",
                "Same and other images",
                "Cosines of a prediction with the other view of its image and with those of other "
                "images. Apart is learning; both at 1 is collapse.",
            ),
        ),
    )
)
class Simsiam(JointEmbedding[SimsiamConfig]):
    """SimSiam: a predictor and a stop-gradient between two views."""

    def __init__(self, config: SimsiamConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        length = config.head_output
        self.head = mlp(
            encoder.dimensions,
            config.head_hidden,
            length,
            config.head_layers,
            final_norm=True,
            final_affine=False,
        )
        self.predictor: nn.Module = nn.Identity()
        if config.predictor:
            self.predictor = mlp(length, config.predictor_hidden, length, layers=2)

    @classmethod
    def default_views(cls, config: SimsiamConfig, facts: DataFacts) -> ViewPlan:
        """Two draws of crop, flip, colour jitter and grey; blur on large images, as in MoCo v2."""
        del config
        return contrastive_views(facts.image_size, facts.channels, crop_low=MOCO_CROP)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Projections ``z`` and predictions ``p`` of both views, (B, d) each."""
        projected = super().project(batch, clock)
        return {
            **projected,
            "p_a": self.predictor(projected["z_a"]),
            "p_b": self.predictor(projected["z_b"]),
        }

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """D(p_a, sg(z_b)) / 2 + D(p_b, sg(z_a)) / 2."""
        z_a, z_b = projected["z_a"], projected["z_b"]
        if self.config.stop_gradient:
            z_a, z_b = z_a.detach(), z_b.detach()
        a_to_b = agreement.negative_cosine(projected["p_a"], z_b) / 2
        b_to_a = agreement.negative_cosine(projected["p_b"], z_a) / 2
        z_a, z_b = z_a.detach(), z_b.detach()
        p_a = projected["p_a"].detach()
        return StepOutput(
            loss=a_to_b + b_to_a,
            terms={
                "a_to_b": a_to_b.detach(),
                "b_to_a": b_to_a.detach(),
                "spread": spread.relative(z_a),
            },
            diagnostics=self._pictures(p_a, z_a, z_b) if clock.snapshot else {},
            tensors={"z_a": z_a, "z_b": z_b},
        )

    def parameter_groups(self) -> list[ParameterGroup]:
        """Encoder and head on schedule; the predictor keeps its rate."""
        trained = [
            *(one for one in self.online.parameters() if one.requires_grad),
            *self.head.parameters(),
        ]
        groups = [ParameterGroup("encoder and head", trained)]
        predictor = list(self.predictor.parameters())
        if predictor:
            groups.append(ParameterGroup("predictor", predictor, schedule="fixed"))
        return groups

    def energy(self, batch: Batch) -> Tensor:
        """(B,) 1 - cosine of the prediction from view a and the projection of view b."""
        with evaluating(self):
            p = self.predictor(self.projection(self.online(batch.view("view_a"))))
            return agreement.energy(p, self.projection(self.online(batch.view("view_b"))))

    def constants(self) -> Mapping[str, float]:
        """-1: every prediction is met, which only a constant answer achieves."""
        return {"-1 (collapsed)": -1.0}

    def _pictures(self, p_a: Tensor, z_a: Tensor, z_b: Tensor) -> dict[str, Diagnostic]:
        cosines = 1 - agreement.energy(p_a, z_b)
        others = 1 - agreement.energy(p_a, z_b.roll(1, 0))  # the next image's other view
        return {
            "deviation": spread.dimensions(
                spread.deviation(agreement.l2(z_a)), "1 / sqrt(d)", 1 / math.sqrt(z_a.shape[1])
            ),
            "spectrum": pictures.spectrum(z_a),
            "cosines": pictures.cosine_histogram(cosines, others),
        }
