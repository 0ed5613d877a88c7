"""The contract of methods, run over the registry: whoever enters it keeps it."""

import inspect
import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from sslcore import method as contract
from sslcore.config import ConfigError, knobs
from sslcore.diagnostics import pack
from sslcore.method import FAMILIES, DataFacts, find, registry
from sslcore.recipe import Recipe, preset, presets
from tests.sslcore.methods.steps import (
    BACKBONES,
    clock,
    facts,
    make,
    make_batch,
    refusal,
    small_config,
    train,
)

METHODS = tuple(registry())
every_method = pytest.mark.parametrize("key", METHODS)


def contents(module):
    return {name: one.clone() for name, one in module.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def test_the_registry_is_found_by_file_and_ordered_by_family_and_year():
    found = registry()
    assert {
        "denoising_autoencoder",
        "rotation",
        "moco_v2",
        "simclr",
        "barlow_twins",
    } <= found.keys()
    places = [(FAMILIES.index(one.card.family), one.card.year, key) for key, one in found.items()]
    assert places == sorted(places)


def test_an_unknown_method_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"method\.key = 'simclear'.*barlow_twins"):
        find("simclear")


def test_a_decorated_class_is_entered_under_the_stem_of_its_file(monkeypatch):
    entered = {}
    monkeypatch.setattr(contract, "_found", entered)
    kind = type("Another", (find("simclr"),), {"__module__": "some.plugin.another"})
    contract.register(find("simclr").card)(kind)
    assert entered == {"another": kind}


def test_a_method_that_works_on_patches_refuses_other_backbones():
    kind = type("OnPatches", (find("simclr"),), {})
    kind.card = replace(find("simclr").card, backbone="tokens")
    encoder = make("simclr").online
    with pytest.raises(
        ConfigError, match=r"SimCLR works on the patches.*backbone\.name to vit_mini"
    ):
        kind(small_config("simclr"), encoder, facts())


def test_a_card_tells_which_folders_and_images_will_do():
    card = replace(find("simclr").card, title="Painter", needs="pairs")
    assert card.serves(["images", "pairs"])
    assert not card.serves(["images"])
    assert replace(card, accepts=("images",)).serves(["images"])
    assert card.unsuited(1) == ""
    choosy = replace(card, channels=(3, 4), instead="choose rotation")
    assert choosy.unsuited(3) == ""
    choosy.check_channels(4)
    words = "Painter needs colour images, these have 1 channel; choose rotation"
    assert choosy.unsuited(1) == words
    with pytest.raises(ConfigError, match=words):
        choosy.check_channels(1)


@every_method
def test_a_method_has_a_page_and_a_card(key):
    kind = find(key)
    page = contract.about(kind)
    assert kind.key == key == inspect.getfile(kind).rpartition("/")[2].removesuffix(".py")
    assert contract.idea(kind) == page.splitlines()[0]
    assert contract.idea(kind).endswith(".")
    assert "https://" in page
    for heading in ("Paper: ", "What to watch", "Where our numbers differ"):
        assert heading in page
    assert kind.card.family in FAMILIES
    assert kind.card.paper.startswith("https://")
    assert kind.card.diagnostics
    assert all(one.title and one.help for one in kind.card.diagnostics)


@every_method
def test_every_knob_has_help_and_bounds_that_hold(key):
    config = find(key).card.config
    for one in knobs(config):
        assert one.help.endswith("."), one.name
        assert one.kind != "other", one.name
        for bound, beyond in ((one.low, -1), (one.high, 1)):
            if bound is None:
                assert one.kind not in ("int", "float"), f"{one.name} has no bounds"
                continue
            number = {"int": int, "float": float}[one.kind]  # a default may be empty
            value = number(bound) + number(beyond)
            with pytest.raises(ConfigError, match=rf"method\.{one.name} = .*"):
                config.parse({one.name: value}, "method")
    with pytest.raises(ConfigError, match=r"method\.temprature: unknown field"):
        config.parse({"temprature": 1}, "method")


@every_method
@pytest.mark.parametrize("name", ["{}", "{}.paper"])
def test_a_method_has_a_small_preset_and_one_at_the_papers_scale(key, name):
    recipe = preset(name.format(key))
    assert recipe.method.key == key
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    section = recipe.data
    plan = recipe.view_plan(DataFacts(1000, 3, section.image_size, recipe.schedule.batch_size, 100))
    assert max(view.size for view in plan.views) == section.image_size  # local crops are smaller
    if "paper" not in name:
        assert section.image_size <= 64
        assert recipe.backbone.name == BACKBONES[find(key).card.backbone]


def test_every_preset_can_be_read():
    assert all(preset(name).method.key in METHODS for name in presets())


