import numpy as np
import pytest
from PySide6.QtCore import Qt

from app import theme
from app.panels.explore_layouts import Layout, PcaSettings, Space, UmapSettings
from app.panels.explore_map import MapCard
from app.panels.explore_mapped import described, shown_on
from app.panels.explore_probe import Colouring, Probe
from app.pictures import Pictures
from app.plots import colours
from app.plots.dot_image import greyed
from tests.app.panels.legend import click

INDEX = np.array([5, 2, 9, 20])
FEATURES = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
POINTS = FEATURES[:, :2]


@pytest.fixture
def card(opened, qtbot):
    made = MapCard(Pictures(opened))
    qtbot.addWidget(made)
    space = Space("run", 10, 1.25, INDEX, FEATURES)
    made.show_layout(Layout(space, PcaSettings(), POINTS), Probe(INDEX, opened.catalogue, None))
    return made


def test_a_map_is_told_with_everything_needed_to_make_it_again(card):
    found = shown_on(card, None)
    assert found.index is INDEX
    assert found.points is POINTS
    assert found.features is FEATURES
    assert found.widget is card.map
    assert found.projection == "PCA, dimensions 2, epoch 1.2"
    assert len(np.unique(found.colours, axis=0)) == 1
    space = card.layout_shown.space
    words = described(Layout(space, UmapSettings(n_neighbors=7, seed=3), POINTS))
    assert words.startswith("UMAP, ")
    assert "n_neighbors 7" in words
    assert "seed 3" in words


def test_classes_and_values_bring_their_legend(card):
    classes = Colouring(np.array([2, -1, 0, 2]), ("cat", "dog", "horse"))
    found = shown_on(card, classes)
    assert np.array_equal(found.colours, colours.by_class(classes.numbers))
    assert [name for name, _, _ in found.legend] == ["cat", "horse"], "only what is seen"
    assert found.legend[1][1] == colours.series_colour(2).name()
    chosen = Colouring(classes.numbers, classes.names, tints=(6, 0, 4))
    found = shown_on(card, chosen)
    assert np.array_equal(found.colours, colours.by_class(np.array([4, -1, 6, 4])))
    wanted = [
        ("cat", colours.series_colour(6).name(), "circle"),
        ("horse", colours.series_colour(4).name(), "circle"),
    ]
    assert found.legend == wanted
    values = Colouring(np.array([0.5, np.nan, 2.0, 1.0]), unit="px")
    found = shown_on(card, values)
    assert [name for name, _, _ in found.legend] == ["0.500 px", "2.00 px"]
    assert bytes(found.colours[2].tolist()).hex() == found.legend[1][1].removeprefix("#")
    assert shown_on(card, Colouring(np.full(4, np.nan))).legend == []
    assert shown_on(card, Colouring(np.zeros(9))).legend == [], "of another map"


def test_classes_have_marks_where_the_map_shows_them(card):
    classes = Colouring(np.array([2, -1, 0, 2]), ("cat", "dog", "horse"))
    card.colour_by(classes)
    assert shown_on(card, classes).numbers is None
    actions = card.header.tools.look.menu().actions()
    next(one for one in actions if one.text() == "Shapes for classes").trigger()
    found = shown_on(card, classes)
    assert found.numbers.tolist() == [2, -1, 0, 2]
    assert [mark for _, _, mark in found.legend] == ["circle", "triangle"]


def test_what_is_greyed_or_chosen_is_told_as_it_is_drawn(card, qtbot):
    classes = Colouring(np.array([2, -1, 0, 2]), ("cat", "dog", "horse"))
    card.colour_by(classes)
    found = shown_on(card, classes)
    assert found.words is card.legend
    assert found.emphasis is None
    assert found.chosen is None
    card.resize(700, 500)
    card.show()
    qtbot.waitExposed(card)
    click(qtbot, card.legend, "horse")
    card.show_chosen(np.array([True, True, False, False]))
    found = shown_on(card, classes)
    assert found.emphasis.tolist() == [True, False, False, True]
    assert found.chosen.tolist() == [True, True, False, False]
    grey = greyed(theme.tokens_of("light"))
    assert [tint for _, tint, _ in found.legend] == [grey, colours.series_colour(2).name()]


def test_points_in_space_are_told_as_they_are_turned(card, qtbot):
    assert shown_on(card, None).seen is POINTS
    solid = FEATURES[:, :3]
    space = card.layout_shown.space
    card.show_layout(Layout(space, PcaSettings(3), solid), card.probe)
    card.resize(700, 500)
    card.show()
    qtbot.waitExposed(card)
    before = shown_on(card, None).seen
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(card.map, key)
    found = shown_on(card, None)
    assert found.points is solid, "a table has what was computed"
    assert not np.allclose(found.seen, before)
    x, y = card.map.camera.pixels(found.seen)
    places = [card.map.place_of(number) for number in range(4)]
    assert np.allclose(x, [one.x() for one in places])
    assert np.allclose(y, [one.y() for one in places])


def test_without_a_map_or_its_images_there_is_nothing(card):
    card.show_layout(card.layout_shown, Probe(INDEX, None, None))
    assert shown_on(card, None) is None
    card.say_empty("No map", "")
    assert shown_on(card, None) is None
