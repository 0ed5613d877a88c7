"""SwAV: balanced codes, swapped prediction, queue and prototypes."""

import math

import pytest
import torch

from sslcore.methods.swav import sinkhorn, swapped_prediction
from tests.sslcore.methods.steps import clock, make, make_batch, train


def plain_sinkhorn(scores, epsilon, iterations):
    """The iteration of the paper's appendix A.1 with loops: columns, then rows."""
    q = [[math.exp(s / epsilon) for s in row] for row in scores]
    count, prototypes = len(q), len(q[0])
    for _ in range(iterations):
        for k in range(prototypes):
            total = sum(row[k] for row in q)
            for row in q:
                row[k] /= total * prototypes
        for row in q:
            total = sum(row)
            for k in range(prototypes):
                row[k] /= total * count
    return [[value * count for value in row] for row in q]


def double(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=generator, dtype=torch.float64) * 2 - 1


def test_codes_are_those_of_the_plain_iteration():
    scores = double(7, 5)
    expected = torch.tensor(plain_sinkhorn(scores.tolist(), 0.3, 3), dtype=torch.float64)
    torch.testing.assert_close(sinkhorn(scores, 0.3, 3), expected, rtol=1e-9, atol=0)


def test_codes_use_all_prototypes_equally_however_lopsided_the_scores():
    scores = double(12, 4)
    scores[:, 0] += 3.0  # every image is nearest to the first prototype
    codes = sinkhorn(scores, 0.5, 200)
    torch.testing.assert_close(codes.sum(1), torch.ones(12, dtype=torch.float64))
    torch.testing.assert_close(codes.sum(0), torch.full((4,), 3.0, dtype=torch.float64))


def test_codes_do_not_depend_on_the_order_of_images_or_prototypes():
    scores = double(6, 4)
    images, prototypes = torch.tensor([3, 1, 5, 0, 2, 4]), torch.tensor([2, 0, 3, 1])
    turned = sinkhorn(scores[images][:, prototypes], 0.1, 3)
    torch.testing.assert_close(turned, sinkhorn(scores, 0.1, 3)[images][:, prototypes])


@pytest.mark.parametrize("scores", [torch.zeros(4, 3), 1e4 * double(4, 3).half(), double(1, 3)])
def test_codes_of_odd_scores_are_finite_and_add_up_to_one(scores):
    codes = sinkhorn(scores, 0.05, 3)
    torch.testing.assert_close(codes.sum(1).float(), torch.ones(len(scores)), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("scores", "epsilon", "iterations"),
    [(torch.zeros(3), 0.1, 3), (torch.zeros(3, 2), 0.0, 3), (torch.zeros(3, 2), 0.1, 0)],
)
def test_codes_that_make_no_sense_are_refused(scores, epsilon, iterations):
    with pytest.raises(ValueError, match=r"codes need|must be positive"):
        sinkhorn(scores, epsilon, iterations)


def test_swapped_prediction_is_a_cross_entropy_written_out():
    codes, scores = double(4, 3).softmax(-1), double(4, 3, seed=1)
    for found, code, row in zip(
        swapped_prediction(codes, scores, 0.2).tolist(),
        codes.tolist(),
        scores.tolist(),
        strict=True,
    ):
        total = sum(math.exp(s / 0.2) for s in row)
        parts = [q * math.log(math.exp(s / 0.2) / total) for q, s in zip(code, row, strict=True)]
        assert found == pytest.approx(-sum(parts), rel=1e-9)


def test_swapped_prediction_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="must be"):
        swapped_prediction(torch.zeros(2, 3), torch.zeros(2, 4), 0.1)
    with pytest.raises(ValueError, match="temperature"):
        swapped_prediction(torch.zeros(2, 3), torch.zeros(2, 3), 0.0)


def test_the_loss_compares_each_code_with_every_other_crop():
    method = make("swav", prototypes=7, queue_size=0, local_crops=2).double()
    batch = make_batch(method)
    projected = {
        "global": torch.nn.functional.normalize(double(8, 2, 16), dim=-1),
        "local": torch.nn.functional.normalize(double(8, 2, 16, seed=1), dim=-1),
    }
    prototypes = method.prototypes.weight.detach()  # of unit length in float32 only
    prototypes = prototypes / prototypes.square().sum(1, keepdim=True).sqrt()
    z = torch.cat([projected["global"], projected["local"]], 1)
    expected = []
    for target in (0, 1):
        codes = plain_sinkhorn((z[:, target] @ prototypes.T).tolist(), 0.05, 3)
        for other in range(4):
            if other == target:
                continue
            for code, vector in zip(codes, z[:, other], strict=True):
                logits = [float(vector @ c) / 0.1 for c in prototypes]
                total = math.log(sum(math.exp(one) for one in logits))
                pairs = zip(code, logits, strict=True)
                expected.append(-sum(q * (one - total) for q, one in pairs))
    loss = method.objective(projected, batch, clock()).loss
    assert loss.dtype == torch.float64
    assert float(loss.detach()) == pytest.approx(sum(expected) / len(expected), rel=1e-9)


def test_untrained_scores_cost_about_ln_k():
    method = make("swav", prototypes=300, queue_size=0)
    loss = method.training_step(make_batch(method), clock()).loss.item()
    assert next(iter(method.constants().values())) == pytest.approx(math.log(300))
    assert abs(loss - math.log(300)) < 3  # T = .1 makes random scores a little uneven


def test_the_queue_counts_once_it_is_full_and_its_epoch_has_come():
    method = make("swav", prototypes=6, queue_size=16, queue_from=0.0, local_crops=0)
    scores = double(8, 6)
    alone = sinkhorn(scores, 0.05, 3)
    torch.testing.assert_close(method.codes(scores, 0, clock()), alone)  # random rows do not count
    optimiser = torch.optim.SGD(method.parameters(), 0.01)
    train(method, optimiser, range(2))
    assert not torch.allclose(method.codes(scores, 0, clock(2)), alone)
    rows = method.queues[0].rows
    together = torch.cat([scores, method.scores(rows.double()).detach()])
    expected = sinkhorn(together, 0.05, 3)[:8]
    torch.testing.assert_close(method.codes(scores, 0, clock(2)), expected)


def test_prototypes_keep_unit_length_and_have_a_group_that_waits():
    method = make("swav", prototypes=9)
    train(method, torch.optim.SGD(method.parameters(), 1.0), range(3))
    lengths = method.prototypes.weight.detach().norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones(9))
    groups = {group.name: group for group in method.parameter_groups()}
    assert groups["prototypes"].frozen_epochs == 1.0
    assert (groups["prototypes"].decays, groups["prototypes"].adapts) == (False, True)
    assert groups["encoder and head"].frozen_epochs == 0.0


def test_training_lowers_the_loss_below_guessing():
    method = make("swav", prototypes=16, queue_size=0, freeze_prototypes=0.0)
    optimiser = torch.optim.SGD(method.parameters(), 0.3, momentum=0.9)
    batch = make_batch(method)
    losses = []
    for step in range(25):
        output = method.training_step(batch, clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        method.after_step(output.tensors, clock(step))
        losses.append(output.loss.item())
    assert losses[-1] < min(losses[0], math.log(16)) - 0.2
