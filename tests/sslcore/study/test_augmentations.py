"""Which steps are on in which trial."""

import pytest
import torch

from sslcore.augment.presets import contrastive_views, evaluation_view
from sslcore.augment.view import ViewPlan
from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.method import DataFacts, find
from sslcore.recipe import Recipe, preset
from sslcore.study.augmentations import EVERYTHING, composed, leave_one_out, pairs, steps

PLAN = contrastive_views(32, 3)
KINDS = ("random_resized_crop", "horizontal_flip", "colour_jitter", "grey", "gaussian_blur",
         "solarize")  # fmt: skip


def on(plan: ViewPlan) -> list[set[str]]:
    return [{step.kind for _, step in view.active} for view in plan.views]


def test_steps_are_listed_once_and_in_order() -> None:
    assert steps(PLAN) == KINDS


def test_a_composition_is_on_in_one_view_or_both() -> None:
    both = composed(PLAN, {"grey", "random_resized_crop"})
    assert on(both) == [{"grey", "random_resized_crop"}] * 2
    one = composed(PLAN, {"grey", "random_resized_crop"}, one_branch=True)
    assert on(one) == [set(), {"grey", "random_resized_crop"}]


def test_the_bare_view_is_the_image_itself() -> None:
    plan = composed(PLAN, {"horizontal_flip"}, one_branch=True)
    images = torch.rand(4, 3, 32, 32)
    rendered = plan.render(Sample(torch.arange(4), images), plan.draw(0, 4, (32, 32)))
    bare, flipped = (one.flatten(0, 1) for one in rendered.views.values())
    assert torch.equal(bare, images)
    same = torch.tensor(
        [torch.equal(one, other) for one, other in zip(flipped, images, strict=True)]
    )
    mirrored = torch.stack([one.flip(-1) for one in images])
    assert bool((same | (flipped == mirrored).flatten(1).all(1)).all())


def test_what_a_task_needs_stays_on() -> None:
    facts = DataFacts(count=100, channels=3, image_size=32, batch_size=8, total_steps=10)
    method = find("rotation")
    plan = method.default_views(method.card.config(), facts)
    assert "rotate" not in " ".join(steps(plan))
    bare = composed(plan, set())
    structural = {step.kind for view in plan.views for step in view.steps if step.structural}
    assert structural
    assert all(structural <= kinds for kinds in on(bare))


def test_pairs_are_all_pairs() -> None:
    study = pairs(preset("simclr"), PLAN, "knn")
    count = len(KINDS)
    assert len(study.trials) == count * (count + 1) // 2
    assert [one.places for one in study.trials[:count]] == [(kind, kind) for kind in KINDS]
    found = {one.places: Recipe.from_toml(one.recipe) for one in study.trials}
    views = found["horizontal_flip", "grey"].views
    assert views is not None
    assert on(views) == [set(), {"horizontal_flip", "grey"}]
    views = found["grey", "grey"].views
    assert views is not None
    assert on(views) == [set(), {"grey"}]


def test_one_is_left_out() -> None:
    study = leave_one_out(preset("simclr"), PLAN, "knn")
    # Blur and solarize are off at 32 px, so there is nothing to leave out.
    assert study.axes[0].places == (EVERYTHING, *KINDS[:4])
    found = {one.places[0]: Recipe.from_toml(one.recipe).views for one in study.trials}
    whole, without = found[EVERYTHING], found["grey"]
    assert whole is not None
    assert without is not None
    assert on(whole) == [set(KINDS[:4])] * 2
    assert on(without) == [set(KINDS[:4]) - {"grey"}] * 2


def test_a_plan_without_steps_is_refused() -> None:
    bare = evaluation_view(32)
    with pytest.raises(ConfigError, match="add some in Views"):
        pairs(preset("simclr"), bare)
    with pytest.raises(ConfigError, match="could be left out"):
        leave_one_out(preset("simclr"), bare)