@every_method
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_step_gives_a_finite_loss_from_the_default_views(key, channels):
    if reason := find(key).card.unsuited(channels):
        with pytest.raises(ConfigError, match=r"needs colour images.*; \w+"):
            make(key, known=facts(channels=channels))
        assert reason
        return
    method = make(key, known=facts(channels=channels))
    output = method.training_step(make_batch(method), clock())
    assert output.loss.shape == ()
    assert output.loss.isfinite()
    assert output.loss.requires_grad
    assert output.terms
    assert all(one.shape == () and one.isfinite() for one in output.terms.values())


@every_method
def test_large_images_work_with_their_own_views(key):
    method = make(key, known=facts(size=96, batch_size=4))
    assert method.training_step(make_batch(method, count=4), clock(snapshot=True)).loss.isfinite()


@every_method
def test_a_batch_of_one_is_trained_on_or_refused_by_the_name_of_its_setting(key):
    if words := refusal(key, facts(batch_size=1)):
        assert words.startswith("schedule.batch_size = 1: ")
        return
    method = make(key, known=facts(batch_size=1)).train()
    output = method.training_step(make_batch(method, count=1), clock(snapshot=True))
    output.loss.backward()
    assert output.loss.isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in method.parameters())


@every_method
def test_the_gradient_reaches_the_first_and_every_layer_of_the_online_encoder(key):
    method = make(key)
    method.training_step(make_batch(method), clock()).loss.backward()
    for name, one in method.online.named_parameters():
        assert one.grad is not None, name
        assert one.grad.isfinite().all(), name
    first = next(method.online.backbone.parameters())
    assert first.grad.abs().max() > 0
    trained = [p for group in method.parameter_groups() for p in group.parameters]
    assert all(one.grad is not None for one in trained)


@every_method
def test_groups_hold_every_trained_parameter_once(key):
    method = make(key)
    grouped = [id(one) for group in method.parameter_groups() for one in group.parameters]
    trained = [id(one) for one in method.parameters() if one.requires_grad]
    assert sorted(grouped) == sorted(trained)


@every_method
def test_terms_and_tensors_are_detached_and_have_a_row_per_image(key):
    method = make(key)
    batch = make_batch(method)
    output = method.training_step(batch, clock(snapshot=True))
    assert not any(one.requires_grad for one in output.terms.values())
    for name, one in output.tensors.items():
        assert not one.requires_grad, name
        assert len(one) == len(batch), name
    for name, one in method.project(batch, clock()).items():
        assert len(one) == len(batch), name


@every_method
def test_the_same_seed_gives_the_same_step_and_global_randomness_is_left_alone(key):
    outcomes = []
    for foreign in (1, 2):
        method = make(key)
        batch = make_batch(method)
        torch.manual_seed(foreign)  # what others drew must not matter
        before = torch.get_rng_state()
        output = method.training_step(batch, clock(3, snapshot=True))
        output.loss.backward()
        method.after_step(output.tensors, clock(3))
        assert torch.equal(torch.get_rng_state(), before)
        gradients = {n: p.grad for n, p in method.named_parameters() if p.grad is not None}
        outcomes.append({"loss": output.loss.detach(), **gradients, **contents(method)})
    assert same(*outcomes)


@every_method
def test_declared_diagnostics_are_produced_when_asked_for_and_only_then(key):
    method = make(key)
    batch = make_batch(method)
    asked = method.training_step(batch, clock(snapshot=True)).diagnostics
    declared = {spec.name: spec.kind for spec in method.card.diagnostics}
    assert {name: one.kind for name, one in asked.items()} == declared
    assert method.training_step(batch, clock()).diagnostics == {}
    known = set(batch.index.tolist())
    for one in asked.values():
        for field in ("ids", "row_ids", "column_ids"):
            assert set(getattr(one, field, np.zeros(0)).tolist()) <= known
        for name, array in pack(one)[1].items():
            assert np.isfinite(array).all(), name


@every_method
def test_diagnostics_do_not_change_with_what_comes_after(key):
    method = make(key)
    optimiser = torch.optim.SGD(method.parameters(), 0.1)
    output = method.training_step(make_batch(method), clock(snapshot=True))
    before = {
        (name, part): array.copy()
        for name, one in output.diagnostics.items()
        for part, array in pack(one)[1].items()
    }
    output.loss.backward()
    optimiser.step()
    method.after_step(output.tensors, clock())
    with torch.no_grad():
        for one in output.tensors.values():
            one.zero_()
    train(method, optimiser, [1])
    for name, one in output.diagnostics.items():
        for part, array in pack(one)[1].items():
            assert np.array_equal(array, before[name, part]), (name, part)


