import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.panels.explore_layouts import FLAT, Layout, Space
from app.panels.explore_map import MapCard
from app.panels.explore_near import Nearest
from app.panels.explore_probe import AGREEMENT, CLASS, NONE, Probe
from app.panels.explore_tints import Tints
from app.pictures import Pictures
from app.plots import colours
from tests.app.panels.tagged_folder import own_folder, settled

ROWS = np.arange(24)


@pytest.fixture
def card(opened, qtbot):
    made = MapCard(Pictures(opened))
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    yield made
    qtbot.mouseMove(made.map, QPoint(1, 1))
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


@pytest.fixture
def tints(card, opened):
    return Tints(card, Nearest(opened.tasks, card), opened.tagging, card)


def show(card, opened, catalogue):
    features = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
    probe = Probe(ROWS, catalogue, opened.recipe)
    space = Space("run", 10, 1.0, ROWS, features)
    card.show_layout(Layout(space, FLAT, features[:, :2]), probe)


def test_classes_are_coloured_until_something_else_is_chosen(card, tints, opened):
    show(card, opened, opened.catalogue)
    tints.offer()
    assert card.header.colour.currentText() == CLASS
    assert card.legend.listed == ["cat", "dog"]
    card.header.colour_changed.emit(NONE)
    assert card.legend.listed == []


def test_the_choice_stays_while_the_images_have_it(card, tints, opened):
    show(card, opened, opened.catalogue)
    tints.offer()
    card.header.colour_changed.emit(NONE)
    show(card, opened, opened.catalogue)
    tints.offer()
    assert card.header.colour.currentText() == NONE
    show(card, opened, None)
    tints.offer()
    show(card, opened, opened.catalogue)
    tints.offer()
    assert card.header.colour.currentText() == CLASS


def test_agreement_comes_once_it_is_measured(card, tints, opened, qtbot):
    show(card, opened, opened.catalogue)
    tints.offer()
    tints.choose(AGREEMENT)
    qtbot.waitUntil(
        lambda: card.legend.ramp is not None and "neighbours" in card.legend.ramp.accessibleName(),
        timeout=10_000,
    )


def test_tags_are_offered_once_there_are_any(card, tints, opened, pictures, tmp_path, qtbot):
    own_folder(opened, pictures, tmp_path / "images", qtbot)
    show(card, opened, opened.catalogue)
    tints.offer()

    def offered():
        return [card.header.colour.itemText(n) for n in range(card.header.colour.count())]

    assert "tag" not in offered()
    with qtbot.waitSignal(opened.tagging.changed, timeout=10_000):
        opened.tagging.tag(np.array([1, 2]), "nice")
    qtbot.waitUntil(lambda: "tag" in offered(), timeout=10_000)
    card.header.colour_changed.emit("tag")
    assert card.legend.listed == ["nice"]
    settled(opened, qtbot)


def test_a_tag_is_painted_in_the_colour_it_was_given(
    card, tints, opened, pictures, tmp_path, qtbot, monkeypatch
):
    own_folder(opened, pictures, tmp_path / "images", qtbot)
    show(card, opened, opened.catalogue)
    tints.offer()
    for rows, name in (([1, 2], "nice"), ([5], "odd")):
        opened.tagging.tag(np.array(rows), name)
        settled(opened, qtbot)
    card.header.colour_changed.emit("tag")
    seen = []
    paint = card.map.set_colours
    monkeypatch.setattr(
        card.map, "set_colours", lambda rgb: (seen.append(np.array(rgb)), paint(rgb))
    )
    opened.tagging.recolour("odd", 4)
    settled(opened, qtbot)
    numbers = np.full(len(card.probe), -1)
    numbers[np.isin(card.probe.index, [1, 2])] = 0
    numbers[card.probe.index == 5] = 4
    assert np.array_equal(seen[-1], colours.by_class(numbers))
    assert card.legend.names.painter.tints == (0, 4)
    opened.tagging.undo()
    settled(opened, qtbot)
    numbers[card.probe.index == 5] = 1
    assert np.array_equal(seen[-1], colours.by_class(numbers))


def divided(opened):
    opened.groups.show("cluster", ROWS[:12], np.arange(12) % 2, ("cluster 1", "cluster 2"))


def test_groups_that_were_asked_for_colour_the_map(card, opened):
    tints = Tints(card, Nearest(opened.tasks, card), opened.tagging, card, opened.groups)
    show(card, opened, opened.catalogue)
    tints.offer()
    assert card.header.colour.currentText() == CLASS
    divided(opened)
    assert card.header.colour.currentText() == "cluster"
    assert card.legend.listed == ["cluster 1", "cluster 2"]
    assert card.colouring.numbers.tolist() == [*(np.arange(12) % 2).tolist(), *[-1] * 12]
    card.header.colour_changed.emit(NONE)
    tints.offer()  # offered still, but not forced upon anybody
    assert card.header.colour.currentText() == NONE
    assert card.header.colour.findText("cluster") >= 0
    opened.groups.clear()
    assert card.header.colour.findText("cluster") < 0


def test_a_map_that_comes_later_shows_the_groups(card, opened):
    divided(opened)
    tints = Tints(card, Nearest(opened.tasks, card), opened.tagging, card, opened.groups)
    show(card, opened, opened.catalogue)
    tints.offer()
    assert card.header.colour.currentText() == "cluster"
