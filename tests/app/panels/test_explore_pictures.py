import pytest
from PySide6.QtGui import QColor, QPixmap

from app.panels import explore_pictures as module
from app.panels.explore_pictures import Pictures, framed


@pytest.fixture
def pictures(opened):
    made = Pictures(opened)
    made.told = []
    made.arrived.connect(made.told.append)
    return made


def test_rows_become_pictures_once(pictures, opened, qtbot, monkeypatch):
    pictures.ask([20, 3], "hover")
    assert pictures.get(20) is None
    qtbot.waitUntil(lambda: pictures.told == [[20, 3]], timeout=10_000)
    bright, dark = (pictures.get(row).toImage().pixelColor(8, 8).lightness() for row in (20, 3))
    assert bright > dark, "dogs are the brighter ones"
    asked = []
    monkeypatch.setattr(type(opened), "sample", lambda self, rows, *_: asked.append(rows))
    pictures.ask([3, 20], "hover")
    pictures.ask([3, 4], "hover")
    assert asked == [[4]]


def test_only_so_many_are_kept(pictures, qtbot, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    for row in range(5):
        pictures.ask([row], "hover")
        qtbot.waitUntil(lambda row=row: pictures.get(row) is not None, timeout=10_000)
    assert [row for row in range(5) if pictures.get(row) is not None] == [2, 3, 4]


def test_another_folder_forgets_all(pictures, opened, qtbot):
    pictures.ask([1], "hover")
    qtbot.waitUntil(lambda: pictures.get(1) is not None, timeout=10_000)
    opened.catalogue_changed.emit()
    assert pictures.get(1) is None


def test_nothing_is_asked_without_a_folder(loaded, monkeypatch):
    monkeypatch.setattr(type(loaded), "sample", lambda *_: pytest.fail("there is no folder"))
    Pictures(loaded).ask([0], "hover")


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_frames_have_round_corners_at_any_ratio(qapp, ratio):
    green = QPixmap(8, 8)
    green.fill(QColor("#00ff00"))
    made = framed(green, 40, "#ff0000", ratio)
    image = made.toImage()
    assert (image.width(), made.devicePixelRatio()) == (40 * ratio, ratio)
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(image.width() // 2, 2).name() == "#00ff00"
    empty = framed(None, 40, "#ff0000", ratio).toImage()
    assert empty.pixelColor(20, 20).name() == "#ff0000"
    assert empty.pixelColor(0, 0).alpha() == 0
