import pytest
from PySide6.QtCore import Qt

from app.panels.study_new import NewStudy
from sslcore.study import wish
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


def test_a_forecast_names_trials_steps_and_time(card, qtbot):
    card.form.set_config(wish.StudyWish(kind="leave_one_out", epochs=2))
    qtbot.mouseClick(card.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "trials, " in card.forecast.text(), timeout=60_000)
    study = card.planner()()
    assert card.forecast.text().startswith(f"{len(study.trials)} trials, ")


def test_start_asks_for_the_study(card, qtbot):
    with qtbot.waitSignal(card.asked) as told:
        qtbot.mouseClick(card.start, Qt.MouseButton.LeftButton)
    study, method = told.args
    assert (study.kind, method) == ("augmentation_pairs", "simclr")
    assert all(str(card._workspace.catalogue.root) in one.recipe for one in study.trials)


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
