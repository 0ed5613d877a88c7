import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF

from app import theme
from app.plots import cell_words
from app.plots.cell_words import DARK, PALE, margins, readable_on, small
from app.plots.heatmap import HeatmapPlot
from sslcore.diagnostics import heatmap

NAMES = ("upright", "on its head")


def two(**names):
    return heatmap(np.array([[1.0, 0.0], [0.25, 0.75]]), low=0.0, high=1.0, diverging=False,
                   row_label="turned", column_label="taken for", **names)  # fmt: skip


@pytest.fixture
def plot(qtbot):
    made = HeatmapPlot("Confusion")
    qtbot.addWidget(made)
    made.resize(340, 460)
    made.set_diagnostic(two(row_names=NAMES, column_names=NAMES))
    made.show()
    return made


def colours_in(plot, rect):
    image = plot.grab().toImage()
    return {image.pixelColor(x, y).name()
            for x in range(int(rect.left()), int(rect.right()))
            for y in range(int(rect.top()), int(rect.bottom()))}  # fmt: skip


def nearest(wanted, names):
    """Least distance of a colour to any of these; strokes are thin, so their edges are mixed."""
    found = [QColor(name) for name in names]
    return min(
        max(abs(one.red() - wanted.red()), abs(one.green() - wanted.green()),
            abs(one.blue() - wanted.blue()))
        for one in found
    )  # fmt: skip


def test_only_few_rows_and_columns_have_words():
    assert small(heatmap(np.zeros((16, 16))))
    assert not small(heatmap(np.zeros((17, 2))))
    many = [str(one) for one in range(17)]
    assert margins(heatmap(np.zeros((17, 17)), row_names=many, column_names=many), 400) == (0, 0)


def test_names_have_room_at_the_sides(qtbot):
    shown = two(row_names=NAMES, column_names=NAMES)
    widest = math.ceil(QFontMetricsF(theme.font(11)).horizontalAdvance("on its head"))
    left, above = margins(shown, 400)
    assert left == widest + cell_words.GAP + 1
    assert above == 2 * cell_words.LINE  # "on its head" may stand in two lines
    assert margins(shown, 100)[0] == pytest.approx(30)
    assert margins(two(), 400) == (0, 0)


def test_names_are_painted_beside_and_above(plot):
    rect = plot.matrix_rect()
    ground = plot.grab().toImage().pixelColor(2, 2).name()
    beside = rect.translated(-rect.left(), 0)
    beside.setWidth(rect.left() - 2)
    above = rect.translated(0, 24 - rect.top())
    above.setHeight(rect.top() - 26)
    assert len(colours_in(plot, beside) - {ground}) > 3
    assert len(colours_in(plot, above) - {ground}) > 3


def test_cells_hold_their_numbers_in_what_reads_on_them(plot):
    rect = plot.matrix_rect()
    cell = rect.adjusted(2, 2, -rect.width() / 2 - 2, -rect.height() / 2 - 2)
    yellow = cell  # row 0, column 0: 1.00
    blue = cell.translated(rect.width() / 2, 0)  # 0.00
    assert nearest(DARK, colours_in(plot, yellow)) < 20
    assert nearest(PALE, colours_in(plot, blue)) < 20
    assert nearest(PALE, colours_in(plot, yellow)) > 60


def test_numbers_stay_out_of_cells_without_room(plot):
    plot.set_diagnostic(heatmap(np.full((16, 16), 0.5), low=0.0, high=1.0, diverging=False))
    rect = plot.matrix_rect()
    assert rect.width() / 16 < cell_words.ROOM[0]
    assert len(colours_in(plot, rect.adjusted(1, 1, -1, -1))) == 1


def test_the_read_out_speaks_in_names(plot, qtbot):
    assert plot.words_at(1, 0) == "turned on its head, taken for upright: 0.250"
    rect = plot.matrix_rect()
    corner = QPointF(rect.left() + 2, rect.bottom() - 2)
    assert plot.cell_at(corner) == (1, 0)
    assert plot.cell_at(QPointF(2, rect.center().y())) is None


def test_ink_stands_out(qtbot):
    assert readable_on(np.array([250, 240, 120], np.uint8)) == DARK
    assert readable_on(np.array([10, 30, 80], np.uint8)) == PALE
    assert isinstance(readable_on(np.zeros(3, np.uint8)), QColor)
