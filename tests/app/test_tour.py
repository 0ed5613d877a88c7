import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.tour import Stop, Tour

SPOTS = {"left": (0, 100), "bottom": (350, 560), "right": (700, 20)}


@pytest.fixture
def around(qtbot):
    """A window with three buttons at its edges."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.targets = {}
    for name, (x, y) in SPOTS.items():
        window.targets[name] = button = QPushButton(name, window)
        button.setGeometry(x, y, 90, 30)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def tour(around):
    stops = [
        Stop(target, name.title(), f"About the {name}.") for name, target in around.targets.items()
    ]
    made = Tour(stops, around)
    around.ended = []
    made.over.connect(lambda: around.ended.append(True))
    return made


def brightness(around, point):
    return around.grab().toImage().pixelColor(point).lightness()


def test_keys_walk_from_card_to_card_to_the_end(tour, around, qtbot):
    words = []
    for number in range(3):
        assert tour.number == number
        assert tour.next.hasFocus(), "Enter and Space go on"
        words.append((tour._title.text(), tour._count.text(), tour.next.text()))
        qtbot.keyClick(tour.next, Qt.Key.Key_Space)
    assert words == [
        ("Left", "1 of 3", "Next"),
        ("Bottom", "2 of 3", "Next"),
        ("Right", "3 of 3", "Done"),
    ]
    assert around.ended == [True]
    assert not tour.isVisible()


def test_it_can_be_skipped_at_once(tour, around, qtbot):
    qtbot.mouseClick(tour.skip, Qt.MouseButton.LeftButton)
    assert around.ended == [True]
    assert not tour.isVisible()


def test_the_card_stays_in_the_window_and_off_its_target(tour, around):
    for size in ((800, 600), (640, 600)):
        around.resize(*size)
        tour.place()
        around.targets["right"].move(size[0] - 100, 20)
        for number, (name, target) in enumerate(around.targets.items()):
            tour.show_stop(number)
            assert around.rect().contains(tour.card.geometry()), (name, size)
            assert not tour.card.geometry().intersects(target.geometry()), (name, size)


def test_the_veil_is_dark_but_over_the_target(tour, around):
    target = around.targets["left"]
    inside = target.geometry().center() - QPoint(35, 0)
    beside = QPoint(40, 500)
    tour.hide()
    before = brightness(around, inside), brightness(around, beside)
    tour.show()
    assert brightness(around, inside) == before[0]
    assert brightness(around, beside) < before[1]
