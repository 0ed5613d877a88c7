"""Contrast needs many negatives, and a queue of old keys supplies them without a large batch.

Query q = f_q(view a), key k = f_k(view b), n_1..n_K the rows of the queue, all of unit length:

    loss = mean of  -log  exp(q k / T) / (exp(q k / T) + sum_n exp(q n / T))
    after every step:  theta_k <- m theta_k + (1 - m) theta_q;   queue: newest keys in, oldest out

Before it there were two ways. End to end, keys come from the same batch: consistent, but as many
as memory holds. A memory bank holds every image, but rows from an epoch ago were made by another
network. The queue holds many keys, and the slowly moving key network keeps them comparable.

Paper: He, Fan, Wu, Xie and Girshick 2020, https://arxiv.org/abs/1911.05722

What to watch. The loss *rises* first, while random rows leave the queue and real keys come in; then
it falls. A loss that stays at ln(K + 1) has learned nothing. The lag of the key network must be
small but not zero: try momentum 0, 0.9, 0.99 and 0.999. Accuracy that jumps to 1 with `splits` = 1
is batch norm leaking which key belongs to which query, not learning.

Where our numbers differ. The paper uses T = 0.07, m = 0.999 and K = 65536 on ImageNet; the authors'
CIFAR-10 notebook, which our defaults follow, T = 0.1, m = 0.99 and K = 4096 (a quarter of the
images where there are fewer than 16,384). The head is linear as in the paper; a hidden layer makes
it MoCo v2. Views are the paper's (crops from a fifth of the area, jitter, grey, no blur), but hue
is jittered by 0.1 instead of 0.4, with four images of five.
"""

from __future__ import annotations

from sslcore.augment.presets import MOCO_CROP, contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.method import DataFacts, MethodCard, register
from sslcore.momentum_contrast import DIAGNOSTICS, MomentumContrast, MomentumContrastConfig
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp


class MocoV1Config(MomentumContrastConfig):
    """Settings of MoCo v1."""


@register(
    MethodCard(
        title="MoCo v1",
        family="contrastive",
        mechanism="contrastive",
        year=2020,
        paper="https://arxiv.org/abs/1911.05722",
        config=MocoV1Config,
        needs="images",
        backbone="vector",
        against_collapse="the negatives of its queue (method.queue_size) and its slow key encoder",
        diagnostics=DIAGNOSTICS,
    )
)
class MocoV1(MomentumContrast[MocoV1Config]):
    """MoCo v1: InfoNCE against a queue, with a linear head."""

    def __init__(self, config: MocoV1Config, encoder: Encoder, facts: DataFacts) -> None:
        head = mlp(encoder.dimensions, config.head_output, config.head_output, layers=1)
        super().__init__(config, encoder, facts, head)

    @classmethod
    def default_views(cls, config: MocoV1Config, facts: DataFacts) -> ViewPlan:
        """Two draws of crop, flip, colour jitter and grey, without blur."""
        return contrastive_views(facts.image_size, facts.channels, crop_low=MOCO_CROP, blur=0.0)
