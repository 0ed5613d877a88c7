"""A forecast is the sum over trials of their steps, each at the time of its kind."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sslcore.data.catalogue import scan
from sslcore.engine.control import Control
from sslcore.engine.probe import Measured, Probe
from sslcore.events import RunEvent
from sslcore.recipe import Recipe
from sslcore.study import forecast as module
from sslcore.study.forecast import MOST, PROBED, Timed, forecast, timed
from sslcore.study.plan import Axis, Study, Trial, grid
from sslcore.study.table import Row


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
    assert found.training == pytest.approx(3 * found.steps * found.seconds_per_step)
    assert found.measuring > 0
    assert found.seconds == found.training + found.measuring


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


def test_only_those_left_count_wherever_they_stand(recipe: Recipe, asked: list[Recipe]) -> None:
    study = grid(recipe, {"schedule.batch_size": [4, 8, 12]})
    first, _, last = study.trials
    found = forecast(study, Control(), [Row(first, "failed"), Row(last, "waiting")])
    assert [one.schedule.batch_size for one in asked] == [4, 12]
    assert found.seconds == pytest.approx(6 * 4.4 + 2 * 12.4)
    assert forecast(study, Control(), []) == module.Forecast(0, 0, 0.0)


def test_evaluations_and_measurements_are_counted(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(_recipe: Recipe, _control: Control) -> Timed:
        return Timed(3, 0.1, embedding=0.01, images=24, held_out=6)

    monkeypatch.setattr(module, "timed", one)
    longer = recipe.with_set(
        {"schedule.epochs": 4, "run.evaluate_every": 2.0, "run.probe_images": 10}
    )
    study = grid(longer, {"run.seed": [0, 1]}, "knn")
    found = forecast(study, Control())
    assert found.training == pytest.approx(2 * 4 * 3 * 0.1)
    # Untrained, after two epochs, after four: 10 of the bank, 6 queries, two views of each of them.
    evaluations = 3 * (10 + 6 + 2 * 6) * 0.01
    assert found.measuring == pytest.approx(2 * (evaluations + 2 * (24 + 6) * 0.01))
    # The effective rank goes through the images once more, for the projections.
    ranked = forecast(grid(longer, {"run.seed": [0, 1]}, "rank"), Control())
    assert ranked.measuring == pytest.approx(2 * (evaluations + 3 * (24 + 6) * 0.01))
    # What was trained already is only measured.
    trained = Row(study.trials[0], "failed", trained=True)
    rest = forecast(study, Control(), [trained])
    assert (rest.trials, rest.total_steps, rest.training) == (1, 0, 0.0)
    assert rest.measuring == pytest.approx(2 * (24 + 6) * 0.01)


def test_without_images_held_out_views_of_the_bank_are_compared(recipe: Recipe) -> None:
    told = Timed(3, 0.1, embedding=0.01, images=24, held_out=0)
    assert told.evaluations(recipe) == pytest.approx(2 * 3 * recipe.run.probe_images * 0.01)


def test_a_recipe_tells_its_images_and_what_one_costs(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    probed: list[int] = []
    train = module.train

    def spied(recipe: Recipe, *rest: Any) -> Iterator[RunEvent]:
        probed.append(recipe.run.probe_images)
        return train(recipe, *rest)

    monkeypatch.setattr(module, "train", spied)
    found = timed(recipe.with_set({"run.probe_images": 2000}), Control())
    assert found is not None
    assert probed == [PROBED], "the clock needs no more"
    split = recipe.data.split(scan(recipe.data.folder))
    assert (found.images, found.held_out) == (len(split.train), len(split.held_out))
    assert 0 < found.embedding < found.seconds, "an image alone is quicker than a step of eight"
    assert found.steps_per_epoch == len(split.train) // recipe.schedule.batch_size


def test_a_stop_reaches_an_evaluation(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The untrained encoder is evaluated before the first step; that can take a while."""
    control, asked = Control(), list[bool]()
    measure = Probe.measure

    def stopped(probe: Probe, method: Any, stopping: Callable[[], bool]) -> Measured:
        asked.append(stopping())
        control.stop()
        asked.append(stopping())
        return measure(probe, method, stopping)

    monkeypatch.setattr(Probe, "measure", stopped)
    assert timed(recipe, control) is None
    assert asked == [False, True]


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
