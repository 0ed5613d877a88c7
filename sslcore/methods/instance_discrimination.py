"""Every image is a class of its own: recognise which of all training images a view was made of.

A memory bank keeps one unit vector v_i per training image. For a view of image i with feature f,

    P(i | f) = exp(v_i f / T) / Z,    Z = sum over all n images of exp(v_j f / T)
    loss = mean of -log P(i | f)                                        (exact, for small sets)
    after every step:  v_i <- m v_i + (1 - m) f, brought to unit length

For large sets the sum is too long. *Noise-contrastive estimation* asks instead, for the own row and
for m rows drawn at random (P_n = 1 / n), whether a row is the own one:

    h(i, f) = P(i | f) / (P(i | f) + m P_n),   loss = mean of -log h(own) - sum log(1 - h(noise))

with Z taken as a constant, estimated from the first batches.

Paper: Wu, Xiong, Yu and Lin 2018, https://arxiv.org/abs/1805.01978

What to watch. The similarity to the own row should rise well above that to other rows. A row is
renewed once an epoch, so it is made by networks of many steps ago: the bank is large but stale,
which MoCo's queue mends. A loss that stays at ln n has learned nothing, and in the first epoch it
must be there: all rows are still random. Two pictures of one thing count as different here.

Where our numbers differ. The paper uses T = 0.07, 4096 noise rows a query and 128 numbers; for
small images T = 0.1 and the exact sum, as in the authors' CIFAR-10 code. Our noise rows are drawn
once a step and shared by its queries: the same expectation, one matrix product. Z is the mean over
the first ten batches, not the first one. The paper's proximal term (its equation 9), which holds a
feature near its row, is left out, as in that code: the momentum of the rows takes its part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob
from sslcore.diagnostics import Diagnostic, DiagnosticSpec
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, contrastive, pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, MethodCard, StepOutput, register
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp

ESTIMATED = 10
"""Batches from which the normaliser Z is estimated."""

NOBODY = torch.iinfo(torch.int64).max
"""Stands in the map of catalogue rows where no image has claimed a row of the bank."""


class InstanceDiscriminationConfig(Config):
    """Settings of instance discrimination."""

    temperature: float = knob(
        0.1,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharply near misses are punished.",
        paper="τ = 0.07 (ImageNet), 0.1 (CIFAR-10)",
    )
    momentum: float = knob(
        0.5,
        low=0.0,
        high=1.0,
        help="How much of its old row an image keeps when it is seen again. 1 never renews it.",
        paper="0.5",
    )
    exact_up_to: int = knob(
        65536,
        low=0,
        high=1_048_576,
        unit="images",
        help="Training sets of at most this many images are compared with every row of the bank; "
        "larger ones with noise rows only.",
        paper="CIFAR-10: exact",
    )
    negatives: int = knob(
        4096,
        low=1,
        high=1_048_576,
        log=True,
        unit="rows",
        help="Noise rows of a step, where the bank is too large for the exact sum.",
        paper="m = 4096",
    )
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of a feature and of a row.", paper="128"
    )


@full_precision
def exact(scores: Tensor, own: Tensor) -> Tensor:
    """Mean of -log P(own), with all rows of the bank in the sum.

    Args:
        scores: (B, n) cosine over T of every feature with every row.
        own: (B,) int64 row of each feature's image.

    Returns:
        Scalar.
    """
    return F.cross_entropy(scores, own)


@full_precision
def noise_contrastive(
    own: Tensor, noise: Tensor, log_normaliser: Tensor, count: int
) -> tuple[Tensor, Tensor]:
    """The two terms of noise-contrastive estimation, whose sum is the loss.

    Source: Wu et al. 2018, equations 6 and 7, https://arxiv.org/abs/1805.01978, with P_n = 1 / n.

    Args:
        own: (B,) cosine over T of a feature with its own row.
        noise: (B, m) the same with rows drawn at random.
        log_normaliser: scalar ln Z.
        count: n, rows of the bank.

    Returns:
        Mean of -log h(own), and mean over B of -sum log(1 - h(noise)).
    """
    # h = P / (P + m / n) is the logistic function of ln P - ln(m / n).
    shift = log_normaliser + math.log(noise.shape[1] / count)
    data = -F.logsigmoid(own - shift).mean()
    return data, -F.logsigmoid(shift - noise).sum(1).mean()


@full_precision
def proved(own: Tensor, noise: Tensor) -> Tensor:
    """The bound on mutual information that choosing the own row among noise rows proves.

    It holds of any scores, whatever loss they were trained by, and of candidates drawn from all
    rows, the own one among them. Source: van den Oord et al. 2018, section 2.3,
    https://arxiv.org/abs/1807.03748

    Args:
        own: (B, 1) cosine over T of a feature with its own row.
        noise: (B, m) the same with rows drawn at random.

    Returns:
        Scalar in nats, at most log(m + 1).
    """
    scores = torch.cat((own, noise), 1)
    first = torch.zeros(len(scores), dtype=torch.int64, device=scores.device)
    return contrastive.mutual_information_bound(F.cross_entropy(scores, first), scores.shape[1])


@register(
    MethodCard(
        title="Instance discrimination",
        family="contrastive",
        mechanism="contrastive",
        year=2018,
        paper="https://arxiv.org/abs/1805.01978",
        config=InstanceDiscriminationConfig,
        needs="images",
        backbone="vector",
        against_collapse="the negatives of its memory bank (method.negatives)",
        diagnostics=(
            DiagnosticSpec(
                "cosines",
                "histogram",
                "Own row and other rows",
                "Cosines of features with the row of their own image and with other rows of the "
                "bank. The further apart, the better.",
            ),
            DiagnosticSpec(
                "spectrum",
                "curve",
                "Directions in use",
                "Singular values of the features. A sudden fall means that only a few dimensions "
                "carry anything.",
            ),
        ),
    )
)
class InstanceDiscrimination(JointEmbedding[InstanceDiscriminationConfig]):
    """Instance discrimination (NPID): a classifier without weights over a memory bank."""

    coupled = False
    bank: Tensor
    rows: Tensor
    log_normaliser: Tensor
    estimated: Tensor

    def __init__(
        self, config: InstanceDiscriminationConfig, encoder: Encoder, facts: DataFacts
    ) -> None:
        super().__init__(config, encoder, facts)
        length = config.head_output
        self.head = mlp(encoder.dimensions, length, length, layers=1)
        self.register_buffer("bank", agreement.l2(torch.randn(facts.count, length)))
        self.register_buffer("rows", torch.full((facts.count,), NOBODY))
        self.register_buffer("log_normaliser", torch.zeros(()))
        self.register_buffer("estimated", torch.zeros((), dtype=torch.int64))

    @classmethod
    def default_views(cls, config: InstanceDiscriminationConfig, facts: DataFacts) -> ViewPlan:
        """One view of crop, flip, colour jitter and grey."""
        pair = contrastive_views(facts.image_size, facts.channels, crop_low=0.2, blur=0.0)
        return ViewPlan(views=pair.views[:1])

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Give every training image a row of the bank.

        Raises:
            ValueError: if there are more images than the facts said.
        """
        found = torch.cat([sample.index for sample in samples]).unique()  # sorted
        if len(found) > len(self.rows):
            raise ValueError(f"{len(found)} images for a bank of {len(self.rows)} rows")
        self.rows[: len(found)] = found

    def lookup(self, index: Tensor) -> Tensor:
        """(B,) catalogue rows -> (B,) rows of the bank.

        Raises:
            ValueError: naming an image that has none.
        """
        place = torch.searchsorted(self.rows, index).clamp(max=len(self.rows) - 1)
        strange = self.rows[place] != index
        if strange.any():
            raise ValueError(
                f"image {int(index[strange][0])} of the catalogue has no row in the memory bank, "
                "which knows the training images only; start a new run if the folder has changed"
            )
        return place

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Features ``z_a`` (B, d) of the one view."""
        return {"z_a": self.projection(self.online(batch.view("view_a")))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Find the own row among all, or among noise where there are too many."""
        z = projected["z_a"]
        f = _unit(z)
        own = self.lookup(batch.index).repeat_interleave(len(z) // len(batch))
        temperature, count = self.config.temperature, len(self.bank)
        tensors = {"z_a": z.detach(), "rows": own}
        if count <= self.config.exact_up_to:
            cosines = _cosines(f, self.bank)  # B x n
            loss = exact(cosines / temperature, own)
            terms = {"bound": contrastive.mutual_information_bound(loss, max(count, 2))}
            to_own = cosines.detach().gather(1, own[:, None])
            others = cosines.detach().scatter(1, own[:, None], -torch.inf)
        else:
            drawn = torch.randint(count, (self.config.negatives,), generator=clock.generator)
            others = _cosines(f, self.bank[drawn.to(f.device)])  # B x m
            to_own = (f * self.bank[own]).sum(1, keepdim=True)
            partition = torch.logsumexp(others.detach() / temperature, 1) + math.log(
                count / others.shape[1]
            )
            known = self.log_normaliser if self.estimated else _log_mean(partition)
            data, noise = noise_contrastive(
                to_own[:, 0] / temperature, others / temperature, known, count
            )
            loss = data + noise
            terms = {
                "bound": proved(to_own.detach() / temperature, others.detach() / temperature),
                "data": data.detach(),
                "noise": noise.detach(),
            }
            tensors["log_partition"] = partition
            to_own, others = to_own.detach(), others.detach()
        terms["accuracy"] = (to_own[:, 0] > others.amax(1)).to(to_own.dtype).mean()
        diagnostics: dict[str, Diagnostic] = {}
        if clock.snapshot:
            diagnostics = {
                "cosines": pictures.cosine_histogram(to_own, others[others.isfinite()]),
                "spectrum": pictures.spectrum(z),
            }
        return StepOutput(loss=loss, terms=terms, diagnostics=diagnostics, tensors=tensors)

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """Renew the rows of the images seen; estimate Z while the run is young."""
        places, which = tensors["rows"].unique(return_inverse=True)
        fresh = agreement.l2(tensors["z_a"].to(self.bank))
        many = torch.bincount(which)[:, None]  # several copies of an image renew its row once
        mean = torch.zeros_like(self.bank[places]).index_add(0, which, fresh) / many
        momentum = self.config.momentum
        moved = agreement.l2(momentum * self.bank[places] + (1 - momentum) * mean)
        self.bank = self.bank.index_copy(0, places, moved)
        if "log_partition" in tensors and self.estimated < ESTIMATED:
            sums = [_log_mean(tensors["log_partition"])]
            if self.estimated:
                sums.append(self.log_normaliser + math.log(self.estimated))
            self.estimated = self.estimated + 1
            total = torch.logsumexp(torch.stack(sums), 0)
            self.log_normaliser = (total - math.log(self.estimated)).to(self.log_normaliser)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) 1 - cosine of a view and the row of its image."""
        z = self.embed(batch.view("view_a"), "projection")
        own = self.lookup(batch.index).repeat_interleave(len(z) // len(batch))
        return agreement.energy(z, self.bank[own])

    def constants(self) -> Mapping[str, float]:
        """What the loss is where every row is equally likely."""
        if self.facts.count <= self.config.exact_up_to:
            return {"ln(n)": math.log(max(self.facts.count, 1))}
        m = self.config.negatives
        return {"ln(m + 1) + m ln(1 + 1 / m)": math.log(m + 1) + m * math.log1p(1 / m)}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """The log of the rows the own one is told from: the whole bank, or m noise rows and it."""
        exact_loss = self.facts.count <= self.config.exact_up_to
        rows = max(self.facts.count, 2) if exact_loss else self.config.negatives + 1
        return {"bound": math.log(rows)}


@full_precision
def _unit(z: Tensor) -> Tensor:
    return agreement.l2(z)


@full_precision
def _cosines(f: Tensor, rows: Tensor) -> Tensor:
    return f @ rows.to(f.dtype).T


def _log_mean(logs: Tensor) -> Tensor:
    """(B,) logarithms -> logarithm of the mean."""
    return torch.logsumexp(logs, 0) - math.log(len(logs))
