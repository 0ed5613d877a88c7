import shutil
import threading
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from app.forms.switch import Switch
from app.panels.study_new import NewStudy
from sslcore.recipe import Recipe
from sslcore.study import forecast as forecasts
from sslcore.study import wish
from sslcore.study.forecast import Forecast
from tests.app.panels.reachable import unnamed


@pytest.fixture
def card(opened, qtbot):
    opened.set_method("simclr")
    opened.set_recipe(
        opened.recipe.with_set(
            {"data.image_size": 16, "backbone.width": 8, "schedule.batch_size": 8,
             "run.threads": 1, "run.device": "cpu"}
        )
    )  # fmt: skip
    made = NewStudy(opened, wish)
    qtbot.addWidget(made)
    made.resize(284, 700)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=60_000)


def test_only_fields_of_the_kind_are_shown(card):
    assert card.form.field("one_view").isVisible()
    assert not card.form.field("vary").isVisible()
    card.form.set_config(wish.StudyWish(kind="grid"))
    card._follow()
    assert card.form.field("vary").isVisible()
    assert not card.form.field("one_view").isVisible()
    assert unnamed(card) == []


def choose(card, name, text, qtbot):
    """Choose in a combo box as a person does by the keyboard."""
    combo = card.form.field(name).editor.combo
    combo.setFocus()
    for _ in range(combo.count()):
        if combo.currentText() == text:
            return
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    for _ in range(combo.count()):
        if combo.currentText() == text:
            return
        qtbot.keyClick(combo, Qt.Key.Key_Up)
    raise AssertionError(f"{text} is not among the choices")


def test_a_known_experiment_brings_its_own_question_epochs_and_measurement(card, qtbot):
    experiment = card.form.field("shipped")
    assert not experiment.isVisible()
    card.form.set_config(wish.StudyWish(epochs=77))
    choose(card, "kind", "known experiment", qtbot)
    assert experiment.isVisible()
    assert "what suits ReLU?" in experiment.help.text()
    assert experiment.help.text().endswith("12 trials.")
    assert not card.form.field("one_view").isVisible()
    assert not card.form.field("vary").isVisible()
    assert "its own methods as they are shipped" in card.subject.text()
    assert (card.form.config.epochs, card.form.config.measurement) == (10, "linear")
    choose(card, "shipped", "negatives", qtbot)
    assert card.form.config.measurement == "knn"
    assert "memory bank" in experiment.help.text()
    assert unnamed(card) == []
    choose(card, "kind", "grid", qtbot)
    assert not experiment.isVisible()
    assert card.subject.text().startswith("SimCLR on ")


def test_a_known_experiment_needs_no_method_of_the_open_recipe(card, clock, qtbot):
    workspace = card._workspace
    workspace.set_method("clip")  # there are no captions in this folder
    choose(card, "kind", "known experiment", qtbot)
    choose(card, "shipped", "simsiam collapse", qtbot)
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: card.start.text().startswith("Start (about"), timeout=20_000)
    with qtbot.waitSignal(card.asked) as told:
        click(card.start, qtbot)
    study, name = told.args
    assert name == "simsiam_collapse"
    assert study.kind == "known_experiment"
    for trial in study.trials:
        recipe = Recipe.from_toml(trial.recipe)
        assert recipe.method.key == "simsiam"
        assert recipe.data.folder == workspace.recipe.data.folder
        assert recipe.run.threads == workspace.recipe.run.threads


def test_a_folder_that_does_not_do_for_an_experiment_is_refused(card, clock, qtbot):
    choose(card, "kind", "known experiment", qtbot)
    choose(card, "shipped", "negatives", qtbot)
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: "this study needs 512" in card.forecast.text(), timeout=20_000)
    assert clock.asked == []


@pytest.fixture
def clock(monkeypatch):
    """Forecasts of two hours, without training; each waits for ``clock.go``."""
    made = SimpleNamespace(go=threading.Event(), asked=[], stopped=[])
    made.go.set()

    def forecast(study, control):
        made.asked.append(study)
        while not made.go.wait(0.005):
            if control.stopping:
                made.stopped.append(study)
                break
        return Forecast(len(study.trials), 1200, 7000.0, 200.0)

    monkeypatch.setattr(forecasts, "forecast", forecast)
    yield made
    made.go.set()


