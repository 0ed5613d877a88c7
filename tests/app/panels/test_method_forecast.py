import threading
import time

import pytest
import torch
from PySide6.QtCore import Qt

from app.panels.method_forecast import STATES, ForecastCard, alike, forecast, short
from sslcore.config import ConfigError
from sslcore.engine.assembly import assemble
from sslcore.recipe import preset
from sslcore.sections import OptimiserSection
from sslcore.study import forecast as forecast_of_studies


@pytest.fixture
def card(opened, qtbot):
    made = ForecastCard(opened)
    qtbot.addWidget(made)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


@pytest.mark.parametrize(
    ("number", "words"),
    [(7, "7"), (999, "999"), (1000, "1.0 k"), (312_400, "312 k"), (11_200_000, "11.2 M"),
     (2.5e9, "2.5 G")],
)  # fmt: skip
def test_large_numbers_are_short(number, words):
    assert short(number) == words


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("run.seed", 9, True),
        ("schedule.epochs", 9, True),
        ("data.folder", "elsewhere", True),
        ("backbone.width", 8, False),
        ("schedule.batch_size", 9, False),
        ("run.device", "cpu", False),
        ("data.image_size", 16, False),
        ("method.redundancy_weight", 0.5, False),
    ],
)
def test_only_what_changes_the_time_per_image_counts(path, value, same):
    recipe = preset("barlow_twins")
    assert alike(recipe, recipe.with_set({path: value})) is same


def test_activations_are_counted_layer_by_layer(opened):
    """Memory grows by exactly the layers' outputs when a micro-batch has one image more."""
    facts = opened.facts()
    made = forecast(opened.recipe, facts)
    larger = opened.recipe.with_set({"schedule.batch_size": 9})
    more = forecast(larger, facts)
    encoder = assemble(opened.recipe, facts).encoder().eval()
    counted = []
    for layer in encoder.modules():
        if not list(layer.children()):
            layer.register_forward_hook(lambda _a, _b, out: counted.append(out.numel()))
    with torch.no_grad():
        encoder(torch.zeros(1, 3, 16, 16))
    views = sum(view.count for view in opened.recipe.view_plan(facts).views)
    assert more.memory - made.memory == 4 * views * sum(counted)


def test_gathering_gradients_over_pieces_needs_less_memory(opened):
    facts = opened.facts()
    half = opened.recipe.with_set({"schedule.accumulate": 2})
    assert forecast(half, facts).memory < forecast(opened.recipe, facts).memory


def test_every_optimiser_is_known():
    kinds = OptimiserSection.model_fields["kind"].annotation.__args__
    assert set(kinds) == set(STATES)


def test_an_unknown_backbone_is_refused(opened):
    with pytest.raises(ConfigError, match="nonesuch"):
        forecast(opened.recipe.with_set({"backbone.name": "nonesuch"}), opened.facts())


def test_the_card_tells_counts_with_their_names(card, opened, qtbot):
    card.refresh()
    made = forecast(opened.recipe, opened.facts())
    weights = card.values["Weights"]
    qtbot.waitUntil(lambda: weights.text() == short(made.weights), timeout=10_000)
    assert weights.accessibleName().startswith(f"Weights: {short(made.weights)} ")
    assert f"{made.steps_per_epoch} per epoch" in card.values["Steps"].accessibleName()
    assert not card.error.isVisible()


def test_the_card_is_calm_without_a_folder(loaded, qtbot):
    card = ForecastCard(loaded)
    qtbot.addWidget(card)
    card.show()
    card.refresh()
    assert "Open a folder" in card.error.text()
    assert {one.text() for one in card.values.values()} == {"—"}


def test_a_few_steps_tell_the_time_of_all(card, opened, qtbot):
    card.refresh()
    qtbot.waitUntil(lambda: card.values["Time"].text() == "unknown", timeout=20_000)
    before = opened.settings.runs_folder
    qtbot.mouseClick(card.time, Qt.MouseButton.LeftButton)
    assert not card.time.isEnabled(), "once is enough"
    qtbot.waitUntil(lambda: card.values["Time"].text().startswith("about "), timeout=60_000)
    assert card._details["Time"].text() == "as timed a moment ago"
    assert not before.exists(), "nothing is kept of these steps"
    qtbot.waitUntil(card.time.isEnabled, timeout=10_000)
    seconds = card._timed[1]
    assert card._seconds(opened.recipe, forecast(opened.recipe, opened.facts()))[0] == (
        pytest.approx(opened.facts().total_steps * seconds)
    )
    opened.set_recipe(opened.recipe.with_set({"backbone.width": 16}))
    card.refresh()
    qtbot.waitUntil(lambda: card.values["Time"].text() == "unknown", timeout=20_000)


def test_nothing_is_timed_beside_a_run(card, opened, qtbot):
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 200}))
    assert card.time.isEnabled()
    opened.start()
    qtbot.waitUntil(lambda: opened.record.step > 0, timeout=60_000)
    assert not card.time.isEnabled()
    opened.stop()
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    qtbot.waitUntil(card.time.isEnabled, timeout=10_000)


def test_a_run_calls_the_timing_off(card, opened, qtbot, monkeypatch):
    begun, stopped = threading.Event(), []

    def timed(_recipe, control):
        begun.set()
        while not control.stopping:
            time.sleep(0.005)
        stopped.append(True)

    monkeypatch.setattr(forecast_of_studies, "timed", timed)
    qtbot.mouseClick(card.time, Qt.MouseButton.LeftButton)
    assert begun.wait(10)
    opened.record_changed.emit()
    assert not card.time.isEnabled(), "nothing offers it anew while it goes on"
    opened.start()
    qtbot.waitUntil(lambda: bool(stopped), timeout=10_000)
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
    qtbot.waitUntil(card.time.isEnabled, timeout=10_000)
    assert card._timed is None
