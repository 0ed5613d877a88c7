"""Another method on the same images: what a person set stays, what a preset brought goes."""

import pytest

from sslcore.config import ConfigError
from sslcore.recipe import preset
from sslcore.switching import switched


def test_the_first_recipe_is_as_shipped() -> None:
    assert switched(None, "simclr") == preset("simclr")


def test_the_folder_and_the_machine_stay_and_nothing_else() -> None:
    mine = preset("simclr").with_set(
        {"data.folder": "here", "data.limit": 90, "run.device": "cpu", "run.threads": 3,
         "run.seed": 5, "schedule.epochs": 2, "method.temperature": 0.3}
    )  # fmt: skip
    made = switched(mine, "moco_v2")
    wanted = preset("moco_v2").with_set(
        {"data.folder": "here", "data.limit": 90, "run.device": "cpu", "run.threads": 3}
    )
    assert made == wanted


def test_a_method_that_comes_with_data_settings_gets_them_and_takes_them_along() -> None:
    shipped = preset("video_colorization").data
    assert (shipped.image_size, shipped.frames) == (64, 4)
    there = switched(preset("frame_prediction"), "video_colorization")
    assert (there.data.image_size, there.data.frames) == (64, 4)
    back = switched(there, "simclr")
    assert back.data == preset("simclr").data


def test_a_size_that_was_typed_is_kept() -> None:
    mine = preset("simclr").with_set({"data.image_size": 48})
    assert switched(mine, "video_colorization").data.image_size == 48


def test_from_the_paper_scale_to_another_method_on_a_laptop() -> None:
    paper = switched(preset("simclr"), "rotation.paper")
    assert paper.data.image_size == preset("rotation.paper").data.image_size
    assert switched(paper, "simclr").data.image_size == 32


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="no preset is called 'simcrl'"):
        switched(preset("simclr"), "simcrl")