def click(button, qtbot):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_forecast_names_trials_steps_and_time(card, qtbot):
    card.form.set_config(wish.StudyWish(kind="leave_one_out", epochs=2))
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: "trials, " in card.forecast.text(), timeout=60_000)
    study = card.planner()()
    assert card.forecast.text().startswith(f"{len(study.trials)} trials, ")
    assert card.forecast.text().endswith("of it to measure.")
    assert card.start.text().startswith("Start (about ")


def test_start_tells_the_time_first_and_begins_with_one_more_click(card, clock, qtbot):
    begun = []
    card.asked.connect(lambda *given: begun.append(given))
    clock.go.clear()
    click(card.start, qtbot)
    assert card.forecast.text() == "Timing a few steps …"
    assert not card.start.isEnabled()
    assert card.ask.text() == "Cancel"
    qtbot.waitUntil(lambda: len(clock.asked) == 1, timeout=20_000)
    clock.go.set()
    qtbot.waitUntil(card.start.isEnabled, timeout=20_000)
    assert begun == [], "the time is told, nothing has begun"
    assert card.start.text() == "Start (about 2 h 00 min)"
    assert card.start.accessibleName() == "Start study, about 2 h 00 min"
    assert card.forecast.text().endswith(
        "1,200 steps in all: about 2 h 00 min on this machine, 3 min of it to measure."
    )
    assert card.ask.text() == "How long will it take?"
    click(card.start, qtbot)
    ((study, method),) = begun
    assert (study.kind, method) == ("augmentation_pairs", "simclr")
    assert study is clock.asked[0], "what was foreseen is what begins"
    assert all(str(card._workspace.catalogue.root) in one.recipe for one in study.trials)
    # The same once more is foreseen anew, beside the one that is on its way.
    assert card.start.text() == "Start study"
    click(card.start, qtbot)
    qtbot.waitUntil(lambda: len(clock.asked) == 2, timeout=20_000)
    assert len(begun) == 1


def test_whoever_asked_for_the_time_starts_with_one_click(card, clock, qtbot):
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: card.start.text().startswith("Start (about"), timeout=20_000)
    with qtbot.waitSignal(card.asked):
        click(card.start, qtbot)
    assert len(clock.asked) == 1


def test_other_settings_need_another_forecast(card, clock, qtbot):
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: card.start.text().startswith("Start (about"), timeout=20_000)
    told = card.forecast.text()
    workspace, before = card._workspace, card._workspace.recipe
    workspace.set_recipe(before.with_set({"backbone.width": 16}))
    assert card.start.text() == "Start study"
    assert card.forecast.text() == ""
    workspace.set_recipe(before)  # it is known still
    assert card.start.text().startswith("Start (about")
    assert card.forecast.text() == told
    click(card.form.field("one_view").editor.findChild(Switch), qtbot)
    assert not card.form.config.one_view
    assert card.start.text() == "Start study"
    with qtbot.assertNotEmitted(card.asked):
        click(card.start, qtbot)
        qtbot.waitUntil(lambda: len(clock.asked) == 2, timeout=20_000)
        qtbot.waitUntil(lambda: card.start.text().startswith("Start (about"), timeout=20_000)


def test_the_timing_can_be_called_off_by_the_keyboard(card, clock, qtbot):
    clock.go.clear()
    card.activateWindow()
    card.start.setFocus()
    qtbot.keyClick(card.start, Qt.Key.Key_Space)
    assert card.ask.hasFocus(), "the keyboard is on Cancel, not lost in some field"
    qtbot.waitUntil(lambda: len(clock.asked) == 1, timeout=20_000)
    qtbot.keyClick(card.ask, Qt.Key.Key_Space)
    qtbot.waitUntil(card.start.isEnabled, timeout=20_000)
    assert len(clock.stopped) == 1
    assert card.start.hasFocus()
    assert card.start.text() == "Start study"
    assert card.forecast.text() == ""
    assert card.ask.text() == "How long will it take?"
    assert unnamed(card) == []


