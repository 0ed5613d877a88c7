import pytest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.panels.explore_flow import Flow


def block(width, height=20):
    made = QWidget()
    made.setFixedSize(width, height)
    return made


@pytest.fixture
def box(qtbot):
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    made.flow = Flow(gap=5)
    made.blocks = [block(100), block(100), block(60, 30), block(100)]
    for one in made.blocks:
        made.flow.add(one)
    column.addWidget(made.flow)
    column.addStretch(1)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def places(box):
    return [(one.x(), one.y()) for one in box.blocks]


def resize(qtbot, box, width):
    box.resize(width, 300)
    qtbot.waitUntil(lambda: box.flow.width() == width)


@pytest.mark.parametrize(
    ("width", "expected", "height"),
    [
        (1000, [(0, 5), (105, 5), (210, 0), (275, 5)], 30),
        (275, [(0, 5), (105, 5), (210, 0), (0, 35)], 55),
        (205, [(0, 0), (105, 0), (0, 25), (65, 30)], 55),
        (120, [(0, 0), (0, 25), (0, 50), (0, 85)], 105),
    ],
)
def test_rows_break_like_words_and_take_the_height_they_need(box, qtbot, width, expected, height):
    resize(qtbot, box, width)
    assert places(box) == expected
    assert box.flow.height() == height


def test_what_is_hidden_takes_no_room(box, qtbot):
    resize(qtbot, box, 1000)
    for one in box.blocks[1:3]:
        one.hide()
    box.flow.arrange()
    assert places(box)[3] == (105, 0)
    assert box.flow.height() == 20
    assert box.flow.minimumSizeHint().width() == 100
    assert box.flow.sizeHint().width() == 205


def test_a_widget_that_grows_gets_its_room(box, qtbot):
    button = QPushButton("a")
    box.flow.add(button)
    button.show()
    resize(qtbot, box, 1000)
    before = button.width()
    button.setText("a much longer word")
    qtbot.waitUntil(lambda: button.width() > before)
