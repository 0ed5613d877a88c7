"""Contrastive losses against loops over the paper's formulas, in double precision."""

import math

import pytest
import torch

from sslcore.losses import contrastive
from sslcore.losses.contrastive import info_nce, mutual_information_bound, nt_xent
from sslcore.method import registry
from tests.sslcore.methods.steps import clock, make, make_batch


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(y * y for y in b))


def slow_nt_xent(z_a, z_b, temperature):
    rows = z_a.tolist() + z_b.tolist()
    count = len(z_a)
    total = 0.0
    for i, row in enumerate(rows):
        j = (i + count) % (2 * count)
        others = [
            math.exp(cosine(row, other) / temperature) for k, other in enumerate(rows) if k != i
        ]
        total -= math.log(math.exp(cosine(row, rows[j]) / temperature) / math.fsum(others))
    return total / len(rows)


def slow_info_nce(query, key, negatives, temperature):
    total = 0.0
    for q, k in zip(query.tolist(), key.tolist(), strict=True):
        positive = math.exp(cosine(q, k) / temperature)
        rest = [math.exp(cosine(q, n) / temperature) for n in negatives.tolist()]
        total -= math.log(positive / math.fsum([positive, *rest]))
    return total / len(query)


def views(count=6, length=5, noise=0.3):
    torch.manual_seed(0)
    z = torch.randn(count, length, dtype=torch.float64)
    return z, z + noise * torch.randn_like(z)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_nt_xent_equals_the_formula(temperature):
    z_a, z_b = views()
    expected = slow_nt_xent(z_a, z_b, temperature)
    assert nt_xent(z_a, z_b, temperature).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_info_nce_equals_the_formula(temperature):
    query, key = views()
    negatives = torch.randn(11, 5, dtype=torch.float64)
    expected = slow_info_nce(query, key, negatives, temperature)
    found = info_nce(query, key, negatives, temperature).item()
    assert found == pytest.approx(expected, rel=1e-9)


def test_nt_xent_is_attraction_plus_repulsion():
    z_a, z_b = views()
    cosines = contrastive.similarity(z_a, z_b)
    attraction = -sum(cosine(a, b) for a, b in zip(z_a.tolist(), z_b.tolist(), strict=True)) / 6
    assert contrastive.attraction(cosines, 0.5).item() == pytest.approx(attraction / 0.5, rel=1e-9)
    total = contrastive.attraction(cosines, 0.5) + contrastive.repulsion(cosines, 0.5)
    assert total.item() == nt_xent(z_a, z_b, 0.5).item()


def test_nt_xent_does_not_care_for_lengths_views_or_order():
    z_a, z_b = views()
    loss = nt_xent(z_a, z_b, 0.5)
    order = torch.randperm(6)
    torch.testing.assert_close(nt_xent(7 * z_a, 0.1 * z_b, 0.5), loss)
    torch.testing.assert_close(nt_xent(z_b, z_a, 0.5), loss)
    torch.testing.assert_close(nt_xent(z_a[order], z_b[order], 0.5), loss)


def test_rows_that_are_no_pairs_cost_more():
    z_a, z_b = views()
    assert nt_xent(z_a, z_b.roll(1, 0), 0.5) > nt_xent(z_a, z_b, 0.5)


def test_info_nce_does_not_care_for_lengths_or_order_of_negatives():
    query, key = views()
    negatives = torch.randn(11, 5, dtype=torch.float64)
    loss = info_nce(query, key, negatives, 0.2)
    torch.testing.assert_close(info_nce(2 * query, 3 * key, 4 * negatives.flip(0), 0.2), loss)


@pytest.mark.parametrize("length", ["zero", "equal"])
def test_projections_that_say_nothing_cost_the_log_of_the_candidates(length):
    z = torch.zeros(6, 5) if length == "zero" else torch.ones(6, 5)
    z.requires_grad_(True)
    loss = nt_xent(z, z, 0.5)
    assert loss.item() == pytest.approx(math.log(11), rel=1e-5)
    loss.backward()
    assert z.grad.isfinite().all()
    key = z.detach()
    assert info_nce(key, key, key[:4], 0.5).item() == pytest.approx(math.log(5), rel=1e-5)


@pytest.mark.parametrize("size", [1e-3, 1e4])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_half_precision_and_large_values_stay_finite_and_right(size, dtype):
    z_a, z_b = (one.to(dtype) for one in views())
    expected = slow_nt_xent(z_a.double(), z_b.double(), 0.1)
    found = nt_xent(z_a * size, z_b * size, 0.1)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(expected, rel=2e-2)
    queue = torch.randn(9, 5)
    assert info_nce(z_a * size, z_b * size, queue, 0.1).isfinite()


