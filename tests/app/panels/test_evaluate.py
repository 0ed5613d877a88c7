import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit

from app.panels.evaluate import EvaluatePanel
from app.panels.evaluate_list import STATE
from app.panels.evaluate_outside import OutsideDialog
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.transfer import TransferFinding
from sslcore.data import demo_kinds
from sslcore.engine.store import SaveError
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory
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


def everything_but(panel, *left_out):
    return [key for key in panel.assessing.measurements if key not in left_out]


def test_only_what_needs_a_folder_is_left_out_and_that_is_said(panel, qtbot, monkeypatch):
    """Negatives and Dense have a field for a folder too; empty it is the run's own."""
    qtbot.waitUntil(lambda: not panel._workspace.tasks.running(), timeout=60_000)
    asked = []
    monkeypatch.setattr(panel.assessing, "measure", lambda key, _: asked.append(key))
    click(qtbot, panel.all)
    # No folder of depth or labels lies beside these pictures.
    assert sorted(asked) == sorted(everything_but(panel, "transfer", "dense"))
    assert "Left out: Transfer and Dense prediction, which need a folder" in panel.all.toolTip()
    said = {
        panel.list.item(row).text(): panel.list.item(row).data(STATE)
        for row in range(panel.list.count())
    }
    assert said["Transfer"] == said["Dense prediction"] == "Not yet  ·  needs a folder"
    assert said["Negatives"] == "Not measured yet"
    panel.list.choose("transfer")
    line = panel.rooms["transfer"].settings.form.field("folder").findChild(QLineEdit)
    click(qtbot, line)
    qtbot.keyClicks(line, "/pictures")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "Left out: Dense prediction, which needs a folder" in panel.all.toolTip()
    asked.clear()
    click(qtbot, panel.all)
    assert sorted(asked) == sorted(everything_but(panel, "dense"))


def test_of_a_folder_of_pairs_dense_is_measured_too(panel, qtbot, monkeypatch, tmp_path):
    place = panel._workspace.directory.path
    pairs = demo_kinds.make(tmp_path / "pairs", "pairs", count=6, size=16)
    recipe = RunDirectory.open(place).recipe().with_set({"data.folder": str(pairs)})
    (place / "recipe.toml").write_text(recipe.to_toml())
    panel.assessing.reload()
    qtbot.waitUntil(lambda: not panel._workspace.tasks.running(), timeout=60_000)
    asked = []
    monkeypatch.setattr(panel.assessing, "measure", lambda key, _: asked.append(key))
    click(qtbot, panel.all)
    assert sorted(asked) == sorted(everything_but(panel, "transfer"))
    assert "Left out: Transfer, which needs" in panel.all.toolTip()


def test_what_was_measured_elsewhere_before_is_measured_there_again(panel, qtbot, monkeypatch):
    known = panel.assessing.measurements["transfer"]
    qtbot.waitUntil(lambda: not panel._workspace.tasks.running(), timeout=60_000)
    settings = known.config(folder="/pictures")
    finding = TransferFinding(
        folder="pictures", classes=2, training=9, held_out=3, chance=0.5, neighbours=5, scores={}
    )
    panel.assessing.found["transfer"] = Kept(
        "transfer", 1, 1.0, 0.0, 1.0, (9, 3), settings, finding
    )
    asked = {}
    monkeypatch.setattr(panel.assessing, "measure", asked.__setitem__)
    click(qtbot, panel.all)
    assert asked["transfer"] == settings


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


def test_a_finding_that_cannot_be_kept_is_shown_with_a_warning(panel, qtbot, monkeypatch):
    def refuse(path, _content):
        raise SaveError(f"{path}: not writable")

    workspace, room = panel._workspace, panel.rooms["knn"]
    monkeypatch.setattr(atomic, "write", refuse)
    with qtbot.waitSignal(workspace.notice, timeout=60_000) as told:
        click(qtbot, room.settings.start)
    assert told.args[0] == "warning"
    qtbot.waitUntil(lambda: room.page.isVisible() and room.caution.isVisible(), timeout=60_000)
    assert room.caution.text().startswith("Not kept with the run: ")
    assert room.caution.text().endswith(".json: not writable.")
    assert not room.problem.isVisible()


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
