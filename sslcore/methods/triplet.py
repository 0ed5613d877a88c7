"""An image should be nearer to another view of itself than to any other image, by a margin.

For an anchor a, a positive p (the other view of the same image) and a negative n (another image):

    loss = mean of max(0, m + d(a, p) - d(a, n))

with d = 1 - cosine, or the Euclidean distance. Triplets that already keep the margin cost nothing
and teach nothing, so the choice of n decides. *Random* negatives are soon all far enough.
*Hardest* negatives, the nearest other image, are often views of the same kind of thing, and early
in training they pull everything into one point. *Semi-hard* negatives are the nearest of those that
lie farther away than the positive.

Paper: Schroff, Kalenichenko and Philbin 2015, https://arxiv.org/abs/1503.03832

What to watch. The active share is the part of triplets that still costs something. At 0 nothing is
learned any more: choose harder negatives or a larger margin. A loss that stays at the margin, with
both distances at 0, is collapse: choose easier negatives or a lower rate. The histograms of d(a, p)
and d(a, n) should drift apart until a gap of the margin's width lies between them.

Where our numbers differ. The paper learns faces from names and takes positives of the same person;
here nobody knows names, and the positive is another view of the same picture. Its distance is the
squared Euclidean one of unit vectors, twice our cosine distance: its margin 0.2 is our 0.1.
Defaults are 0.2 for cosines; take about 1 for Euclidean distances, whose vectors are not brought to
unit length. Where no negative is farther than the positive, semi-hard takes the farthest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, histogram
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp

Distance = Literal["cosine", "euclidean"]
Negatives = Literal["random", "semi_hard", "hardest"]


class TripletConfig(Config):
    """Settings of the triplet loss."""

    margin: float = knob(
        0.2,
        low=0.0,
        high=100.0,
        help="How much farther than the positive a negative must be. About 0.2 for cosine, about 1 "
        "for Euclidean distances.",
        paper="α = 0.2 (squared distance)",
    )
    distance: Distance = knob(
        "cosine",
        help="'cosine' compares directions (0 to 2), 'euclidean' also lengths (any size).",
        paper="squared Euclidean of unit vectors",
    )
    negatives: Negatives = knob(
        "semi_hard",
        help="Which other image of the batch is pushed away: a random one, the nearest that is "
        "farther than the positive (semi-hard), or the nearest of all (may collapse).",
        paper="semi-hard",
    )
    head_layers: int = knob(
        2, low=0, high=3, help="Layers of the projection head; 0 uses the features.", paper="1"
    )
    head_hidden: int = knob(512, low=8, high=16384, log=True, help="Width inside the head.")
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of a projection.", paper="128"
    )


@full_precision
def triplet_margin(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float, distance: Distance
) -> Tensor:
    """Mean of max(0, margin + d(anchor, positive) - d(anchor, negative)).

    Source: FaceNet, Schroff et al. 2015, equation 3, https://arxiv.org/abs/1503.03832.

    Args:
        anchor: (B, d) raw.
        positive: (B, d) raw, row i the positive of anchor i.
        negative: (B, d) raw, row i the negative of anchor i.
        margin: not negative.
        distance: "cosine" (1 - cosine) or "euclidean".

    Returns:
        Scalar, not negative.

    Raises:
        ValueError: if shapes differ or the margin is negative.
    """
    if not margin >= 0:
        raise ValueError(f"margin = {margin} must not be negative")
    to_positive = apart(anchor, positive, distance)
    to_negative = apart(anchor, negative, distance)
    return F.relu(margin + to_positive - to_negative).mean()


@full_precision
def apart(a: Tensor, b: Tensor, distance: Distance) -> Tensor:
    """(B, d), (B, d) raw -> (B,) distances of rows (ValueError if the shapes differ)."""
    if distance == "cosine":
        return agreement.energy(a, b)
    agreement.check_pairs(a, b)
    return torch.linalg.vector_norm(a - b, dim=1)


@full_precision
def distances(a: Tensor, b: Tensor, distance: Distance) -> Tensor:
    """(B, d), (B, d) raw -> (B, B) distances of every row of a and every row of b."""
    agreement.check_pairs(a, b)
    if distance == "cosine":
        return 1.0 - agreement.l2(a) @ agreement.l2(b).T
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def choose(apart: Tensor, negatives: Negatives, generator: torch.Generator) -> Tensor:
    """Which image serves as the negative of each anchor.

    Args:
        apart: (B, B) distances of anchors and candidates; the diagonal are the positives.
        negatives: "random"; "semi_hard", the nearest beyond the positive, or the farthest where
            there is none; "hardest", the nearest.
        generator: CPU generator of the random choice.

    Returns:
        (B,) int64 columns, never the anchor's own.

    Raises:
        ValueError: if B < 2.
    """
    count = len(apart)
    if count < 2:
        raise ValueError(
            f"a triplet needs another image, the batch has {count}; raise schedule.batch_size"
        )
    if negatives == "random":
        own = torch.arange(count)
        step = torch.randint(1, count, (count,), generator=generator)
        return ((own + step) % count).to(apart.device)
    own = torch.eye(count, dtype=torch.bool, device=apart.device)
    others = apart.masked_fill(own, torch.inf)
    if negatives == "hardest":
        return others.argmin(1)
    beyond = others.masked_fill(apart <= apart.diagonal()[:, None], torch.inf)
    farthest = apart.masked_fill(own, -torch.inf).argmax(1)
    return torch.where(beyond.isfinite().any(1), beyond.argmin(1), farthest)


@register(
    MethodCard(
        title="Triplet loss",
        family="contrastive",
        mechanism="contrastive",
        year=2015,
        paper="https://arxiv.org/abs/1503.03832",
        config=TripletConfig,
        needs="images",
        backbone="vector",
        against_collapse="its negatives and the margin (method.negatives, method.margin)",
        diagnostics=(
            DiagnosticSpec(
                "distances",
                "histogram",
                "Distances to positive and negative",
                "Distances of anchors to their own other view and to the negative chosen for them. "
                "The aim is a gap as wide as the margin.",
            ),
            DiagnosticSpec(
                "similarity",
                "heatmap",
                "Similarity of the two views",
                "Cosine of view a of every image (rows) with view b of every image (columns). The "
                "diagonal are positives; the brightest cell beside it is the hardest negative.",
            ),
        ),
    )
)
class Triplet(JointEmbedding[TripletConfig]):
    """Triplet loss: anchors and positives are two views, negatives come from the batch."""

    def __init__(self, config: TripletConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        self.head = mlp(
            encoder.dimensions, config.head_hidden, config.head_output, config.head_layers
        )

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Anchors from view a, positives and negatives from view b."""
        anchor, positive = projected["z_a"], projected["z_b"]
        margin, distance = self.config.margin, self.config.distance
        with torch.no_grad():
            every = distances(anchor, positive, distance)  # B x B
            chosen = choose(every, self.config.negatives, clock.generator)
            to_positive = every.diagonal()
            to_negative = every.gather(1, chosen[:, None])[:, 0]
        loss = triplet_margin(anchor, positive, positive[chosen], margin, distance)
        diagnostics: dict[str, Diagnostic] = {}
        if clock.snapshot:
            diagnostics = {
                "distances": histogram(
                    {
                        "own other view": pictures.array(to_positive),
                        "negative": pictures.array(to_negative),
                    },
                    axis=f"{distance} distance",
                    low=0.0,
                ),
                "similarity": pictures.pair_heatmap(anchor, positive, batch),
            }
        return StepOutput(
            loss=loss,
            terms={
                "active_share": (margin + to_positive > to_negative).to(every.dtype).mean(),
                "positive_distance": to_positive.mean(),
                "negative_distance": to_negative.mean(),
            },
            diagnostics=diagnostics,
            tensors={"z_a": anchor.detach(), "z_b": positive.detach()},
        )

    def energy(self, batch: Batch) -> Tensor:
        """(B,) distance of the projections of the two views."""
        z_a = self.embed(batch.view("view_a"), "projection")
        z_b = self.embed(batch.view("view_b"), "projection")
        return apart(z_a, z_b, self.config.distance)

    def constants(self) -> Mapping[str, float]:
        """The margin: all images in one point, so that both distances are 0."""
        return {"margin (collapsed)": self.config.margin}
