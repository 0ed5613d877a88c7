"""Grids, and studies on the disk."""

from pathlib import Path

import pytest

from sslcore.config import ConfigError
from sslcore.recipe import Recipe
from sslcore.study.plan import FILE, Study, grid, short


def test_a_grid_has_every_combination(recipe: Recipe) -> None:
    study = grid(recipe, {"method.temperature": [0.1, 0.5], "run.seed": [0, 1, 2]})
    assert len(study.trials) == 6
    assert [axis.title for axis in study.axes] == ["method.temperature", "run.seed"]
    assert study.axes[0].places == ("0.1", "0.5")
    found = {one.places: Recipe.from_toml(one.recipe) for one in study.trials}
    assert found["0.5", "2"].run.seed == 2
    assert found["0.5", "2"].method.config.model_dump()["temperature"] == 0.5
    assert len({one.name for one in study.trials}) == 6
    assert all("/" not in one.name for one in study.trials)


def test_a_value_out_of_range_is_named(recipe: Recipe) -> None:
    with pytest.raises(ConfigError, match=r"method\.temperature"):
        grid(recipe, {"method.temperature": [-1.0]})
    with pytest.raises(ConfigError, match="--vary PATH=A,B,C"):
        grid(recipe, {})


def test_trials_are_short_and_leave_test_images_alone(recipe: Recipe) -> None:
    made = short(recipe.with_set({"schedule.warmup_epochs": 10.0}), 8)
    assert made.schedule.epochs == 8
    assert made.schedule.warmup_epochs == 2.0
    assert made.run.evaluate_every == 8.0
    assert made.data.held_out_from == "train"


def test_a_study_is_kept(recipe: Recipe, tmp_path: Path) -> None:
    study = grid(recipe, {"run.seed": [0, 1]})
    study.save(tmp_path)
    assert Study.open(tmp_path) == study
    study.save(tmp_path)  # the same once more
    with pytest.raises(ConfigError, match="holds another study"):
        grid(recipe, {"run.seed": [0, 1, 2]}).save(tmp_path)


def test_a_damaged_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not the folder of a study"):
        Study.open(tmp_path)
    (tmp_path / FILE).write_text('{"kind": "grid"')
    with pytest.raises(ConfigError, match="damaged"):
        Study.open(tmp_path)
