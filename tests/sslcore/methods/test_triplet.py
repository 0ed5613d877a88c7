"""Triplets: the loss of the paper, and which negative each rule takes."""

import math

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.methods.triplet import choose, distances, triplet_margin
from tests.sslcore.methods.steps import clock, facts, make, make_batch

KINDS = ("cosine", "euclidean")


def rows(count=6, length=5, seed=0):
    torch.manual_seed(seed)
    return torch.randn(3, count, length, dtype=torch.float64).unbind(0)


def apart(a, b, distance):
    if distance == "euclidean":
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return 1 - dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


@pytest.mark.parametrize("distance", KINDS)
@pytest.mark.parametrize("margin", [0.0, 0.3, 2.0])
def test_the_loss_is_the_formula(distance, margin):
    a, p, n = rows()
    expected = 0.0
    for one, near, far in zip(a.tolist(), p.tolist(), n.tolist(), strict=True):
        expected += max(0.0, margin + apart(one, near, distance) - apart(one, far, distance)) / 6
    assert expected > 0
    assert triplet_margin(a, p, n, margin, distance).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("distance", KINDS)
def test_all_pairs_are_the_distances_of_rows(distance):
    a, b, _ = rows()
    found = distances(a, b, distance)
    for i in range(6):
        for j in range(6):
            expected = apart(a[i].tolist(), b[j].tolist(), distance)
            assert found[i, j].item() == pytest.approx(expected, rel=1e-9)


def test_cosine_knows_no_lengths_and_euclid_no_origin():
    a, p, n = rows()
    longer = triplet_margin(3 * a, p / 2, 5 * n, 0.3, "cosine")
    torch.testing.assert_close(longer, triplet_margin(a, p, n, 0.3, "cosine"))
    moved = triplet_margin(a + 4, p + 4, n + 4, 0.3, "euclidean")
    torch.testing.assert_close(moved, triplet_margin(a, p, n, 0.3, "euclidean"))


APART = torch.tensor(
    [
        [0.5, 0.2, 0.9, 0.7],  # beyond the positive: 0.7 is the nearest
        [0.1, 0.0, 0.3, 0.2],  # beyond: 0.1
        [0.3, 0.8, 0.9, 0.5],  # none beyond: the farthest, 0.8
        [0.4, 0.4, 0.6, 0.4],  # ties with the positive are not beyond it: 0.6
    ]
)


@pytest.mark.parametrize(
    ("negatives", "expected"), [("semi_hard", [3, 0, 1, 2]), ("hardest", [1, 0, 0, 0])]
)
def test_negatives_are_chosen_by_distance(negatives, expected):
    assert choose(APART, negatives, torch.Generator()).tolist() == expected


def test_random_negatives_are_never_the_own_image_and_all_others_come():
    generator = torch.Generator().manual_seed(0)
    seen = set()
    for _ in range(60):
        chosen = choose(APART, "random", generator).tolist()
        seen |= set(enumerate(chosen))
    assert seen == {(i, j) for i in range(4) for j in range(4) if i != j}


@pytest.mark.parametrize("negatives", ["random", "semi_hard", "hardest"])
def test_a_step_is_the_loss_of_the_chosen_triplets(negatives):
    method = make("triplet", negatives=negatives, margin=0.4)
    a, p, _ = rows(count=8)
    batch = make_batch(method)
    output = method.objective({"z_a": a, "z_b": p}, batch, clock())
    chosen = choose(distances(a, p, "cosine"), negatives, clock().generator)
    near = [apart(x, y, "cosine") for x, y in zip(a.tolist(), p.tolist(), strict=True)]
    far = [apart(x, y, "cosine") for x, y in zip(a.tolist(), p[chosen].tolist(), strict=True)]
    costs = [max(0.0, 0.4 + x - y) for x, y in zip(near, far, strict=True)]
    assert output.loss.item() == pytest.approx(sum(costs) / 8, rel=1e-9)
    assert output.terms["active_share"].item() == sum(cost > 0 for cost in costs) / 8
    assert output.terms["positive_distance"].item() == pytest.approx(sum(near) / 8, rel=1e-9)
    assert output.terms["negative_distance"].item() == pytest.approx(sum(far) / 8, rel=1e-9)


def test_the_constant_is_the_loss_of_one_point_for_all():
    method = make("triplet", margin=0.7)
    same = torch.ones(8, 16)
    output = method.objective({"z_a": same, "z_b": same}, make_batch(method), clock())
    assert output.loss.item() == pytest.approx(method.constants()["margin (collapsed)"])
    assert output.terms["active_share"].item() == 1.0


@pytest.mark.parametrize("distance", KINDS)
def test_descending_opens_the_margin(distance):
    method = make("triplet", distance=distance, margin=0.2 if distance == "cosine" else 1.0)
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.05)
    outputs = []
    for _ in range(25):
        outputs.append(method.training_step(batch, clock()))
        optimiser.zero_grad()
        outputs[-1].loss.backward()
        optimiser.step()
    assert outputs[-1].loss < 0.7 * outputs[0].loss
    gaps = [o.terms["negative_distance"] - o.terms["positive_distance"] for o in outputs]
    assert gaps[-1] > gaps[0]


def test_the_histogram_counts_positives_and_negatives():
    method = make("triplet", distance="euclidean")
    output = method.training_step(make_batch(method), clock(snapshot=True))
    shown = output.diagnostics["distances"]
    assert {name: one.sum() for name, one in shown.counts.items()} == {
        "own other view": 8,
        "negative": 8,
    }
    assert shown.axis == "euclidean distance"
    assert shown.edges[0] == 0.0


@pytest.mark.parametrize("distance", KINDS)
def test_energy_is_the_distance_of_the_views(distance):
    method = make("triplet", distance=distance).eval()
    batch = make_batch(method)
    z = method.project(batch, clock())
    pairs = zip(z["z_a"].tolist(), z["z_b"].tolist(), strict=True)
    expected = [apart(a, b, distance) for a, b in pairs]
    assert method.energy(batch).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("distance", KINDS)
@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_values_of_any_size_give_a_finite_loss_and_slope(distance, scale, dtype):
    a, p, n = (scale * one.clamp(-2, 2).to(dtype) for one in rows())
    a.requires_grad_(True)
    loss = triplet_margin(a, p, n, 0.2, distance)
    loss.backward()
    assert loss.isfinite()
    assert loss.dtype == torch.float32
    if dtype == torch.float32:
        assert a.grad.isfinite().all()


def test_what_makes_no_triplet_is_refused():
    a, p, n = rows()
    with pytest.raises(ValueError, match="margin = -1 must not be negative"):
        triplet_margin(a, p, n, -1, "cosine")
    with pytest.raises(ValueError, match="two views of the same images"):
        triplet_margin(a, p, n[:4], 0.2, "euclidean")
    with pytest.raises(ValueError, match=r"raise schedule\.batch_size"):
        choose(torch.zeros(1, 1), "random", torch.Generator())
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1"):
        make("triplet", known=facts(batch_size=1))
