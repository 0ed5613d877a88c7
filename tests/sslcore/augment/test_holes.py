"""Holes: where they are, how large, and what stays."""

import pytest
import torch

from sslcore.augment.holes import GREY, Hole
from sslcore.augment.step import kinds
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Sample
from sslcore.config import ConfigError

SHAPES = ("centre", "blocks", "region")


def drawn(seed=0, count=16, size=(32, 32), **knobs):
    step = Hole(**knobs)
    return step, step.draw(torch.Generator().manual_seed(seed), count, size)


def test_it_is_a_step_of_recipes():
    assert kinds()["hole"] is Hole
    assert Hole.structural


def test_the_centre_is_a_square_in_the_middle():
    _, params = drawn(shape="centre")
    expected = torch.zeros(32, 32, dtype=torch.bool)
    expected[8:24, 8:24] = True
    assert torch.equal(params["mask"], expected.expand(16, 1, 32, 32))


@pytest.mark.parametrize("area", [0.05, 0.25, 0.6])
def test_regions_have_exactly_the_area_and_are_in_few_pieces(area):
    _, params = drawn(shape="region", area=area)
    mask = params["mask"]
    assert (mask.flatten(1).sum(1) == round(area * 1024)).all()
    edges = (mask[..., 1:] != mask[..., :-1]).float().mean()
    assert edges < 0.15  # scattered pixels would have 2 a (1 - a) = 0.38 at a quarter
    assert mask.flatten(1).unique(dim=0).shape[0] == 16


def test_blocks_are_unions_of_squares_of_one_side():
    _, params = drawn(shape="blocks", blocks=4, area=0.25)
    mask, side = params["mask"][:, 0], 8
    share = mask.float().mean((-2, -1))
    assert (share <= 0.25).all()
    assert (share >= 0.0625).all()
    squares = mask.unfold(1, side, 1).unfold(2, side, 1).flatten(3).all(-1)
    covered = torch.zeros_like(mask)
    for image, top, left in squares.nonzero().tolist():
        covered[image, top : top + side, left : left + side] = True
    assert torch.equal(covered, mask)


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_hole_is_greyed_and_the_answer_is_the_mask(shape):
    step, params = drawn(shape=shape)
    images = torch.rand(16, 4, 32, 32)
    before = images.clone()
    result = step.apply(images, params, 32)
    mask = step.truth(params).expand_as(images)
    assert (result[mask] == GREY).all()
    assert torch.equal(result[~mask], images[~mask])
    assert torch.equal(images, before)
    assert step.describe(params, 0).endswith("% missing")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_seed_gives_the_same_holes(shape):
    first, again = drawn(3, shape=shape)[1], drawn(3, shape=shape)[1]
    assert torch.equal(first["mask"], again["mask"])
    if shape != "centre":
        assert not torch.equal(first["mask"], drawn(4, shape=shape)[1]["mask"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(1, 1), (7, 12)])
def test_any_size_has_a_hole(shape, size):
    _, params = drawn(size=size, shape=shape, area=0.01)
    assert params["mask"].shape == (16, 1, *size)
    assert params["mask"].flatten(1).any(1).all()


def test_a_view_tells_the_answer_under_its_own_name():
    plan = ViewPlan(views=(View(name="masked", size=16, steps=(Hole(),)),))
    sample = Sample(torch.arange(2), torch.rand(2, 3, 16, 16))
    rendered = plan.render(sample, plan.draw(0, 2, (16, 16)))
    assert rendered.truth["masked/hole"].shape == (2, 1, 1, 16, 16)
    assert (rendered.views["masked"] == GREY).any()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"shape": "star"}, "shape = 'star'"), ({"area": 0.95}, r"area = 0\.95")],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        Hole.parse({"kind": "hole", **wrong})
