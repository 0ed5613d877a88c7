import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.plots.named_matrix import NamedMatrix


@pytest.fixture
def matrix(qtbot):
    made = NamedMatrix("Accuracy")
    qtbot.addWidget(made)
    made.resize(420, 300)
    values = np.array([[0.1, 0.5], [np.nan, 0.9]])
    texts = {(0, 0): "10.0", (0, 1): "50.0", (1, 0): "…", (1, 1): "90.0"}
    made.show_matrix(["grey", "crop"], ["grey", "random resized crop"], values, texts)
    made.show()
    qtbot.waitExposed(made)
    return made


def centre(matrix, row, column):
    return matrix.cell_rect(row, column).center().toPoint()


def test_the_larger_the_fuller(matrix):
    image = matrix.grab().toImage()

    def saturation(row, column):
        corner = matrix.cell_rect(row, column).topLeft().toPoint()
        return QColor(image.pixelColor(corner.x() + 8, corner.y() + 8)).saturationF()

    assert saturation(1, 1) > saturation(0, 1) > saturation(0, 0)
    assert "crop and random resized crop: 90.0" in matrix.accessibleDescription()


def test_a_click_picks_a_cell_with_a_value(matrix, qtbot):
    with qtbot.waitSignal(matrix.picked) as told:
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=centre(matrix, 0, 1))
    assert told.args == [0, 1]
    with qtbot.assertNotEmitted(matrix.picked):
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=centre(matrix, 1, 0))


def test_the_mouse_reads_a_cell_off(matrix, qtbot):
    qtbot.mouseMove(matrix, centre(matrix, 1, 1))
    assert matrix.cell == (1, 1)
    assert matrix.toolTip() == "crop and random resized crop: 90.0"


def test_the_keyboard_goes_everywhere(matrix, qtbot):
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.cell == (0, 0)
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    with qtbot.waitSignal(matrix.picked) as told:
        qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert told.args == [0, 1]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(matrix, key)
    assert matrix.cell == (1, 0)
    with qtbot.assertNotEmitted(matrix.picked):
        qtbot.keyClick(matrix, Qt.Key.Key_Return)


def test_a_smaller_matrix_forgets_a_cell_that_is_gone(matrix, qtbot):
    qtbot.mouseMove(matrix, centre(matrix, 1, 1))
    matrix.show_matrix(["a"], ["b"], np.array([[1.0]]))
    assert matrix.cell is None
    assert not NamedMatrix().grab().isNull()
