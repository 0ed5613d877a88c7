"""The readout that learns along: right, and without any effect on what it reads from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.batch import Batch
from sslcore.engine.checkpoint import ONLINE, Checkpoint
from sslcore.engine.control import Control
from sslcore.engine.online_probe import MOMENTUM, RATE, OnlineProbe
from sslcore.engine.train import train
from sslcore.events import Evaluated, RunEvent, StepDone
from sslcore.nets.backbones import build
from sslcore.nets.encoder import Encoder
from sslcore.runs.memory import MemoryStore
from tests.sslcore.engine.tiny import recipe, run

LABELS = np.array([0, 1, 2, -1, 0, 1, 2, 0], np.int64)
CPU = torch.device("cpu")


def encoder() -> Encoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Encoder(build("convnet", 3, 16, 4), [0.5] * 3, [0.3] * 3)


def batch(seed: int = 0, copies: int = 2) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    index = torch.randperm(8, generator=generator)
    views = {name: torch.rand(8, copies, 3, 16, 16, generator=generator) for name in ("a", "b")}
    return Batch(index, views)


def probe(labels: np.ndarray[Any, Any] | None = LABELS) -> OnlineProbe:
    return OnlineProbe(labels, 3, CPU)


def test_it_is_a_linear_layer_on_batch_norm_moved_by_torchs_sgd() -> None:
    network, online = encoder().eval(), probe()
    norm, head = nn.BatchNorm1d(16, affine=False), nn.Linear(16, 3)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimiser = torch.optim.SGD(head.parameters(), lr=RATE, momentum=MOMENTUM)
    for step in range(4):
        one = batch(step)
        with online.listening(network, one):
            made = [network(one.view(name)) for name in ("a", "b")]
        truth = torch.from_numpy(LABELS)[one.index].repeat_interleave(2)
        rows, classes = torch.cat(made).detach(), torch.cat([truth, truth])
        optimiser.zero_grad()
        F.cross_entropy(head(norm(rows[classes >= 0])), classes[classes >= 0]).backward()
        optimiser.step()
    state = online.state()
    torch.testing.assert_close(state["weight"], head.weight.detach())
    torch.testing.assert_close(state["bias"], head.bias.detach())
    features = made[0].detach()
    index = np.arange(8, dtype=np.int64).repeat(2)
    found = online.metrics(index, features.numpy(), np.arange(2, 8))
    spread = (features[:4].var(0, correction=0) + 1e-5).sqrt()
    guess = head((features - features[:4].mean(0)) / spread).argmax(1).numpy()
    there = (index >= 2) & (LABELS[index] >= 0)
    assert found == {"online_linear": float((guess == LABELS[index])[there].mean())}


def test_micro_batches_and_both_passes_of_gradient_caching_count_once() -> None:
    network, whole, parted = encoder().eval(), probe(), probe()
    one = batch()
    with whole.listening(network, one):
        network(one.view("a"))
    with parted.listening(network, one):
        for _ in range(2):
            for start in (0, 4):
                network(one.rows(start, start + 4).view("a"))
    for name, tensor in whole.state().items():
        torch.testing.assert_close(parted.state()[name], tensor)


def test_pictures_that_are_no_view_of_the_batch_are_not_listened_to() -> None:
    network, online = encoder(), probe()
    one = batch()
    with online.listening(network, one):
        network(torch.cat([one.view("a"), one.view("b")]))  # copied: who is who is not known
        network(one.view("a")[:, :, :8, :8])
    assert online.state() == {}
    network(one.view("a"))
    assert network.listener is None
    assert online.state() == {}


def test_it_lets_go_of_the_encoder_when_a_step_breaks() -> None:
    network, online = encoder(), probe()
    with pytest.raises(RuntimeError), online.listening(network, batch()):
        raise RuntimeError
    assert network.listener is None
    assert online.state() == {}


@pytest.mark.parametrize("labels", [None, np.full(8, -1), np.array([-1] * 7 + [0])])
def test_without_labels_there_is_nothing(labels: np.ndarray[Any, Any] | None) -> None:
    network, online = encoder(), probe(labels)
    one = batch(copies=1)
    with online.listening(network, one):
        network(one.view("a"))
    assert online.state() == {}
    assert online.metrics(np.arange(8), np.zeros((8, 16), np.float32), np.arange(8)) == {}


def test_features_that_are_no_numbers_teach_nothing() -> None:
    network, online = encoder(), probe()
    one = batch()
    with online.listening(network, one):
        network(one.view("a"))
    kept = {name: tensor.clone() for name, tensor in online.state().items()}
    nn.init.constant_(next(network.backbone.parameters()), float("nan"))
    with online.listening(network, one):
        network(one.view("a"))
    assert all(torch.equal(online.state()[name], tensor) for name, tensor in kept.items())
    assert online.metrics(np.arange(8), np.full((8, 16), np.nan, np.float32), np.arange(8)) == {}


def evaluated(events: list[RunEvent]) -> list[Evaluated]:
    return [one for one in events if isinstance(one, Evaluated)]


def weights(store: MemoryStore) -> tuple[dict[str, Tensor], dict[str, bytes]]:
    loaded = store.load("auto")
    assert loaded is not None
    return dict(Checkpoint.read(loaded.files).weights), dict(loaded.files)


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("simclr", {}),
        ("simclr", {"schedule__accumulate": 2}),
        ("rotation", {}),
        ("dino", {}),
        ("moco_v2", {}),
        ("denoising_autoencoder", {}),
    ],
)
def test_the_method_is_bit_for_bit_the_same_with_and_without(
    images: Path, key: str, changes: dict[str, object]
) -> None:
    stores, runs = [], []
    for on in (True, False):
        store = MemoryStore()
        runs.append(run(recipe(images, key, run__online_probe=on, **changes), store))
        stores.append(store)
    (one, files), (other, plain) = map(weights, stores)
    assert one.keys() == other.keys()
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())
    assert files["optimiser.pt"] == plain["optimiser.pt"]
    losses = [
        [(event.loss, dict(event.terms)) for event in events if isinstance(event, StepDone)]
        for events in runs
    ]
    assert losses[0] == losses[1]
    assert ONLINE in files
    assert ONLINE not in plain
    for left, right in zip(*map(evaluated, runs), strict=True):
        assert set(left.metrics) - set(right.metrics) <= {"online_linear"}
        assert {name: left.metrics[name] for name in right.metrics} == right.metrics
    first, *later = evaluated(runs[0])
    assert "online_linear" not in first.metrics  # nothing was learned yet
    assert all(0 <= event.metrics["online_linear"] <= 1 for event in later)


def test_a_resumed_run_reads_on_where_it_was(images: Path) -> None:
    long = recipe(images, run__checkpoint_every=2 / 3, schedule__epochs=3)
    straight, halted = MemoryStore(), MemoryStore()
    expected = evaluated(run(long, straight))
    control = Control()
    for event in train(long, control, halted):
        if isinstance(event, StepDone) and event.step == 4:
            control.stop()
    resumed = evaluated(run(long, halted, "auto"))
    assert weights(halted)[1][ONLINE] == weights(straight)[1][ONLINE]
    assert resumed[-1].metrics == expected[-1].metrics
    online = OnlineProbe(np.array([0, 1], np.int64), 2, CPU)
    online.load(Checkpoint.read(weights(straight)[1]).online)
    assert online.state().keys() == Checkpoint.read(weights(straight)[1]).online.keys()
    other = OnlineProbe(LABELS, 3, CPU)
    other.load(online.state())
    assert other.state() == {}  # of two classes: of no use to three
