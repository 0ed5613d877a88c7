"""A run is put together as its recipe says, the same way every time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.data.catalogue import Cancelled
from sslcore.engine import devices, rig
from sslcore.engine.control import Control
from sslcore.engine.preparation import Material
from sslcore.events import Preparing
from sslcore.method import DataFacts, find
from sslcore.recipe import Recipe
from tests.sslcore.engine.tiny import recipe

Prepared = Callable[..., rig.Rig]


def build(asked: Recipe, closers: list[Callable[[], object]], control: Control) -> rig.Rig:
    place = devices.place(asked.run)
    work = rig.prepare(asked, control, place, None, closers)
    while True:
        try:
            assert isinstance(next(work), Preparing)
        except StopIteration as end:
            return end.value


@pytest.fixture
def prepared() -> Iterator[Prepared]:
    """Builds rigs and closes what they opened, last first, as training does."""
    closers: list[Callable[[], object]] = []
    yield lambda asked, control=None: build(asked, closers, control or Control())
    for close in reversed(closers):
        close()


def test_facts_timetable_and_plan_follow_from_recipe_and_folder(
    prepared: Prepared, images: Path
) -> None:
    asked = recipe(images)
    made = prepared(asked)
    assert made.facts.count == len(made.material.split.train) == 24
    assert made.timetable.steps_per_epoch == 3
    assert made.timetable.total_steps == 6
    assert [view.name for view in made.plan.views] == ["view_a", "view_b"]
    assert made.method.training
    assert made.optimisation is not None
    assert made.clock(3, True).epoch == 1.0
    assert made.clock(3, True).snapshot


def test_the_batch_of_a_step_depends_on_seed_and_step_only(
    prepared: Prepared, images: Path
) -> None:
    first, second = prepared(recipe(images)), prepared(recipe(images))
    other = prepared(recipe(images, run__seed=1))
    sample = first.loader.read(0)
    one = first.batch(sample, 2).views["view_a"]
    # Another step in between changes nothing.
    first.batch(sample, 4)
    assert torch.equal(one, first.batch(sample, 2).views["view_a"])
    assert torch.equal(one, second.batch(second.loader.read(0), 2).views["view_a"])
    assert not torch.equal(one, first.batch(sample, 3).views["view_a"])
    assert not torch.equal(one, other.batch(sample, 2).views["view_a"])
    assert (one.min(), one.max()) >= (0, 0)
    assert one.shape == (8, 1, 3, 16, 16)


def test_the_rehearsal_leaves_the_method_as_it_was_built(prepared: Prepared, images: Path) -> None:
    # SimCLR is rehearsed, for it does not show a cross-correlation itself; batch norm would tell.
    first, second = prepared(recipe(images)), prepared(recipe(images))
    for (name, one), (_, other) in zip(
        first.method.state_dict().items(), second.method.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name
    counted = [value for name, value in first.method.state_dict().items() if "num_batches" in name]
    assert all(value == 0 for value in counted)
    assert first.shared


@pytest.mark.parametrize(
    ("key", "shared"),
    [("barlow_twins", False), ("simclr", True), ("rotation", False)],
)
def test_the_matrix_is_shared_with_methods_of_two_views_that_lack_it(
    prepared: Prepared, images: Path, key: str, shared: bool
) -> None:
    assert prepared(recipe(images, key)).shared is shared


def test_the_encoder_knows_the_colours_of_the_training_images(
    prepared: Prepared, images: Path
) -> None:
    made = prepared(recipe(images))
    pixels = made.material.pixels.read(made.material.split.train)
    mean = made.method.encoder().mean.flatten()
    torch.testing.assert_close(mean, pixels.mean((0, 2, 3)), atol=1e-4, rtol=0)


def test_a_folder_that_cannot_serve_the_method_is_refused_and_closed(
    images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Material] = []
    check = rig._check_needs

    def lacking(asked: Recipe, material: Material) -> None:
        opened.append(material)
        object.__setattr__(material.catalogue, "kinds", ("captions",))
        check(asked, material)

    monkeypatch.setattr(rig, "_check_needs", lacking)
    closers: list[Callable[[], object]] = []
    with pytest.raises(ConfigError, match=r"'simclr': SimCLR needs images: .*has captions"):
        build(recipe(images), closers, Control())
    assert len(closers) == 1, "what was opened before the refusal can be closed"
    closers[0]()


def test_images_that_a_method_cannot_learn_from_are_refused(
    images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = rig.find("simclr")
    card = replace(kind.card, channels=(4,), instead="choose rotation")
    monkeypatch.setattr(kind, "card", card)
    with pytest.raises(
        ConfigError, match=r"method\.key = 'simclr': .* 3 channels; choose rotation"
    ):
        build(recipe(images), [], Control())


def test_a_stop_calls_the_preparation_off(images: Path) -> None:
    control = Control()
    control.stop()
    with pytest.raises(Cancelled):
        build(recipe(images), [], control)


def plan(asked: Recipe, **changes: object) -> Recipe:
    """The recipe with its own views written out and changed in the first one."""
    facts = DataFacts(24, 3, 16, 8, 6)
    own = asked.view_plan(facts).model_dump(mode="json")
    own["views"][0] |= changes
    return asked.with_set({"views": own})


def test_views_that_lack_what_the_method_needs_are_refused(
    prepared: Prepared, images: Path
) -> None:
    with pytest.raises(ConfigError, match="no view 'view_a', which the method needs"):
        prepared(plan(recipe(images), name="other"))
    rotation = recipe(images, "rotation")
    name = rotation.view_plan(DataFacts(24, 3, 16, 8, 6)).views[0].name
    with pytest.raises(ConfigError, match=f"view '{name}' has no step 'rotations'"):
        prepared(plan(rotation, steps=[]))
    assert prepared(plan(recipe(images), size=8)).plan.views[0].size == 8


def test_parts_of_one_image_are_refused_where_batch_norm_needs_two(
    prepared: Prepared, images: Path
) -> None:
    with pytest.raises(ConfigError, match=r"schedule\.accumulate = 8.*at most 4"):
        prepared(recipe(images, schedule__accumulate=8))
    assert prepared(recipe(images, schedule__accumulate=4))


@pytest.mark.parametrize(("width", "last"), [(4, False), (16, True)])
def test_channels_last_only_where_the_cpu_bears_it(
    prepared: Prepared, images: Path, width: int, last: bool
) -> None:
    made = prepared(recipe(images, backbone__name="resnet_small", backbone__width=width))
    weight = made.method.encoder().backbone.get_parameter("blocks.1.second.weight")
    assert weight.is_contiguous(memory_format=torch.channels_last) == last


def test_a_method_on_patches_refuses_other_backbones_before_anything_is_read(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = find("simclr")
    monkeypatch.setattr(kind, "card", replace(kind.card, backbone="tokens"))
    with pytest.raises(ConfigError, match=r"SimCLR works on .* set backbone\.name to vit_mini or"):
        prepared(recipe(tmp_path / "there is no such folder", backbone__name="convnet"))
