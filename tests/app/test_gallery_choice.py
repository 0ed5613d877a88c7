import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.gallery_choice import Choice
from app.selection import Selection

PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def choice(qapp):
    made = Choice()
    made.selection = Selection()
    made.show(np.array([40, 10, 30, 20, 50, 0], np.int64))
    return made


def chosen(choice):
    return [int(choice.rows[one]) for one, on in enumerate(choice.chosen(range(6))) if on]


def test_clicks_choose_as_lists_do(choice):
    steps = [
        (1, PLAIN, [10]),
        (3, SHIFT, [10, 30, 20]),
        (0, SHIFT, [40, 10]),
        (4, CONTROL, [40, 10, 50]),
        (1, CONTROL, [40, 50]),
        (2, CONTROL | SHIFT, [40, 10, 30, 50]),
        (5, PLAIN, [0]),
    ]
    for position, modifiers, expected in steps:
        choice.click(position, modifiers)
        assert chosen(choice) == expected, (position, modifiers)
        assert choice.current == position
    assert choice.selection.rows.tolist() == [0]


def test_shift_without_a_first_one_chooses_one(choice):
    choice.step(2, SHIFT)
    assert chosen(choice) == [30]
    choice.step(4, SHIFT)
    assert chosen(choice) == [30, 20, 50]


def test_shift_adds_to_what_was_chosen_anywhere(choice):
    choice.selection.choose([99, 50])  # by a lasso on the map, say
    choice.click(1, SHIFT)
    assert choice.selection.rows.tolist() == [10, 50, 99]
    choice.click(3, SHIFT)
    assert choice.selection.rows.tolist() == [10, 20, 30, 50, 99]
    choice.click(0, SHIFT)
    assert choice.selection.rows.tolist() == [10, 40, 50, 99], "the range is another one"
    choice.selection.choose([7], "add")
    choice.click(2, SHIFT)
    assert choice.selection.rows.tolist() == [7, 10, 30, 40, 50, 99]


def test_a_range_takes_nothing_away_that_was_turned_over_and_back(choice):
    choice.click(0, PLAIN)
    choice.click(2, SHIFT)
    choice.click(4, CONTROL)
    choice.click(4, CONTROL)
    choice.click(3, SHIFT)
    assert chosen(choice) == [40, 10, 30, 20, 50]


def test_keys_with_control_only_look_and_turn_over(choice):
    choice.step(1, PLAIN)
    choice.step(4, CONTROL)
    assert (chosen(choice), choice.row) == ([10], 50)
    choice.toggle()
    assert chosen(choice) == [10, 50]
    choice.toggle()
    assert chosen(choice) == [10]
    choice.all()
    assert len(choice.selection) == 6


def test_commands_are_about_all_chosen_or_the_current_one(choice):
    assert choice.acted_on().tolist() == []
    choice.selection.choose([10, 20, 99])
    choice.current = 1
    assert choice.acted_on().tolist() == [10, 20, 99]
    choice.current = 0
    assert choice.acted_on().tolist() == [40]


def test_it_is_known_who_changes_the_selection(choice):
    heard = []
    choice.selection.changed.connect(lambda: heard.append(choice.choosing))
    choice.click(1, PLAIN)
    choice.selection.choose([3])
    assert heard == [True, False]


def test_flags_are_those_of_a_set(choice):
    generator = np.random.default_rng(1)
    rows = generator.permutation(500)
    choice.show(rows)
    choice.selection.choose(generator.choice(600, 200, replace=False))
    expected = [int(row) in set(choice.selection.rows.tolist()) for row in rows[100:250]]
    assert choice.chosen(range(100, 250)).tolist() == expected


def test_without_a_selection_one_image_is_current(choice):
    choice.selection = None
    choice.click(3, CONTROL)
    choice.step(4, SHIFT)
    choice.all()
    assert choice.row == 50
    assert not choice.chosen(range(6)).any()
    assert not choice.holds(4)
    choice.show(np.zeros(0, np.int64))
    assert choice.row == -1
