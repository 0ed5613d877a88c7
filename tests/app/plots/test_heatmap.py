import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from app import theme
from app.plots.heatmap import HeatmapPlot
from sslcore.diagnostics import heatmap


@pytest.fixture
def plot(qtbot):
    made = HeatmapPlot("Similarity")
    qtbot.addWidget(made)
    made.resize(340, 460)
    matrix = np.arange(100, dtype=np.float32).reshape(10, 10) / 100
    made.set_diagnostic(heatmap(matrix))
    made.show()
    return made


def place(plot, row, column):
    rect = plot.matrix_rect()
    rows, columns = plot._shown.shape
    return QPoint(
        int(rect.left() + (column + 0.5) * rect.width() / columns),
        int(rect.top() + (row + 0.5) * rect.height() / rows),
    )


@pytest.mark.parametrize("cell", [(0, 0), (3, 7), (9, 9)])
def test_a_click_gives_the_cell(plot, qtbot, cell):
    with qtbot.waitSignal(plot.cell_clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place(plot, *cell))
    assert tuple(clicked.args) == cell


def test_a_click_beside_the_matrix_gives_none(plot, qtbot):
    with qtbot.assertNotEmitted(plot.cell_clicked):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(5, 450))


def test_the_mouse_reads_a_cell_off(plot, qtbot):
    qtbot.mouseMove(plot, place(plot, 2, 5))
    assert plot.cell == (2, 5)
    assert plot.value_at(2, 5) == pytest.approx(0.25)


def test_keys_walk_over_cells(plot, qtbot):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(plot, key)
    assert plot.cell == (1, 1)
    with qtbot.waitSignal(plot.cell_clicked) as clicked:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert clicked.args == [1, 1]


def test_the_diagonal_of_block_means_is_exact(qtbot):
    plot = HeatmapPlot()
    qtbot.addWidget(plot)
    matrix = np.eye(1536, dtype=np.float32)
    shown = heatmap(matrix)
    assert shown.values.shape == (512, 512)
    plot.set_diagnostic(shown)
    plot.resize(300, 420)
    assert plot.value_at(700, 700) == 1.0
    assert plot.value_at(700, 1200) == 0.0
    image = plot.grab().toImage()
    rect = plot.matrix_rect()
    step = int(rect.width() / 2)
    on = image.pixelColor(int(rect.left()) + step, int(rect.top()) + step)
    assert on.name() == theme.tokens().diverging[2].lower()  # not the third of it that means give


def test_colours_follow_the_theme(plot):
    corner = plot.matrix_rect().topLeft().toPoint() + QPoint(3, 3)  # beside the cell's number
    seen = []
    for name in theme.NAMES:
        theme.current().apply(name)
        seen.append(plot.grab().toImage().pixelColor(corner).name())
        assert seen[-1] == theme.tokens().surface.lower()  # the value 0
    assert seen[0] != seen[1]
    theme.current().apply("dark")


def test_a_long_matrix_is_not_square_and_has_no_diagonal(plot):
    plot.set_diagnostic(heatmap(np.random.default_rng(0).random((4, 40)), low=0, diverging=False))
    rect = plot.matrix_rect()
    assert rect.width() == pytest.approx(3 * rect.height(), abs=3)
    assert plot.cell_at(QPointF(rect.right() - 1, rect.bottom() - 1)) == (3, 39)
    plot.grab()


def test_a_smaller_matrix_keeps_the_cell_within(plot, qtbot):
    qtbot.mouseMove(plot, place(plot, 9, 9))
    plot.set_diagnostic(heatmap(np.zeros((3, 3))))
    assert plot.cell == (2, 2)


@pytest.mark.parametrize("size", [(180, 200), (300, 220), (900, 240)])
def test_the_matrix_stays_within_the_widget(plot, size):
    plot.resize(*size)
    assert plot.rect().toRectF().contains(plot.matrix_rect())
    plot.grab()


