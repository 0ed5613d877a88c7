import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.explore_legend import MANY, TALLEST, Legend
from app.plots import colours
from app.selection import Selection
from tests.app.panels.legend import click, in_colour, index_of
from tests.app.panels.reachable import unnamed

CTRL = Qt.KeyboardModifier.ControlModifier
NAMES = ("ant", "bee", "cat", "dog")


@pytest.fixture
def legend(qtbot):
    made = Legend()
    qtbot.addWidget(made)
    made.resize(500, 60)
    made.show()
    qtbot.waitExposed(made)
    made.show_names(NAMES)
    made.told = []
    made.isolated.connect(made.told.append)
    return made


def test_the_legend_says_what_its_names_are_names_of(legend):
    assert not legend.title.isVisible()
    legend.show_names(NAMES, title="Insect")
    assert legend.title.text() == "Insect"
    assert legend.title.isVisible()
    assert legend.listed == list(NAMES)
    legend.show_ramp(np.array([0.0, 3.0]), 0.0, 3.0, "px", "Wing span")
    assert legend.title.text() == "Wing span"
    assert legend.ramp.isVisible()
    legend.show_note("Nothing is known of these images.")
    assert legend.title.text() == "Nothing is known of these images."
    assert legend.ramp is None
    assert legend.listed == []


def test_a_click_isolates_and_another_shows_all(legend, qtbot):
    click(qtbot, legend, "bee")
    assert (legend.told, in_colour(legend)) == ([{1}], ["bee"])
    click(qtbot, legend, "cat")
    assert in_colour(legend) == ["cat"]
    click(qtbot, legend, "cat")
    assert legend.told[-1] is None
    assert in_colour(legend) == list(NAMES)


def test_with_ctrl_names_are_added_and_removed(legend, qtbot):
    click(qtbot, legend, "ant", CTRL)
    assert legend.chosen == {1, 2, 3}, "from all, it is taken away"
    click(qtbot, legend, "dog", CTRL)
    assert legend.chosen == {1, 2}
    click(qtbot, legend, "ant", CTRL)
    click(qtbot, legend, "dog", CTRL)
    assert legend.chosen is None, "all of them is no choice"


def test_only_names_with_points_are_listed_under_their_own_number(legend, qtbot):
    legend.show_names(("ant", "", "cat"), np.array([2, 1, -1, 2]))
    assert legend.names.names.listed == [(1, "(empty)"), (2, "cat")]
    assert legend.chosen is None, "another colouring starts anew"
    click(qtbot, legend, "cat")
    assert legend.told == [{2}]


def test_a_thousand_names_are_scrolled_and_filtered_and_do_not_eat_the_map(legend, qtbot):
    assert not legend.line.isVisible()
    names = [f"class {n}" for n in range(1000)]
    legend.show_names(names, title="Species")
    assert legend.listed == names
    assert legend.line.isVisible()
    assert legend.names.height() == TALLEST
    assert legend.names.verticalScrollBar().maximum() > 500
    assert not unnamed(legend)
    qtbot.keyClicks(legend.line, "99 CLASS")
    assert legend.listed == [f"class {n}" for n in (99, *range(199, 999, 100), *range(990, 1000))]
    assert legend.count.text() == "19 of 1,000"
    click(qtbot, legend, "class 999")
    assert legend.told == [{999}]
    qtbot.keyClick(legend.line, Qt.Key.Key_Return)
    assert legend.names.currentIndex().data() == "class 99"
    legend.line.clear()
    assert legend.listed == names
    assert in_colour(legend) == ["class 999"]
    legend.show_names(NAMES)
    assert legend.height() < TALLEST
    assert not legend.line.isVisible()


def test_the_filter_comes_with_more_than_twenty_names(legend):
    legend.show_names([f"class {n}" for n in range(MANY)])
    assert not legend.line.isVisible()
    legend.show_names([f"class {n}" for n in range(MANY + 1)])
    assert legend.line.isVisible()


