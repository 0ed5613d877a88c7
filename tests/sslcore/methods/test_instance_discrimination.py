"""Instance discrimination: exact and noise-contrastive loss, the bank and its map, Z."""

import math

import pytest
import torch

from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.methods.instance_discrimination import exact, noise_contrastive, proved
from tests.sslcore.methods.steps import clock, facts, make, make_batch, small_config, train

KEY = "instance_discrimination"


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def dot(a, b):
    return sum(x * y for x, y in zip(unit(a), unit(b), strict=True))


def features(count=8, length=16):
    torch.manual_seed(3)
    return torch.randn(count, length, dtype=torch.float64)


def double(method):
    method.bank = torch.nn.functional.normalize(method.bank.double())
    method.log_normaliser = method.log_normaliser.double()
    return method


def test_the_exact_loss_is_the_softmax_over_the_bank():
    method = double(make(KEY, temperature=0.3))
    z, batch = features(), make_batch(method)
    expected = 0.0
    for number, f in enumerate(z.tolist()):
        scores = [math.exp(dot(f, row) / 0.3) for row in method.bank.tolist()]
        expected -= math.log(scores[number] / sum(scores)) / 8
    output = method.objective({"z_a": z}, batch, clock())
    assert output.loss.item() == pytest.approx(expected, rel=1e-9)
    assert output.terms["bound"].item() == pytest.approx(math.log(64) - expected, rel=1e-9)


def test_noise_contrastive_terms_are_the_formula():
    torch.manual_seed(0)
    own, noise = torch.randn(4, dtype=torch.float64), torch.randn(4, 7, dtype=torch.float64)
    log_z = torch.tensor(3.2, dtype=torch.float64)

    def h(score):
        p = math.exp(score) / math.exp(3.2)
        return p / (p + 7 / 50)

    data = -sum(math.log(h(one)) for one in own.tolist()) / 4
    rest = -sum(math.log(1 - h(one)) for row in noise.tolist() for one in row) / 4
    found = noise_contrastive(own, noise, log_z, 50)
    assert [one.item() for one in found] == pytest.approx([data, rest], rel=1e-9)


def test_a_large_set_is_scored_against_noise_with_z_from_the_batch():
    method = double(make(KEY, exact_up_to=10, negatives=12, temperature=0.4))
    z, batch = features(), make_batch(method)
    output = method.objective({"z_a": z}, batch, clock(5))
    drawn = torch.randint(64, (12,), generator=clock(5).generator).tolist()
    bank = method.bank.tolist()
    noise = [[dot(f, bank[row]) / 0.4 for row in drawn] for f in z.tolist()]
    own = [dot(f, bank[number]) / 0.4 for number, f in enumerate(z.tolist())]
    log_z = math.log(64 * sum(math.exp(s) for row in noise for s in row) / 96)
    data, rest = noise_contrastive(
        torch.tensor(own).double(), torch.tensor(noise).double(), torch.tensor(log_z).double(), 64
    )
    assert output.loss.item() == pytest.approx((data + rest).item(), rel=1e-6)
    assert output.terms["data"] + output.terms["noise"] == pytest.approx(output.loss.item())


def test_z_is_the_mean_over_the_first_ten_batches_and_then_stays():
    method = double(make(KEY, exact_up_to=0, negatives=5))
    seen = []
    for step in range(13):
        output = method.objective({"z_a": features()}, make_batch(method), clock(step))
        method.after_step(output.tensors, clock(step))
        seen.append(output.tensors["log_partition"].exp().mean().item())
    assert int(method.estimated) == 10
    assert method.log_normaliser.exp().item() == pytest.approx(sum(seen[:10]) / 10, rel=1e-9)


@pytest.mark.parametrize(("exact_up_to", "rows"), [(64, 64), (63, 6)])
def test_the_bound_has_the_log_of_the_rows_for_a_ceiling(exact_up_to, rows):
    method = make(KEY, exact_up_to=exact_up_to, negatives=5)
    output = method.training_step(make_batch(method), clock())
    expected = {"bound": pytest.approx(math.log(rows))}
    assert method.ceilings(method.default_views(method.config, method.facts)) == expected
    if rows == 64:  # the loss itself is what the bound is made of
        bound = math.log(rows) - output.loss.item()
        assert output.terms["bound"].item() == pytest.approx(bound, rel=1e-5)


def test_the_bound_against_noise_is_that_of_choosing_the_own_row():
    own, noise = torch.tensor([[2.0], [0.5]]), torch.tensor([[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]])
    chosen = [
        math.log(math.exp(o) / (math.exp(o) + sum(math.exp(n) for n in row)))
        for (o,), row in zip(own.tolist(), noise.tolist(), strict=True)
    ]
    expected = math.log(4) + sum(chosen) / 2
    assert proved(own, noise).item() == pytest.approx(expected, rel=1e-6)
    alike = torch.ones(2, 1)
    assert proved(alike, alike.expand(2, 3)).item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 1.0])
def test_rows_of_the_images_seen_move_and_no_others(momentum):
    method = double(make(KEY, momentum=momentum))
    before = method.bank.clone()
    batch = make_batch(method).rows(2, 5)  # images 102, 103, 104
    z = features(3)
    output = method.objective({"z_a": z}, batch, clock())
    assert torch.equal(method.bank, before)  # a step alone moves nothing
    method.after_step(output.tensors, clock())
    for place in range(64):
        expected = before[place].tolist()
        if place in (2, 3, 4):
            fresh = unit(z[place - 2].tolist())
            mixed = zip(expected, fresh, strict=True)
            expected = unit([momentum * old + (1 - momentum) * new for old, new in mixed])
        assert method.bank[place].tolist() == pytest.approx(expected, rel=1e-9)


