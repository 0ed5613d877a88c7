import numpy as np
import pytest
import torch

from app.panels import view_plan
from app.panels.view_render import STRIP, Sweep, Wish, picture_of, render
from sslcore.augment.geometric import HorizontalFlip
from sslcore.augment.patches import Tiles
from sslcore.augment.photometric import Grey
from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Sample


def pixels(picture):
    return bytes(picture.constBits())


@pytest.fixture
def sample():
    generator = torch.Generator().manual_seed(0)
    return Sample(torch.arange(STRIP), torch.rand(STRIP, 3, 16, 16, generator=generator))


@pytest.fixture
def plan():
    return contrastive_views(16, 3)


def test_tensors_become_pictures_pixel_by_pixel():
    image = torch.rand(3, 5, 7)
    image[:, 1, 2] = torch.tensor([1.0, 0.5, 0.0])
    made = picture_of(image)
    assert (made.width(), made.height()) == (7, 5)
    assert made.pixelColor(2, 1).getRgb()[:3] == (255, 128, 0)
    grey = picture_of(torch.full((1, 2, 2), 0.2))
    assert grey.pixelColor(0, 0).getRgb()[:3] == (51, 51, 51)
    assert picture_of(torch.cat([image, image])) == made, "the first three of more channels"


def test_the_preview_is_what_training_renders(sample, plan):
    shown = render(Wish(plan, 3, 2, "view_a"), sample)
    drawn = plan.draw(3, STRIP, (16, 16))
    expected = plan.render(sample, drawn)
    assert pixels(shown.original) == pixels(picture_of(sample.image[2]))
    for view in shown.views:
        assert pixels(view.pictures[0]) == pixels(picture_of(expected.views[view.name][2, 0]))
        assert list(view.numbers) == view_plan.drawn_numbers(expected, view.name, 2)
    assert [view.title for view in shown.views] == ["View A", "View B"]


def test_the_strip_shows_further_draws_and_none_of_the_one_above(sample, plan):
    shown = render(Wish(plan, 3, 2, "view_b"), sample)
    assert len(shown.strip) == STRIP
    assert shown.strip_words == ()
    pictures = {pixels(one) for one in shown.strip}
    assert len(pictures) > STRIP / 2
    assert pixels(shown.views[1].pictures[0]) not in pictures


def test_a_sweep_changes_its_knob_and_nothing_else(sample):
    plan = ViewPlan(views=(View(name="a", size=16, steps=(HorizontalFlip(), Grey(enabled=False))),))
    sweep = Sweep("a", 1, "p", (0.0, 1.0))
    shown = render(Wish(plan, 1, 0, "a", sweep), sample)
    plain, grey = shown.strip
    assert shown.strip_words == ("0", "1")
    assert pixels(plain) == pixels(shown.views[0].pictures[0]), "the flip is the one above"
    colour = grey.pixelColor(3, 3)
    assert colour.red() == colour.green() == colour.blue()


def test_a_value_no_view_can_be_made_with_is_left_out(sample):
    plan = ViewPlan(views=(View(name="a", size=16, steps=(Tiles(grid=2),)),))
    small = Sample(sample.index, sample.image[..., :10, :10])
    shown = render(Wish(plan, 1, 0, "a", Sweep("a", 0, "grid", (2, 4, 8))), small)
    assert shown.strip_values == (2, 4)
    assert shown.strip_words == ("2", "4")
    assert len(shown.strip) == 2


def test_a_step_that_cannot_work_says_why(plan):
    grey = Sample(torch.arange(2), torch.rand(2, 1, 16, 16))
    with pytest.raises(ValueError, match="3 channels"):
        render(Wish(plan, 0, 0, "view_a"), grey)


def test_numbers_of_more_bits_are_shown_over_the_reach_they_have():
    images = 0.02 + 0.04 * torch.rand(2, 5, 24, 24, generator=torch.Generator().manual_seed(0))
    sample = Sample(torch.arange(2), images)
    plan = ViewPlan(views=(View(name="a", size=24),))
    plain, deep = (render(Wish(plan, 0, 1, "a", deep=deep), sample) for deep in (False, True))

    def values(picture):
        return np.frombuffer(picture.constBits(), np.uint8).reshape(24, -1)[:, : 3 * 24]

    assert values(plain.original).max() <= 16
    assert values(deep.original).min() == 0
    assert values(deep.original).max() == 255
    assert np.array_equal(values(deep.views[0].pictures[0]), values(deep.original)), "all alike"
    expected = (images[1, :3] - 0.02) / 0.04
    got = values(deep.original).reshape(24, 24, 3).transpose(2, 0, 1) / 255
    assert np.abs(got - expected.numpy()).max() < 0.03
    assert torch.equal(deep.pixels, images[1]), "training sees them as they are"
    flat = render(Wish(plan, 0, 0, "a", deep=True), Sample(torch.arange(1), images[:1] * 0 + 0.5))
    assert values(flat.original).max() == 128
