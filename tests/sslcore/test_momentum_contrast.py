"""Queue, momentum and shuffling, each against what the paper of MoCo says they do."""

import copy
import math
from dataclasses import replace

import pytest
import torch

from tests.sslcore.methods.steps import clock, facts, make, make_batch, train


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def dot(a, b):
    return sum(x * y for x, y in zip(unit(a), unit(b), strict=True))


every_version = pytest.mark.parametrize("key", ["moco_v1", "moco_v2"])


def test_queries_carry_the_gradient_and_keys_do_not():
    method = make("moco_v2")
    batch = make_batch(method)
    projected = method.project(batch, clock())
    assert projected["z_a"].requires_grad
    assert not projected["z_b"].requires_grad
    method.objective(projected, batch, clock()).loss.backward()
    followers = [*method.key_encoder.parameters(), *method.key_head.parameters()]
    assert all(one.grad is None for one in followers)
    trained = {id(one) for group in method.parameter_groups() for one in group.parameters}
    assert not trained & {id(one) for one in followers}


@pytest.mark.parametrize("count", [8, 7, 5])
def test_every_key_belongs_to_the_image_of_its_row(count):
    method = make("moco_v2", splits=3).eval()  # without batch norm, groups make no difference
    images = make_batch(method, count=count).view("view_b")
    keys = method.keys(images, torch.Generator().manual_seed(5))
    for row in range(count):
        alone = method.key_head(method.key_encoder(images[row : row + 1]))[0].tolist()
        assert keys[row].tolist() == pytest.approx(unit(alone), abs=1e-5)


def test_keys_are_encoded_in_shuffled_groups_with_statistics_of_their_own():
    method = make("moco_v2", splits=2)
    images = make_batch(method).view("view_b")
    order = torch.randperm(8, generator=torch.Generator().manual_seed(5))
    expected = torch.empty(8, 16)
    for group in (order[:4], order[4:]):
        with torch.no_grad():
            raw = method.key_head(method.key_encoder(images[group]))
        for row, key in zip(group.tolist(), raw.tolist(), strict=True):
            expected[row] = torch.tensor(unit(key))
    keys = method.keys(images, torch.Generator().manual_seed(5))
    torch.testing.assert_close(keys, expected)
    assert not torch.allclose(method.keys(images, torch.Generator().manual_seed(6)), expected)


def test_groups_are_never_smaller_than_two():
    method = make("moco_v2", splits=1024)
    seen = []
    hook = method.key_encoder.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    method.keys(make_batch(method, count=5).view("view_b"), torch.Generator())
    hook.remove()
    assert sorted(len(one) for one in seen) == [2, 3]


def test_one_group_is_the_whole_batch_unshuffled():
    method = make("moco_v2", splits=1)
    images = make_batch(method).view("view_b")
    with torch.no_grad():
        expected = torch.nn.functional.normalize(method.key_head(method.key_encoder(images)))
    torch.testing.assert_close(method.keys(images, torch.Generator()), expected)


def test_the_key_network_follows_the_query_network():
    method = make("moco_v2", momentum=0.9)
    train(method, torch.optim.SGD(method.parameters(), 0.1), [0])
    for follower, online in ((method.key_encoder, method.online), (method.key_head, method.head)):
        before = [one.detach().clone() for one in follower.parameters()]
        output = method.training_step(make_batch(method, seed=1), clock(1))
        method.after_step(output.tensors, clock(1))
        for old, new, followed in zip(
            before, follower.parameters(), online.parameters(), strict=True
        ):
            torch.testing.assert_close(new, 0.9 * old + 0.1 * followed.detach())


def test_keys_of_a_step_enter_the_queue_and_the_oldest_leave():
    method = make("moco_v2", queue_size=12)
    entered = []
    for step in range(3):
        output = method.training_step(make_batch(method, seed=step), clock(step))
        before = method.queue.rows.clone()
        assert torch.equal(before, method.queue.rows)  # a step alone moves nothing
        method.after_step(output.tensors, clock(step))
        entered += [(key, step) for key in output.tensors["z_b"]]
    held = entered[-12:]
    for key, step in held:
        place = (method.queue.rows - key).abs().sum(1).argmin()
        torch.testing.assert_close(method.queue.rows[place], key)
        assert int(method.queue.born[place]) == step
    assert method.queue.ages(3).sort().values.tolist() == [1] * 8 + [2] * 4


def test_the_bound_has_its_ceiling_before_the_queue_is_full():
    method = make("moco_v2", queue_size=24, temperature=0.01)
    q = torch.eye(8, 16)
    method.queue.rows = -torch.ones(24, 16)  # of no step: none was ever pushed
    bound = method.objective({"z_a": q, "z_b": q}, make_batch(method), clock()).terms["bound"]
    assert int((method.queue.born < 0).sum()) == 24
    assert bound.item() == pytest.approx(math.log(25), abs=1e-5)
    plan = method.default_views(method.config, method.facts)
    assert method.ceilings(plan) == {"bound": pytest.approx(math.log(25))}


@pytest.mark.parametrize(
    ("images", "given", "keys"),
    [(64, None, 16), (2550, None, 637), (50_000, None, 4096), (3, None, 1), (64, 200, 200)],
)
def test_a_queue_is_no_longer_than_a_quarter_of_the_images_unless_asked(images, given, keys):
    known = replace(facts(), count=images)
    method = make("moco_v2", known=known, queue_size=given)
    assert len(method.queue) == keys
    assert method.constants() == {"ln(K + 1)": math.log(keys + 1)}


