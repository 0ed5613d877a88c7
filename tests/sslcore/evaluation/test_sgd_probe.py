"""The probe trained by SGD on crops against a plain loop over torch's own parts."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sslcore.augment.view import mixed_seed
from sslcore.data.pool import Cancelled
from sslcore.evaluation import features, linear, sgd_probe
from sslcore.evaluation.training_crops import batches, crop_plan
from tests.sslcore.evaluation.labelled_pictures import Small, pictures


@pytest.fixture(scope="module")
def bank():
    return pictures(90)


def probe(bank, rows=None, labels=None, **changes):
    rows = np.arange(60) if rows is None else rows
    labels = bank.labels[rows] if labels is None else labels
    settings = {"image_size": 16, "epochs": 8, "batch_size": 20, **changes}
    return sgd_probe.chosen(Small(), bank, rows, labels, **settings)


def test_it_is_torchs_batch_norm_linear_layer_sgd_and_cosine(bank):
    rows, encoder = np.arange(60), Small().eval()
    found = probe(bank, rows, learning_rates=(0.3,), epochs=4, seed=7)
    norm, head = nn.BatchNorm1d(16, momentum=None, affine=False, eps=1e-6), nn.Linear(16, 3)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimiser = torch.optim.SGD(head.parameters(), lr=0.3, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 12)
    labels = torch.from_numpy(bank.labels[rows])
    parts = batches(bank, rows, labels, crop_plan(16), 20, mixed_seed(7, "sgd probe", 12))
    for images, truth in islice(parts, 12):
        with torch.no_grad():
            encoded = encoder(images)
        optimiser.zero_grad()
        F.cross_entropy(head(norm(encoded)), truth).backward()
        optimiser.step()
        schedule.step()
    parts.close()
    torch.testing.assert_close(found.weight, head.weight.detach())
    queries = features.extract(encoder, bank, range(60, 90))
    expected = head(norm.eval()(torch.from_numpy(queries))).detach()
    torch.testing.assert_close(found.scores(queries), expected, atol=1e-5, rtol=1e-4)


def test_rates_that_share_their_features_move_as_if_alone(bank):
    rows, parts = torch.randn(5, 20, 16), torch.arange(20) % 3
    both = sgd_probe._Heads((0.1, 1.0), 3, 16, 5, "cpu")
    alone = sgd_probe._Heads((1.0,), 3, 16, 5, "cpu")
    for one in rows:
        both.step(one, parts)
        alone.step(one, parts)
    torch.testing.assert_close(both.classifiers()[1].weight, alone.classifiers()[0].weight)
    assert not torch.equal(both.classifiers()[0].weight, both.classifiers()[1].weight)


def test_it_reads_classes_and_leaves_the_encoder_as_it_was(bank):
    encoder = Small()
    before = {name: one.clone() for name, one in encoder.state_dict().items()}
    rows = np.arange(60)
    settings = {"image_size": 16, "epochs": 30, "batch_size": 20, "plan": crop_plan(16, 0.8)}
    found = sgd_probe.chosen(encoder, bank, rows, bank.labels[rows], **settings)
    queries = features.extract(encoder, bank, range(60, 90))
    score = linear.measure(found, queries, bank.labels[60:]).top_1
    exact, _ = linear.chosen(features.extract(encoder, bank, rows), bank.labels[rows])
    assert score >= linear.measure(exact, queries, bank.labels[60:]).top_1 - 0.1
    assert score > 0.8
    assert encoder.training
    assert all(torch.equal(one, before[name]) for name, one in encoder.state_dict().items())
    assert all(one.grad is None for one in encoder.parameters())


def test_the_rate_is_chosen_on_a_part_of_the_bank(bank):
    rates = {"learning_rates": (0.0, 0.1), "epochs": 20}
    found = probe(bank, **rates)
    assert found.learning_rate == 0.1
    assert found.trials[0.1] > found.trials[0.0]
    again = probe(bank, **rates)
    assert torch.equal(found.weight, again.weight)
    few = probe(bank, np.arange(3))  # one image a class: nothing to choose on
    assert (few.learning_rate, few.trials) == (sgd_probe.LEARNING_RATES[0], {})


def test_images_without_a_label_take_no_part(bank):
    labels = bank.labels[:60].copy()
    labels[::3] = -1
    one = probe(bank, labels=labels, rows=np.arange(60))
    known = np.flatnonzero(labels >= 0)
    other = probe(bank, rows=known, labels=labels[known])
    assert torch.equal(one.weight, other.weight)


def test_it_can_be_watched_and_called_off(bank):
    told = []
    probe(bank, epochs=4, progress=lambda *one: told.append(one))
    assert told == [(done, 15) for done in range(1, 16)]  # three steps of trial, then twelve
    asked = iter([False] * 4 + [True] * 9)
    with pytest.raises(Cancelled):
        probe(bank, cancelled=lambda: next(asked))


def test_what_cannot_be_measured_is_refused_with_a_remedy(bank):
    ones = np.zeros(60, np.int64)
    with pytest.raises(ValueError, match="no image has a label"):
        probe(bank, labels=ones - 1)
    with pytest.raises(ValueError, match="of one class"):
        probe(bank, labels=ones)
    for wrong in ({"epochs": 0}, {"batch_size": 1}, {"learning_rates": ()}):
        with pytest.raises(ValueError, match="above 0"):
            probe(bank, **wrong)
    with pytest.raises(ValueError, match="bank features hold NaN"):
        sgd_probe.chosen(
            lambda images: images.flatten(1) * float("nan"),
            bank,
            np.arange(9),
            bank.labels[:9],
            image_size=16,
        )
