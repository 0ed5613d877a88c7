import pytest
from PySide6.QtWidgets import QLabel

from app.panels.evaluate_view import Columns, FindingView, Told, beside, chip
from tests.app.panels.reachable import unnamed


@pytest.fixture
def columns(qtbot):
    made = Columns(100, 3)
    qtbot.addWidget(made)
    made.show()
    return made


def test_as_many_stand_side_by_side_as_fit(columns):
    widgets = [QLabel(str(number)) for number in range(5)]
    columns.resize(360, 200)
    columns.show_widgets(widgets)
    assert columns.count == 3
    assert widgets[3].y() > widgets[0].y()
    columns.resize(220, 200)
    assert columns.count == 2
    columns.resize(60, 400)
    assert columns.count == 1
    columns.resize(2000, 200)
    assert columns.count == 3


def test_others_are_let_go(columns, qtbot):
    first, second = QLabel("a"), QLabel("b")
    columns.resize(360, 200)
    columns.show_widgets([first])
    assert columns.count == 1
    columns.show_widgets([second])
    qtbot.waitUntil(lambda: columns.findChildren(QLabel) == [second])


def test_words_have_a_link_or_none(qtbot):
    told, plain = Told("cat and dog share a cluster", "Show images"), Told("nothing")
    for one in (told, plain):
        qtbot.addWidget(one)
        one.show()
    assert told.link.isVisible()
    assert told.link.accessibleName() == "Show images: cat and dog share a cluster"
    assert not plain.link.isVisible()


def test_the_column_scrolls_above_the_images(opened, qtbot):
    view = FindingView(opened)
    qtbot.addWidget(view)
    view.column.addWidget(QLabel("\n".join("line" for _ in range(80))))
    view.column.addWidget(chip("Trained", "Show the trained encoder"))
    view.resize(400, 300)
    view.show()
    assert view.area.verticalScrollBar().maximum() > 0
    before = view.area.height()
    view.images.show_images("some", [("", [0])])
    qtbot.waitUntil(lambda: view.area.height() < before)
    assert unnamed(view) == []
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_encoders_from_outside_are_yardsticks():
    own = {"trained": 0.5, "untrained": 0.3, "pixels": 0.1}
    words = "Above everything it must beat: +20.0 points against untrained, +40.0 points against "
    assert beside(own, 400) == f"{words}pixels."
    assert beside({**own, "resnet18": 0.9}, 400) == f"{words}pixels. From outside: resnet18 90.0 %."
