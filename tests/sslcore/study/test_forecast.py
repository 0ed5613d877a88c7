"""A forecast is as many trials times as many steps as there will be."""

import pytest

from sslcore.engine.control import Control
from sslcore.recipe import Recipe
from sslcore.study.forecast import forecast
from sslcore.study.plan import grid


def test_steps_are_timed(recipe: Recipe) -> None:
    longer = recipe.with_set({"schedule.epochs": 20})
    found = forecast(grid(longer, {"run.seed": [0, 1, 2]}), Control())
    assert found.trials == 3
    assert found.steps % 20 == 0
    assert 0 < found.seconds_per_step < 5
    assert found.seconds == pytest.approx(3 * found.steps * found.seconds_per_step)
    assert forecast(grid(longer, {"run.seed": [0, 1]}), Control(), 1).trials == 1


def test_what_cannot_be_trained_is_said_before(recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        forecast(grid(recipe, {"data.folder": ["nowhere"]}), Control())