def test_a_queue_keeps_its_length_when_the_folder_has_grown():
    before = make("moco_v2", known=replace(facts(), count=64), queue_size=None)
    after = make("moco_v2", known=replace(facts(), count=80), queue_size=None)
    assert (len(before.queue), len(after.queue)) == (16, 20)
    copied = copy.deepcopy(after)
    copied.load_state_dict(before.state_dict())
    assert torch.equal(copied.queue.rows, before.queue.rows)
    assert len(after.queue) == 20
    trained = [one for one in copied.parameters() if one.requires_grad]
    train(copied, torch.optim.SGD(trained, 0.1), range(1))
    assert len(copied.queue) == 16
    asked = make("moco_v2", queue_size=20)
    with pytest.raises(RuntimeError, match=r"size mismatch for queue\.rows"):
        asked.load_state_dict(before.state_dict())


def test_constants_are_the_loss_of_a_queue_that_says_nothing():
    method = make("moco_v2")
    same = torch.ones(8, 16)
    method.queue.rows = torch.ones(24, 16)
    batch = make_batch(method)
    loss = method.objective({"z_a": same, "z_b": same}, batch, clock()).loss.item()
    assert loss == pytest.approx(method.constants()["ln(K + 1)"], rel=1e-5)


@pytest.mark.parametrize(
    ("steps", "now", "expected"),
    [
        ([], 0, {"random": 24}),
        ([0, 1], 2, {"1": 8, "2": 8, "random": 8}),
        ([0, 1], 40, {"39": 8, "40": 8, "random": 8}),
        ([0, 1, 20], 21, {"1 to 3": 8, "19 to 21": 16, "random": 0}),
    ],
)
def test_age_bars_count_every_row_once(steps, now, expected):
    method = make("moco_v2", queue_size=24)
    for step in steps:
        method.after_step({"keys": torch.randn(8, 16)}, clock(step))
    output = method.training_step(make_batch(method), clock(now, snapshot=True))
    bars = output.diagnostics["queue_age"]
    shown = dict(zip(bars.labels, bars.values.tolist(), strict=True))
    assert {name: one for name, one in shown.items() if one or name == "random"} == expected
    assert bars.labels[-1] == "random"
    assert len(bars.labels) <= 9


def test_drift_is_zero_at_first_and_grows_with_training():
    method = make("moco_v2", momentum=1.0)

    def drift(step):
        output = method.training_step(make_batch(method), clock(step, snapshot=True))
        return output.diagnostics["key_drift"].values

    assert drift(0) == pytest.approx(0.0, abs=1e-6)
    train(method, torch.optim.SGD(method.parameters(), 0.5), range(2))
    assert drift(2).max() > 1e-4


def test_keys_that_do_not_fit_are_refused():
    method = make("moco_v2")
    with pytest.raises(ValueError, match="do not fit rows of 16"):
        method.after_step({"keys": torch.zeros(8, 15)}, clock())


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_queries_and_keys_of_any_size_give_a_finite_loss(scale, dtype):
    method = make("moco_v2")
    batch = make_batch(method)
    q = torch.full((8, 16), scale, dtype=dtype, requires_grad=True)
    loss = method.objective({"z_a": q, "z_b": q.detach()}, batch, clock(snapshot=True)).loss
    loss.backward()
    assert loss.isfinite()
    if dtype == torch.float32:  # the slope at a zero vector is beyond what half precision holds
        assert q.grad.isfinite().all()


def test_a_batch_of_one_still_has_the_queue():
    method = make("moco_v2").eval()
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


@every_version
def test_the_loss_is_the_formula_over_own_key_and_queue(key):
    method = make(key, temperature=0.3)
    torch.manual_seed(3)
    q = torch.randn(5, 16, dtype=torch.float64)
    k = q + 0.3 * torch.randn_like(q)
    method.queue.rows = method.queue.rows.double()
    expected = 0.0
    for query, own in zip(q.tolist(), k.tolist(), strict=True):
        positive = math.exp(dot(query, own) / 0.3)
        negatives = [math.exp(dot(query, row) / 0.3) for row in method.queue.rows.tolist()]
        expected -= math.log(positive / (positive + sum(negatives))) / 5
    batch = make_batch(method, count=5)
    output = method.objective({"z_a": q, "z_b": k}, batch, clock())
    assert output.loss.item() == pytest.approx(expected, rel=1e-9)
    assert output.terms["bound"].item() == pytest.approx(math.log(25) - expected, rel=1e-9)
    assert torch.equal(output.tensors["keys"], k)


@every_version
def test_lengths_of_queries_and_keys_do_not_matter(key):
    method = make(key)
    batch = make_batch(method)
    q, k = torch.randn(2, 8, 16).unbind(0)
    loss = method.objective({"z_a": q, "z_b": k}, batch, clock()).loss
    longer = method.objective({"z_a": 7 * q, "z_b": k / 3}, batch, clock()).loss
    torch.testing.assert_close(longer, loss)


@every_version
def test_descending_finds_the_own_key(key):
    method = make(key, queue_size=64, known=facts(batch_size=16))
    optimiser = torch.optim.SGD(method.parameters(), 0.1, momentum=0.9)
    # Real keys must have replaced the random rows before losses can be compared.
    losses = []
    for step in range(40):
        batch = make_batch(method, seed=step % 4, count=16)
        output = method.training_step(batch, clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        method.after_step(output.tensors, clock(step))
        losses.append(output.loss.item())
    assert min(losses[-4:]) < max(losses[4:10])
    assert output.terms["accuracy"] > 0
