"""A query must find its key in a dictionary of thousands, kept as a queue of past batches.

Query q = f_q(view a), key k = f_k(view b), n_1..n_K the rows of the queue, all of unit length:

    loss = mean of  -log  exp(q k / T) / (exp(q k / T) + sum_n exp(q n / T))
    after every step:  theta_k <- m theta_k + (1 - m) theta_q;   queue: newest keys in, oldest out

The queue makes the number of negatives independent of the batch. The price: its rows come from
older key networks, so the key network must change slowly (m near 1) for them to stay comparable.

Paper: Chen, Fan, Girshick and He 2020, https://arxiv.org/abs/2003.04297 (head, blur, cosine
schedule), on top of He et al. 2020, https://arxiv.org/abs/1911.05722 (queue, momentum, shuffling).

What to watch. The loss *rises* first, while random rows leave the queue and real keys, which are
harder to tell apart, come in; then it falls. A loss that stays at ln(K + 1) has learned nothing.
Key drift shows per layer how far the key network lags behind; with m = 0 it is 0 and training
fails, since then the queue is full of strangers. Two common errors in lecture notes: the queue is
updated at every step, not every epoch, and it is the key network that moves towards the query one.

Where our numbers differ. Batch norm lets a query recognise its key by the statistics they share.
The paper shuffles keys over GPUs; on one device we permute them, encode them in `splits` groups,
each with statistics of its own, and restore the order (`sslcore/momentum_contrast.py`). The
published small-image numbers (T = 0.1, m = 0.99, K = 4096, 8 groups) are the defaults, but K is a
quarter of the images of a folder with fewer than 16,384 (it had 50,000 in that case). The preset
for laptops takes 128 images a step in 4 groups, and AdamW at 1e-3 instead of SGD at 0.06.
"""

from __future__ import annotations

from sslcore.augment.presets import MOCO_CROP, contrastive_views
from sslcore.augment.view import ViewPlan
from sslcore.config import knob
from sslcore.method import DataFacts, MethodCard, register
from sslcore.momentum_contrast import DIAGNOSTICS, MomentumContrast, MomentumContrastConfig
from sslcore.nets.encoder import Encoder
from sslcore.nets.heads import mlp


class MocoV2Config(MomentumContrastConfig):
    """Settings of MoCo v2."""

    head_hidden: int = knob(
        512, low=8, high=16384, log=True, help="Width inside the head.", paper="2048"
    )


@register(
    MethodCard(
        title="MoCo v2",
        family="contrastive",
        mechanism="contrastive",
        year=2020,
        paper="https://arxiv.org/abs/2003.04297",
        config=MocoV2Config,
        needs="images",
        backbone="vector",
        against_collapse="the negatives of its queue (method.queue_size) and its slow key encoder",
        diagnostics=DIAGNOSTICS,
    )
)
class MocoV2(MomentumContrast[MocoV2Config]):
    """MoCo v2: InfoNCE against a queue, with a head of two layers."""

    def __init__(self, config: MocoV2Config, encoder: Encoder, facts: DataFacts) -> None:
        width, length = config.head_hidden, config.head_output
        head = mlp(encoder.dimensions, width, length, layers=2, norm=False)
        super().__init__(config, encoder, facts, head)

    @classmethod
    def default_views(cls, config: MocoV2Config, facts: DataFacts) -> ViewPlan:
        """Two draws of crop, flip, colour jitter and grey; blur on large images."""
        del config
        return contrastive_views(facts.image_size, facts.channels, crop_low=MOCO_CROP)
