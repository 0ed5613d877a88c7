"""The render contract: every batch shape, with pictures that can be told apart."""

from dataclasses import replace

import pytest
import torch
from torchvision.transforms.v2 import functional as pixels

from sslcore.augment.corruption import Masking
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.masks import PatchMask
from sslcore.augment.patches import Rotations, Tiles
from sslcore.augment.photometric import ColourJitter, GaussianBlur, Grey, Solarize
from sslcore.augment.step import kinds
from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.config import ConfigError

B, S = 6, 24
CROP = RandomResizedCrop(scale_low=0.3)


@pytest.fixture
def sample():
    torch.manual_seed(0)
    return Sample(
        index=torch.arange(B),
        image=torch.rand(B, 3, S, S),
        frames=torch.rand(B, 5, 3, S, S),
        target=torch.randint(0, 9, (B, 1, S, S)),
    )


def render(sample, *views, seed=0):
    plan = ViewPlan(views=views)
    return plan.render(sample, plan.draw(seed, len(sample), (S, S)))


def differ(images):
    """Whether no two of the pictures are the same."""
    flat = images.flatten(1)
    return (torch.cdist(flat, flat) + torch.eye(len(flat)) > 1e-3).all()


def test_a_view_without_steps_is_the_resized_image(sample):
    rendered = render(sample, View(name="a", size=16), View(name="b", size=S))
    expected = pixels.resize(sample.image, [16, 16], antialias=True)
    assert (rendered.views["a"][:, 0] - expected).abs().max() < 2 / 255
    assert torch.equal(rendered.views["b"][:, 0], sample.image)
    assert rendered.trace["a"] == ()


def test_copies_are_drawn_independently_and_lie_image_by_image(sample):
    view = View(name="a", steps=(CROP,), size=16, copies=4)
    rendered = render(sample, view)
    assert rendered.views["a"].shape == (B, 4, 3, 16, 16)
    assert view.count == 4
    assert differ(rendered.views["a"].flatten(0, 1))
    params = rendered.trace["a"][0].params
    for image in range(B):
        for copy in range(4):
            row = image * 4 + copy
            top, left, height, width = (
                int(params[k][row]) for k in ("top", "left", "height", "width")
            )
            expected = pixels.resized_crop(
                sample.image[image], top, left, height, width, [16, 16], antialias=True
            )
            assert (rendered.views["a"][image, copy] - expected).abs().max() < 2 / 255


def test_a_plan_counts_what_it_makes_of_an_image(sample):
    views = (
        View(name="plain", size=S),
        View(name="turned", size=S, steps=(Rotations(),), copies=2),
        View(name="tiles", size=8, of="turned", steps=(Tiles(),), copies=3),
        View(name="film", size=S, source="frames", copies=2),
        View(name="off", size=S, steps=(Solarize(enabled=False),), of="film"),
    )
    plan = ViewPlan(views=views)
    rendered = render(sample, *views)
    counted = {one.name: plan.count(one.name, frames=5) for one in views}
    assert counted == {name: one.shape[1] for name, one in rendered.views.items()}
    assert (counted["turned"], counted["tiles"]) == (8, 8 * 3 * 9)
    with pytest.raises(KeyError, match="no view is called 'gone'"):
        plan.count("gone")


def test_a_derived_view_goes_on_from_the_finished_one(sample):
    rendered = render(
        sample,
        View(name="clean", steps=(CROP, HorizontalFlip()), size=16),
        View(name="corrupted", of="clean", steps=(Masking(fraction=0.5),), size=16),
    )
    touched = rendered.truth["corrupted/masking"]
    assert touched.shape == (B, 1, 1, 16, 16)
    clean, corrupted = rendered.views["clean"], rendered.views["corrupted"]
    assert torch.equal(clean.masked_fill(touched, 0.0), corrupted)
    assert not torch.equal(clean, corrupted)


def test_every_step_of_a_kind_keeps_its_own_answer(sample):
    steps = (Masking(fraction=0.3), Grey(), Masking(fraction=0.5))
    both = render(sample, View(name="a", steps=steps, size=S))
    assert set(both.truth) == {"a/masking", "a/masking/2"}
    first, second = both.truth["a/masking"], both.truth["a/masking/2"]
    black = (both.views["a"] == 0).all(2, keepdim=True)
    assert torch.equal(black, first | second)
    assert not torch.equal(first, second)
    off = (steps[0].changed(enabled=False), *steps[1:])
    alone = render(sample, View(name="a", steps=off, size=S))
    assert set(alone.truth) == {"a/masking/2"}, "a switch does not rename the other's answer"
    assert torch.equal(alone.truth["a/masking/2"], second)


