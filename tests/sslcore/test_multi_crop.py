"""What SwAV and DINO share: sizes and areas of crops."""

import pytest

from sslcore.augment.geometric import RandomResizedCrop
from sslcore.config import ConfigError
from sslcore.multi_crop import MultiCropConfig
from tests.sslcore.methods.steps import facts


def areas(view):
    crop = next(step for step in view.steps if isinstance(step, RandomResizedCrop))
    return crop.scale_low, crop.scale_high


def test_two_large_crops_and_small_ones_between_the_areas():
    config = MultiCropConfig(local_crops=3, local_size=8, split_area=0.3, smallest_area=0.1)
    large, small = config.views(facts(size=16)).views
    assert (large.name, large.size, large.copies) == ("global", 16, 2)
    assert (small.name, small.size, small.copies) == ("local", 8, 3)
    assert areas(large) == (0.3, 1.0)
    assert areas(small) == (0.1, 0.3)


def test_small_crops_are_no_larger_than_the_image_and_may_be_left_out():
    assert MultiCropConfig(local_size=64).views(facts(size=16)).views[1].size == 16
    assert [view.name for view in MultiCropConfig(local_crops=0).views(facts()).views] == ["global"]


def test_areas_in_the_wrong_order_are_refused():
    with pytest.raises(ConfigError, match=r"smallest_area = 0\.5 is above split_area = 0\.4"):
        MultiCropConfig.parse({"smallest_area": 0.5})
    MultiCropConfig.parse({"smallest_area": 0.5, "local_crops": 0})


def test_older_recipes_that_split_below_the_default_still_open():
    large, small = MultiCropConfig.parse({"split_area": 0.03}).views(facts(size=16)).views
    assert areas(large) == (0.03, 1.0)
    assert areas(small) == (0.03, 0.03)
