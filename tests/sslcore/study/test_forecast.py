"""A forecast is the sum over trials of their steps, each at the time of its kind."""

import json

import pytest

from sslcore.data.catalogue import scan
from sslcore.engine.control import Control
from sslcore.recipe import Recipe
from sslcore.study import forecast as module
from sslcore.study.forecast import MOST, Timed, forecast
from sslcore.study.plan import Axis, Study, Trial, grid


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Recipes that were timed; a step takes as many seconds as its batch and width have ones."""
    recipes: list[Recipe] = []

    def timed(recipe: Recipe, control: Control) -> Timed:
        recipes.append(recipe)
        return Timed(24 // recipe.schedule.batch_size, cost(recipe))

    monkeypatch.setattr(module, "timed", timed)
    return recipes


def cost(recipe: Recipe) -> float:
    return recipe.schedule.batch_size + 0.1 * recipe.backbone.width


def test_steps_are_timed(recipe: Recipe) -> None:
    longer = recipe.with_set({"schedule.epochs": 20})
    found = forecast(grid(longer, {"run.seed": [0, 1, 2]}), Control())
    assert found.trials == 3
    assert found.steps % 20 == 0
    assert 0 < found.seconds_per_step < 5
    assert found.seconds == pytest.approx(3 * found.steps * found.seconds_per_step)
    assert forecast(grid(longer, {"run.seed": [0, 1]}), Control(), 1).trials == 1


def test_short_trials_are_timed_too_and_their_steps_are_counted(recipe: Recipe) -> None:
    study = grid(recipe, {"schedule.epochs": [1, 3], "schedule.batch_size": [4, 8]})
    images = len(recipe.data.split(scan(recipe.data.folder)).train)
    found = forecast(study, Control())
    steps = [epochs * (images // size) for epochs in (1, 3) for size in (4, 8)]
    assert found.total_steps == sum(steps)
    assert found.seconds > 0


def test_a_grid_over_epochs_batch_sizes_and_widths(recipe: Recipe, asked: list[Recipe]) -> None:
    varied = {
        "schedule.epochs": [1, 5],
        "schedule.batch_size": [4, 8],
        "backbone.width": [4, 16],
        "method.temperature": [0.1, 0.5],
    }
    found = forecast(grid(recipe, varied), Control())
    assert len(asked) == 4  # neither epochs nor temperature move a step's time
    steps, seconds = 0, 0.0
    for epochs in (1, 5):
        for size in (4, 8):
            for width in (4, 16):
                here = 2 * epochs * (24 // size)  # temperatures
                steps += here
                seconds += here * (size + 0.1 * width)
    assert (found.trials, found.total_steps) == (16, steps)
    assert found.seconds == pytest.approx(seconds)
    assert found.steps == round(steps / 16)


def test_those_left_are_the_last(recipe: Recipe, asked: list[Recipe]) -> None:
    study = grid(recipe, {"schedule.batch_size": [4, 8, 12]})
    found = forecast(study, Control(), 2)
    assert [one.schedule.batch_size for one in asked] == [8, 12]
    assert found.seconds == pytest.approx(3 * 8.4 + 2 * 12.4)
    assert forecast(study, Control(), 0) == module.Forecast(0, 0, 0.0)


def test_many_views_are_not_all_timed(
    recipe: Recipe, asked: list[Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_kind", lambda one: ("alike", json.dumps(one.run.seed)))
    axis = Axis(title="run.seed", places=tuple(map(str, range(30))))
    trials = tuple(
        Trial(
            name=place, places=(place,), recipe=recipe.with_set({"run.seed": int(place)}).to_toml()
        )
        for place in axis.places
    )
    study = Study(kind="grid", title="", measurement="knn", axes=(axis,), trials=trials)
    found = forecast(study, Control())
    assert len(asked) == MOST
    assert found.seconds == pytest.approx(30 * 3 * 8.4)


def test_a_stop_ends_the_timing(recipe: Recipe, asked: list[Recipe]) -> None:
    control = Control()
    control.stop()
    assert forecast(grid(recipe, {"run.seed": [0, 1]}), control).seconds == 0
    assert asked == []


def test_what_cannot_be_trained_is_said_before(recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        forecast(grid(recipe, {"data.folder": ["nowhere"]}), Control())


def test_one_that_cannot_be_trained_takes_no_time(recipe: Recipe) -> None:
    both = forecast(grid(recipe, {"data.folder": [recipe.data.folder, "nowhere"]}), Control())
    assert both.trials == 2
    assert both.total_steps == forecast(grid(recipe, {"run.seed": [0]}), Control()).total_steps