@every_method
def test_asking_for_diagnostics_changes_nothing(key):
    losses = []
    states = []
    for snapshot in (True, False):
        method = make(key)
        output = method.training_step(make_batch(method), clock(snapshot=snapshot))
        output.loss.backward()
        method.after_step(output.tensors, clock())
        losses.append(output.loss.item())
        states.append(contents(method))
    assert losses[0] == losses[1]
    assert same(*states)


@every_method
def test_a_saved_method_goes_on_bit_for_bit(key):
    def optimiser(method):
        return torch.optim.SGD(method.parameters(), 0.05, momentum=0.9)

    straight = make(key)
    losses = train(straight, optimiser(straight), range(4))

    first = make(key)
    first_optimiser = optimiser(first)
    begun = train(first, first_optimiser, range(2))
    file = io.BytesIO()
    torch.save((first.state_dict(), first_optimiser.state_dict()), file)
    file.seek(0)
    weights, moments = torch.load(file, weights_only=True)

    second = make(key, seed=77)
    second.load_state_dict(weights)
    second_optimiser = optimiser(second)
    second_optimiser.load_state_dict(moments)
    assert begun + train(second, second_optimiser, range(2, 4)) == losses
    assert same(contents(second), contents(straight))


@every_method
def test_steps_move_the_kept_encoder(key):
    method = make(key)
    before = contents(method.encoder().backbone)
    train(method, torch.optim.SGD(method.parameters(), 0.05), range(2))
    assert not same(before, contents(method.encoder().backbone))


@every_method
@pytest.mark.parametrize("layer", ["features", "projection"])
def test_embedding_is_per_image_and_leaves_no_trace(key, layer):
    method = make(key)
    images = torch.rand(6, 3, 16, 16)
    before = contents(method)
    for mode in (True, False):
        method.train(mode)
        vectors = method.embed(images, layer)
        assert method.training is mode
        assert all(part.training is mode for part in method.modules())
    assert vectors.dim() == 2
    assert len(vectors) == 6
    assert not vectors.requires_grad
    torch.testing.assert_close(method.embed(images[2:4], layer), vectors[2:4])
    if layer == "features":
        assert vectors.shape[1] == method.encoder().dimensions
    assert same(before, contents(method))


@every_method
def test_energy_is_one_number_per_image_and_leaves_no_trace(key):
    method = make(key)
    batch = make_batch(method)
    before = contents(method)
    energy = method.energy(batch)
    assert energy.shape == (len(batch),)
    assert energy.isfinite().all()
    assert not energy.requires_grad
    assert energy.min() >= -1e-6
    torch.testing.assert_close(method.energy(batch.rows(2, 5)), energy[2:5])
    assert all(part.training for part in method.modules())
    assert same(before, contents(method))


@every_method
def test_micro_batches_give_the_step_of_the_whole_batch(key):
    method = make(key).eval()  # batch norm alone may tell a part of a batch from the whole
    batch = make_batch(method)
    whole = method.training_step(batch, clock())
    parts = [batch.rows(0, 3), batch.rows(3, 8)]
    if method.coupled:
        projected = [method.project(part, clock()) for part in parts]
        joined = {name: torch.cat([one[name] for one in projected]) for name in projected[0]}
        loss = method.objective(joined, batch, clock()).loss
    else:
        outputs = [method.training_step(part, clock()) for part in parts]
        loss = sum(one.loss * len(p) for one, p in zip(outputs, parts, strict=True)) / len(batch)
    torch.testing.assert_close(loss, whole.loss)


@every_method
def test_mixed_precision_still_gives_a_full_precision_loss_near_the_true_one(key):
    # Batch norm in eval mode: over two to eight values it would magnify the rounding of bfloat16.
    method = make(key).eval()
    batch = make_batch(method)
    exact = method.training_step(batch, clock()).loss
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = method.training_step(batch, clock(snapshot=True))
        assert method.energy(batch).isfinite().all()
    assert output.loss.dtype == torch.float32
    torch.testing.assert_close(output.loss, exact, rtol=0.1, atol=0.1)
    output.loss.backward()


@every_method
def test_several_copies_of_a_view_are_several_rows(key):
    method = make(key)
    plan = method.default_views(method.config, method.facts)
    views = tuple(one if one.of else one.changed(copies=2) for one in plan.views)
    method.default_views = lambda config, known: plan.changed(views=views)
    batch = make_batch(method, count=4)
    output = method.training_step(batch, clock(snapshot=True))
    assert output.loss.isfinite()
    assert set(output.diagnostics) == {spec.name for spec in method.card.diagnostics}


@every_method
def test_constants_are_finite_and_named(key):
    method = make(key)
    assert all(name and np.isfinite(value) for name, value in method.constants().items())


def test_a_small_config_takes_only_the_sizes_a_method_has():
    assert small_config("simclr", temperature=0.2).temperature == 0.2
