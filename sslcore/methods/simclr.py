"""Two views of an image should be more alike than either is to any other image of the batch.

For 2B views with projections z and cosines s_ij, where j is the other view of i:

    loss = mean over i of  -log  exp(s_ij / T) / sum_{k != i} exp(s_ik / T)

This is a sum of two named terms. *Attraction*, -s_ij / T, pulls the two views together.
*Repulsion*, the log of the sum, pushes everything else away. Both are needed: with attraction alone
the network maps all images to one point (switch off `negatives`: the loss goes to -1 / T).

Paper: Chen, Kornblith, Norouzi and Hinton 2020, https://arxiv.org/abs/2002.05709

What to watch. The similarity matrix should show a bright diagonal on a dull ground; bright cells
beside it are *false negatives* if the two images are of one class. The bound, ln(2B - 1) - loss, is
what the loss proves about the information two views share, and its ceiling is ln(2B - 1): a larger
batch can prove more. A loss that stays at ln(2B - 1) has learned nothing. Features before the head
usually serve better than projections behind it: compare both in a probe.

Where our numbers differ. The paper trains ResNet-50 with LARS, 4096 images a step, T = 0.1, blur
and colours jittered at full strength (s = 1), as we do from 64 px on. For 32-pixel images we follow
its appendix B.9 and common practice: T = 0.5, s = 0.5, no blur, and a head of 512-128 behind small
networks; the preset for laptops takes 128 images a step and AdamW at 1e-3. In the authors' code the
head ends in a batch norm (with a scale, without a shift); ours does so, with both, if `final_norm`
is on, as in the paper's preset.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from sslcore.augment.presets import BLUR_FROM, contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, contrastive, pictures
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp


class SimclrConfig(Config):
    """Settings of SimCLR."""

    temperature: float = knob(
        0.5,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharply near misses are punished. Lower looks only at the hardest negatives.",
        paper="τ = 0.1 (ImageNet), 0.5 (CIFAR-10)",
    )
    head_layers: int = knob(
        2,
        low=0,
        high=3,
        help="Layers of the projection head. 0 puts the loss on the features themselves: they "
        "then forget what differs between views, such as colour.",
        paper="g, 2 layers",
    )
    head_hidden: int = knob(
        512, low=8, high=16384, log=True, help="Width inside the head.", paper="2048"
    )
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of a projection.", paper="128"
    )
    final_norm: bool = knob(
        False,
        help="End the head in a batch norm as well, as the authors' code does. Has no effect on a "
        "head without layers.",
        paper="on (code)",
    )
    negatives: bool = knob(
        True,
        help="Push other images away. Off is the experiment that collapses: nothing then keeps "
        "all images from becoming one point.",
    )


@register(
    MethodCard(
        title="SimCLR",
        family="contrastive",
        mechanism="contrastive",
        year=2020,
        paper="https://arxiv.org/abs/2002.05709",
        config=SimclrConfig,
        needs="images",
        backbone="vector",
        against_collapse="its negatives (method.negatives)",
        diagnostics=(
            DiagnosticSpec(
                "similarity",
                "heatmap",
                "Similarity of the two views",
                "Cosine of view a of every image (rows) with view b of every image (columns). The "
                "diagonal are positives. Bright cells elsewhere are images taken for each other.",
            ),
            DiagnosticSpec(
                "cosines",
                "histogram",
                "Positives and negatives",
                "Cosines of views of the same image and of different images. The further apart, "
                "the better; both at 1 means collapse.",
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
class Simclr(JointEmbedding[SimclrConfig]):
    """SimCLR: NT-Xent between two views of a batch."""

    def __init__(self, config: SimclrConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        self.head = mlp(
            encoder.dimensions,
            config.head_hidden,
            config.head_output,
            config.head_layers,
            final_norm=config.final_norm,
        )

    @classmethod
    def default_views(cls, config: SimclrConfig, facts: DataFacts) -> ViewPlan:
        """Two draws of crop, flip, jitter and grey; blur and full strength on large images."""
        del config
        strength = 1.0 if facts.image_size >= BLUR_FROM else 0.5
        return contrastive_views(facts.image_size, facts.channels, strength=strength)

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """NT-Xent as attraction + repulsion."""
        z_a, z_b = projected["z_a"], projected["z_b"]
        temperature = self.config.temperature
        cosines = contrastive.similarity(z_a, z_b)  # 2B x 2B
        attraction = contrastive.attraction(cosines, temperature)
        repulsion = contrastive.repulsion(cosines, temperature)
        nt_xent = attraction + repulsion
        return StepOutput(
            loss=nt_xent if self.config.negatives else attraction,
            terms={
                "attraction": attraction.detach(),
                "repulsion": repulsion.detach(),
                "bound": contrastive.mutual_information_bound(nt_xent, len(cosines) - 1),
                "accuracy": contrastive.found(cosines),
            },
            diagnostics=self._pictures(z_a, z_b, cosines, batch) if clock.snapshot else {},
            tensors={"z_a": z_a.detach(), "z_b": z_b.detach()},
        )

    def constants(self) -> Mapping[str, float]:
        """ln(2B - 1): every candidate equally likely; -1 / T: collapsed without negatives."""
        if not self.config.negatives:
            return {"-1 / T (collapsed)": -1.0 / self.config.temperature}
        return {"ln(2B - 1)": math.log(max(2 * self.facts.batch_size - 1, 1))}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """ln(2B - 1): the other view is found among all views of the batch but the own."""
        return {"bound": math.log(max(2 * self.batch_rows(plan, "view_a") - 1, 1))}

    def _pictures(
        self, z_a: Tensor, z_b: Tensor, cosines: Tensor, batch: Batch
    ) -> dict[str, Diagnostic]:
        count = len(z_a)
        across = cosines[:count, count:].detach()  # view a with view b
        other = ~torch.eye(count, dtype=torch.bool, device=across.device)
        return {
            "similarity": pictures.pair_heatmap(z_a, z_b, batch),
            "cosines": pictures.cosine_histogram(across.diagonal(), across[other]),
            "spectrum": pictures.spectrum(z_a),
        }