def test_gradients_equal_finite_differences():
    z_a, z_b = views(3, 4)
    negatives = torch.randn(5, 4, dtype=torch.float64)
    z_a.requires_grad_(True)
    z_b.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda a, b: nt_xent(a, b, 0.5), (z_a, z_b))
    assert torch.autograd.gradcheck(lambda a, b: info_nce(a, b, negatives, 0.5), (z_a, z_b))


def test_found_counts_views_whose_partner_is_nearest():
    a = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    b = torch.tensor([[1.0, 0.1, 0.0], [1.0, -0.1, 0.0]])
    # a0 is as near to b1 as to its own b0 (a tie: not found), b0 finds a0, a1 and b1 are far apart.
    assert contrastive.found(contrastive.similarity(a, b)).item() == 0.25
    apart = torch.eye(4)[:3]
    assert contrastive.found(contrastive.similarity(apart, apart)).item() == 1.0
    one_wrong = torch.stack([apart[0], apart[1], apart[1]])
    assert contrastive.found(contrastive.similarity(apart, one_wrong)).item() == pytest.approx(
        2 / 6
    )
    same = torch.ones(4, 3)
    assert contrastive.found(contrastive.similarity(same, same)).item() == 0.0


def test_candidates_put_the_own_key_first():
    query = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    key = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    negatives = torch.tensor([[0.0, 5.0]])
    expected = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    torch.testing.assert_close(contrastive.candidates(query, key, negatives), expected)


def test_the_bound_is_log_of_candidates_minus_loss_and_has_that_ceiling():
    loss = torch.tensor(0.5, requires_grad=True)
    bound = mutual_information_bound(loss, 11)
    assert bound.item() == pytest.approx(math.log(11) - 0.5)
    assert not bound.requires_grad
    apart = torch.eye(4)
    assert mutual_information_bound(nt_xent(apart, apart, 0.01), 7) <= math.log(7)


BOUNDED = {"simclr", "moco_v1", "moco_v2", "moco_v3", "instance_discrimination", "clip", "cpc"}


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("key", registry())
def test_whoever_reports_the_bound_declares_the_log_of_its_candidates(key, copies, monkeypatch):
    counted = []

    def spy(loss, candidates):
        counted.append(candidates)
        return mutual_information_bound(loss, candidates)

    monkeypatch.setattr(contrastive, "mutual_information_bound", spy)
    monkeypatch.setattr("sslcore.methods.cpc.mutual_information_bound", spy)
    method = make(key)
    plan = method.default_views(method.config, method.facts)
    views = [one if one.of else one.changed(copies=copies) for one in plan.views]
    plan = plan.changed(views=tuple(views))
    method.default_views = lambda config, known: plan
    terms = method.training_step(make_batch(method), clock()).terms
    assert ("bound" in terms) == (key in BOUNDED)
    ceilings = method.ceilings(plan)
    assert {round(math.exp(one)) for one in ceilings.values()} == set(counted)
    assert ceilings == {name: pytest.approx(math.log(counted[0])) for name in ceilings}
    assert set(ceilings) == {"bound"} & set(terms)


def test_one_candidate_proves_nothing():
    with pytest.raises(ValueError, match="at least 2 candidates, got 1"):
        mutual_information_bound(torch.tensor(0.0), 1)


def test_a_batch_of_one_has_no_negatives():
    with pytest.raises(ValueError, match=r"at least 2 images.*schedule\.batch_size"):
        nt_xent(torch.ones(1, 4), torch.ones(1, 4), 0.5)
    assert info_nce(torch.ones(1, 4), torch.ones(1, 4), torch.randn(3, 4), 0.5).isfinite()


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_must_be_positive(temperature):
    z_a, z_b = views()
    with pytest.raises(ValueError, match="must be positive"):
        nt_xent(z_a, z_b, temperature)
    with pytest.raises(ValueError, match="must be positive"):
        info_nce(z_a, z_b, z_a, temperature)


def test_shapes_that_do_not_fit_are_refused():
    z_a, z_b = views()
    with pytest.raises(ValueError, match="two views of the same images"):
        nt_xent(z_a, z_b[:3], 0.5)
    with pytest.raises(ValueError, match=r"negatives must be \(K, 5\)"):
        info_nce(z_a, z_b, z_a[:, :4], 0.5)
    with pytest.raises(ValueError, match=r"negatives must be \(K, 5\) with K > 0"):
        info_nce(z_a, z_b, z_a[:0], 0.5)
