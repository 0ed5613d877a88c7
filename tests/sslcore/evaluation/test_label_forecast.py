"""The forecast of a few-label study: the order of what is then needed, and its parts."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import few_labels, label_forecast, linear
from sslcore.evaluation.label_forecast import Forecast, forecast
from sslcore.evaluation.label_study import Redraw
from tests.sslcore.evaluation.labelled_pictures import Small
from tests.sslcore.evaluation.test_label_study import SETTINGS, frozen, study


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


def test_epochs_are_foreseen_line_by_line(monkeypatch):
    alone = {"frozen": (), "settings": replace(SETTINGS, seeds=1)}
    made = study(**alone)
    training = replace(made.pictures.training, epochs=200.0)
    long = study(**alone, pictures=replace(made.pictures, training=training))
    monkeypatch.setattr(label_forecast, "_network_step", lambda *_: 1.0)
    monkeypatch.setattr(label_forecast, "_look", lambda *_: 0.0)
    one, half = long.lines
    assert forecast(made).lines == {one: 20.0, half: 20.0 + 3 * 5}
    # 3 and 30 labels in batches of 20, 200 times; trials of a quarter where one can be kept aside.
    count = len(long.subset(half.budget, 0))
    steps = -(-200 * count // 20)
    assert forecast(long).lines == {one: 200.0, half: steps + 3 * round(steps / 4)}


def test_making_features_ready_counts_by_its_fits_not_by_iterations(monkeypatch):
    """On raw pixels it takes as long as many iterations."""
    now = 0.0

    def fit(*_, iterations, **__):
        nonlocal now
        now += 10.0 + 0.1 * iterations
        return SimpleNamespace(iterations=iterations)

    monkeypatch.setattr(linear, "fit", fit)
    monkeypatch.setattr(label_forecast, "time", SimpleNamespace(perf_counter=lambda: now))
    settings = replace(SETTINGS, readouts=("linear",))
    made = study(frozen=(frozen(),), networks=(), settings=settings)
    for line, seconds in forecast(made).lines.items():
        fits = made.rounds(line) * label_forecast.ITERATIONS * 0.1
        # For each of two seeds: a part of the bank for the choice, and the whole.
        assert seconds == pytest.approx(fits + 2 * 2 * 10.0)


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
