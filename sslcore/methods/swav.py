"""Two views of an image should belong to the same clusters, which are learned along the way.

Projections z and K prototypes c, all of unit length, give scores z c. The *code* q of a view says
to which prototypes it belongs; it is computed from the scores of the whole batch under the rule
that all prototypes are used equally. Each code must be predicted from every other view:

    loss = mean over large crops t and other crops s of  -sum_k q_t[k] log p_s[k]
    p_s = softmax(z_s c / T),    q = Sinkhorn-Knopp(scores / epsilon), three rounds

The equal use is what prevents collapse: were all images in one cluster, the rule would be broken.

Paper: Caron, Misra, Mairal, Goyal, Bojanowski and Joulin 2020, https://arxiv.org/abs/2006.09882

What to watch. The loss starts at ln K and falls slowly; kNN may rise while it looks flat. A loss
that stays at ln K has learned nothing: make epsilon smaller (sharper codes) or the learning rate
lower. *Prototypes used* tells how many clusters hold any image of the step; a handful is bad. The
pictures show which images of the step lie nearest to some prototypes: they should look alike.

Where our numbers differ. The paper has 3000 prototypes for a million images, LARS 0.6 and 6 small
crops; for folders of some thousand images 512 are plenty, and the preset for laptops has 128, no
small crops, and AdamW at 1e-3. Codes of small batches are balanced together with a queue of past
projections, as the paper does from epoch 15 on. With LARS, the authors' code adapts and decays
every parameter; here prototypes are adapted and not decayed, biases and norms neither. Colours are
jittered half as much as in the paper: at its strength runs on small images stood still at ln K.
Prototypes keep unit length after every step instead of before it, which is the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import knob
from sslcore.diagnostics import Curve, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import agreement, pictures
from sslcore.losses.precision import full_precision
from sslcore.method import (
    Clock,
    DataFacts,
    Method,
    MethodCard,
    ParameterGroup,
    StepOutput,
    register,
)
from sslcore.multi_crop import MultiCropConfig
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp
from sslcore.nets.queue import Queue

CLUSTERS_SHOWN, MEMBERS_SHOWN = 8, 4
"""Prototypes side by side in the picture, and images of each."""


class SwavConfig(MultiCropConfig):
    """Settings of SwAV."""

    prototypes: int = knob(
        512,
        low=2,
        high=65536,
        log=True,
        help="K, how many clusters there are. More than ten times the classes is usual; more than "
        "there are images makes no sense.",
        paper="K = 3000",
    )
    temperature: float = knob(
        0.1, low=0.01, high=10.0, log=True, help="How sharp predictions are.", paper="τ = 0.1"
    )
    epsilon: float = knob(
        0.05,
        low=0.005,
        high=1.0,
        log=True,
        help="How soft codes are. Too soft, and all images get the same code.",
        paper="ε = 0.05",
    )
    iterations: int = knob(
        3, low=1, high=100, help="Rounds of Sinkhorn-Knopp that balance the codes.", paper="3"
    )
    queue_size: int = knob(
        1024,
        low=0,
        high=1_048_576,
        help="Past projections that codes are balanced with; 0 for large batches.",
        paper="3840 with batches of 256",
    )
    queue_from: float = knob(
        5.0,
        low=0.0,
        high=10_000.0,
        unit="epochs",
        help="When the queue comes into use; before, projections change too fast.",
        paper="epoch 15",
    )
    freeze_prototypes: float = knob(
        1.0,
        low=0.0,
        high=10_000.0,
        unit="epochs",
        help="How long prototypes stay where they were drawn.",
        paper="1 epoch",
    )
    head_hidden: int = knob(
        512, low=8, high=16384, log=True, help="Width inside the head.", paper="2048"
    )
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of projections and prototypes.", paper="128"
    )


@full_precision
@torch.no_grad()
def sinkhorn(scores: Tensor, epsilon: float, iterations: int) -> Tensor:
    """Codes that use all prototypes equally: (N, K) cosines -> (N, K), rows add up to 1.

    Starts at exp(scores / epsilon) and divides in turns by the sums of columns (so every prototype
    has 1 / K of the mass) and of rows (every image 1 / N), in logarithms, so nothing overflows.
    Source: SwAV, section 3.1 and appendix A.1, https://arxiv.org/abs/2006.09882.

    Raises:
        ValueError: if scores are not (N, K) with entries, or a number is not positive.
    """
    if scores.dim() != 2 or scores.numel() == 0:
        raise ValueError(f"codes need (N, K) scores, got {tuple(scores.shape)}")
    if not epsilon > 0 or iterations < 1:
        raise ValueError(f"epsilon = {epsilon} and iterations = {iterations} must be positive")
    log_codes = scores / epsilon
    for _ in range(iterations):
        log_codes = log_codes - log_codes.logsumexp(0, keepdim=True)
        log_codes = log_codes - log_codes.logsumexp(1, keepdim=True)
    return log_codes.exp()


@full_precision
def swapped_prediction(codes: Tensor, scores: Tensor, temperature: float) -> Tensor:
    """(B, K) codes of one view, (B, K) scores of another -> (B,): -sum_k q log softmax(s / T).

    Raises:
        ValueError: if shapes differ or T is not positive.
    """
    if codes.shape != scores.shape or codes.dim() != 2:
        raise ValueError(
            f"codes {tuple(codes.shape)} and scores {tuple(scores.shape)} must be (B, K) alike"
        )
    if not temperature > 0:
        raise ValueError(f"temperature = {temperature} must be positive")
    return -(codes * F.log_softmax(scores / temperature, -1)).sum(-1)


@register(
    MethodCard(
        title="SwAV",
        family="regularization",
        mechanism="contrastive",
        year=2020,
        paper="https://arxiv.org/abs/2006.09882",
        config=SwavConfig,
        needs="images",
        backbone="vector",
        against_collapse="assignments that use all prototypes equally (method.epsilon)",
        diagnostics=(
            DiagnosticSpec(
                "usage",
                "curve",
                "How evenly prototypes are used",
                "Share of the predictions of this step that falls to each prototype, the most used "
                "first. The dashed line is an equal share.",
            ),
            DiagnosticSpec(
                "nearest",
                "image_grid",
                "Images nearest to some prototypes",
                "One column for each of the most used prototypes of this step: its nearest images. "
                "A column whose pictures look alike is a cluster that means something.",
            ),
        ),
    )
)
class Swav(Method[SwavConfig]):
    """SwAV: the code of one view is predicted from the other views."""

    def __init__(self, config: SwavConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        self.head = mlp(encoder.dimensions, config.head_hidden, config.head_output, layers=2)
        self.prototypes = nn.Linear(config.head_output, config.prototypes, bias=False)
        self._shorten_prototypes()
        # One queue for each of the two large crops: codes are balanced crop by crop.
        queues = 2 if config.queue_size else 0
        self.queues = nn.ModuleList(
            Queue(config.queue_size, config.head_output) for _ in range(queues)
        )

    @classmethod
    def default_views(cls, config: SwavConfig, facts: DataFacts) -> ViewPlan:
        """Two large crops and several small ones, all with jitter, grey and flips."""
        return config.views(facts, jitter=(0.4, 0.4, 0.4, 0.1))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Unit vectors of all crops: ``global`` (B, 2, d), ``local`` (B, n, d)."""
        return {
            name: agreement.l2(self.projection(self.online(batch.view(name)))).unflatten(
                0, (len(batch), -1)
            )
            for name in batch.views
        }

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Codes of the large crops, predicted from every other crop."""
        config = self.config
        crops = [projected[name] for name in ("global", "local") if name in projected]
        z = torch.cat(crops, 1)  # B x V x d, large crops first
        scores = self.scores(z)  # B x V x K
        large = projected["global"].shape[1]
        losses: list[Tensor] = []
        entropies: list[Tensor] = []
        for target in range(large):
            codes = self.codes(scores[:, target], target, clock)  # B x K
            entropies.append(-(codes * codes.clamp(min=1e-12).log()).sum(-1).mean())
            losses += [
                swapped_prediction(codes, scores[:, other], config.temperature).mean()
                for other in range(z.shape[1])
                if other != target
            ]
        loss = torch.stack(losses).mean()
        chosen = scores[:, 0].detach().argmax(-1)
        return StepOutput(
            loss=loss,
            terms={
                "code entropy": torch.stack(entropies).mean(),
                "prototypes used": chosen.new_tensor(chosen.unique().numel(), dtype=loss.dtype),
            },
            diagnostics=self._pictures(scores[:, 0], batch) if clock.snapshot else {},
            tensors={"z_a": z[:, 0].detach(), "z_b": z[:, large - 1].detach()},
        )

    @full_precision
    def scores(self, z: Tensor) -> Tensor:
        """(..., d) unit vectors -> (..., K) cosines with the prototypes."""
        return F.linear(z, agreement.l2(self.prototypes.weight.to(z.dtype)))

    def codes(self, scores: Tensor, crop: int, clock: Clock) -> Tensor:
        """(B, K) scores of one large crop -> (B, K) codes, balanced together with its queue."""
        together = scores.detach()
        queue = self._queue(crop)
        if queue is not None and clock.epoch >= self.config.queue_from:
            filled = bool((queue.born >= 0).all())  # random rows would say nothing
            if filled:
                together = torch.cat([together, self.scores(queue.rows.to(scores)).detach()])
        return sinkhorn(together, self.config.epsilon, self.config.iterations)[: len(scores)]

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """Prototypes back to unit length; the projections of this step into the queues."""
        self._shorten_prototypes()
        for crop, name in enumerate(("z_a", "z_b")):
            queue = self._queue(crop)
            if queue is not None:
                queue.push(tensors[name], clock.step)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Prototypes stay put at first, so that projections spread over them.

        Decay would only shorten what is brought back to unit length; LARS adapts their rate.
        """
        weights = list(self.prototypes.parameters())
        others = [*self.online.parameters(), *self.head.parameters()]
        return [
            ParameterGroup("encoder and head", [one for one in others if one.requires_grad]),
            ParameterGroup(
                "prototypes", weights, frozen_epochs=self.config.freeze_prototypes, decays=False
            ),
        ]

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, d) through the head."""
        return self.head(features)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) how badly the clusters of one large crop predict those of the other, in nats.

        Balanced codes need a whole batch; here a view's clusters are its softmax at T.
        """
        z = agreement.l2(self.embed(batch.view("global"), "projection"))
        with torch.no_grad():
            scores = self.scores(z).unflatten(0, (len(batch), -1))
            first, second = scores[:, 0], scores[:, -1]
            temperature = self.config.temperature
            return (
                swapped_prediction((first / temperature).softmax(-1), second, temperature)
                + swapped_prediction((second / temperature).softmax(-1), first, temperature)
            ) / 2

    def constants(self) -> Mapping[str, float]:
        """What every cluster alike costs: ln K."""
        return {"ln K (every cluster alike)": math.log(self.config.prototypes)}

    @torch.no_grad()
    def _shorten_prototypes(self) -> None:
        self.prototypes.weight.copy_(agreement.l2(self.prototypes.weight))

    def _queue(self, crop: int) -> Queue | None:
        found = self.queues[crop] if crop < len(self.queues) else None
        return found if isinstance(found, Queue) else None

    def _pictures(self, scores: Tensor, batch: Batch) -> dict[str, Diagnostic]:
        shares = (scores.detach() / self.config.temperature).softmax(-1).mean(0)  # K
        ordered = pictures.array(shares.sort(descending=True).values)
        most = shares.argsort(descending=True)[:CLUSTERS_SHOWN]
        members = min(MEMBERS_SHOWN, len(batch))
        nearest = scores.detach()[:, most].argsort(0, descending=True)[:members]  # members x C
        large = batch.views["global"][:, 0]
        rows = batch.index[nearest[0]].cpu().numpy()
        return {
            "usage": Curve(
                x=np.arange(1, len(ordered) + 1, dtype=np.float32),
                lines={"share of the step": ordered},
                x_axis="prototypes, most used first",
                y_axis="share of the predictions",
                log=True,
                marks={"equal shares": 1.0 / len(ordered)},
            ),
            "nearest": ImageGrid(
                images=np.stack([pictures.pixels(large[row]) for row in nearest]),
                rows=tuple(f"nearest {place}" for place in range(1, members + 1)),
                ids=np.asarray(rows, np.int64),
                captions=tuple(
                    tuple(f"{value:.2f}" for value in scores.detach()[row, most].tolist())
                    for row in nearest
                ),
            ),
        }
