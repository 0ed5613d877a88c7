"""What the queue methods of the MoCo family share: a key network that follows, and its queue.

MoCo v1 and v2 differ in the head, the views and the numbers; the dictionary is the same, and only
the dictionary lives here. Batch norm lets a query recognise its key by the statistics they share.
The paper shuffles keys over GPUs; on one device they are permuted (``Clock.generator``), encoded in
groups, each with statistics of its own, and put back in order. Queries are normalised over the
whole batch: a leak needs a query and its key in the same *subset*, and there is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, knob
from sslcore.diagnostics import Bars, Diagnostic, DiagnosticSpec
from sslcore.joint_embedding import JointEmbedding
from sslcore.losses import agreement, contrastive, pictures
from sslcore.method import Clock, DataFacts, StepOutput
from sslcore.nets import ema
from sslcore.nets.encoder import Encoder
from sslcore.nets.queue import Queue

OWN, LONGEST = 4, 4096
"""Unless a recipe says otherwise, a queue holds one image in so many, and so many keys at most.

Its keys are the images of the last steps. Once they are nearly all images of the folder, every
query meets older keys of its own image and is pushed away from them. On 2,550 images, 40 epochs of
MoCo v2: kNN 27.8 % with 4096 keys, 30.0 with 1024, 33.8 with 512 (docs/results.md).
"""
AGE_BARS = 8
"""Into how many bars the ages of the queue are sorted."""

DIAGNOSTICS = (
    DiagnosticSpec(
        "queue_age",
        "bars",
        "Age of the keys in the queue",
        "Keys by the number of steps since they were made. Rows that are still random, "
        "from before the first step, have a bar of their own.",
    ),
    DiagnosticSpec(
        "key_drift",
        "bars",
        "Lag of the key network",
        "1 - cosine between the weights of the key and the query network, layer by layer. "
        "Small but not zero is healthy.",
    ),
    DiagnosticSpec(
        "cosines",
        "histogram",
        "Own key and queue",
        "Cosines of queries with their own key and with the queue. The further apart, the better.",
    ),
)


class MomentumContrastConfig(Config):
    """Settings of the dictionary."""

    temperature: float = knob(
        0.1,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharply near misses are punished.",
        paper="τ = 0.2 (v2), 0.07 (v1)",
    )
    queue_size: int | None = knob(
        None,
        low=1,
        high=1_048_576,
        log=True,
        unit="keys",
        help="Negatives of every query. More is harder and older; near the number of images, they "
        "come back as negatives of themselves. Empty: a quarter of the images, at most 4096.",
        paper="K = 65536",
    )
    momentum: float = knob(
        0.99,
        low=0.0,
        high=1.0,
        help="How slowly the key network follows. 0 fails; for long runs go nearer to 1.",
        paper="m = 0.999",
    )
    splits: int = knob(
        8,
        low=1,
        high=1024,
        help="Groups of shuffled keys with batch-norm statistics of their own. 1 switches "
        "shuffling off: the loss looks better and the features are worse.",
        paper="8 GPUs",
    )
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of queries and keys.", paper="128"
    )

    def keys(self, images: int) -> int:
        """K, how long the queue is for so many training images."""
        return self.queue_size or max(min(images // OWN, LONGEST), 1)


C = TypeVar("C", bound=MomentumContrastConfig)


class MomentumContrast(JointEmbedding[C]):
    """InfoNCE against a queue of momentum-encoded keys; subclasses choose head and views.

    Args:
        config: temperature, queue, momentum and groups.
        encoder: of the queries; the keys get a follower of it.
        facts: what is known of the data.
        head: (B, D) features to (B, head_output) queries.
    """

    def __init__(self, config: C, encoder: Encoder, facts: DataFacts, head: nn.Module) -> None:
        super().__init__(config, encoder, facts)
        self.head = head
        self.key_encoder = ema.follower(encoder)
        self.key_head = ema.follower(head)
        self.queue = Queue(config.keys(facts.count), config.head_output)
        if config.queue_size is None:
            self.register_load_state_dict_pre_hook(_keep_length)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Queries of view a with a gradient, keys of view b without: ``z_a``, ``z_b`` (B, d)."""
        return {
            "z_a": self.projection(self.online(batch.view("view_a"))),
            "z_b": self.keys(batch.view("view_b"), clock.generator),
        }

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """InfoNCE of B queries over their own key and K rows of the queue."""
        del batch
        q, k = projected["z_a"], projected["z_b"].detach()
        loss = contrastive.info_nce(q, k, self.queue.rows, self.config.temperature)
        cosines = contrastive.candidates(q.detach(), k, self.queue.rows)  # B x (1 + K)
        return StepOutput(
            loss=loss,
            terms={
                "bound": contrastive.mutual_information_bound(loss, 1 + len(self.queue)),
                "accuracy": (cosines[:, 0] > cosines[:, 1:].amax(1)).to(cosines.dtype).mean(),
            },
            diagnostics=self._pictures(cosines, clock) if clock.snapshot else {},
            tensors={"z_a": q.detach(), "z_b": k, "keys": k},
        )

    @torch.no_grad()
    def keys(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Encode keys in shuffled groups, so that batch norm cannot tell a query its key.

        Args:
            images: (B, C, H, W).
            generator: CPU generator of the permutation.

        Returns:
            (B, d) unit vectors in the order of the images. With few images there are fewer groups
            than ``splits``, so that each has at least two.
        """
        groups = max(min(self.config.splits, len(images) // 2), 1)
        if groups == 1:
            return agreement.l2(self.key_head(self.key_encoder(images)))
        order = torch.randperm(len(images), generator=generator).to(images.device)
        shuffled = [
            self.key_head(self.key_encoder(group)) for group in images[order].tensor_split(groups)
        ]
        return agreement.l2(torch.cat(shuffled)[order.argsort()])

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """The key network follows; the keys of this step take the place of the oldest."""
        ema.update(self.key_encoder, self.online, self.config.momentum)
        ema.update(self.key_head, self.head, self.config.momentum)
        self.queue.push(tensors["keys"], clock.step)

    def constants(self) -> Mapping[str, float]:
        """ln(K + 1): every candidate equally likely."""
        return {"ln(K + 1)": math.log(len(self.queue) + 1)}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """ln(K + 1) from the first step on: rows not yet filled are random, and candidates too."""
        del plan
        return {"bound": math.log(len(self.queue) + 1)}

    def _pictures(self, cosines: Tensor, clock: Clock) -> dict[str, Diagnostic]:
        head = ema.drift(self.key_head, self.head)
        return {
            "queue_age": _age_bars(self.queue.ages(clock.step)),
            "key_drift": pictures.lag(
                {
                    **ema.drift(self.key_encoder, self.online),
                    **{f"head.{name}": one for name, one in head.items()},
                }
            ),
            "cosines": pictures.cosine_histogram(cosines[:, 0], cosines[:, 1:]),
        }


def _keep_length(method: nn.Module, state: Mapping[str, Tensor], prefix: str, *_: object) -> None:
    """A queue whose length followed the folder keeps it, whatever became of the folder since."""
    rows = state.get(f"{prefix}queue.rows")
    if rows is None or not isinstance(method, MomentumContrast):
        return
    if len(rows) != len(method.queue):
        method.queue = Queue(*rows.shape).to(method.queue.rows.device)


def _age_bars(ages: Tensor) -> Bars:
    """Keys per range of ages (steps), and the random rows of the start."""
    known = ages[ages >= 0].cpu()
    youngest, oldest = (int(known.min()), int(known.max())) if len(known) else (0, -1)
    width = max(math.ceil((oldest - youngest + 1) / AGE_BARS), 1)
    starts = range(youngest, oldest + 1, width)
    counts = torch.bincount((known - youngest) // width, minlength=len(starts)).tolist()
    labels = [f"{one}" if width == 1 else f"{one} to {one + width - 1}" for one in starts]
    return Bars(
        labels=(*labels, "random"),
        values=np.array([*counts, int((ages < 0).sum())], dtype=np.float32),
        axis="keys, by age in steps",
    )
