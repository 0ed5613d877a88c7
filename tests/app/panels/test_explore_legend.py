import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.panels.explore_legend import MOST, TALLEST, Legend, Ramp
from app.plots import colours

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


def words(legend):
    return [one.text() for one in legend.widget().findChildren(QLabel)]


def test_the_legend_says_what_its_names_are_names_of(legend):
    assert words(legend) == []
    legend.show_names(NAMES, title="Insect")
    assert words(legend) == ["Insect"]
    assert len(legend.entries) == len(NAMES)
    legend.show_ramp(0.0, 3.0, "px", "Wing span")
    assert words(legend) == ["Wing span"]
    assert legend.widget().findChild(Ramp) is not None
    legend.show_note("Nothing is known of these images.")
    assert words(legend) == ["Nothing is known of these images."]
    assert legend.entries == []


def click(qtbot, legend, number, keys=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(legend.entries[number], Qt.MouseButton.LeftButton, keys)


def shown(legend):
    return [one.text() for one in legend.entries if one.shown]


def test_a_click_isolates_and_another_shows_all(legend, qtbot):
    click(qtbot, legend, 1)
    assert (legend.told, shown(legend)) == ([{1}], ["bee"])
    click(qtbot, legend, 2)
    assert shown(legend) == ["cat"]
    click(qtbot, legend, 2)
    assert legend.told[-1] is None
    assert shown(legend) == list(NAMES)


def test_with_ctrl_names_are_added_and_removed(legend, qtbot):
    click(qtbot, legend, 0, CTRL)
    assert legend.chosen == {1, 2, 3}, "from all, it is taken away"
    click(qtbot, legend, 3, CTRL)
    assert legend.chosen == {1, 2}
    click(qtbot, legend, 0, CTRL)
    click(qtbot, legend, 3, CTRL)
    assert legend.chosen is None, "all of them is no choice"


def test_keys_do_the_same(legend, qtbot):
    legend.entries[2].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(legend.entries[2], Qt.Key.Key_Return)
    qtbot.keyClick(legend.entries[2], Qt.Key.Key_Space)
    assert legend.told == [{2}, None]
    assert legend.entries[2].accessibleName() == "Isolate cat"


def test_only_names_with_points_are_listed_under_their_own_number(legend, qtbot):
    legend.show_names(("ant", "", "cat"), np.array([2, 1, -1, 2]))
    assert [(one.text(), one.number) for one in legend.entries] == [("(empty)", 1), ("cat", 2)]
    assert legend.chosen is None, "another colouring starts anew"
    click(qtbot, legend, 1)
    assert legend.told == [{2}]


def test_very_many_names_are_counted_and_do_not_eat_the_map(legend):
    legend.show_names([f"class {n}" for n in range(MOST + 1000)])
    assert len(legend.entries) == MOST
    assert "and 1,000 more" in [one.text() for one in legend.findChildren(QLabel)]
    assert legend.height() <= TALLEST
    legend.show_names(NAMES)
    assert legend.height() < TALLEST


def dot(legend, number):
    return legend.entries[number].grab().toImage().pixelColor(10, 11).name()


def test_a_dot_has_its_colour_until_it_is_greyed_out(legend, qtbot):
    legend.entries[0].clearFocus()
    before = dot(legend, 0)
    assert before == colours.series_colour(0).name()
    click(qtbot, legend, 1)
    assert dot(legend, 0) != before
    assert dot(legend, 1) == colours.series_colour(1).name()


def test_a_scale_has_its_ends_and_the_colours_between(legend):
    legend.show_ramp(0.25, 8.0, "px")
    assert legend.entries == []
    ramp = legend.findChild(Ramp)
    assert ramp.accessibleName().endswith("px")
    assert "0.25" in ramp.accessibleName()
    image = ramp.grab().toImage()
    row = [image.pixelColor(x, 11).name() for x in range(image.width())]
    ends = [theme_colour(value) for value in (0.0, 1.0)]
    assert ends[0] in row
    assert ends[1] in row
    assert row.index(ends[0]) < row.index(ends[1])


def theme_colour(value):
    red, green, blue = (int(one) for one in colours.by_value(np.array([value, 0.0, 1.0]))[0][:3])
    return f"#{red:02x}{green:02x}{blue:02x}"