def test_empty(qtbot):
    plot = HeatmapPlot()
    qtbot.addWidget(plot)
    assert plot.is_empty()
    assert plot.cell_at(QPointF(50, 50)) is None
    plot.grab()


def test_an_order_moves_cells_and_keeps_their_names(plot, qtbot):
    order = np.array([7, 2, 9, 0, 1, 3, 4, 5, 6, 8])
    before = plot.grab().toImage()
    plot.set_diagnostic(plot.shown, order)
    assert plot.grab().toImage() != before
    rect = plot.matrix_rect()
    step = rect.width() / 10
    third = QPointF(rect.left() + 1.5 * step, rect.top() + 2.5 * step)
    assert plot.cell_at(third) == (9, 2)
    with qtbot.waitSignal(plot.cell_clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=third.toPoint())
    assert clicked.args == [9, 2]
    assert plot.value_at(9, 2) == pytest.approx(0.92)
    qtbot.keyClick(plot, Qt.Key.Key_Down)
    assert plot.cell == (0, 2), "the row below in this order"
    with pytest.raises(ValueError, match="each of them once"):
        plot.set_diagnostic(plot.shown, np.zeros(10, np.int64))


def test_every_pixel_of_an_ordered_matrix_is_its_own_value(plot):
    order = np.random.default_rng(1).permutation(10)
    plot.set_diagnostic(plot.shown, order)
    image = plot.grab().toImage()
    plot.set_diagnostic(heatmap(plot.shown.values[np.ix_(order, order)]))
    assert plot.grab().toImage() == image


def test_blocks_are_read_off_by_their_dimensions(qtbot):
    plot = HeatmapPlot("Correlation")
    qtbot.addWidget(plot)
    plot.resize(600, 700)
    matrix = np.random.default_rng(0).normal(scale=0.1, size=(2048, 2048)).astype(np.float32)
    np.fill_diagonal(matrix, 0.9)
    plot.set_symbols("i = ", "j = ", "C = ")
    order = np.arange(512)[::-1].copy()
    plot.set_diagnostic(heatmap(matrix), order)
    mean = matrix[8:12, 400:404].mean()
    assert plot.value_at(9, 402) == pytest.approx(mean, abs=1e-6)
    assert plot.words_at(9, 402).startswith("i = 8–11, j = 400–403: C = ")
    assert plot.words_at(9, 402).endswith("(mean)")
    assert plot.words_at(9, 9) == "i = 9, j = 9: C = 0.900"
    rect = plot.matrix_rect()
    row, column = plot.cell_at(QPointF(rect.left() + 0.5, rect.bottom() - 0.5))
    assert row in range(4)
    assert column in range(2044, 2048)
    on = QPointF(rect.left() + 100.4, rect.top() + 100.4)
    row, column = plot.cell_at(on)
    assert row == column, "the painted diagonal is the diagonal"


def test_uneven_blocks_read_the_block_a_row_is_in(qtbot):
    plot = HeatmapPlot()
    qtbot.addWidget(plot)
    matrix = np.arange(600, dtype=np.float32)[:, None] + np.zeros((1, 600), np.float32)
    plot.set_diagnostic(heatmap(matrix, low=0, high=600))
    for row in (0, 1, 2, 299, 598, 599):
        members = plot.sides[0].members(row)
        assert row in members
        assert plot.value_at(row, 0 if row else 5) == pytest.approx(np.mean(list(members)))


def test_chosen_cell_and_marked_dimension_are_seen(plot, qtbot):
    plain = plot.grab().toImage()
    plot.set_chosen((2, 7))
    framed = plot.grab().toImage()
    assert framed != plain
    box = place(plot, 2, 7)
    accent = theme.tokens().accent.lower()
    step = int(plot.matrix_rect().width() / 20)
    around = [framed.pixelColor(box.x() + dx, box.y()).name() for dx in range(-step - 3, step + 4)]
    assert accent in around
    plot.set_marked(4)
    assert plot.grab().toImage() != framed
    plot.set_diagnostic(heatmap(np.zeros((3, 3))))
    assert plot.chosen is None
    assert plot.marked is None
