import shutil

import pytest
from PySide6.QtCore import Qt

from app.few_labels import ABOUT, BY_TAG, NOTHING, FewLabelDialog
from sslcore.data.few_labels import few_label_set
from sslcore.data.tags import BESIDE_IMAGES, EXCLUDED, TagStore
from sslcore.evaluation.budgets import TAGGED, Budget
from tests.app.panels.reachable import unnamed
from tests.app.panels.tagged_folder import WAIT, own_folder, settled

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ready(loaded, pictures, tmp_path, qtbot):
    made = own_folder(loaded, pictures, tmp_path / "images", qtbot)
    tag(made, qtbot, good=[0, 1, 13], more=[2, 14, 15], cats=[3, 4], **{EXCLUDED: [5]})
    yield made
    settled(made, qtbot)


def tag(workspace, qtbot, **tags):
    for name, rows in tags.items():
        workspace.tagging.tag(rows, name)
    settled(workspace, qtbot)


def show(workspace, qtbot):
    made = FewLabelDialog(workspace)
    qtbot.addWidget(made)
    made.open()
    qtbot.waitExposed(made)
    counted(workspace, qtbot)
    return made


def counted(workspace, qtbot):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=WAIT)


def check(dialog, workspace, qtbot, name):
    """Click the box of a tag."""
    (item,) = dialog.list.findItems(f"{name}  ·", Qt.MatchFlag.MatchStartsWith)
    dialog.list.setFocus()
    dialog.list.setCurrentItem(item)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Space)
    counted(workspace, qtbot)


def test_marked_tags_become_the_few_label_set_and_undo_takes_it_back(ready, qtbot):
    dialog = show(ready, qtbot)
    texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert texts == ["good  ·  3 images", "more  ·  3 images", "cats  ·  2 images"]
    assert dialog.words.text() == NOTHING
    assert not unnamed(dialog)
    check(dialog, ready, qtbot, "good")
    assert dialog.words.text() == "3 images in 2 classes: cat\u00a02 · dog\u00a01"
    check(dialog, ready, qtbot, "more")
    assert dialog.words.text() == "6 images in 2 classes: cat\u00a03 · dog\u00a03"
    qtbot.mouseClick(dialog.use, LEFT)
    settled(ready, qtbot)
    store = TagStore(ready.catalogue.root / BESIDE_IMAGES)
    found = few_label_set(store, ready.catalogue)
    assert found.rows.tolist() == [0, 1, 2, 13, 14, 15]
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    tagging = ready.tagging
    assert tagging.tagged.few_labels == {"good", "more"}
    assert tagging.undo_words == "Undo use “good” and “more” as few-label set"
    tagging.undo()
    settled(ready, qtbot)
    assert tagging.tagged.few_labels == frozenset()
    tagging.redo()
    settled(ready, qtbot)
    assert tagging.tagged.few_labels == {"good", "more"}


def test_what_no_evaluation_could_use_cannot_be_taken(ready, qtbot):
    dialog = show(ready, qtbot)
    check(dialog, ready, qtbot, "cats")
    assert "images of one class only ('cat'); tag images of other classes" in dialog.words.text()
    assert not dialog.use.isEnabled()
    check(dialog, ready, qtbot, "good")
    assert dialog.use.isEnabled()
    dialog.reject()
    assert ready.tagging.tagged.few_labels == frozenset()


def test_the_set_can_be_given_up(ready, qtbot):
    ready.tagging.set_few_labels(["good"])
    settled(ready, qtbot)
    dialog = show(ready, qtbot)
    assert dialog.marked == ("good",)
    check(dialog, ready, qtbot, "good")
    assert dialog.words.text() == NOTHING
    qtbot.mouseClick(dialog.use, LEFT)
    settled(ready, qtbot)
    assert ready.tagging.tagged.few_labels == frozenset()
    assert ready.tagging.undo_words == "Undo use no few-label set"


def test_without_classes_each_tag_is_one(loaded, pictures, tmp_path, qtbot):
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in sorted(pictures.rglob("*.png")):
        shutil.copy(path, flat / f"{path.parent.name}{path.name}")
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=WAIT):
        loaded.open_folder(flat)
    settled(loaded, qtbot)
    tag(loaded, qtbot, furry=[0, 1], loud=[2, 3, 4], both=[0])
    dialog = show(loaded, qtbot)
    told = [one.text() for one in dialog.findChildren(type(dialog.words))]
    assert BY_TAG in told
    check(dialog, loaded, qtbot, "furry")
    assert "mark a second one" in dialog.words.text()
    assert not dialog.use.isEnabled()
    check(dialog, loaded, qtbot, "loud")
    assert dialog.words.text() == "5 images in 2 classes: furry\u00a02 · loud\u00a03"
    check(dialog, loaded, qtbot, "both")
    assert "has both 'furry' and 'both'" in dialog.words.text()
    assert not dialog.use.isEnabled()
    dialog.reject()


def test_the_budget_it_names_is_one():
    assert f"“{TAGGED}”" in ABOUT
    assert Budget.parse(TAGGED).tagged
