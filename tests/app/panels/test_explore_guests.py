import numpy as np
import pytest

from app.panels.explore_guests import Guests
from app.panels.explore_layouts import FLAT, Layout, Layouts, PcaSettings, Space, TsneSettings
from app.panels.explore_map import MapCard
from app.panels.explore_probe import Probe
from app.pictures import Pictures
from sslcore.evaluation.projection import pca
from tests.app.panels.projecting import Server

FEATURES = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)


@pytest.fixture
def guests(opened, qtbot):
    card = MapCard(Pictures(opened))
    qtbot.addWidget(card)
    layouts = Layouts(opened.tasks, server=Server)
    made = Guests(layouts, card, card)
    made.card, made.shown, made.heard = card, [], []
    card.map.set_guests = made.shown.append
    made.changed.connect(lambda: made.heard.append(made.words))
    show(opened, card)
    yield made
    layouts.close()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


def show(opened, card, way=FLAT, features=FEATURES):
    space = Space("run", 10, 1.0, np.arange(len(features)), features)
    points = pca(features, way.dimensions)
    layout = Layout(space, way, points, kind=way.kind)
    card.show_layout(layout, Probe(space.index, opened.catalogue, opened.recipe))
    return layout


def last(guests, qtbot):
    qtbot.waitUntil(lambda: bool(guests.shown) and guests.shown[-1] is not None, timeout=10_000)
    return guests.shown[-1]


def test_a_new_image_is_marked_where_it_would_lie_and_taken_away(guests, qtbot):
    guests.show(FEATURES[3:5])
    found = last(guests, qtbot)
    np.testing.assert_allclose(found, pca(FEATURES)[3:5], atol=1e-3)
    assert guests.words == guests.heard[-1] == "placed by the components of the map, exactly"
    guests.show(None)
    assert guests.shown[-1] is None
    assert guests.words == guests.heard[-1] == ""


def test_it_is_placed_anew_when_another_map_is_shown(guests, opened, qtbot):
    guests.show(FEATURES[3:4])
    last(guests, qtbot)
    for way, words in ((PcaSettings(3), "exactly"), (TsneSettings(dimensions=3), "nearest images")):
        guests.shown.clear()
        layout = show(opened, guests.card, way)
        guests.card.map._settle()
        found = last(guests, qtbot)
        np.testing.assert_allclose(found, layout.points[3:4], atol=1e-3)
        assert words in guests.words


def test_on_the_map_of_another_encoder_there_is_no_guest(guests, opened, qtbot):
    guests.show(FEATURES[3:4])
    last(guests, qtbot)
    show(opened, guests.card, features=FEATURES[:, :4].copy())
    guests.card.map._settle()
    assert guests.shown[-1] is None
    assert guests.words == ""
