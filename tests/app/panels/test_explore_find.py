import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels import explore_find
from app.panels.explore_find import FindCard
from app.panels.explore_layouts import Space
from app.panels.explore_probe import Probe
from sslcore.evaluation.outliers import neighbour_distance
from tests.app.panels.reachable import unnamed

COUNT = 24
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def card(opened, qtbot):
    made = FindCard(opened)
    qtbot.addWidget(made)
    made.resize(372, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


def space(step=10, run="run", seed=0):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(COUNT, 12)).astype(np.float32)
    features[[7, 11]] = features[[2, 11]]
    features[8] = features[11] + 0.01
    return Space(run, step, step / 10, np.arange(COUNT)[::-1].copy(), features)


def give(card, opened, shown):
    card.set_space(shown, Probe(shown.index, opened.catalogue, opened.recipe))
    return shown


def choose(card, qtbot, kind):
    card.form.kind.setFocus()
    qtbot.keyClick(card.form.kind, Qt.Key.Key_Home)
    while card.form.kind.currentText() != kind:
        qtbot.keyClick(card.form.kind, Qt.Key.Key_Down)


def press(card, qtbot):
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(card.start.isVisible, timeout=20_000)


def shown(card):
    return card.grid.rows.tolist() if card.grid.isVisible() else []


def caption(card, position):
    return card.grid._captions[position]


def click(card, qtbot, position, keys=Qt.KeyboardModifier.NoModifier):
    place = card.grid.cell(position).center()
    qtbot.mouseClick(card.grid.viewport(), LEFT, keys, place)


def test_before_the_first_map_nothing_can_be_searched(card):
    assert not card.start.isEnabled()
    assert not card.form.isEnabled()
    assert "before the first map" in card.words.text()
    assert not card.grid.isVisible()


def test_it_says_that_the_map_holds_a_part_of_the_folder(card, opened, qtbot):
    whole = space()
    give(card, opened, replace(whole, index=whole.index[:20], features=whole.features[:20]))
    press(card, qtbot)
    assert card.words.text().endswith("Searched were the 20 of 24 images that are on the map.")
    give(card, opened, whole)
    press(card, qtbot)
    assert "Searched were" not in card.words.text()


def test_near_duplicates_are_shown_in_groups_and_chosen(card, opened, qtbot):
    features = give(card, opened, space())
    assert not unnamed(card)
    press(card, qtbot)
    assert card.words.text().startswith("2 pairs of near-duplicates among 24 images, in 2 groups")
    index = features.index
    assert shown(card) == [index[2], index[7], index[8], index[11]]
    assert card.grid._titles[0] == "closest 1.000"
    assert [caption(card, n) for n in range(2)] == ["1.000", "1.000"]
    assert not unnamed(card)
    click(card, qtbot, 1)
    assert opened.selection.rows.tolist() == [index[7]]
    click(card, qtbot, 2, CONTROL)
    assert opened.selection.rows.tolist() == sorted([index[7], index[8]])
    qtbot.mouseClick(card.every, LEFT)
    assert card.every.text() == "Select all 4"
    assert opened.selection.rows.tolist() == sorted(shown(card))


def test_outliers_are_a_ranked_list_whose_first_are_selected(card, opened, qtbot):
    features = give(card, opened, space())
    choose(card, qtbot, "Outliers")
    press(card, qtbot)
    scores = neighbour_distance(features.features, 10)
    order = np.argsort(-scores, kind="stable")
    assert shown(card) == features.index[order].tolist()
    assert caption(card, 0) == f"{scores.max():.3f}"
    assert card.many.value() == 20
    card.many.setFocus()
    qtbot.keyClick(card.many, Qt.Key.Key_A, CONTROL)
    qtbot.keyClicks(card.many, "3")
    qtbot.mouseClick(card.first, LEFT)
    assert opened.selection.rows.tolist() == sorted(features.index[order[:3]].tolist())


@pytest.mark.parametrize("kind", ["Mislabelled", "Most typical", "Most diverse"])
def test_every_other_search_ends_in_a_gallery(card, opened, qtbot, kind):
    give(card, opened, space())
    choose(card, qtbot, kind)
    qtbot.keyClick(card.start, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: card.words.isVisible(), timeout=20_000)
    assert card.words.text().endswith(".")
    assert shown(card)
    assert card._foot.isVisible()


def test_buttons_stand_below_one_another_where_it_is_narrow(card, opened, qtbot):
    give(card, opened, space())
    press(card, qtbot)
    assert card.every.y() == card.first.y()
    card.setFixedWidth(268)
    qtbot.waitUntil(lambda: card.every.y() > card.first.geometry().bottom(), timeout=5_000)
    assert card.every.geometry().right() < card.width()
    assert card.many.geometry().right() < card.width()


def test_a_search_tells_its_progress_and_can_be_cancelled(card, opened, qtbot, monkeypatch):
    go, seen = threading.Event(), []

    def slow(wish, features, probe, ticket):
        ticket.progress(3, 10)
        go.wait(20)
        seen.append(ticket.cancelled())
        raise AssertionError("what a cancelled search says is not heard")

    monkeypatch.setattr(explore_find, "search", slow)
    give(card, opened, space())
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(lambda: (card.bar.value(), card.bar.maximum()) == (3, 10), timeout=10_000)
    assert not card.start.isVisible()
    qtbot.keyClick(card.cancel, Qt.Key.Key_Space)
    assert card.start.isVisible()
    assert not card.bar.isVisible()
    go.set()
    qtbot.waitUntil(lambda: seen == [True], timeout=10_000)
    assert card.words.text() == ""


def test_what_cannot_be_searched_is_told(card, opened, qtbot):
    bare = space()
    card.set_space(bare, Probe(bare.index, None, None))
    choose(card, qtbot, "Mislabelled")
    press(card, qtbot)
    assert card.words.text().startswith("These images have no classes")
    assert card.words.property("role") == "danger"
    broken = space()
    broken.features[3] = np.nan
    give(card, opened, broken)
    choose(card, qtbot, "Outliers")
    press(card, qtbot)
    assert "diverged" in card.words.text()
    assert not card.grid.isVisible()


def test_what_was_found_stays_when_the_map_moves_on_and_says_so(card, opened, qtbot):
    give(card, opened, space(10))
    press(card, qtbot)
    before = shown(card)
    give(card, opened, space(20, seed=1))
    assert shown(card) == before
    assert card.stale.text().startswith("Found at epoch 1.0; the map shows epoch 2.0.")
    press(card, qtbot)
    assert not card.stale.isVisible()
    give(card, opened, space(20, run="another"))
    assert not card.grid.isVisible()
    assert card.words.text() == ""


def test_without_the_images_what_was_found_can_be_chosen_all_the_same(card, opened, qtbot):
    bare = space()
    card.set_space(bare, Probe(bare.index, None, None))
    press(card, qtbot)
    assert "2 pairs" in card.words.text()
    assert card.words.text().endswith("are not open, so they are not shown here.")
    assert not card.grid.isVisible()
    qtbot.mouseClick(card.every, LEFT)
    assert len(opened.selection) == 4
