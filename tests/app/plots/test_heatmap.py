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
    corner = place(plot, 0, 0)
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
