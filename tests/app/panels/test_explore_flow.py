import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.panels.explore_flow import Flow


def block(width, height=20):
    made = QWidget()
    made.setFixedSize(width, height)
    return made


@pytest.fixture
def box(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.flow = Flow(made, gap=5)
    made.blocks = [block(100), block(100), block(60, 30), block(100)]
    for one in made.blocks:
        made.flow.addWidget(one)
    made.show()
    return made


def places(box):
    return [(one.x(), one.y()) for one in box.blocks]


def test_rows_break_like_words(box):
    box.resize(275, 200)
    assert places(box) == [(0, 0), (105, 0), (210, 0), (0, 35)]
    box.resize(205, 200)
    assert places(box) == [(0, 0), (105, 0), (0, 25), (65, 25)]
    box.resize(1000, 200)
    assert {y for _, y in places(box)} == {0}


@pytest.mark.parametrize(
    ("width", "height"), [(1000, 30), (275, 30 + 5 + 20), (205, 20 + 5 + 30), (10, 3 * 25 + 30)]
)
def test_the_height_is_that_of_its_rows(box, width, height):
    assert box.flow.hasHeightForWidth()
    assert box.flow.heightForWidth(width) == height
    assert box.flow.minimumSize() == QSize(100, 30)


def test_items_can_be_taken_back(box):
    assert box.flow.itemAt(9) is None
    assert box.flow.takeAt(9) is None
    taken = box.flow.takeAt(0)
    assert taken.widget() is box.blocks[0]
    assert box.flow.count() == 3
    box.resize(280, 210)
    assert box.blocks[1].x() == 0
