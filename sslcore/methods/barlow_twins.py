"""Each number of the embedding should agree between two views and say what no other number says.

With projections of both views standardised over the batch (mean 0, variance 1 per dimension),

    C = z_a^T z_b / B                       the cross-correlation matrix, d x d, entries in [-1, 1]
    loss = sum_i (1 - C_ii)^2  +  lambda * sum_{i != j} C_ij^2

The first term, *invariance*, asks for a diagonal of ones: the same number for both views. The
second, *redundancy*, asks for zeros elsewhere: no two numbers that say the same. No negatives, no
momentum network: a constant embedding has no variance to standardise, so it cannot be a solution.

Paper: Zbontar, Jing, Misra, LeCun and Deny 2021, https://arxiv.org/abs/2103.03230

What to watch. The live matrix: at first a grey smear with faint stripes, later a diagonal that
lights up on a dark ground. If the diagonal stays faint, the views are too different or the rate is
wrong; if bright blocks stay beside it, raise lambda. C is a cross-*correlation* between two views,
not a covariance of one, though lecture notes often say covariance.

Where our numbers differ. The paper's head is 8192-8192-8192 behind ResNet-50, trained with LARS and
2048 images a step; ours is 2048-2048 by default, and 1024-1024 in the preset for laptops, with
AdamW at 1e-3 and 128 images a step. The two terms are shown as they are added: redundancy already
carries lambda.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sslcore.augment.presets import asymmetric_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, heatmap
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, pictures
from sslcore.losses.precision import full_precision
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

VARIANCE_FLOOR = 1e-5
"""Added to the variance of a dimension before it is divided by, as batch norm does."""


class BarlowTwinsConfig(Config):
    """Settings of Barlow Twins."""

    redundancy_weight: float = knob(
        0.005,
        low=0.0,
        high=10.0,
        log=True,
        help="Weight of the off-diagonal against the diagonal. Higher decorrelates harder; 0 "
        "lets every dimension say the same.",
        paper="λ = 0.0051",
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
        help="d, the side of the matrix. This method gains from many dimensions.",
        paper="8192",
    )
    scale: float = knob(
        1.0,
        low=1e-4,
        high=10.0,
        log=True,
        help="Factor on the whole loss. It is a sum over d, so wide heads give large gradients; "
        "lower this where training starts badly with SGD.",
    )
    bias_rate: float = knob(
        1.0,
        low=0.0,
        high=10.0,
        help="Learning rate of biases and norms, relative to that of weights.",
        paper="0.0048 / 0.2 = 0.024, with LARS",
    )


@full_precision
def cross_correlation(z_a: Tensor, z_b: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> (d, d) correlations of every dimension of a with every one of b.

    Standardised over the batch with the biased variance plus 1e-5, so a constant dimension
    correlates with nothing. Source: Barlow Twins, equation 2, https://arxiv.org/abs/2103.03230.

    Raises:
        ValueError: if shapes differ or B < 2 (one image has no variance).
    """
    agreement.check_pairs(z_a, z_b, fewest=2)
    return _standardised(z_a).T @ _standardised(z_b) / z_a.shape[0]


@full_precision
def invariance(c: Tensor) -> Tensor:
    """(d, d) -> scalar: sum_i (1 - C_ii)^2."""
    return (1.0 - c.diagonal()).square().sum()


@full_precision
def redundancy(c: Tensor) -> Tensor:
    """(d, d) -> scalar: sum_{i != j} C_ij^2, without lambda. The matrix is not changed."""
    return (c - torch.diag(c.diagonal())).square().sum()


def _standardised(z: Tensor) -> Tensor:
    centred = z - z.mean(0)
    return centred / (centred.square().mean(0) + VARIANCE_FLOOR).sqrt()


@register(
    MethodCard(
        title="Barlow Twins",
        family="regularization",
        mechanism="contrastive",
        year=2021,
        paper="https://arxiv.org/abs/2103.03230",
        config=BarlowTwinsConfig,
        needs="images",
        backbone="vector",
        against_collapse="the diagonal of its matrix, which needs variance over the batch",
        diagnostics=(
            DiagnosticSpec(
                "cross_correlation",
                "heatmap",
                "Cross-correlation of the two views",
                "Correlation of dimension i in view a (row) with dimension j in view b (column). "
                "The aim is the identity: a diagonal of ones on a ground of zeros.",
            ),
            DiagnosticSpec(
                "spectrum",
                "curve",
                "Directions in use",
                "Singular values of the projections. Redundancy reduction flattens this line.",
            ),
        ),
    )
)
class BarlowTwins(JointEmbedding[BarlowTwinsConfig]):
    """Barlow Twins: the cross-correlation of two views becomes the identity."""

    def __init__(self, config: BarlowTwinsConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        self.head = mlp(
            encoder.dimensions, config.head_hidden, config.head_output, config.head_layers
        )

    @classmethod
    def default_views(cls, config: BarlowTwinsConfig, facts: DataFacts) -> ViewPlan:
        """Crop, flip, colour jitter and grey; the second view is also solarized now and then."""
        return asymmetric_views(facts.image_size, facts.channels)

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Invariance of the diagonal + lambda * redundancy off it."""
        z_a, z_b = projected["z_a"], projected["z_b"]
        c = cross_correlation(z_a, z_b)  # d x d
        on_diagonal = self.config.scale * invariance(c)
        off_diagonal = self.config.scale * self.config.redundancy_weight * redundancy(c)
        diagnostics: dict[str, Diagnostic] = {}
        if clock.snapshot:
            diagnostics = {
                "cross_correlation": heatmap(
                    pictures.array(c),
                    row_label="view a, dimension",
                    column_label="view b, dimension",
                ),
                "spectrum": pictures.spectrum(z_a),
            }
        return StepOutput(
            loss=on_diagonal + off_diagonal,
            terms={"invariance": on_diagonal.detach(), "redundancy": off_diagonal.detach()},
            diagnostics=diagnostics,
            tensors={"z_a": z_a.detach(), "z_b": z_b.detach()},
        )

    def parameter_groups(self) -> list[ParameterGroup]:
        """Weights, and vectors (biases, norms) at a rate of their own without decay."""
        trained = [one for one in self.parameters() if one.requires_grad]
        weights: list[nn.Parameter] = [one for one in trained if one.dim() > 1]
        vectors: list[nn.Parameter] = [one for one in trained if one.dim() <= 1]
        return [
            ParameterGroup("weights", weights),
            ParameterGroup("biases", vectors, lr_scale=self.config.bias_rate, decays=False),
        ]

    def constants(self) -> Mapping[str, float]:
        """d: no dimension correlates with anything, which is what a constant embedding gives."""
        outputs = self.config.head_output if self.config.head_layers else self.online.dimensions
        return {"d (collapsed)": self.config.scale * outputs}