def test_the_legend_is_as_high_as_its_rows(legend, qtbot):
    low = legend.height()
    legend.resize(120, low)
    qtbot.waitUntil(lambda: legend.height() > low)
    rows = {legend.names.visualRect(index_of(legend, name)).top() for name in NAMES}
    assert len(rows) > 1
    assert legend.names.verticalScrollBar().maximum() == 0


def dot(legend, name):
    place = legend.names.visualRect(index_of(legend, name))
    image = legend.names.viewport().grab().toImage()
    return image.pixelColor(place.left() + 10, place.center().y()).name()


def test_a_dot_has_its_colour_until_it_is_greyed_out(legend, qtbot):
    before = dot(legend, "ant")
    assert before == colours.series_colour(0).name()
    click(qtbot, legend, "bee")
    assert dot(legend, "ant") != before
    assert dot(legend, "bee") == colours.series_colour(1).name()


def test_with_marks_every_name_shows_its_own(legend):
    plain = legend.names.viewport().grab().toImage()
    legend.show_marks(marked=True)
    assert legend.names.viewport().grab().toImage() != plain
    assert dot(legend, "cat") == colours.series_colour(2).name()
    legend.show_marks(marked=False)
    assert legend.names.viewport().grab().toImage() == plain


def test_numbers_of_the_same_kind_keep_the_range_and_others_do_not(legend, qtbot):
    told = []
    legend.ranged.connect(told.append)
    values = np.arange(9.0)
    assert legend.range is None
    legend.show_ramp(values, 0.0, 8.0, "px", "Wing span")
    assert legend.listed == []
    assert legend.height() >= legend.ramp.height()
    legend.ramp.setFocus()
    qtbot.keyClick(legend.ramp, Qt.Key.Key_Right)
    kept = legend.range
    assert told == [kept]
    legend.show_ramp(2 * values, 0.0, 16.0, "px", "Wing span")
    assert legend.range == kept
    asked = []
    legend.values_asked.connect(asked.append)
    qtbot.keyClick(legend.ramp, Qt.Key.Key_S)
    assert asked == ["replace"]
    legend.show_ramp(values, 0.0, 8.0, "px", "Length")
    assert legend.range is None
    legend.show_names(NAMES)
    assert legend.range is None
    assert legend.height() < 40


def test_names_may_have_colours_of_their_own_until_others_come(legend):
    legend.show_names(NAMES, tints=(4, 2, 6, 0))
    assert dot(legend, "ant") == colours.series_colour(4).name()
    assert dot(legend, "cat") == colours.series_colour(6).name()
    legend.show_names(NAMES)
    assert dot(legend, "ant") == colours.series_colour(0).name()


def test_the_shared_selection_is_shown_on_every_ramp(legend):
    selection, rows = Selection(), np.array([7, 3, 5, 4])
    selection.changed.connect(
        lambda: legend.show_chosen(selection.mask(rows) if len(selection) else None)
    )
    selection.choose([3, 4, 100])
    legend.show_ramp(np.array([0.0, 1.0, 4.0, 8.0]), 0.0, 8.0, "px", "Wing span")
    counts = legend.ramp.chosen_counts
    assert (counts[5], counts[-1], counts.sum()) == (1, 1, 2), "chosen before the ramp came"
    legend.show_ramp(np.array([8.0, 0.0, 4.0, np.nan]), 0.0, 8.0, "px", "Length")
    assert np.flatnonzero(legend.ramp.chosen_counts).tolist() == [0], "values of this colouring"
    selection.choose([7])
    assert np.flatnonzero(legend.ramp.chosen_counts).tolist() == [len(counts) - 1]
    legend.show_ramp(np.array([4.0, 0.0, 4.0, 8.0]), 0.0, 8.0, "px", "Length")
    assert np.flatnonzero(legend.ramp.chosen_counts).tolist() == [20]
    legend.show_names(NAMES)
    selection.clear()
    legend.show_ramp(np.array([4.0, 0.0, 4.0, 8.0]), 0.0, 8.0, "px", "Length")
    assert legend.ramp.chosen_counts is None
