import pytest
import torch

from sslcore.augment.presets import (
    asymmetric_views,
    contrastive_views,
    evaluation_view,
    multi_crop_views,
)
from sslcore.augment.view import ViewPlan
from sslcore.batch import Sample


def kinds_of(view):
    return [step.kind for _, step in view.active]


def step_of(view, kind):
    return next(step for step in view.steps if step.kind == kind)


def test_contrastive_views_are_simclrs():
    plan = contrastive_views(96, 3)
    for view in plan.views:
        assert kinds_of(view) == [
            "random_resized_crop",
            "horizontal_flip",
            "colour_jitter",
            "grey",
            "gaussian_blur",
        ]
        jitter = step_of(view, "colour_jitter")
        strengths = (jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue, jitter.p)
        assert strengths == pytest.approx((0.4, 0.4, 0.4, 0.1, 0.8))
        assert step_of(view, "grey").p == 0.2
        assert step_of(view, "random_resized_crop").scale_low == 0.08
    assert [view.name for view in plan.views] == ["view_a", "view_b"]
    full = contrastive_views(96, 3, strength=1.0, crop_low=0.2, solarize=0.1, names=("q", "k"))
    assert step_of(full.view("q"), "colour_jitter").brightness == 0.8
    assert step_of(full.view("k"), "random_resized_crop").scale_low == 0.2
    assert step_of(full.view("k"), "solarize").p == 0.1
    assert "solarize" in kinds_of(full.view("k"))


def test_small_views_keep_more_of_the_picture():
    for plan in (contrastive_views, asymmetric_views):
        small, large = plan(32, 3).views[1], plan(64, 3).views[1]
        assert step_of(small, "random_resized_crop").scale_low == 0.2
        assert step_of(large, "random_resized_crop").scale_low == 0.08
        given = plan(32, 3, crop_low=0.3).views[1]
        assert step_of(given, "random_resized_crop").scale_low == 0.3


def test_small_views_are_not_blurred():
    assert "gaussian_blur" not in kinds_of(contrastive_views(32, 3).views[0])
    assert "gaussian_blur" in kinds_of(contrastive_views(64, 3).views[0])


def test_asymmetric_views_are_byols():
    first, second = asymmetric_views(96, 3).views
    assert step_of(first, "gaussian_blur").p == 1.0
    assert step_of(second, "gaussian_blur").p == 0.1
    assert "solarize" not in kinds_of(first)
    assert step_of(second, "solarize").p == 0.2
    assert step_of(second, "colour_jitter").saturation == 0.2


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("make", [contrastive_views, asymmetric_views])
def test_presets_render_every_number_of_channels(make, channels):
    plan = make(64, channels)
    sample = Sample(torch.arange(4), torch.rand(4, channels, 72, 72))
    views = plan.render(sample, plan.draw(0, 4, (72, 72))).views
    assert {name: tuple(images.shape) for name, images in views.items()} == dict.fromkeys(
        ("view_a", "view_b"), (4, 1, channels, 64, 64)
    )
    assert not torch.equal(views["view_a"], views["view_b"])
    if channels != 3:
        assert not any(step.needs_colour for view in plan.views for step in view.steps)
    assert ViewPlan.parse(plan.model_dump(mode="json")) == plan


def test_evaluation_view_is_the_image_itself():
    sample = Sample(torch.arange(2), torch.rand(2, 3, 32, 32))
    plan = evaluation_view(32)
    rendered = plan.render(sample, plan.draw(0, 2, (32, 32)))
    assert torch.equal(rendered.views["image"][:, 0], sample.image)


def test_multi_crop_views_are_two_large_and_several_small_crops():
    numbers = {"global_areas": (0.3, 1.0), "local_areas": (0.05, 0.3), "local_size": 18}
    plan = multi_crop_views(32, 3, local_crops=4, **numbers)
    images = torch.rand(3, 3, 36, 36, generator=torch.Generator().manual_seed(0))
    sample = Sample(torch.arange(3), images)
    views = plan.render(sample, plan.draw(0, 3, (36, 36))).views
    assert views["global"].shape == (3, 2, 3, 32, 32)
    assert views["local"].shape == (3, 4, 3, 18, 18)
    for name, areas in (("global", (0.3, 1.0)), ("local", (0.05, 0.3))):
        crop = step_of(plan.view(name), "random_resized_crop")
        assert (crop.scale_low, crop.scale_high) == areas
    alone = multi_crop_views(32, 3, local_crops=0, **numbers)
    assert [view.name for view in alone.views] == ["global"]
