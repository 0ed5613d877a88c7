"""What the tests of all methods need: a small method, a batch of its views, a clock."""

import torch

from sslcore.augment.geometric import RandomResizedCrop
from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.method import Clock, DataFacts, Method, find
from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder

SMALL = {"head_hidden": 32, "head_output": 16, "queue_size": 24, "decoder_width": 16}
"""Sizes that make every method small; a method takes those of its knobs."""


BACKBONES = {"vector": "resnet_small", "map": "resnet_small", "tokens": "vit_mini"}
"""The small network for what a card takes from the encoder."""

WORDS, LENGTH, FRAMES = 30, 6, 5
"""Of made-up captions, and frames of made-up sequences."""


def facts(size=16, channels=3, batch_size=8):
    return DataFacts(
        count=64,
        channels=channels,
        image_size=size,
        batch_size=batch_size,
        total_steps=10,
        kinds=("images", "sequences", "pairs", "captions"),
        vocabulary_size=WORDS,
        frames=FRAMES,
    )


def small_config(key, **values):
    config = find(key).card.config
    sizes = {name: value for name, value in SMALL.items() if name in config.model_fields}
    return config.parse({**sizes, **values})


def make(key, *, seed=0, known=None, backbone=None, **values):
    known = known or facts()
    torch.manual_seed(seed)
    name = backbone or BACKBONES[find(key).card.backbone]
    network = backbones.build(name, known.channels, known.image_size, width=8)
    encoder = Encoder(network, [0.5] * known.channels, [0.25] * known.channels)
    method = find(key)(small_config(key, **values), encoder, known)
    if type(method).prepare is not Method.prepare:
        method.prepare([make_sample(method, seed=90), make_sample(method, seed=91)])
    return method


def refusal(key, known):
    """Why a method cannot be built for such data and such a run; "" where it can."""
    try:
        make(key, known=known)
    except ConfigError as error:
        return str(error)
    return ""


def smallest_areas(key, size):
    """Smallest share of the area that a crop keeps, of each of a method's views."""
    plan = find(key).default_views(small_config(key), facts(size=size))
    return [
        step.scale_low
        for view in plan.views
        for step in view.steps
        if isinstance(step, RandomResizedCrop)
    ]


def make_sample(method, *, seed=0, count=8):
    """Random images with whatever else the method's folder has to serve."""
    known = method.facts
    generator = torch.Generator().manual_seed(seed)
    side = known.image_size + 4

    def pictures(*shape):
        return torch.rand(count, *shape, side, side, generator=generator)

    needs = method.card.needs
    images = pictures(known.channels)
    frames = pictures(FRAMES, known.channels) if needs == "sequences" else None
    target = pictures(1) if needs == "pairs" else None
    tokens = None
    if needs == "captions":
        tokens = torch.randint(1, WORDS, (count, LENGTH), generator=generator)
    index = torch.arange(count) + 100
    return Sample(index, images, frames=frames, target=target, tokens=tokens)


def make_batch(method, *, seed=0, count=8):
    known = method.facts
    side = known.image_size + 4
    sample = make_sample(method, seed=seed, count=count)
    plan = method.default_views(method.config, known)
    return plan.render(sample, plan.draw(seed, count, (side, side))).batch(sample)


def clock(step=0, *, snapshot=False):
    return Clock(step, 10, step / 8, snapshot, torch.Generator().manual_seed(1000 + step))


def train(method, optimiser, steps):
    """Real steps, as the engine does them; the loss of each."""
    losses = []
    for step in steps:
        output = method.training_step(make_batch(method, seed=step), clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        method.after_step(output.tensors, clock(step))
        losses.append(output.loss.item())
    return losses
