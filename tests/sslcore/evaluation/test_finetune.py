"""Fine-tuning against a plain loop over torch's own parts; the same from every start."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sslcore.augment.presets import evaluation_view
from sslcore.augment.view import mixed_seed
from sslcore.data.pool import Cancelled, raise_if_cancelled
from sslcore.evaluation import finetune
from sslcore.evaluation.finetune import Bank, Classifier, DivergedError, Training
from sslcore.evaluation.training_crops import batches, crop_plan
from tests.sslcore.evaluation.labelled_pictures import Small, pictures

FOUND = pictures(90)
SHORT = Training(image_size=16, steps=30, batch_size=20, plan=crop_plan(16, 0.8))


def bank(rows=range(60), labels=None):
    rows = np.asarray(rows, np.int64)
    return Bank(FOUND, rows, FOUND.labels[rows] if labels is None else labels)


def test_it_is_torchs_adamw_over_the_same_crops():
    training = Training(image_size=16, steps=6, batch_size=20, warmup=0.34)
    found = finetune.fit(Small(), bank(), 0.01, training, seed=3)
    encoder, norm, head = Small(), nn.BatchNorm1d(16, affine=False), nn.Linear(16, 3)
    encoder.to(memory_format=torch.channels_last)  # Adam makes much of how sums are rounded
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    everything = [*encoder.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": [one for one in everything if one.ndim > 1], "weight_decay": 0.05},
            {"params": [one for one in everything if one.ndim < 2], "weight_decay": 0.0},
        ]
    )
    labels = torch.from_numpy(FOUND.labels[:60])
    mixed = mixed_seed(3, "fine-tuning")
    parts = batches(FOUND, np.arange(60), labels, crop_plan(16), 20, mixed)
    # Two steps up, then half a cosine over four.
    rates = [0.005, 0.01, *(0.01 * (1 + np.cos(np.pi * part / 4)) / 2 for part in range(4))]
    for step, (rate, (images, truth)) in enumerate(zip(rates, islice(parts, 6), strict=True)):
        for part in nn.Sequential(encoder, norm).modules():
            if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
                part.momentum = 1 / (step + 1)
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        F.cross_entropy(head(norm(encoder(images))), truth).backward()
        optimiser.step()
    parts.close()
    plain = nn.Sequential(encoder, norm, head).eval()
    with torch.no_grad():
        torch.testing.assert_close(found(FOUND.images[60:]), plain(FOUND.images[60:]))


def test_epochs_are_steps_where_they_are_more_of_them():
    training = Training(image_size=16, steps=10, batch_size=20, epochs=2.0)
    assert training.of(60).steps == 10, "six steps would be two epochs"
    assert training.of(110).steps == 11
    assert training.of(111).steps == 12, "begun is a step"
    assert training.of(111).of(10_000).steps == 12, "settled"
    assert Training(image_size=16, steps=10, batch_size=20).of(10_000).steps == 10
    many = Training(image_size=16, steps=1, batch_size=64, epochs=5.0)
    assert many.of(3).steps == 5, "a smaller bank is a batch"
    with pytest.raises(ValueError, match="epochs"):
        Training(image_size=16, epochs=-1.0)
    steps = []
    finetune.fit(
        Small(),
        bank(),
        1e-2,
        Training(image_size=16, steps=1, batch_size=20, epochs=2.0),
        stepped=lambda: steps.append(1),
    )
    assert len(steps) == 6


def test_the_encoder_given_stays_as_it_was_even_where_it_was_held_fast():
    encoder = Small().requires_grad_(False)
    before = {name: one.clone() for name, one in encoder.state_dict().items()}
    found = finetune.fit(encoder, bank(), 1e-2, SHORT)
    assert all(torch.equal(one, before[name]) for name, one in encoder.state_dict().items())
    assert encoder.training
    assert not any(one.requires_grad for one in encoder.parameters())
    assert not found.training
    moved = found.encoder.state_dict()["layers.0.weight"]
    assert not torch.equal(moved, before["layers.0.weight"])


def test_statistics_of_new_norms_are_means_of_what_they_saw_and_those_of_old_ones_go_on():
    old = Small()
    for part in old.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.num_batches_tracked.fill_(50)
            part.running_mean.fill_(7.0)
    still = Training(image_size=16, steps=3, batch_size=60, plan=evaluation_view(16))
    made = finetune.fit(old, bank(), 0.0, still)
    now = old.layers[0](FOUND.images[:60]).mean((0, 2, 3)).detach()
    torch.testing.assert_close(
        made.encoder.layers[1].running_mean, 7 * 0.9**3 + now * (1 - 0.9**3), atol=1e-4, rtol=1e-3
    )
    fresh = finetune.fit(Small(), bank(), 0.0, still)
    torch.testing.assert_close(fresh.encoder.layers[1].running_mean, now, atol=1e-4, rtol=1e-3)
    assert [one.momentum for one in Small().modules() if isinstance(one, nn.BatchNorm2d)] == [
        0.1
    ] * 2


def test_it_learns_what_a_random_encoder_does_not_say():
    queries = bank(range(60, 90))
    training = Training(image_size=16, steps=120, batch_size=20, plan=crop_plan(16, 0.8))
    early = finetune.measure(finetune.fit(Small(), bank(), 1e-9, training), queries, 16)
    found = finetune.measure(finetune.fit(Small(), bank(), 1e-2, training), queries, 16)
    assert found.top_1 > 0.95
    assert found.top_1 > early.top_1
    assert found.confusion.sum() == 30


def test_the_seed_decides():
    one, same, other = (
        finetune.fit(Small(), bank(), 1e-2, SHORT, seed=seed).weight for seed in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_rates_are_tried_on_images_that_were_kept_aside():
    made = []

    def make():
        made.append(1)
        return Small()

    training = Training(image_size=16, steps=200, batch_size=20, plan=crop_plan(16, 0.8))
    found = finetune.trials(make, bank(), (1e-9, 1e-2), training)
    assert len(made) == 2
    assert found[1e-2] > found[1e-9]
    assert finetune.trial_steps(training) == 50
    assert finetune.trials(make, bank(), (1e-2,), training) == {}
    assert finetune.trials(make, bank(range(3)), (1e-9, 1e-2), training) == {}
    assert len(made) == 2


def test_a_rate_at_which_it_diverges_is_never_chosen():
    with pytest.raises(DivergedError, match="learning rate of 1e\\+30"):
        finetune.fit(Small(), bank(), 1e30, SHORT)
    found = finetune.trials(Small, bank(), (1e-2, 1e30), SHORT)
    assert found[1e30] == 0.0
    assert found[1e-2] > 0.0


def test_images_without_a_label_take_no_part():
    labels = FOUND.labels[:60].copy()
    labels[::3] = -1
    known = np.flatnonzero(labels >= 0)
    one = finetune.fit(Small(), bank(labels=labels), 1e-2, SHORT)
    other = finetune.fit(Small(), bank(known), 1e-2, SHORT)
    assert torch.equal(one.weight, other.weight)


def test_it_can_be_called_off_and_counts_its_steps():
    steps = []
    finetune.fit(Small(), bank(), 1e-2, SHORT, stepped=lambda: steps.append(1))
    assert len(steps) == 30
    asked = iter([False] * 3 + [True])
    with pytest.raises(Cancelled):
        finetune.fit(
            Small(), bank(), 1e-2, SHORT, stepped=lambda: raise_if_cancelled(lambda: next(asked))
        )
    network = Classifier(Small(), 16, 3)
    with pytest.raises(Cancelled):
        finetune.measure(network, bank(), 16, cancelled=lambda: True)


def test_what_cannot_be_trained_is_refused_with_a_remedy():
    ones = np.zeros(60, np.int64)
    with pytest.raises(ValueError, match="no image has a label"):
        finetune.fit(Small(), bank(labels=ones - 1), 1e-2, SHORT)
    with pytest.raises(ValueError, match="of one class"):
        finetune.fit(Small(), bank(labels=ones), 1e-2, SHORT)
    with pytest.raises(ValueError, match="one feature row per image"):
        finetune.fit(Small().layers, bank(), 1e-2, SHORT)
    for wrong in ({"steps": 0}, {"batch_size": 1}):
        with pytest.raises(ValueError, match="at least 1 step"):
            Training(image_size=16, **wrong)
