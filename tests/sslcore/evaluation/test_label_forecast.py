"""The forecast of a few-label study: the order of what is then needed, and its parts."""

import time
from dataclasses import replace

import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import few_labels
from sslcore.evaluation.label_forecast import Forecast, forecast
from sslcore.evaluation.label_study import Redraw
from tests.sslcore.evaluation.labelled_pictures import Small
from tests.sslcore.evaluation.test_label_study import frozen, study


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


def test_features_of_encoders_drawn_anew_count_for_all_images_and_further_seeds():
    class Slow(Small):
        def forward(self, images):
            time.sleep(0.02)
            return super().forward(images)

    source = frozen("untrained", width=8)
    made = study(frozen=(source,), networks=(), redraw=Redraw("untrained", Slow))
    foreseen = forecast(made)
    # 30 queries take 20 ms at once: 60 + 30 images, one further seed.
    assert 0.06 <= foreseen.features < 2
    assert foreseen.seconds == foreseen.features + sum(foreseen.lines.values())
    assert forecast(study(frozen=(source,), networks=())).features == 0
    once = replace(made, settings=replace(made.settings, seeds=1))
    assert forecast(once).features == 0


def test_it_can_be_called_off():
    with pytest.raises(Cancelled):
        forecast(study(), lambda: True)
