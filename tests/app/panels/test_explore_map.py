import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.explore_layouts import FLAT, Layout, Space
from app.panels.explore_map import MapCard
from app.panels.explore_probe import CLASS, Colouring, Probe
from app.pictures import Pictures
from app.plots import colours
from tests.app.panels.legend import click, enter

COUNT = 24
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def card(opened, qtbot):
    made = MapCard(Pictures(opened))
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


@pytest.fixture
def filled(card, opened):
    points = np.random.default_rng(0).normal(size=(COUNT, 2)).astype(np.float32)
    rows = np.arange(COUNT)[::-1].copy()
    space = Space("run", 10, 1.0, rows, np.ones((COUNT, 4), np.float32))
    probe = Probe(rows, opened.catalogue, opened.recipe)
    card.show_layout(Layout(space, FLAT, points), probe)
    card.colour_by(probe.colouring(CLASS))
    return card


def test_without_a_map_it_says_what_is_missing(card, filled):
    assert filled.map.isVisible()
    card.say_empty("No features yet", "They come with the first evaluation.")
    assert "No features yet" in card.empty.text
    assert not card.map.isVisible()
    assert not card.header.isVisible()
    assert not card.legend.isVisible()
    assert card.layout_shown is None
    assert card.probe is None


def test_points_have_the_colour_of_their_class(filled, opened):
    given = []
    filled.map.set_colours = given.append
    filled.colour_by(filled.probe.colouring(CLASS))
    labels = opened.catalogue.labels[filled.probe.index]
    assert np.array_equal(given[0], colours.by_class(labels))
    assert filled.legend.listed == ["cat", "dog"]


def test_numbers_get_a_ramp_and_nothing_known_gets_one_colour(filled):
    given = []
    filled.map.set_colours = given.append
    values = np.linspace(2.0, 8.0, COUNT)
    values[3] = np.nan
    filled.colour_by(Colouring(values, (), "px"))
    expected = colours.by_value(values, 2.0, 8.0)
    assert np.array_equal(given[-1], expected, equal_nan=True)
    assert filled.legend.listed == []
    filled.colour_by(None)
    assert len({tuple(one) for one in np.asarray(given[-1]).reshape(COUNT, -1).tolist()}) == 1


