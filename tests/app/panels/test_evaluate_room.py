from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.assessing import Assessing
from app.panels.evaluate_room import MeasurementRoom
from sslcore.assessment.contract import registry
from sslcore.assessment.kept import CHANGED, Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding


@pytest.fixture
def room(workspace, qtbot):
    made = MeasurementRoom(workspace, Assessing(workspace, registry()), "knn")
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    return made


def test_a_finding_comes_with_its_settings(room):
    assessing = room._assessing
    assert room.empty.isVisible()
    finding = KnnFinding(neighbours=(7,), accuracy={"trained": (0.5,), "pixels": (0.2,)})
    settings = KnnConfig(neighbours=7, second=7)
    assessing.found["knn"] = Kept("knn", 9, 3.0, 0.0, 1.0, (9, 4), settings, finding)
    assessing.changed.emit("knn")
    assert room.page.isVisible()
    assert room.settings.form.config == settings
    assert "k = 7" in room.page.bars.accessibleDescription()


def test_a_changed_folder_and_remarks_stand_above_the_finding(room):
    assessing = room._assessing
    finding = KnnFinding(
        neighbours=(7,), accuracy={"trained": (0.5,)}, remarks=("One image: cat.",)
    )
    one = Kept("knn", 9, 3.0, 0.0, 1.0, (9, 4), KnnConfig(), finding, changed=True)
    assessing.found["knn"] = one
    assessing.changed.emit("knn")
    assert room.caution.isVisible()
    assert room.caution.text() == f"{CHANGED}\nOne image: cat."
    plain = finding.model_copy(update={"remarks": ()})
    assessing.found["knn"] = replace(one, changed=False, finding=plain)
    assessing.changed.emit("knn")
    assert room.caution.isHidden()


def test_a_problem_stands_above_what_was_found_before(room):
    room._assessing.problems["knn"] = "no labels; use sub-folders"
    room._assessing.changed.emit("knn")
    assert room.problem.isVisible()
    assert room.problem.text() == "no labels; use sub-folders"
    room._assessing.problems.clear()
    room._assessing.changed.emit("linear")  # another measurement changes nothing here
    assert room.problem.isVisible()
    room._assessing.changed.emit("knn")
    assert not room.problem.isVisible()


def test_an_earlier_finding_can_be_looked_at_again(room, qtbot):
    assessing = room._assessing

    def found(step, accuracy, neighbours):
        finding = KnnFinding(neighbours=(neighbours,), accuracy={"trained": (accuracy,)})
        settings = KnnConfig(neighbours=neighbours)
        return Kept("knn", step, step / 3, 0.0, 1.0, (9, 4), settings, finding)

    early, late = found(3, 0.25, 5), found(9, 0.5, 7)
    assessing.found["knn"], assessing.history["knn"] = late, [late, early]
    assessing.changed.emit("knn")
    assert room.history.isVisible()
    assert room.history.currentText() == "Step 9 · neighbours 7"
    assert "Epoch 3.0" in room.settings.age.text()
    room.history.setFocus()
    qtbot.keyClick(room.history, Qt.Key.Key_End)
    assert "k = 5" in room.page.bars.accessibleDescription()
    assert room.settings.form.config == early.settings
    assert "Epoch 1.0" in room.settings.age.text()
    assert room.settings.age.text().endswith("The newest finding is of epoch 3.0.")
    assessing.changed.emit("knn")
    assert room.history.currentText() == "Step 3 · neighbours 5", "progress does not turn it back"
    newest = found(12, 0.75, 7)
    assessing.found["knn"], assessing.history["knn"] = newest, [newest, late, early]
    assessing.changed.emit("knn")
    assert room.history.currentText().startswith("Step 12"), "what is new is shown"
