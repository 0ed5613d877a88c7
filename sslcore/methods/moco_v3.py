"""Find an image's other view among those of the batch, with a predictor and a slow target network.

Queries q come from encoder, head and predictor, keys k from a momentum copy of encoder and head.
All are brought to unit length, and key i is the right one for query i:

    contrast(q, k) = 2T * mean over i of  -log  exp(q_i k_i / T) / sum_j exp(q_i k_j / T)
    loss = contrast(q_a, k_b) + contrast(q_b, k_a)
    after every step:  target <- m target + (1 - m) online,   m rises from m_0 to 1 on a cosine

There is no queue any more: negatives are the other images of the batch, so a large batch helps. The
factor 2T keeps gradients alike when T is changed.

Paper: Chen, Xie and He 2021, https://arxiv.org/abs/2104.02057

What to watch. The similarity matrix (predictions of view a against keys of view b) should show a
bright diagonal. The bound, ln B - cross-entropy, can never show more than ln B. A loss that stays
at 4T ln B has learned nothing. With transformers the paper saw dips in accuracy: gradients of the
first layer jump shortly before. It cures that by never training the patch projection, as
`freeze_patches` does.

Where our numbers differ. The paper: LARS 0.3 to 0.6, 4096 images a step, T = 1.0 for ResNet-50 and
0.2 for transformers, heads of 4096-256. For small images: T = 0.2, heads of 1024-256, 128 images
and m_0 = 0.99, or 0.9 in the preset for laptops, whose runs are short. The last norm of the head
has neither scale nor shift and the predictor ends without a norm, as in the authors' code for
ResNets. Crops keep at least a fifth of the area at any size, as there with ResNets (0.08 with
transformers). The two directions are added, not halved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.presets import MOCO_CROP, asymmetric_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import ConfigError, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.losses import agreement, contrastive, pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.momentum_target import MomentumTarget, MomentumTargetConfig
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp
from sslcore.nets.vit import VisionTransformer


class MocoV3Config(MomentumTargetConfig):
    """Settings of MoCo v3."""

    temperature: float = knob(
        0.2,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharply near misses are punished. Lower looks only at the hardest negatives.",
        paper="τ = 1.0 (ResNet-50), 0.2 (ViT)",
    )
    freeze_patches: bool = knob(
        False,
        help="Leave the patch projection of a Vision Transformer as it was drawn, which keeps "
        "training steady. Needs a backbone 'vit_...'.",
        paper="on for ViT",
    )


@full_precision
def similarity(q: Tensor, k: Tensor) -> Tensor:
    """(B, d), (B, d) raw -> (B, B) cosines of every query with every key of the batch.

    Raises:
        ValueError: if shapes differ or B < 2 (one image has no negatives).
    """
    agreement.check_pairs(q, k, fewest=2)
    return agreement.l2(q) @ agreement.l2(k).T


@full_precision
def contrast(q: Tensor, k: Tensor, temperature: float) -> Tensor:
    """InfoNCE of every query over all keys of the batch, times 2T.

    Source: MoCo v3, Chen et al. 2021, algorithm 1, https://arxiv.org/abs/2104.02057.

    Args:
        q: (B, d) queries, raw.
        k: (B, d) keys, raw; row i is the right one for query i.
        temperature: T > 0.

    Returns:
        Scalar.

    Raises:
        ValueError: if shapes differ, B < 2 or T is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"temperature = {temperature} must be positive")
    logits = similarity(q, k) / temperature  # B x B
    own = torch.arange(len(logits), device=logits.device)
    return 2 * temperature * F.cross_entropy(logits, own)


