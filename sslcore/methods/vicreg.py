"""Keep views alike, every dimension alive and no two dimensions the same: three plain statistics.

With projections z_a, z_b (B, d) of two views, raw, and std(z_j) = sqrt(Var(z_j) + 1e-4) over them:

    invariance  = mean (z_a - z_b)^2                                     views agree
    variance    = mean over j of max(0, 1 - std(z_j))                    no dimension dies
    covariance  = sum over j != k of Cov(z_j, z_k)^2  /  d               no two say the same
    loss = 25 invariance  +  25 [variance(z_a) + variance(z_b)] / 2
         +  1 [covariance(z_a) + covariance(z_b)]

Each term acts on its own: the variance term alone rules out collapse to a point, the covariance
term alone rules out collapse to a few directions, and both need only one branch.

Paper: Bardes, Ponce and LeCun 2022, https://arxiv.org/abs/2105.04906

What to watch. The standard deviation of every dimension should rise to the line at 1 and stay; the
covariance matrix should empty beside its diagonal. With the variance weight at 0 the embedding
shrinks to a point and the loss to 0; with the covariance weight at 0 all dimensions learn the same.
Covariance is of one branch over the batch; Barlow Twins has the correlation of two.

Where our numbers differ. The paper's formula adds the squared distance over dimensions and the
variance of both branches; its code, which made its numbers, takes the mean over dimensions and over
branches, and so do we. The paper's head is 8192-8192-8192 behind ResNet-50 with LARS; ours is
2048-2048 by default, and shorter still in the preset for laptops. Terms are shown as they are
added, weights included. Both views are blurred and solarized with the mean of BYOL's two chances.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sslcore.augment.presets import asymmetric_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, heatmap
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, pictures, spread
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp

VARIANCE_FLOOR = 1e-4
"""Added to a variance before its root is taken, so that the slope stays finite at 0."""


class VicregConfig(Config):
    """Settings of VICReg."""

    invariance_weight: float = knob(
        25.0,
        low=0.0,
        high=1000.0,
        help="How strongly views of an image are pulled together.",
        paper="λ = 25",
    )
    variance_weight: float = knob(
        25.0,
        low=0.0,
        high=1000.0,
        help="How strongly every dimension is kept from dying. 0 is the experiment that collapses.",
        paper="μ = 25",
    )
    covariance_weight: float = knob(
        1.0,
        low=0.0,
        high=1000.0,
        help="How strongly dimensions are kept from saying the same. 0 lets all say one thing.",
        paper="ν = 1",
    )
    head_layers: int = knob(
        2, low=0, high=3, help="Layers of the projection head; 0 uses the features.", paper="3"
    )
    head_hidden: int = knob(
        2048, low=8, high=16384, log=True, help="Width inside the head.", paper="8192"
    )
    head_output: int = knob(
        2048,
        low=2,
        high=16384,
        log=True,
        help="d, length of a projection. This method gains from many dimensions.",
        paper="8192",
    )


@full_precision
def invariance(z_a: Tensor, z_b: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> scalar: mean squared difference over images and dimensions.

    Source: VICReg, Bardes et al. 2022, equation 5, https://arxiv.org/abs/2105.04906 (divided by d).

    Raises:
        ValueError: if the shapes differ.
    """
    agreement.check_pairs(z_a, z_b)
    return (z_a - z_b).square().mean()


@full_precision
def variance(z: Tensor) -> Tensor:
    """(B, d) raw, one branch -> scalar: mean over dimensions of max(0, 1 - sqrt(Var + 1e-4)).

    Source: VICReg, equations 1 and 2; the variance is the unbiased one.

    Raises:
        ValueError: if B < 2 (one image has no variance).
    """
    agreement.check_pairs(z, z, fewest=2)
    deviation = (z.var(0, correction=1) + VARIANCE_FLOOR).sqrt()
    return (1.0 - deviation).clamp(min=0.0).mean()


