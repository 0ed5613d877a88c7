"""A confusion matrix of many classes: shares, names, and the cell that was clicked."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.plots.confusion_map import ConfusionMap

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
