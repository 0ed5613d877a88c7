import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from app import theme
from app.assessing import Assessing, Progress
from app.panels.evaluate_list import PART, STATE, MeasurementList, fitting, state
from sslcore.assessment.contract import registry
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding


@pytest.fixture
def assessing(workspace):
    return Assessing(workspace, registry())


@pytest.fixture
def shown(assessing, qtbot):
    made = MeasurementList(assessing)
    qtbot.addWidget(made)
    made.resize(220, 400)
    made.show()
    return made


def test_every_state_has_its_words(assessing):
    assert state(assessing, "knn") == ("Not measured yet", "muted", None)
    assert state(assessing, "few_labels")[0] == "Not yet  ·  takes minutes"
    assert state(assessing, "transfer")[0] == "Not yet  ·  needs a folder"
    assert state(assessing, "negatives")[0] == "Not measured yet"
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (0.5,)})
    assessing.found["knn"] = Kept("knn", 9, 3.0, 0.0, 1.0, (9, 4), KnnConfig(), finding)
    assert state(assessing, "knn")[0] == "50.0 %  ·  epoch 3"
    assessing.problems["knn"] = "no labels"
    assert state(assessing, "knn") == ("Could not be measured", "danger", None)
    assessing._waiting.append(("knn", KnnConfig()))
    assert state(assessing, "knn")[0] == "Waits for its turn"


def test_a_measurement_at_work_shows_how_far_it_is(assessing, shown):
    assessing._running = ("knn", None)
    assessing._progress = Progress("Features, trained", 30, 120)
    assessing.changed.emit("knn")
    item = shown.item(0)
    assert item.data(STATE) == "Features, trained …"
    assert item.data(PART) == 0.25
    assert "Features, trained" in item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert not shown.grab().isNull()


def test_keys_and_clicks_choose(shown, qtbot):
    keys = list(registry())
    with qtbot.waitSignal(shown.chosen) as told:
        where = shown.visualItemRect(shown.item(1)).center()
        qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert told.args == [keys[1]]
    with qtbot.waitSignal(shown.chosen) as told:
        qtbot.keyClick(shown, Qt.Key.Key_Up)
    assert told.args == [keys[0]]
    shown.choose(keys[1])
    assert shown.key == keys[1]


def test_the_epoch_gives_way_before_the_finding_is_cut(qtbot):
    metrics = QFontMetrics(theme.font(11))
    words = "17.6 % with 18 labels  ·  epoch 12"
    finding = "17.6 % with 18 labels"
    assert fitting(words, metrics, metrics.horizontalAdvance(words)) == words
    assert fitting(words, metrics, metrics.horizontalAdvance(words) - 1) == finding
    cut = fitting(words, metrics, metrics.horizontalAdvance(finding) // 2)
    assert cut.endswith("…")
    assert finding.startswith(cut[:-1].rstrip())