@full_precision
def covariance(z: Tensor) -> Tensor:
    """(B, d) raw, one branch -> scalar: sum of squares beside the diagonal of Cov(z), over d.

    Source: VICReg, equations 3 and 4; Cov divides by B - 1.

    Raises:
        ValueError: if B < 2.
    """
    matrix = covariance_matrix(z)
    return (matrix - torch.diag(matrix.diagonal())).square().sum() / z.shape[1]


@full_precision
def covariance_matrix(z: Tensor) -> Tensor:
    """(B, d) raw -> (d, d), divided by B - 1 (ValueError if B < 2)."""
    agreement.check_pairs(z, z, fewest=2)
    centred = z - z.mean(0)
    return centred.T @ centred / (len(z) - 1)


@register(
    MethodCard(
        title="VICReg",
        family="regularization",
        mechanism="contrastive",
        year=2022,
        paper="https://arxiv.org/abs/2105.04906",
        config=VicregConfig,
        needs="images",
        backbone="vector",
        against_collapse="its variance term (method.variance_weight)",
        diagnostics=(
            DiagnosticSpec(
                "deviation",
                "curve",
                "Spread of every dimension",
                "Standard deviation over the batch of each number of the projection. The variance "
                "term lifts every one to the line at 1.",
            ),
            DiagnosticSpec(
                "covariance",
                "heatmap",
                "Covariance of dimensions",
                "How dimension i (row) varies together with dimension j (column) over the batch, "
                "in one view. The aim: ones on the diagonal, zeros beside it.",
            ),
            DiagnosticSpec(
                "spectrum",
                "curve",
                "Directions in use",
                "Singular values of the projections. The covariance term flattens this line.",
            ),
        ),
    )
)
class Vicreg(JointEmbedding[VicregConfig]):
    """VICReg: invariance, variance and covariance of two views."""

    def __init__(self, config: VicregConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        self.head = mlp(
            encoder.dimensions, config.head_hidden, config.head_output, config.head_layers
        )

    @classmethod
    def default_views(cls, config: VicregConfig, facts: DataFacts) -> ViewPlan:
        """Two draws of crop, flip, colour jitter, grey, blur (large images) and solarizing."""
        return asymmetric_views(
            facts.image_size, facts.channels, blur=(0.5, 0.5), solarize=(0.1, 0.1)
        )

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """The three terms, each with its weight."""
        z_a, z_b = projected["z_a"], projected["z_b"]
        config = self.config
        alike = config.invariance_weight * invariance(z_a, z_b)
        alive = config.variance_weight * (variance(z_a) + variance(z_b)) / 2
        apart = config.covariance_weight * (covariance(z_a) + covariance(z_b))
        return StepOutput(
            loss=alike + alive + apart,
            terms={
                "invariance": alike.detach(),
                "variance": alive.detach(),
                "covariance": apart.detach(),
            },
            diagnostics=self._pictures(z_a.detach()) if clock.snapshot else {},
            tensors={"z_a": z_a.detach(), "z_b": z_b.detach()},
        )

    def energy(self, batch: Batch) -> Tensor:
        """(B,) mean squared difference of the projections of the two views."""
        z_a = self.embed(batch.view("view_a"), "projection").float()
        z_b = self.embed(batch.view("view_b"), "projection").float()
        return (z_a - z_b).square().mean(1)

    def constants(self) -> Mapping[str, float]:
        """The variance weight times 0.99: all images one point, the other terms 0."""
        return {"0.99 μ (collapsed)": self.config.variance_weight * (1 - VARIANCE_FLOOR**0.5)}

    def _pictures(self, z: Tensor) -> dict[str, Diagnostic]:
        return {
            "deviation": spread.dimensions(spread.deviation(z), "aim", 1.0),
            "covariance": heatmap(
                pictures.array(covariance_matrix(z)),
                row_label="dimension",
                column_label="dimension",
            ),
            "spectrum": pictures.spectrum(z),
        }
