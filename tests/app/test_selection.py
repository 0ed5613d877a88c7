import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.selection import Selection, click_mode, mode_of


@pytest.fixture
def selection(qapp):
    return Selection()


def chosen(selection):
    return selection.rows.tolist()


def test_rows_are_ascending_and_counted_once(selection):
    selection.choose([5, 2, 5, 9])
    assert chosen(selection) == [2, 5, 9]
    assert len(selection) == 3
    assert 5 in selection
    assert np.int64(9) in selection
    assert 4 not in selection
    assert 10 not in selection
    assert "5" not in selection


@pytest.mark.parametrize(
    ("mode", "left"),
    [("replace", [3, 4]), ("add", [1, 2, 3, 4]), ("subtract", [1, 2]), ("toggle", [1, 2, 4])],
)
def test_modes(selection, mode, left):
    selection.choose([1, 2, 3])
    selection.choose([4, 3], mode)
    assert chosen(selection) == left


def test_a_mask_follows_the_order_of_the_index(selection):
    selection.choose([7, 1])
    assert selection.mask(np.array([7, 3, 1, 7])).tolist() == [True, False, True, True]


def test_only_a_change_is_told(selection, qtbot):
    with qtbot.waitSignal(selection.changed):
        selection.choose([1])
    with qtbot.assertNotEmitted(selection.changed):
        selection.choose([1, 1])
        selection.choose([2], "subtract")
    with qtbot.waitSignal(selection.changed):
        selection.clear()
    with qtbot.assertNotEmitted(selection.changed):
        selection.clear()


def test_the_set_before_comes_back(selection):
    selection.choose([1, 2])
    selection.choose([3])
    selection.back()
    assert chosen(selection) == [1, 2]
    selection.back()
    assert chosen(selection) == [3]
    selection.forget()
    selection.back()
    assert chosen(selection) == []


def test_what_was_handed_out_does_not_change(selection):
    selection.choose([1, 2])
    before = selection.rows
    selection.choose([3], "add")
    assert before.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 9


def test_a_negative_row_is_refused(selection):
    with pytest.raises(ValueError, match="there is no catalogue row -1"):
        selection.choose([-1, 2])


def test_only_another_answer_is_told_of_the_map(selection, qtbot):
    assert not selection.drawn
    with qtbot.waitSignal(selection.drawn_changed):
        selection.set_drawn(True)
    assert selection.drawn
    with qtbot.assertNotEmitted(selection.drawn_changed):
        selection.set_drawn(True)


def test_keys_held_down_say_what_choosing_does():
    keys = Qt.KeyboardModifier
    assert mode_of(keys.NoModifier) == "replace"
    assert mode_of(keys.ShiftModifier) == "add"
    assert mode_of(keys.ControlModifier) == "subtract"
    assert mode_of(keys.ShiftModifier | keys.ControlModifier) == "toggle"


def test_on_one_image_shift_adds_and_control_turns_over():
    keys = Qt.KeyboardModifier
    assert click_mode(keys.NoModifier) == "replace"
    assert click_mode(keys.ShiftModifier) == "add"
    assert click_mode(keys.ControlModifier) == "toggle"
    assert click_mode(keys.ShiftModifier | keys.ControlModifier) == "toggle"
