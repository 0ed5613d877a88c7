"""A confusion matrix of many classes: shares, names, and the cell that was clicked."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.confusion_map import ConfusionMap, ConfusionTable

NAMES = [f"kind {number}" for number in range(20)]


@pytest.fixture
def plot(qtbot):
    made = ConfusionMap("Classes")
    qtbot.addWidget(made)
    made.resize(400, 460)
    counts = 8 * np.eye(20, dtype=np.int64)
    counts[3, 5] = 2
    counts[7] = 0
    made.show_counts(NAMES, counts)
    made.show()
    return made


def test_colours_are_shares_of_the_true_class(plot):
    assert plot.value_at(3, 5) == pytest.approx(0.2)
    assert plot.value_at(3, 3) == pytest.approx(0.8)
    assert plot.value_at(7, 7) == 0.0
    assert (plot.shown.low, plot.shown.high) == (0.0, 1.0)


def test_cells_are_read_by_name(plot):
    assert plot.words_at(3, 5) == "kind 3 taken for kind 5: 2 of 10 images (20 %)"
    assert plot.words_at(4, 4) == "kind 4 found: 8 of 8 images (100 %)"
    assert plot.words_at(7, 0) == "kind 7 taken for kind 0: 0 of 0 images"


def test_a_click_tells_the_cell(plot, qtbot):
    rect = plot.matrix_rect()
    side = rect.width() / 20
    place = QPoint(int(rect.left() + 5.5 * side), int(rect.top() + 3.5 * side))
    with qtbot.waitSignal(plot.cell_clicked) as told:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [3, 5]


def chosen(size, **cells):
    made = np.zeros((size, size), np.int64)
    for name, count in cells.items():
        row, column = map(int, name[1:].split("_"))
        made[row, column] = count
    return made


def ringed_at(plot, x, y):
    """Whether the colour of the selection is about a place; smoothed lines lie between pixels."""
    image, accent = plot.grab().toImage(), theme.tokens().accent.lower()
    return any(image.pixelColor(int(x) + far, int(y)).name() == accent for far in range(-3, 4))


def ringed(plot, row, column):
    """Whether a cell of a map has a ring, by its left edge."""
    rect = plot.matrix_rect()
    side = rect.width() / 20
    return ringed_at(plot, rect.left() + column * side + 1, rect.top() + (row + 0.5) * side)


def test_cells_with_chosen_images_are_ringed_and_say_how_many(plot):
    plot.show_selected(chosen(20, c3_5=1, c4_4=8))
    assert plot.confusions.ringed == [(3, 5), (4, 4)]
    assert plot.words_at(3, 5).endswith("2 of 10 images (20 %), 1 chosen")
    assert plot.words_at(3, 3).endswith("8 of 10 images (80 %), 0 chosen")
    assert plot.accessibleDescription() == ("Chosen: kind 3 taken for kind 5 1, kind 4 found 8")
    assert [ringed(plot, *cell) for cell in ((3, 5), (4, 4), (3, 3))] == [True, True, False]
    plot.show_selected(chosen(20, c3_3=2))
    assert [ringed(plot, *cell) for cell in ((3, 5), (4, 4), (3, 3))] == [False, False, True]


@pytest.mark.parametrize("nothing", [None, chosen(20), chosen(3, c1_1=2)])
def test_without_chosen_images_of_these_classes_nothing_is_ringed(plot, nothing):
    plot.show_selected(chosen(20, c3_5=1))
    plot.show_selected(nothing)
    assert plot.confusions.ringed == []
    assert plot.words_at(3, 5).endswith("(20 %)")
    assert plot.accessibleDescription() == ""
    assert not ringed(plot, 3, 5)


def test_other_counts_have_no_chosen_images_yet(plot):
    plot.show_selected(chosen(20, c3_5=1))
    plot.show_counts(NAMES, np.eye(20, dtype=np.int64))
    assert plot.confusions.ringed == []


def test_rings_of_cells_that_are_smaller_are_seen(plot):
    size = 300
    plot.show_counts([str(one) for one in range(size)], np.eye(size, dtype=np.int64))
    plot.show_selected(chosen(size, c30_200=1))
    rect = plot.matrix_rect()
    x, y = (rect.left() + 200.5 / size * rect.width(), rect.top() + 30.5 / size * rect.height())
    assert ringed_at(plot, x, y)


def test_a_table_has_numbers_rings_and_a_tooltip_that_follows(qtbot):
    table = ConfusionTable("Classes")
    qtbot.addWidget(table)
    table.resize(400, 200)
    table.show()
    table.show_counts(("cat", "dog"), np.array([[8, 2], [0, 5]]))
    assert "cat and dog: 2, dog and cat: ·" in table.accessibleDescription()
    qtbot.mouseMove(table, table.cell_rect(0, 1).center().toPoint())
    assert table.toolTip() == "cat taken for dog: 2 of 10 images (20 %)"
    table.show_selected(chosen(2, c0_1=2))
    assert table.toolTip() == "cat taken for dog: 2 of 10 images (20 %), 2 chosen"
    assert table.accessibleDescription().startswith("Chosen: cat taken for dog 2. cat and cat: 8")
    places = [table.cell_rect(0, column) for column in (0, 1)]
    seen = [ringed_at(table, one.left() + 4, one.top() + 8) for one in places]
    assert seen == [False, True]
    table.show_selected(None)
    assert table.accessibleDescription().startswith("cat and cat: 8")
