import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.explore_spread import SpreadDialog
from sslcore.data.tags import EXCLUDED
from tests.app.panels.reachable import unnamed
from tests.app.panels.tagged_folder import WAIT, features, mapped, own_folder, settled

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ready(loaded, pictures, tmp_path, qtbot):
    own_folder(loaded, pictures, tmp_path / "images", qtbot)
    for rows, name in (([0, 23], "horse"), ([3], "pony"), ([5], EXCLUDED)):
        loaded.tagging.tag(rows, name)
        settled(loaded, qtbot)
    return loaded


@pytest.fixture
def dialog(ready, qtbot):
    made = SpreadDialog(ready, mapped(), ["horse", "pony"], "horse")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.open()
    found(made, ready, qtbot)
    yield made
    settled(ready, qtbot)


def found(dialog, workspace, qtbot):
    qtbot.waitUntil(lambda: dialog._found is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=WAIT)


def ranked(skip):
    """Rows on the map by cosine to image 0, which alone of the tagged ones is on it."""
    cosines = features()[:22] @ features()[0]
    order = np.argsort(-cosines[::-1], kind="stable")  # the map is in reverse
    return [row for row in (21 - order).tolist() if row not in skip]


def test_candidates_are_shown_by_nearness_and_taken_as_one_change(dialog, ready, qtbot):
    assert dialog.rows.tolist() == ranked({0, 5})
    assert dialog.grid.rows.tolist() == dialog.rows.tolist()
    assert not unnamed(dialog)
    dialog.number.setFocus()
    dialog.number.selectAll()
    qtbot.keyClicks(dialog.number, "4")
    qtbot.keyClick(dialog.number, Qt.Key.Key_Tab)
    expected = ranked({0, 5})[:4]
    assert dialog.rows.tolist() == expected
    assert dialog.slider.value() == 4
    assert dialog.take.text() == "Tag 4 images"
    assert "the 4 untagged ones nearest to “horse”" in dialog.words.text()
    qtbot.mouseClick(dialog.take, LEFT)
    settled(ready, qtbot)
    tagging = ready.tagging
    assert tagging.tagged.of_tag("horse").tolist() == sorted([0, 23, *expected])
    tagging.undo()
    settled(ready, qtbot)
    assert tagging.tagged.of_tag("horse").tolist() == [0, 23]


def test_slider_number_and_cosine_agree(dialog, qtbot):
    total = dialog.slider.maximum()
    assert total == len(ranked({0, 5}))
    dialog.slider.setFocus()
    qtbot.keyClick(dialog.slider, Qt.Key.Key_Home)
    assert (dialog.number.value(), len(dialog.rows)) == (1, 1)
    assert dialog.least.value() == 1.0
    qtbot.keyClick(dialog.slider, Qt.Key.Key_Right)
    assert dialog.number.value() == 2
    dialog.least.setFocus()
    dialog.least.selectAll()
    qtbot.keyClicks(dialog.least, "0.98")
    qtbot.keyClick(dialog.least, Qt.Key.Key_Tab)
    cosines = (features()[:22] @ features()[0]).tolist()
    enough = [row for row in ranked({0, 5}) if round(cosines[row], 3) >= 0.98]
    assert dialog.rows.tolist() == enough
    assert dialog.number.value() == len(enough) < total


def test_other_tags_can_be_left_out_and_another_tag_chosen(dialog, ready, qtbot):
    assert 3 in dialog.rows
    assert 5 not in dialog.rows, "excluded images never take part"
    qtbot.mouseClick(
        dialog.others, LEFT, pos=dialog.others.rect().center() - dialog.others.rect().center() / 1.2
    )
    found(dialog, ready, qtbot)
    assert dialog.others.isChecked()
    assert dialog.rows.tolist() == ranked({0, 3, 5})
    qtbot.keyClick(dialog.tag, Qt.Key.Key_Down)
    found(dialog, ready, qtbot)
    assert dialog.tag.currentText() == "pony"
    assert not {0, 3, 5} & set(dialog.rows.tolist())


def test_a_tag_of_no_image_on_the_map_is_told(ready, qtbot):
    ready.tagging.tag([22], "away")
    settled(ready, qtbot)
    made = SpreadDialog(ready, mapped(), ["away"], "away")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.open()
    qtbot.waitUntil(lambda: "carries the tag “away”" in made.words.text(), timeout=WAIT)
    assert not made.take.isEnabled()
    made.reject()
    settled(ready, qtbot)


def test_nothing_is_left_once_all_are_tagged(ready, qtbot):
    ready.tagging.tag(np.arange(24), "all")
    settled(ready, qtbot)
    made = SpreadDialog(ready, mapped(), ["all"], "all")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.open()
    qtbot.waitUntil(lambda: made.words.text() == "No image is left to be tagged.", timeout=WAIT)
    assert not made.take.isEnabled()
    made.reject()
    settled(ready, qtbot)
