import pytest

from sslcore.augment.geometric import HorizontalFlip
from sslcore.augment.step import Step, kinds
from sslcore.augment.view import View
from sslcore.config import ConfigError, knobs


def test_every_kind_is_found_by_its_name_and_has_a_title():
    found = kinds()
    assert {
        "random_resized_crop",
        "horizontal_flip",
        "vertical_flip",
        "colour_jitter",
        "intensity_jitter",
        "grey",
        "gaussian_blur",
        "solarize",
        "gaussian_noise",
        "masking",
        "salt_and_pepper",
        "patch_mask",
        "block_mask",
        "rotations",
        "tiles",
    } <= set(found)
    assert len({step.title for step in found.values()}) == len(found)


@pytest.mark.parametrize("step", kinds().values(), ids=list(kinds()))
def test_every_knob_tells_what_it_does_and_has_bounds(step: type[Step]):
    for knob in knobs(step):
        if knob.name != "kind":
            assert len(knob.help) > 10, knob.name
            if knob.kind in ("int", "float"):
                assert knob.low is not None, knob.name
                assert knob.high is not None, knob.name
                assert knob.low <= knob.default <= knob.high


def test_a_step_is_read_by_its_kind():
    view = View.parse({"name": "a", "steps": [{"kind": "horizontal_flip", "p": 0.25}]})
    assert view.steps == (HorizontalFlip(p=0.25),)


def test_unknown_kinds_and_values_out_of_bounds_are_refused_by_name():
    with pytest.raises(ConfigError, match=r"no step is called 'flipp'; there are: .*grey"):
        View.parse({"name": "a", "steps": [{"kind": "flipp"}]})
    with pytest.raises(ConfigError, match=r"horizontal_flip.p = 2"):
        View.parse({"name": "a", "steps": [{"kind": "horizontal_flip", "p": 2}]})