def test_several_copies_of_an_image_renew_its_row_once_by_their_mean():
    method = double(make(KEY, momentum=0.5))
    old = unit(method.bank[4].tolist())
    a, b = features(2)
    tensors = {"z_a": torch.stack([a, b]), "rows": torch.tensor([4, 4])}
    method.after_step(tensors, clock())
    fresh = [(x + y) / 2 for x, y in zip(unit(a.tolist()), unit(b.tolist()), strict=True)]
    expected = unit([(x + y) / 2 for x, y in zip(old, fresh, strict=True)])
    assert method.bank[4].tolist() == pytest.approx(expected, rel=1e-9)


def test_catalogue_rows_find_their_rows_of_the_bank_in_any_order():
    method = make(KEY)
    with torch.no_grad():
        method.rows.fill_(torch.iinfo(torch.int64).max)
    samples = [Sample(torch.tensor(rows), torch.rand(2, 3, 4, 4)) for rows in ([70, 7], [31, 7])]
    method.prepare(samples)
    assert method.lookup(torch.tensor([7, 31, 70])).unique().tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="image 32 of the catalogue has no row"):
        method.lookup(torch.tensor([7, 32]))
    with pytest.raises(ValueError, match="image 71 of the catalogue has no row"):
        method.lookup(torch.tensor([71]))


def test_more_images_than_rows_are_refused():
    method = make(KEY)
    with pytest.raises(ValueError, match="65 images for a bank of 64 rows"):
        method.prepare([Sample(torch.arange(65), torch.rand(65, 3, 4, 4))])


def test_lengths_of_features_do_not_matter():
    method = make(KEY)
    z, batch = features().float(), make_batch(method)
    loss = method.objective({"z_a": z}, batch, clock()).loss
    torch.testing.assert_close(method.objective({"z_a": 9 * z}, batch, clock()).loss, loss)


@pytest.mark.parametrize("exact_up_to", [0, 64])
def test_the_constant_is_the_loss_of_rows_that_are_all_alike(exact_up_to):
    method = make(KEY, exact_up_to=exact_up_to, negatives=6)
    method.bank = torch.full((64, 16), 0.25)
    output = method.objective({"z_a": torch.ones(8, 16)}, make_batch(method), clock())
    assert output.loss.item() == pytest.approx(next(iter(method.constants().values())), rel=1e-5)
    assert output.terms["accuracy"].item() == 0.0


@pytest.mark.parametrize("exact_up_to", [0, 64])
def test_descending_finds_the_own_row(exact_up_to):
    method = make(KEY, exact_up_to=exact_up_to, negatives=32)
    batch = make_batch(method)
    optimiser = torch.optim.SGD(method.parameters(), 0.1)
    outputs = []
    for step in range(25):
        outputs.append(method.training_step(batch, clock(step)))
        optimiser.zero_grad()
        outputs[-1].loss.backward()
        optimiser.step()
        method.after_step(outputs[-1].tensors, clock(step))
    assert outputs[-1].loss < 0.7 * outputs[0].loss
    assert outputs[-1].terms["accuracy"] > outputs[0].terms["accuracy"]


def test_a_resumed_run_with_noise_goes_on_with_bank_map_and_z():
    def fresh(seed):
        return make(KEY, seed=seed, exact_up_to=0, negatives=6)

    straight = fresh(0)
    losses = train(straight, torch.optim.SGD(straight.parameters(), 0.05), range(4))
    first = fresh(0)
    begun = train(first, torch.optim.SGD(first.parameters(), 0.05), range(2))
    second = fresh(5)
    second.load_state_dict(first.state_dict())
    gone_on = train(second, torch.optim.SGD(second.parameters(), 0.05), range(2, 4))
    assert begun + gone_on == losses


def test_there_is_one_view_and_the_histogram_shows_own_and_other_rows():
    method = make(KEY)
    assert [view.name for view in method.default_views(method.config, facts()).views] == ["view_a"]
    output = method.training_step(make_batch(method), clock(snapshot=True))
    counts = output.diagnostics["cosines"].counts
    assert counts["same image"].sum() == 8
    assert counts["other image"].sum() == 8 * 63


def test_energy_is_one_minus_the_cosine_to_the_own_row():
    method = make(KEY).eval()
    batch = make_batch(method)
    z = method.project(batch, clock())["z_a"].tolist()
    expected = [1 - dot(f, row) for f, row in zip(z, method.bank[:8].tolist(), strict=True)]
    assert method.energy(batch).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("exact_up_to", [0, 64])
@pytest.mark.parametrize("scale", [0.0, 1e-4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_features_of_any_size_give_a_finite_loss(exact_up_to, scale, dtype):
    method = make(KEY, exact_up_to=exact_up_to, temperature=0.01)
    z = (scale * features()).clamp(-6e4, 6e4).to(dtype)
    output = method.objective({"z_a": z}, make_batch(method), clock(snapshot=True))
    assert output.loss.isfinite()
    assert output.loss.dtype == torch.float32
    method.after_step(output.tensors, clock())
    assert method.bank.isfinite().all()
    assert method.log_normaliser.isfinite()


def test_one_image_alone_is_enough():
    method = make(KEY).eval()
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


def test_a_temperature_of_nothing_is_refused():
    with pytest.raises(ConfigError, match=r"temperature = 0: "):
        small_config(KEY, temperature=0)


def test_exact_prefers_the_own_row():
    scores = torch.tensor([[4.0, 1.0], [1.0, 4.0]])
    assert exact(scores, torch.tensor([0, 1])) < exact(scores, torch.tensor([1, 0]))
