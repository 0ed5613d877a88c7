import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.explore_layouts import Layout, Space
from app.panels.explore_map import MapCard
from app.panels.explore_pictures import Pictures
from app.panels.explore_probe import CLASS, Colouring, Probe
from app.plots import colours

COUNT = 24


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
    card.show_layout(Layout(space, None, points, 0.9), probe)
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
    assert [one.text() for one in filled.legend.entries] == ["cat", "dog"]


def test_numbers_get_a_ramp_and_nothing_known_gets_one_colour(filled):
    given = []
    filled.map.set_colours = given.append
    values = np.linspace(2.0, 8.0, COUNT)
    values[3] = np.nan
    filled.colour_by(Colouring(values, (), "px"))
    expected = colours.by_value(values, 2.0, 8.0)
    assert np.array_equal(given[-1], expected, equal_nan=True)
    assert filled.legend.entries == []
    filled.colour_by(None)
    assert len({tuple(one) for one in np.asarray(given[-1]).reshape(COUNT, -1).tolist()}) == 1


def test_the_legend_isolates_points_until_the_colouring_changes(filled, opened, qtbot):
    given = []
    filled.map.set_emphasis = given.append
    qtbot.mouseClick(filled.legend.entries[1], Qt.MouseButton.LeftButton)
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