@register(
    MethodCard(
        title="MoCo v3",
        family="contrastive",
        mechanism="contrastive",
        year=2021,
        paper="https://arxiv.org/abs/2104.02057",
        config=MocoV3Config,
        needs="images",
        backbone="vector",
        against_collapse="its negatives, the other images of the batch (schedule.batch_size)",
        diagnostics=(
            DiagnosticSpec(
                "similarity",
                "heatmap",
                "Similarity of predictions and keys",
                "Cosine of the prediction from view a of every image (rows) with the key of view b "
                "of every image (columns). The diagonal are positives. Bright cells elsewhere are "
                "images taken for each other.",
            ),
            DiagnosticSpec(
                "cosines",
                "histogram",
                "Positives and negatives",
                "Cosines of predictions with the key of the same image and with those of others. "
                "The further apart, the better; both at 1 means collapse.",
            ),
            DiagnosticSpec(
                "target_drift",
                "bars",
                "Lag of the target network",
                "1 - cosine between the weights of the target and the online network, layer by "
                "layer. Small but not zero is healthy.",
            ),
        ),
    )
)
class MocoV3(MomentumTarget[MocoV3Config]):
    """MoCo v3: in-batch InfoNCE between predictions and a momentum network's keys."""

    def __init__(self, config: MocoV3Config, encoder: Encoder, facts: DataFacts) -> None:
        head = mlp(
            encoder.dimensions,
            config.head_hidden,
            config.head_output,
            layers=2,
            final_norm=True,
            final_affine=False,
        )
        if config.freeze_patches:
            _freeze_patches(encoder)
        super().__init__(config, encoder, facts, head)

    @classmethod
    def default_views(cls, config: MocoV3Config, facts: DataFacts) -> ViewPlan:
        """Crop, flip, colour jitter and grey; the second view is also solarized now and then."""
        del config
        return asymmetric_views(facts.image_size, facts.channels, crop_low=MOCO_CROP)

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Contrast in both directions."""
        q_a, q_b = projected["p_a"], projected["p_b"]
        k_a, k_b = projected["t_a"].detach(), projected["t_b"].detach()
        temperature = self.config.temperature
        a_to_b = contrast(q_a, k_b, temperature)
        b_to_a = contrast(q_b, k_a, temperature)
        loss = a_to_b + b_to_a
        cosines = similarity(q_a.detach(), k_b)
        info_nce = loss / (4 * temperature)  # the unscaled cross-entropy of a direction
        return StepOutput(
            loss=loss,
            terms={
                "a_to_b": a_to_b.detach(),
                "b_to_a": b_to_a.detach(),
                "bound": contrastive.mutual_information_bound(info_nce, len(cosines)),
                "accuracy": _found(cosines),
            },
            diagnostics=self._pictures(q_a, k_b, cosines, batch) if clock.snapshot else {},
            tensors={"z_a": projected["z_a"].detach(), "z_b": projected["z_b"].detach()},
        )

    def constants(self) -> Mapping[str, float]:
        """4T ln B: every key of the batch equally likely, in both directions."""
        return {"4T ln(B)": 4 * self.config.temperature * math.log(self.facts.batch_size)}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """The log of B: the own key is told from all keys of the batch."""
        return {"bound": math.log(self.batch_rows(plan, "view_b"))}

    def _pictures(
        self, q: Tensor, k: Tensor, cosines: Tensor, batch: Batch
    ) -> dict[str, Diagnostic]:
        return {
            "similarity": pictures.pair_heatmap(q, k, batch),
            "cosines": pictures.cosine_histogram(cosines.diagonal(), cosines[_others(cosines)]),
            "target_drift": self.drift(),
        }


def _freeze_patches(encoder: Encoder) -> None:
    """Keep the projection of patches as it was drawn (section 4.2 of the paper).

    Raises:
        ConfigError: if the network has none.
    """
    if not isinstance(encoder.backbone, VisionTransformer):
        raise ConfigError(
            "method.freeze_patches: only a Vision Transformer projects patches; switch it off or "
            "choose a backbone 'vit_...'"
        )
    encoder.backbone.patch_embed.requires_grad_(False)


def _others(matrix: Tensor) -> Tensor:
    """(B, B) bool: everything but the diagonal."""
    return ~torch.eye(len(matrix), dtype=torch.bool, device=matrix.device)


def _found(cosines: Tensor) -> Tensor:
    """(B, B) -> scalar: how often the own key is the nearest; ties count as not found."""
    others = cosines.masked_fill(~_others(cosines), -math.inf).amax(1)
    return (cosines.diagonal() > others).to(cosines.dtype).mean()