def test_a_task_asks_a_view_once():
    twice = (Tiles(), Rotations(), Grey(), Rotations())
    with pytest.raises(ConfigError, match=r"'b' has step 'rotations' 2 times \(steps 2, 4\)"):
        View.parse({"name": "b", "steps": twice})
    named = [{"kind": "rotations", "enabled": False}, {"kind": "rotations"}]
    with pytest.raises(ConfigError, match="keep one of them"):
        ViewPlan.parse({"views": [{"name": "a", "steps": named}]})


def test_a_derived_view_of_copies_keeps_their_order_and_can_be_smaller(sample):
    rendered = render(
        sample,
        View(name="clean", steps=(CROP,), size=16, copies=2),
        View(name="again", of="clean", size=16, copies=3),
        View(name="small", of="clean", size=8),
        View(name="masked", of="again", size=16, steps=(PatchMask(patch=8, ratio=0.5),)),
    )
    clean = rendered.views["clean"]
    assert torch.equal(rendered.views["again"], clean.repeat_interleave(3, 1))
    assert rendered.views["small"].shape == (B, 2, 3, 8, 8)
    assert rendered.truth["masked/patch_mask"].shape == (B, 6, 4)
    hidden = rendered.views["masked"][..., 0, 0] == 0.5
    assert torch.equal(hidden.all(-1), rendered.truth["masked/patch_mask"][..., 0])


def test_rotations_come_with_their_answers_behind_and_before_copies(sample):
    steps = (CROP, Rotations(), HorizontalFlip())
    rendered = render(sample, View(name="a", steps=steps, size=16, copies=2))
    assert rendered.views["a"].shape == (B, 8, 3, 16, 16)
    answers = rendered.truth["a/rotations"]
    assert answers.tolist() == [[0, 1, 2, 3] * 2] * B
    flipped = rendered.trace["a"][2].params["applied"].reshape(B, 8)
    straight = torch.where(
        flipped[..., None, None, None], rendered.views["a"].flip(-1), rendered.views["a"]
    )
    for place in range(8):
        turned_back = torch.rot90(straight[:, place], -(place % 4), (-2, -1))
        assert torch.equal(turned_back, straight[:, place - place % 4])


