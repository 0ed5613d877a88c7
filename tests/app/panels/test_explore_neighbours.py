import pytest
from PySide6.QtCore import Qt

from app.panels.explore_neighbours import COLUMNS, Neighbour, NeighboursColumn
from app.panels.explore_pictures import Pictures
from tests.app.panels.reachable import unnamed


@pytest.fixture
def column(opened, qtbot):
    made = NeighboursColumn(Pictures(opened))
    qtbot.addWidget(made)
    made.resize(360, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


def near(rows, step=0.05):
    return [Neighbour(row, 0.95 - step * n, f"cat/{row}.png", "cat") for n, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("cosine", "label", "words"),
    [(0.973, "horse", "0.97 horse"), (-0.5, "cat", "−0.50 cat"), (1.0, "", "1.00")],
)
def test_words_of_a_neighbour(cosine, label, words):
    assert Neighbour(1, cosine, "1.png", label).words == words


def test_at_first_it_says_how_to_choose(column, qtbot):
    assert "Click it to pin" in column.hint.text
    assert not column.pin.isVisible()
    with qtbot.waitSignal(column.any_asked, timeout=1_000):
        qtbot.mouseClick(column.any, Qt.MouseButton.LeftButton)
    assert not unnamed(column)


def test_a_pinned_image_shows_at_once_and_its_neighbours_when_they_come(column, qtbot):
    column.show_pinned(3, "cat/03.png", "cat, trained on")
    assert column.pin.isVisible()
    assert not column.hint.isVisible()
    assert column.path.full == "cat/03.png"
    assert column.buttons == []
    column.show_neighbours(near([5, 9, 1]), "cat, 3 of 3 agree")
    assert [one.text() for one in column.buttons] == ["0.95 cat", "0.90 cat", "0.85 cat"]
    assert column.facts.text() == "cat, 3 of 3 agree"
    assert not unnamed(column)
    qtbot.waitUntil(lambda: all(column._pictures.get(row) for row in (3, 5, 9, 1)), timeout=10_000)


def test_a_neighbour_is_chosen_by_mouse_and_by_key(column, qtbot):
    told = []
    column.chosen.connect(told.append)
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near([5, 9, 1]), "")
    qtbot.mouseClick(column.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.keyClick(column.buttons[2], Qt.Key.Key_Space)
    column.show_neighbours(near([8, 7]), "")
    assert len(column.buttons) == 2
    qtbot.mouseClick(column.buttons[0], Qt.MouseButton.LeftButton)
    assert told == [9, 1, 8], "buttons stand for what they show now"


def test_another_pin_drops_the_old_neighbours_and_clear_drops_all(column, qtbot):
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near([5, 9]), "")
    column.show_pinned(3, "cat/03.png", "")
    assert len(column.buttons) == 2
    column.show_pinned(4, "cat/04.png", "")
    assert column.buttons == []
    with qtbot.waitSignal(column.unpinned, timeout=1_000):
        qtbot.mouseClick(column.clear, Qt.MouseButton.LeftButton)
    column.show_nothing()
    assert column.hint.isVisible()
    assert not column.pin.isVisible()


def test_only_whole_rows_of_tiles_are_shown(column):
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near(range(12), 0.01), "")
    counts = []
    for height in (420, 560, 800):
        column.resize(360, height)
        seen = [one for one in column.buttons if one.isVisible()]
        counts.append(len(seen))
        assert len(seen) % COLUMNS == 0
        lowest = max(one.geometry().bottom() for one in seen)
        assert lowest <= max(column._area.height(), seen[0].height()), height
        assert max(one.geometry().right() for one in seen) < column._area.width()
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