def test_a_change_calls_the_timing_off(card, clock, qtbot):
    clock.go.clear()
    click(card.start, qtbot)
    qtbot.waitUntil(lambda: len(clock.asked) == 1, timeout=20_000)
    workspace = card._workspace
    workspace.recipe_changed.emit()  # nothing is another
    assert card.forecast.text() == "Timing a few steps …"
    assert workspace.tasks.running()
    workspace.set_recipe(workspace.recipe.with_set({"backbone.width": 16}))
    qtbot.waitUntil(card.start.isEnabled, timeout=20_000)
    assert len(clock.stopped) == 1
    assert card.forecast.text() == ""
    assert card.start.text() == "Start study"


def test_the_window_calls_the_timing_off_too(card, clock, qtbot):
    clock.go.clear()
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: len(clock.asked) == 1, timeout=20_000)
    card._workspace.tasks.cancel_all()
    qtbot.waitUntil(card.start.isEnabled, timeout=20_000)
    assert card.forecast.text() == ""


@pytest.mark.parametrize("folder", ["cat", "labelled"])
def test_a_folder_without_classes_is_judged_by_its_rank_only(
    card, clock, pictures, qtbot, folder, tmp_path
):
    workspace = card._workspace
    path = pictures / "cat"
    if folder == "labelled":  # a CSV gives a class, but just one
        path = shutil.copytree(path, tmp_path / "one")
        lines = [f"{one.name},cat" for one in sorted(path.glob("*.png"))]
        (path / "labels.csv").write_text("\n".join(["path,label", *lines]) + "\n")
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=20_000):
        workspace.open_folder(path)
    have = "No classes" if folder == "cat" else "A single class"
    assert card.problem.isVisible()
    assert card.problem.text().startswith(f"{have} among the images trained on, and linear")
    assert "measure by 'rank'" in card.problem.text()
    assert not card.start.isEnabled()
    assert not card.ask.isEnabled()
    *_, rank = card.form.field("measurement").editor.buttons.buttons()
    click(rank, qtbot)
    assert card.form.config.measurement == "rank"
    assert not card.problem.isVisible()
    click(card.start, qtbot)
    qtbot.waitUntil(lambda: card.start.text().startswith("Start (about"), timeout=20_000)
    with qtbot.waitSignal(card.asked) as told:
        click(card.start, qtbot)
    assert told.args[0].measurement == "rank"


def test_classes_that_never_enter_training_are_found_out_before_it(card, clock, pictures, qtbot):
    """The folder has two; all images of one are kept out of training."""
    workspace = card._workspace
    listed = workspace.settings.runs_folder.parent / "excluded.txt"
    listed.write_text("".join(f"dog/{one.name}\n" for one in (pictures / "dog").iterdir()))
    workspace.set_recipe(workspace.recipe.with_set({"data.excluded": str(listed)}))
    assert card.start.isEnabled()
    click(card.start, qtbot)
    qtbot.waitUntil(lambda: "a single class among" in card.forecast.text(), timeout=20_000)
    assert card.start.text() == "Start study"
    assert clock.asked == []


def test_a_grid_over_folders_looks_into_each(card, clock, pictures, qtbot):
    both = wish.StudyWish(kind="grid", vary="data.folder", values=f"{pictures}, {pictures / 'cat'}")
    card.form.set_config(both)
    click(card.ask, qtbot)
    qtbot.waitUntil(lambda: "no classes among" in card.forecast.text(), timeout=20_000)
    assert card.forecast.text().startswith(f"{pictures / 'cat'}: ")
    assert clock.asked == []


def test_what_cannot_be_studied_is_said(card, qtbot):
    card.form.set_config(wish.StudyWish(kind="grid", vary="method.luck", values="1"))
    with qtbot.assertNotEmitted(card.asked):
        qtbot.mouseClick(card.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "method.luck" in card.forecast.text(), timeout=20_000)


def test_without_a_folder_nothing_can_start(loaded, qtbot):
    made = NewStudy(loaded, wish)
    qtbot.addWidget(made)
    assert not made.start.isEnabled()
    assert "Open a folder" in made.subject.text()
