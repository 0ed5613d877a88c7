from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_history import History, names
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding
from sslcore.assessment.kinds.transfer import TransferConfig

FIRST = Kept(
    "knn", 90, 3.0, 0.0, 1.0, (9, 4), KnnConfig(),
    KnnFinding(neighbours=(7,), accuracy={"trained": (0.5,)}),
)  # fmt: skip
OTHER = replace(FIRST, settings=KnnConfig(neighbours=7))
LATER = replace(FIRST, step=1200)


@pytest.fixture
def history(qtbot):
    made = History()
    qtbot.addWidget(made)
    return made


def test_names_say_what_differs():
    assert names([]) == []
    assert names([LATER, FIRST]) == ["Step 1,200", "Step 90"]
    title = next(one for one in names([FIRST, OTHER]) if one.endswith(" 7"))
    assert title == "Step 90 · neighbours 7"


def test_a_folder_is_called_by_its_name():
    more = replace(FIRST, settings=TransferConfig(mlp=True))
    assert names([more, replace(FIRST, settings=TransferConfig())])[0] == "Step 90 · MLP true"
    here, there, nowhere = (
        replace(FIRST, settings=TransferConfig(folder=one)) for one in ("/a/birds", "/b/fish", "")
    )
    assert names([here, there, nowhere]) == [
        "Step 90 · folder birds", "Step 90 · folder fish", "Step 90 · no folder",
    ]  # fmt: skip


def test_folders_of_one_name_are_told_apart_by_their_paths():
    one, other = (
        replace(FIRST, settings=TransferConfig(folder=path)) for path in ("/a/test", "/b/test")
    )
    assert names([one, other]) == ["Step 90 · folder /a/test", "Step 90 · folder /b/test"]


def test_the_same_findings_again_leave_the_list_alone(history):
    history.show_findings([LATER, FIRST], LATER)
    history.setCurrentIndex(1)  # somebody is on the way to it
    history.show_findings([LATER, FIRST], LATER)
    assert history.currentIndex() == 1


def test_one_finding_is_nothing_to_choose_from(history):
    history.show_findings([FIRST], FIRST)
    assert history.isHidden()
    history.show_findings([LATER, FIRST], FIRST)
    assert not history.isHidden()
    assert history.currentText() == "Step 90"


def test_another_one_is_chosen_with_the_keyboard(history, qtbot):
    history.show_findings([LATER, OTHER, FIRST], LATER)
    history.show()
    history.setFocus()
    with qtbot.waitSignal(history.chosen) as told:
        qtbot.keyClick(history, Qt.Key.Key_Down)
    assert told.args == [OTHER]
