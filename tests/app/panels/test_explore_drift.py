import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.explore_drift import CHOOSE, DriftCard
from sslcore.evaluation.drift import movement, neighbour_change
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed
from tests.app.panels.reachable import unnamed


@pytest.fixture
def card(opened, tmp_path, qtbot):
    path = replayed.write(tmp_path / "run", opened.recipe)
    directory = RunDirectory.open(path)
    opened.directory, opened.record = directory, RunRecord.fold(directory.replay())
    made = DriftCard(opened)
    qtbot.addWidget(made)
    made.resize(372, 620)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def ranked(card, qtbot):
    qtbot.waitUntil(lambda: card.grid.count > 0, timeout=20_000)
    return card.grid.rows.tolist()


def score(card, measure, first=0, second=40):
    directory = card._workspace.directory
    return measure(directory.embedding(first)[1], directory.embedding(second)[1])


def test_first_and_last_are_compared_until_marks_are_put(card, qtbot):
    assert card.marks["a"].text() == "A: epoch 0.0"
    assert card.marks["b"].text() == "B: epoch 4.0"
    wanted = np.argsort(-score(card, movement), kind="stable")
    assert ranked(card, qtbot) == wanted.tolist()
    assert "24 images" in card.found.text()


def test_images_of_a_folder_that_has_changed_are_not_shown(opened, tmp_path, qtbot):
    paths = ["not there.png", *opened.catalogue.paths[:23]]
    path = replayed.write(tmp_path / "run", opened.recipe, paths=paths)
    directory = RunDirectory.open(path)
    opened.directory, opened.record = directory, RunRecord.fold(directory.replay())
    card = DriftCard(opened)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitUntil(
        lambda: "files were added or removed" in card.found.text().lower(), timeout=20_000
    )
    assert card.grid.count == 0
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_ranked_by_new_neighbours(card, qtbot):
    ranked(card, qtbot)
    qtbot.mouseClick(card.rankings["neighbours"], Qt.MouseButton.LeftButton)
    wanted = np.argsort(-score(card, neighbour_change), kind="stable")
    assert ranked(card, qtbot) == wanted.tolist()


def test_a_mark_goes_where_the_timeline_stands(card, opened, qtbot):
    ranked(card, qtbot)
    opened.select_snapshot(30)
    qtbot.mouseClick(card.marks["a"], Qt.MouseButton.LeftButton)
    assert opened.marks.a == 30
    assert card.marks["a"].text() == "A: epoch 2.0", "the evaluation before it"
    wanted = np.argsort(-score(card, movement, 20), kind="stable").tolist()
    qtbot.waitUntil(lambda: card.grid.rows.tolist() == wanted, timeout=20_000)


def test_the_first_ones_are_chosen(card, opened, qtbot):
    rows = ranked(card, qtbot)
    qtbot.mouseClick(card.choose, Qt.MouseButton.LeftButton)
    assert opened.selection.rows.tolist() == sorted(rows[:CHOOSE])


def test_a_click_looks_at_an_image_and_chooses_it(card, opened, qtbot):
    rows = ranked(card, qtbot)
    with qtbot.waitSignal(card.looked_at) as told:
        qtbot.mouseClick(
            card.grid.viewport(), Qt.MouseButton.LeftButton, pos=card.grid.cell(0).center()
        )
    assert told.args == [rows[0]]
    assert opened.selection.rows.tolist() == [rows[0]]


def test_marks_at_one_place_and_runs_without_evaluations_say_so(card, opened, qtbot):
    ranked(card, qtbot)
    opened.marks.put(a=40, b=40)
    assert "same evaluation" in card.line.text()
    opened.record = RunRecord()
    opened.run_changed.emit()
    assert card.empty.isVisible()
    assert card.moments is None


def test_damaged_features_are_told(card, opened, qtbot):
    ranked(card, qtbot)
    (opened.directory.path / "embeddings" / "step_00000020.npz").write_bytes(b"no")
    opened.marks.put(a=20)
    qtbot.waitUntil(lambda: "damaged" in card.found.text(), timeout=20_000)


def test_everything_reached_by_tab_has_a_name(card, qtbot):
    ranked(card, qtbot)
    assert unnamed(card) == []
