import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from app.panels.evaluate import EvaluatePanel
from app.panels.evaluate_outside import OutsideDialog
from tests.app.panels import trained
from tests.app.panels.reachable import unnamed


def built(workspace, qtbot, size=(1300, 800)):
    made = EvaluatePanel(workspace)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    qtbot.waitUntil(lambda: made.assessing is not None, timeout=60_000)
    return made


@pytest.fixture
def panel(loaded, pictures, tmp_path, qtbot):
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    made = built(loaded, qtbot)
    yield made
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=60_000)


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_without_a_run_it_says_what_to_do(loaded, qtbot):
    panel = built(loaded, qtbot)
    assert panel.empty.isVisible()
    assert "Start one" in panel.empty.text


def test_measuring_shows_the_finding(panel, qtbot):
    room = panel.rooms["knn"]
    assert room.empty.isVisible()
    click(qtbot, room.settings.start)
    assert room.settings.stop.isVisible()
    qtbot.waitUntil(lambda: room.page.isVisible(), timeout=60_000)
    assert room.settings.start.text() == "Measure again"
    assert "Epoch 3.0" in room.settings.age.text()
    found = panel.assessing.found["knn"].finding
    assert found.headline() in room.page.bars.accessibleDescription()
    state = panel.list.currentItem().data(Qt.ItemDataRole.AccessibleTextRole)
    assert found.headline() in state


def test_the_keyboard_goes_through_the_list(panel, qtbot):
    assert panel.list.key == "knn"
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.list.key == "linear"
    assert panel.rooms["linear"].isVisible()


def test_everything_missing_is_measured(panel, qtbot):
    panel.assessing.measurements = {
        key: panel.assessing.measurements[key] for key in ("knn", "linear")
    }
    click(qtbot, panel.all)
    qtbot.waitUntil(lambda: set(panel.assessing.found) == {"knn", "linear"}, timeout=60_000)
    made = panel.assessing.found["knn"].made
    qtbot.waitUntil(lambda: not panel.assessing.running, timeout=60_000)
    click(qtbot, panel.all)
    assert panel.assessing.running == ""
    assert panel.assessing.found["knn"].made == made


def test_what_takes_minutes_comes_last(panel, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(panel.assessing, "measure", lambda key, _: asked.append(key))
    click(qtbot, panel.all)
    known = panel.assessing.measurements
    slow = [known[key].slow for key in asked]
    assert slow == sorted(slow)
    assert asked[-2:] == ["few_labels", "energy"]
    assert all(known[key].title in panel.all.toolTip() for key in asked[-2:])


def test_a_setting_out_of_range_cannot_be_measured(panel, qtbot):
    settings = panel.rooms["knn"].settings
    line = settings.form.field("temperature").findChild(
        type(settings.form.field("neighbours").editor.line)
    )
    line.selectAll()
    qtbot.keyClicks(line, "-1")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not settings.start.isEnabled()
    assert "Temperature" in settings.form.problems()["temperature"]


def test_a_problem_is_told_in_place(panel, qtbot):
    for file in panel._workspace.directory.path.glob("checkpoints/*/*"):
        file.write_bytes(b"")
    click(qtbot, panel.rooms["knn"].settings.start)
    room = panel.rooms["knn"]
    qtbot.waitUntil(lambda: room.problem.isVisible(), timeout=60_000)
    assert "checkpoint" in room.problem.text()


def test_the_page_of_a_measurement_can_be_read(panel, qtbot):
    room = panel.rooms["knn"]
    click(qtbot, room.settings.more)
    dialog = room.findChild(QDialog)
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: room.findChild(QDialog) is None or not dialog.isVisible())


def test_everything_has_a_name(panel):
    assert unnamed(panel) == []


def test_it_fits_a_small_window(panel, qtbot):
    panel.resize(916, 560)
    assert panel._left.width() < 200
    qtbot.waitUntil(lambda: panel.rooms["knn"].card.width() >= 400)


def test_what_needs_a_folder_waits_until_one_was_named(panel, qtbot):
    panel.assessing.measurements = {
        key: panel.assessing.measurements[key] for key in ("knn", "transfer")
    }
    panel.measure_missing()
    assert not panel.assessing.waits("transfer")
    qtbot.waitUntil(lambda: "knn" in panel.assessing.found, timeout=60_000)
    assert "transfer" not in panel.assessing.problems


def test_encoders_from_outside_are_a_dialog(panel, qtbot):
    click(qtbot, panel.outside)
    (dialog,) = panel.findChildren(OutsideDialog)
    assert dialog.isVisible()
    assert unnamed(dialog) == []
    dialog.reject()
