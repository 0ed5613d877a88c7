"""Predict what a slower copy of yourself says about another view; no other image is needed.

An online network (encoder, head, predictor q) sees one view, a target network the other:

    loss = [2 - 2 cos(q(z_a), sg(z'_b))]  +  [2 - 2 cos(q(z_b), sg(z'_a))]
    after every step:  target <- m target + (1 - m) online,   m rises from m_0 to 1 on a cosine

where sg stops the gradient. Nothing pushes images apart. A constant answer would cost nothing, yet
training does not find it, because the target lies always a little behind and the predictor learns
only the mean of what it cannot know.

Paper: Grill et al. 2020, https://arxiv.org/abs/2006.07733

What to watch. The loss says little: it may fall while nothing is learned, and 0 is collapse. Watch
the spread (std of unit-length projections against 1 / sqrt(d)): it should stay well above 0. The
lag of the target should be small but not zero. Momentum 1 keeps a random target, which is already
better than no training; momentum 0 stays 0 and has no slow copy at all, and then a stop-gradient
and a good predictor must do (SimSiam). Batch norm matters here: it is in head and predictor.

Have patience: methods without negatives start slowly. On the demo set neighbours were no better
than an untrained encoder's after 20 epochs, and right for 46 % after 40 and for 63 % after 80.

Where our numbers differ. The paper trains ResNet-50 with LARS, 4096 images a step, heads of
4096-256 and m_0 = 0.996 over 1000 epochs (0.99 over 300). For small images: 1024-256, m_0 = 0.99,
and 0.9 in the preset for laptops, whose runs are short and take AdamW at 1e-3 and 128 images a
step. Both directions go through each network apart, one view at a time, as in the authors' code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor

from sslcore.batch import Batch
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.losses import agreement, pictures, spread
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.momentum_target import MomentumTarget, MomentumTargetConfig
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp


class ByolConfig(MomentumTargetConfig):
    """Settings of BYOL."""


@register(
    MethodCard(
        title="BYOL",
        family="bootstrapping",
        mechanism="contrastive",
        year=2020,
        paper="https://arxiv.org/abs/2006.07733",
        config=ByolConfig,
        needs="images",
        backbone="vector",
        against_collapse="its predictor and the slow target network (method.momentum)",
        diagnostics=(
            DiagnosticSpec(
                "deviation",
                "curve",
                "Spread of every dimension",
                "Standard deviation over the batch of each number of the unit-length projections. "
                "Around the line, directions are spread evenly; at 0 all images are one point.",
            ),
            DiagnosticSpec(
                "target_drift",
                "bars",
                "Lag of the target network",
                "1 - cosine between the weights of the target and the online network, layer by "
                "layer. Small but not zero is healthy.",
            ),
            DiagnosticSpec(
                "spectrum",
                "curve",
                "Directions in use",
                "Singular values of the projections. A sudden fall means that only a few "
                "dimensions carry anything.",
            ),
        ),
    )
)
class Byol(MomentumTarget[ByolConfig]):
    """BYOL: an online network predicts its own moving average."""

    def __init__(self, config: ByolConfig, encoder: Encoder, facts: DataFacts) -> None:
        head = mlp(encoder.dimensions, config.head_hidden, config.head_output, layers=2)
        super().__init__(config, encoder, facts, head)

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """2 - 2 cos of prediction and target, in both directions."""
        z_a, z_b = projected["z_a"].detach(), projected["z_b"].detach()
        a_to_b = 2 + 2 * agreement.negative_cosine(projected["p_a"], projected["t_b"].detach())
        b_to_a = 2 + 2 * agreement.negative_cosine(projected["p_b"], projected["t_a"].detach())
        return StepOutput(
            loss=a_to_b + b_to_a,
            terms={
                "a_to_b": a_to_b.detach(),
                "b_to_a": b_to_a.detach(),
                "spread": spread.relative(z_a),
            },
            diagnostics=self._pictures(z_a) if clock.snapshot else {},
            tensors={"z_a": z_a, "z_b": z_b},
        )

    def constants(self) -> Mapping[str, float]:
        """0: every prediction is met, which only a constant answer achieves."""
        return {"0 (collapsed)": 0.0}

    def _pictures(self, z: Tensor) -> dict[str, Diagnostic]:
        length = z.shape[1]
        return {
            "deviation": spread.dimensions(
                spread.deviation(agreement.l2(z)), "1 / sqrt(d)", 1 / math.sqrt(length)
            ),
            "target_drift": self.drift(),
            "spectrum": pictures.spectrum(z),
        }