def test_tiles_of_a_cropped_image(sample):
    rendered = render(
        sample,
        View(name="whole", steps=(CROP,), size=18),
        View(name="tiles", of="whole", steps=(Tiles(gap=0.0), Grey(p=0.5)), size=6),
    )
    tiles, order = rendered.views["tiles"], rendered.truth["tiles/tiles"]
    assert tiles.shape == (B, 9, 3, 6, 6)
    assert order.shape == (B, 1, 9)
    grey = rendered.trace["tiles"][1].params["applied"].reshape(B, 9)
    for image in range(B):
        for place, cell in enumerate(order[image, 0].tolist()):
            down, across = 6 * (cell // 3), 6 * (cell % 3)
            expected = rendered.views["whole"][image, 0, :, down : down + 6, across : across + 6]
            if grey[image, place]:
                expected = pixels.rgb_to_grayscale(expected, 3)
            assert torch.allclose(tiles[image, place], expected, atol=1e-5)


def test_local_crops_have_a_size_of_their_own(sample):
    local = RandomResizedCrop(scale_low=0.05, scale_high=0.3)
    rendered = render(
        sample,
        View(name="global", steps=(CROP,), size=20, copies=2),
        View(name="local", steps=(local,), size=8, copies=6),
    )
    assert rendered.views["global"].shape == (B, 2, 3, 20, 20)
    assert rendered.views["local"].shape == (B, 6, 3, 8, 8)
    batch = rendered.batch(sample)
    assert batch.view("local").shape == (B * 6, 3, 8, 8)
    assert torch.equal(batch.view("local")[7], rendered.views["local"][1, 1])


def test_frames_share_the_numbers_of_their_sequence(sample):
    steps = (CROP, HorizontalFlip(), ColourJitter())
    still = replace(sample, frames=sample.image[:, None].expand(-1, 5, -1, -1, -1))
    rendered = render(still, View(name="f", source="frames", steps=steps, size=16, copies=2))
    frames = rendered.views["f"].unflatten(1, (2, 5))
    assert rendered.views["f"].shape == (B, 10, 3, 16, 16)
    assert torch.equal(frames, frames[:, :, :1].expand_as(frames))
    assert differ(frames[:, :, 0].flatten(0, 1))
    assert len(rendered.trace["f"][0].params["top"]) == B * 2
    assert differ(render(sample, View(name="f", source="frames", size=16)).views["f"].flatten(0, 1))


def test_frames_that_fan_out_keep_their_order(sample):
    rendered = render(
        sample,
        View(name="f", source="frames", steps=(Rotations(), HorizontalFlip()), size=S),
        View(name="m", of="f", steps=(PatchMask(patch=12, ratio=0.5),), size=S),
    )
    assert rendered.views["f"].shape == (B, 20, 3, S, S)
    assert rendered.truth["f/rotations"].tolist() == [[0, 1, 2, 3] * 5] * B
    flips = rendered.trace["f"][1].params["applied"].reshape(B, 1, 4).expand(B, 5, 4)
    for turns in range(4):
        expected = torch.rot90(sample.frames, turns, (-2, -1))
        expected = torch.where(flips[:, :, turns, None, None, None], expected.flip(-1), expected)
        assert torch.equal(rendered.views["f"].unflatten(1, (5, 4))[:, :, turns], expected)
    hidden = rendered.views["m"][..., 0, 0, 0] == 0.5
    assert torch.equal(hidden, rendered.truth["m/patch_mask"][..., 0])
    shared = rendered.truth["m/patch_mask"].unflatten(1, (5, 4))
    assert torch.equal(shared, shared[:, :1].expand_as(shared))


def test_frames_asked_of_single_images_are_refused(sample):
    with pytest.raises(ValueError, match="view 'f' needs sequences"):
        render(replace(sample, frames=None), View(name="f", source="frames", size=16))


def test_target_moves_with_geometry_and_colour_never_touches_it(sample):
    measure = sample.image[:, :1].clone()
    paired = replace(sample, target=measure)
    geometry = (CROP, HorizontalFlip())
    colour = (ColourJitter(p=1.0), Grey(p=1.0), Solarize(p=1.0), GaussianBlur(p=1.0))
    plain = render(paired, View(name="a", steps=geometry, size=16))
    assert torch.allclose(plain.target, plain.views["a"][:, 0, :1], atol=1e-6)
    coloured = render(paired, View(name="a", steps=geometry + colour, size=16))
    assert torch.equal(coloured.target, plain.target)
    assert not torch.allclose(coloured.views["a"], plain.views["a"], atol=0.05)
    classes = render(sample, View(name="a", steps=geometry + colour, size=16))
    assert classes.target.dtype == torch.int64
    assert classes.target.shape == (B, 1, 16, 16)


@pytest.mark.parametrize(
    "view",
    [
        View(name="a", size=16),
        View(name="a", size=16, steps=(CROP,), copies=3),
        View(name="a", size=S, steps=(HorizontalFlip(), Rotations())),
        View(name="a", size=8, steps=(Tiles(), HorizontalFlip())),
    ],
    ids=["resized", "copies", "rotations", "tiles"],
)
def test_target_follows_the_first_picture_of_the_first_view(sample, view):
    paired = replace(sample, target=sample.image[:, :1].clone())
    rendered = render(paired, view, View(name="b", steps=(CROP,), size=12))
    assert torch.allclose(rendered.target, rendered.views["a"][:, 0, :1], atol=1e-6)


FULL = (
    CROP,
    HorizontalFlip(),
    ColourJitter(),
    Grey(p=0.4),
    GaussianBlur(),
    Solarize(),
)


def test_whole_pipeline_equals_torchvision_on_the_same_draws(sample):
    rendered = render(sample, View(name="a", steps=FULL, size=20, copies=8), seed=3)
    crop, flip, jitter, grey, blur, solarize = (one.params for one in rendered.trace["a"])
    operations = (
        (pixels.adjust_brightness, "brightness"),
        (pixels.adjust_contrast, "contrast"),
        (pixels.adjust_saturation, "saturation"),
        (pixels.adjust_hue, "hue"),
    )
    compared = 0
    for row in range(B * 8):
        box = [int(crop[k][row]) for k in ("top", "left", "height", "width")]
        image = pixels.resized_crop(sample.image[row // 8], *box, [20, 20], antialias=True)
        image = pixels.horizontal_flip(image) if flip["applied"][row] else image
        if jitter["applied"][row]:
            for number in jitter["order"][row].tolist():
                operation, name = operations[number]
                image = operation(image, jitter[name][row].item())
        image = pixels.rgb_to_grayscale(image, 3) if grey["applied"][row] else image
        if blur["applied"][row]:
            image = pixels.gaussian_blur(image, [3, 3], [blur["sigma"][row].item()] * 2)
        apart = (rendered.views["a"][row // 8, row % 8] - pixels.solarize(image, 0.5)).abs()
        if solarize["applied"][row]:
            # Solarizing jumps at its threshold: a value within rounding of it may fall either way.
            apart = apart[(image - 0.5).abs() > 1e-4]
        else:
            apart = (rendered.views["a"][row // 8, row % 8] - image).abs()
        compared += apart.numel()
        assert apart.max() < 2 / 255
    assert compared > 0.99 * rendered.views["a"].numel()


def test_same_seed_same_pictures_whatever_the_global_generator_does(sample):
    torch.manual_seed(1)
    first = render(sample, View(name="a", steps=FULL, size=16), seed=5).views["a"]
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = render(sample, View(name="a", steps=FULL, size=16), seed=5).views["a"]
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)
    other = render(sample, View(name="a", steps=FULL, size=16), seed=6).views["a"]
    assert not torch.equal(first, other)
    assert mixed_seed(5, "a", 0, "grey") == 8590555890725641241


def test_rows_of_the_draw_make_the_rows_of_the_batch(sample):
    plan = ViewPlan(
        views=(
            View(name="a", steps=(*FULL, Rotations(), Masking()), size=16, copies=2),
            View(name="b", of="a", steps=(HorizontalFlip(),), size=16, copies=3),
            View(name="f", source="frames", steps=(CROP, Rotations()), size=16),
        )
    )
    drawn = plan.draw(0, B, (S, S))
    whole = plan.render(sample, drawn).batch(sample)
    part = Sample(sample.index[2:5], sample.image[2:5], sample.frames[2:5], sample.target[2:5])
    cut = plan.render(part, drawn.rows(2, 5)).batch(part)
    expected = whole.rows(2, 5)
    assert cut.truth.keys() == expected.truth.keys() == {"a/rotations", "a/masking", "f/rotations"}
    for name, images in expected.views.items():
        assert torch.allclose(cut.views[name], images, atol=1e-6)
    for name, answer in expected.truth.items():
        assert torch.equal(cut.truth[name], answer)
    assert torch.equal(cut.target, expected.target)


def test_switching_a_step_off_leaves_the_numbers_of_the_others():
    for position in range(len(FULL)):
        steps = list(FULL)
        steps[position] = steps[position].changed(enabled=False)
        on = ViewPlan(views=(View(name="a", steps=FULL, size=16),)).draw(0, 9, (S, S))
        off = ViewPlan(views=(View(name="a", steps=tuple(steps), size=16),)).draw(0, 9, (S, S))
        assert set(on.params["a"]) - set(off.params["a"]) == {position}
        for other, params in off.params["a"].items():
            for name, values in params.items():
                assert torch.equal(values, on.params["a"][other][name])


def test_switched_off_steps_do_nothing_but_structural_ones_stay(sample):
    off = tuple(step.changed(enabled=False) for step in FULL)
    rendered = render(sample, View(name="a", steps=off, size=S))
    assert torch.equal(rendered.views["a"][:, 0], sample.image)
    needed = Rotations(enabled=False)
    assert render(sample, View(name="a", steps=(needed,), size=S)).views["a"].shape[1] == 4


def test_inputs_stay_as_they_were_and_views_stay_in_range(sample):
    image, target = sample.image.clone(), sample.target.clone()
    for kind, step in kinds().items():
        rendered = render(sample, View(name="a", steps=(step(),), size=16))
        assert rendered.views["a"].dtype == torch.float32, kind
        assert rendered.views["a"].min() >= 0, kind
        assert rendered.views["a"].max() <= 1, kind
        assert rendered.views["a"].shape[:2] == (B, step().fan_out), kind
        traced = rendered.trace["a"][0]
        assert traced.step.describe(traced.params, B - 1), kind
        assert torch.equal(sample.image, image), kind
        assert torch.equal(sample.target, target), kind


def test_a_plan_survives_the_way_through_plain_values():
    views = (
        View(name="a", steps=tuple(step() for step in kinds().values()), size=48, copies=2),
        View(name="b", of="a", steps=(Grey(p=0.3, enabled=False),), size=48),
    )
    plan = ViewPlan(views=views)
    plain = plan.model_dump(mode="json", exclude_none=True)
    assert ViewPlan.parse(plain) == plan
    assert ViewPlan.parse(plan.model_dump(mode="json")) == plan
    assert plain["views"][1]["steps"] == [{"kind": "grey", "enabled": False, "p": 0.3}]


def test_plans_that_cannot_be_are_refused(sample):
    with pytest.raises(ConfigError, match="two views are called 'a'"):
        ViewPlan.parse({"views": [{"name": "a"}, {"name": "a"}]})
    with pytest.raises(ConfigError, match="goes on from 'later', not an earlier view"):
        ViewPlan.parse({"views": [{"name": "a", "of": "later"}]})
    with pytest.raises(ConfigError, match="at least one view"):
        ViewPlan.parse({"views": []})
    plan = ViewPlan(views=(View(name="a", size=16),))
    with pytest.raises(ValueError, match="numbers for 3 images, but 6 came"):
        plan.render(sample, plan.draw(0, 3, (S, S)))
    with pytest.raises(KeyError, match="no view is called 'b'; there are: a"):
        plan.view("b")