def test_a_range_of_values_isolates_and_selects_points(filled, qtbot):
    given, picked = [], []
    filled.map.set_emphasis = given.append
    filled.picked.connect(lambda positions, mode: picked.append((positions.tolist(), mode)))
    values = np.linspace(0.0, 40.0, COUNT)
    values[3] = np.nan
    filled.colour_by(Colouring(values, (), "px", "Wing span"))
    assert given[-1] is None
    ramp = filled.legend.ramp
    ramp.setFocus()
    qtbot.keyClick(ramp, Qt.Key.Key_S)
    assert picked[-1] == (np.flatnonzero(np.isfinite(values)).tolist(), "replace")
    for _ in range(10):
        qtbot.keyClick(ramp, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    low, high = filled.legend.range
    inside = np.nan_to_num(values, nan=-1.0)
    expected = (inside >= low) & (inside <= high)
    assert 0 < expected.sum() < COUNT
    assert np.array_equal(given[-1], expected)
    qtbot.keyClick(ramp, Qt.Key.Key_S)
    assert picked[-1] == (np.flatnonzero(expected).tolist(), "replace")
    filled.colour_by(Colouring(values + 1.0, (), "px", "Wing span"))
    assert given[-1].sum() > 0, "the same values of another moment keep the range"
    filled.colour_by(None)
    assert given[-1] is None


def test_the_legend_isolates_points_until_the_colouring_changes(filled, opened, qtbot):
    given = []
    filled.map.set_emphasis = given.append
    click(qtbot, filled.legend, "dog")
    labels = opened.catalogue.labels[filled.probe.index]
    assert np.array_equal(given[-1], labels == 1)
    filled.colour_by(filled.probe.colouring(CLASS))
    assert np.array_equal(given[-1], labels == 1), "the same names keep what is isolated"
    filled.colour_by(Colouring(1 - labels, ("x", "y")))
    assert given[-1] is None


def test_resting_on_a_point_shows_its_image_name_and_class(filled, qtbot):
    told = []
    filled.card_wanted.connect(told.append)
    filled.map.card_requested.emit(2, QPoint(100, 100))
    assert told == [2]
    assert filled.card.isVisible()
    row = int(filled.probe.index[2])
    assert filled.card.path.full == filled.probe.catalogue.paths[row]
    assert filled.card.words.text() == "dog"
    qtbot.waitUntil(lambda: filled._pictures.get(row) is not None, timeout=10_000)
    filled.map.hovered.emit(-1)
    assert not filled.card.isVisible()


def test_neighbours_of_another_point_are_not_told(filled, monkeypatch):
    filled.map.card_requested.emit(2, QPoint(100, 100))
    monkeypatch.setattr(type(filled.map), "hovered_index", 2)
    filled.tell(5, "4 of 5 neighbours agree")
    assert filled.card.words.text() == "dog"
    filled.tell(2, "3 of 5 neighbours agree")
    assert filled.card.words.text() == "dog\n3 of 5 neighbours agree"


def test_a_click_on_a_point_pins_it(filled, qtbot):
    told = []
    filled.pinned.connect(told.append)
    place = filled.map.place_of(7).toPoint()
    qtbot.mouseClick(filled.map, Qt.MouseButton.LeftButton, pos=place)
    assert told == [7]


def test_letters_take_tools_wherever_the_keyboard_is(filled, qtbot):
    tools = filled.header.tools
    for key, tool in ((Qt.Key.Key_L, "lasso"), (Qt.Key.Key_B, "box"), (Qt.Key.Key_V, "pan")):
        for widget in (filled.map, tools.look, filled.legend.names):
            filled.map.set_tool("pan" if tool != "pan" else "box")
            qtbot.keyClick(widget, key)
            assert filled.map.tool == tool
            assert tools.buttons[tool].isChecked()
    qtbot.mouseClick(tools.buttons["lasso"], Qt.MouseButton.LeftButton)
    assert filled.map.tool == "lasso"


def test_picked_points_are_told_and_shown_when_they_are_chosen(filled, qtbot):
    told = []
    filled.picked.connect(lambda positions, mode: told.append((positions.tolist(), mode)))
    place = filled.map.place_of(7).toPoint()
    qtbot.mouseClick(filled.map, Qt.MouseButton.LeftButton, SHIFT, place)
    assert told == [([7], "add")]
    assert filled.map.chosen is None, "it is the selection that chooses"
    filled.show_chosen(np.arange(COUNT) == 7)
    assert np.flatnonzero(filled.map.chosen).tolist() == [7]
    filled.show_chosen(None)
    assert filled.map.chosen is None


def test_a_class_is_selected_from_the_legend(filled, opened, qtbot):
    told = []
    filled.picked.connect(lambda positions, mode: told.append((positions.tolist(), mode)))
    dogs = np.flatnonzero(opened.catalogue.labels[filled.probe.index] == 1).tolist()
    click(qtbot, filled.legend, "cat")
    qtbot.keyClick(enter(qtbot, filled.legend, "dog"), Qt.Key.Key_S)
    assert told == [(dogs, "replace")], "also if the legend greys it out"


def test_choice_and_isolation_are_shown_together(filled, opened, qtbot):
    labels = opened.catalogue.labels[filled.probe.index]
    filled.show_chosen(np.arange(COUNT) < 12)
    click(qtbot, filled.legend, "dog")
    assert np.array_equal(filled.map.emphasis, labels == 1)
    assert filled.map.chosen.sum() == 12
    click(qtbot, filled.legend, "dog")
    assert filled.map.emphasis is None
    assert filled.map.chosen.sum() == 12, "the legend does not choose"


def menu(card, text):
    actions = card.header.tools.look.menu().actions()
    next(one for one in actions if one.text() == text).trigger()


def test_the_drawing_is_chosen_and_told(filled, qtbot):
    assert filled.drawing == "dots drawn on the CPU"
    with qtbot.waitSignal(filled.drawing_changed, timeout=5_000):
        menu(filled, "Density")
    assert filled.drawing == "density drawn on the CPU"
    with qtbot.waitSignal(filled.drawing_changed, timeout=5_000):
        menu(filled, "Dots, or density in a crowd")
        filled.map.grab()
    assert filled.drawing == "dots drawn on the CPU"


def test_shapes_come_with_more_classes_than_colours_tell_apart(filled):
    given = []
    filled.map.set_marks = given.append
    numbers = np.arange(COUNT) % 9
    names = tuple("abcdefghi")
    filled.colour_by(Colouring(numbers, names))
    assert np.array_equal(given[-1], numbers)
    assert filled.legend.names.painter.marked
    filled.colour_by(Colouring(numbers % 8, names))
    assert given[-1] is None
    assert not filled.legend.names.painter.marked
    menu(filled, "Shapes for classes")
    assert np.array_equal(given[-1], numbers % 8)
    filled.colour_by(Colouring(np.linspace(0, 1, COUNT)))
    assert given[-1] is None, "values have no shapes"
    filled.colour_by(Colouring(numbers, names))
    menu(filled, "Circles only")
    assert given[-1] is None
