import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from app.panels import explore_chosen
from app.panels.explore_chosen import Chosen
from app.panels.explore_layouts import FLAT, Layout, Space
from app.panels.explore_map import MapCard
from app.panels.explore_probe import CLASS, Colouring, Probe
from app.pictures import Pictures
from tests.app.panels.legend import click

COUNT = 20
ROWS = np.arange(COUNT)[::-1].copy() + 4
"""Catalogue rows 4 to 23, the last one first."""
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def show(card, opened, rows=ROWS):
    points = np.random.default_rng(0).normal(size=(len(rows), 2)).astype(np.float32)
    space = Space("run", 10, 1.0, rows, np.ones((len(rows), 4), np.float32))
    probe = Probe(rows, opened.catalogue, opened.recipe)
    card.show_layout(Layout(space, FLAT, points), probe)
    card.colour_by(probe.colouring(CLASS))


@pytest.fixture
def card(opened, qtbot):
    made = MapCard(Pictures(opened))
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.mouseMove(made.map, QPoint(1, 1))
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


@pytest.fixture
def chosen(card, opened):
    made = Chosen(opened, card, card)
    show(card, opened)
    made.show()
    return made


def drag(qtbot, card, keys=Qt.KeyboardModifier.NoModifier):
    """A box over the left half of the map; the positions in it."""
    shown = card.map
    qtbot.keyClick(shown, Qt.Key.Key_B)
    middle = shown.width() // 2
    qtbot.mousePress(shown, Qt.MouseButton.LeftButton, keys, QPoint(1, 1))
    qtbot.mouseMove(shown, QPoint(60, 60))
    qtbot.mouseRelease(shown, Qt.MouseButton.LeftButton, keys, QPoint(middle, shown.height() - 1))
    return [one for one in range(COUNT) if shown.place_of(one).x() <= middle]


def test_what_is_drawn_around_is_chosen_by_catalogue_row(chosen, card, opened, qtbot):
    selection = opened.selection
    inside = drag(qtbot, card)
    assert 3 < len(inside) < COUNT
    assert selection.rows.tolist() == sorted(ROWS[inside])
    assert np.flatnonzero(card.map.chosen).tolist() == inside
    assert chosen.words == f"{len(inside)} chosen"
    place = card.map.place_of(inside[0]).toPoint()
    at = card.map.index_at(card.map.place_of(inside[0]))
    qtbot.mouseClick(card.map, Qt.MouseButton.LeftButton, CTRL, place)
    assert int(ROWS[at]) not in selection
    qtbot.mouseClick(card.map, Qt.MouseButton.LeftButton, CTRL, place)
    assert int(ROWS[at]) in selection
    qtbot.mouseClick(card.map, Qt.MouseButton.LeftButton, CTRL, place)
    assert int(ROWS[at]) not in selection
    drag(qtbot, card, SHIFT)
    assert selection.rows.tolist() == sorted(ROWS[inside])
    drag(qtbot, card, SHIFT | CTRL)
    assert len(selection) == 0
    assert card.map.chosen is None
    assert chosen.words == ""


def test_what_others_choose_is_shown_and_counted(chosen, card, opened):
    heard = []
    chosen.changed.connect(lambda: heard.append(chosen.words))
    opened.selection.choose([0, 1, 4, 5])
    assert np.flatnonzero(card.map.chosen).tolist() == [18, 19]
    assert heard == ["4 chosen, 2 of them on this map"]
    opened.selection.choose([0])
    assert card.map.chosen is None
    assert heard[-1] == "1 chosen, 0 of them on this map"
    show(card, opened, np.arange(8))
    chosen.show()
    assert np.flatnonzero(card.map.chosen).tolist() == [0]
    assert chosen.words == "1 chosen"


def test_ctrl_a_and_esc_go_by_the_legend_and_the_choice(chosen, card, opened, qtbot):
    labels = opened.catalogue.labels[ROWS]
    click(qtbot, card.legend, "dog")
    qtbot.keyClick(card.map, Qt.Key.Key_A, CTRL)
    assert opened.selection.rows.tolist() == sorted(ROWS[labels == 1])
    ran = []
    window_key = QShortcut(QKeySequence("Esc"), card, lambda: ran.append(True))
    card.activateWindow()
    card.map.setFocus()
    qtbot.waitUntil(card.map.hasFocus)
    qtbot.keyClick(card.map, Qt.Key.Key_Escape)
    assert len(opened.selection) == 0
    assert ran == [], "while something is chosen, Esc is the map's"
    qtbot.keyClick(card.map, Qt.Key.Key_Escape)
    assert ran == [True]
    window_key.deleteLater()


def test_without_a_map_nothing_is_chosen(card, opened):
    chosen = Chosen(opened, card, card)
    card.picked.emit(np.array([0]), "replace")
    opened.selection.choose([3])
    assert opened.selection.rows.tolist() == [3]
    assert chosen.words == "1 chosen, 0 of them on this map"


def test_many_points_are_sorted_into_a_tree_on_a_worker(chosen, card, opened, qtbot, monkeypatch):
    taken = []
    monkeypatch.setattr(explore_chosen, "TREE_FROM", COUNT)
    monkeypatch.setattr(card.map, "set_tree", taken.append)
    card.map.fit()
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)
    assert np.array_equal(taken[0].points, card.layout_shown.points)
    monkeypatch.setattr(explore_chosen, "TREE_FROM", COUNT + 1)
    card.map.fit()
    assert not opened.tasks.running()


def test_the_ramp_of_the_legend_counts_the_chosen_images(chosen, card, opened):
    card.colour_by(Colouring(np.arange(COUNT, dtype=np.float64), (), "px", "Wing span"))
    ramp = card.legend.ramp
    assert ramp.chosen_counts is None
    opened.selection.choose([0, 4, 23])
    assert np.flatnonzero(ramp.chosen_counts).tolist() == [0, len(ramp.chosen_counts) - 1]
    opened.selection.clear()
    assert ramp.chosen_counts is None
    opened.selection.choose([4])
    card.colour_by(Colouring(np.arange(COUNT, dtype=np.float64)[::-1], (), "mm", "Length"))
    assert np.flatnonzero(card.legend.ramp.chosen_counts).tolist() == [0]
    show(card, opened, np.arange(8))
    chosen.show()
    card.colour_by(Colouring(np.arange(8, dtype=np.float64), (), "mm", "Length"))
    assert card.legend.ramp.chosen_counts.sum() == 1
