"""The forecast of a few-label study: the order of what is then needed, and its parts."""

import time

import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import few_labels
from sslcore.evaluation.label_forecast import Forecast, forecast
from tests.sslcore.evaluation.test_label_study import study


def test_it_foresees_what_the_study_takes():
    made = study()
    foreseen = forecast(made)
    assert set(foreseen.lines) == set(made.lines)
    assert all(seconds > 0 for seconds in foreseen.lines.values())
    begun = time.perf_counter()
    few_labels.run(made, foreseen)
    taken = time.perf_counter() - begun
    # Other jobs may share the machine, and so small a study is mostly overhead.
    assert taken / 8 < foreseen.seconds < 8 * taken


def test_more_steps_are_foreseen_to_take_longer():
    made = study()
    foreseen = forecast(made)
    small, large = (
        sum(foreseen.lines[line] for line in made.lines if line.budget is budget)
        for budget in made.settings.budgets
    )
    assert large > small  # trials, which one image per class does not allow


def test_parts_add_up():
    lines = study().lines
    foreseen = Forecast({line: float(number) for number, line in enumerate(lines)})
    parts = foreseen.by_readout()
    assert parts == {"linear": 0 + 1 + 5 + 6, "mlp": 2 + 3 + 7 + 8, "fine_tuning": 4 + 9}
    assert foreseen.seconds == sum(parts.values())


def test_it_can_be_called_off():
    with pytest.raises(Cancelled):
        forecast(study(), lambda: True)
