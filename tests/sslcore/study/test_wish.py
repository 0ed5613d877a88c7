"""From a form to a study."""

from typing import get_args

import pytest

from sslcore.augment.presets import contrastive_views
from sslcore.config import ConfigError
from sslcore.recipe import Recipe, preset
from sslcore.study.shipped import registered
from sslcore.study.wish import (
    GRID_ONLY,
    Name,
    StudyWish,
    experiment,
    planned,
    question,
    with_defaults,
)

PLAN = contrastive_views(32, 3)


def test_every_kind_can_be_asked_for() -> None:
    recipe = preset("simclr")
    pairs = planned(StudyWish(), recipe, PLAN)
    assert pairs.kind == "augmentation_pairs"
    assert all(Recipe.from_toml(one.recipe).schedule.epochs == 10 for one in pairs.trials)
    both = planned(StudyWish(one_view=False), recipe, PLAN)
    views = Recipe.from_toml(both.trials[0].recipe).views
    assert views is not None
    assert views.views[0].active
    left = planned(StudyWish(kind="leave_one_out", epochs=3, measurement="knn"), recipe, PLAN)
    assert (left.kind, left.measurement) == ("leave_one_out", "knn")


def test_a_grid_of_one_or_two_knobs() -> None:
    one = planned(StudyWish(kind="grid"), preset("simclr"), PLAN)
    assert [axis.places for axis in one.axes] == [("0.1", "0.2", "0.5")]
    wish = StudyWish(kind="grid", and_vary=" schedule.batch_size ", and_values="64,128")
    assert len(planned(wish, preset("simclr"), PLAN).trials) == 6
    assert set(GRID_ONLY) < set(StudyWish.model_fields)


def test_a_grid_without_values_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"method\.temperature: no values to try"):
        planned(StudyWish(kind="grid", values=" , "), preset("simclr"), PLAN)
    with pytest.raises(ConfigError, match="a knob to vary"):
        planned(StudyWish(kind="grid", vary=""), preset("simclr"), PLAN)


def test_every_known_experiment_can_be_chosen() -> None:
    assert set(get_args(Name)) == set(registered())
    recipe = preset("barlow_twins").with_set(
        {"data.folder": "/photos", "data.split_seed": 7, "run.seed": 3, "optimiser.kind": "lars"}
    )
    for name, one in registered().items():
        wish = with_defaults(StudyWish(kind="known_experiment", shipped=name, epochs=77))
        assert (wish.epochs, wish.measurement) == (one.epochs, one.measurement)
        assert question(wish).startswith(one.question)
        study = experiment(wish, recipe)
        assert study == planned(wish, recipe, PLAN)
        made = [Recipe.from_toml(trial.recipe) for trial in study.trials]
        assert {(one.data.folder, one.data.split_seed, one.run.seed) for one in made} == {
            ("/photos", 7, 3)
        }
        assert {one.optimiser.kind for one in made} == {"adamw"}  # as shipped
