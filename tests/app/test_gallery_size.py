import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.gallery import ThumbnailGrid
from app.gallery_size import SizeSlider
from app.settings import Settings


@pytest.fixture
def pair(workspace, qtbot):
    grids = [ThumbnailGrid(workspace.tasks) for _ in range(2)]
    sliders = [SizeSlider(workspace.settings, grid) for grid in grids]
    for widget in (*grids, *sliders):
        qtbot.addWidget(widget)
    return list(zip(grids, sliders, strict=True))


def test_keys_change_the_size_everywhere_and_it_is_kept(pair, workspace, qtbot):
    (first, slider), (second, other) = pair
    assert (first.side, slider.value()) == (96, 96)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert (first.side, second.side, other.value()) == (104, 104, 104)
    qtbot.keyClick(other, Qt.Key.Key_End)
    assert (first.side, second.side) == (256, 256)
    assert "256 px" in slider.toolTip()
    workspace.settings.sync()
    assert Settings().thumbnail_side == 256


def test_control_and_the_wheel_change_it_and_the_wheel_alone_does_not(pair):
    grid, slider = pair[0]
    grid.show()
    for modifiers, expected in (
        (Qt.KeyboardModifier.ControlModifier, 108),
        (Qt.KeyboardModifier.NoModifier, 108),
    ):
        event = QWheelEvent(
            QPointF(20, 20),
            QPointF(20, 20),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.viewport(), event)
        assert slider.value() == expected
        assert grid.side == expected
