import re

import pytest
import torch

from app.panels import view_plan
from sslcore.augment.context_targets import ContextTargets
from sslcore.augment.corruption import GaussianNoise, Masking
from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.masks import PatchMask
from sslcore.augment.neighbours import Neighbours
from sslcore.augment.patches import Rotations, Tiles
from sslcore.augment.photometric import GaussianBlur
from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Sample
from sslcore.config import ConfigError


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (HorizontalFlip(), "p"),
        (RandomResizedCrop(), "scale_low"),
        (GaussianBlur(), "p"),
        (GaussianNoise(), "sd_high"),
    ],
)
def test_strength_is_the_knob_that_says_most(step, name):
    assert view_plan.strength(step).name == name


def test_a_step_without_knobs_has_no_strength():
    assert view_plan.strength(Rotations()) is None
    assert view_plan.caption(Rotations()) == ""


def test_captions_join_the_ends_of_a_range():
    assert view_plan.caption(GaussianBlur()) == "probability 0.5 · blur 0.1–2 px · kernel size 0.1"


def test_a_knob_pushes_the_other_end_of_its_range_along():
    noise = GaussianNoise(sd_low=0.2, sd_high=0.4)
    assert view_plan.with_knob(noise, "sd_high", 0.1) == GaussianNoise(sd_low=0.1, sd_high=0.1)
    assert view_plan.with_knob(noise, "sd_low", 0.3) == GaussianNoise(sd_low=0.3, sd_high=0.4)
    with pytest.raises(ConfigError, match="sd_high"):
        view_plan.with_knob(noise, "sd_high", 7.0)


@pytest.mark.parametrize(
    ("step", "names"),
    [
        (HorizontalFlip(), ["p"]),
        (GaussianNoise(), ["sd_low", "sd_high"]),
        (GaussianBlur(), ["p", "sigma_low", "sigma_high", "reach"]),
        (Rotations(), []),
    ],
)
def test_numbers_with_bounds_can_be_turned(step, names):
    assert [knob.name for knob in view_plan.turnable(step)] == names


def test_values_go_from_end_to_end_with_the_one_in_force_among_them():
    flip = HorizontalFlip(p=0.7)
    assert view_plan.sweep_values(flip, "p", 7) == (0.0, 0.17, 0.33, 0.5, 0.7, 0.83, 1.0)
    assert view_plan.sweep_values(HorizontalFlip(), "p", 3) == (0.0, 0.5, 1.0)
    grid = view_plan.sweep_values(Tiles(grid=3), "grid", 7)
    assert grid == (2, 3, 4, 5, 6, 7, 8)
    assert all(isinstance(one, int) for one in grid)
    assert view_plan.sweep_values(Tiles(grid=3), "grid", 40) == grid, "every whole number once"


def test_every_answer_of_a_view_is_told():
    sample = Sample(torch.arange(2), torch.rand(2, 3, 16, 16))

    def told(*steps, pictures):
        plan = ViewPlan(views=(View(name="a", size=16, steps=steps),))
        rendered = plan.render(sample, plan.draw(0, 2, (16, 16)))
        return view_plan.answers(rendered, plan.view("a"), 1, pictures)

    assert told(HorizontalFlip(), pictures=1) == []
    assert told(Rotations(), pictures=4) == ["0°", "90°", "180°", "270°"]
    assert sorted(told(Tiles(grid=2), pictures=4)) == ["1", "2", "3", "4"]
    twice = (Masking(fraction=0.2), Masking(fraction=0.3))
    assert told(*twice, pictures=1) == ["Answer: which pixels were touched"]
    assert told(PatchMask(ratio=0.75), pictures=1) == ["Answer: 12 of 16 patches"]
    (blocks,) = told(ContextTargets(targets=2), pictures=1)
    assert re.fullmatch(r"Answer: \d+ patches, 2 targets of \d", blocks)


def test_every_draw_of_a_view_has_its_answer():
    sample = Sample(torch.arange(2), torch.rand(2, 3, 32, 32))
    view = View(name="a", size=8, copies=5, steps=(Neighbours(),))
    plan = ViewPlan(views=(view,))
    rendered = plan.render(sample, plan.draw(0, 2, (32, 32)))
    told = [view_plan.answers(rendered, view, image, 10) for image in (0, 1)]
    assert [len(one) for one in told] == [5, 5]
    step, places = view.steps[0], rendered.truth[view.truth_key(0)].flatten().tolist()
    by_place = {}
    for words, place in zip(told[0] + told[1], places, strict=True):
        assert by_place.setdefault(place, words) == words, "one place, one sentence"
    assert len(set(by_place.values())) == len(by_place) > 2
    assert step.describe(rendered.trace["a"][0].params, 5) == told[1][0]


def test_one_step_of_one_view_is_replaced():
    plan = contrastive_views(32, 3)
    edited = view_plan.with_step(plan, "view_b", 1, HorizontalFlip(p=0.9))
    assert edited.view("view_a") == plan.view("view_a")
    assert edited.view("view_b").steps[1].p == 0.9
    assert edited.view("view_b").steps[2:] == plan.view("view_b").steps[2:]


def test_one_view_alone_keeps_what_it_goes_on_from_and_its_numbers():
    first, second, third = View(name="a"), View(name="b", steps=(HorizontalFlip(),)), View(name="c")
    plan = ViewPlan(views=(first, second, third, View(name="d", of="b", steps=(Rotations(),))))
    alone = view_plan.only(plan, "d")
    assert [view.name for view in alone.views] == ["b", "d"]
    flips = [one.draw(3, 5, (32, 32)).params["b"][0]["applied"].tolist() for one in (plan, alone)]
    assert flips[0] == flips[1]


def test_views_have_words_for_titles_and_sentences():
    named = {name: View(name=name) for name in ("view_a", "corrupted")}
    assert view_plan.view_title(named["view_a"]) == "View A"
    assert view_plan.view_phrase(named["view_a"]) == "view A"
    assert view_plan.view_phrase(named["corrupted"]) == "the corrupted view"


def test_numbers_of_a_jitter_are_spelt_out():
    spelt = view_plan.spelt_out("h −0.04 b 1.21")
    assert spelt == "hue −0.04 · brightness 1.21"
    for words in ("off", "0.61 of the area", "1.3 px", "1 2 3 4"):
        assert view_plan.spelt_out(words) == words
