import pytest
from PIL import Image
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.pictures import Pictures, framed
from app.thumbnails import shared


@pytest.fixture
def pictures(opened):
    made = Pictures(opened)
    made.told = []
    made.arrived.connect(made.told.append)
    return made


def test_rows_become_pictures_once(pictures, opened, qtbot, monkeypatch):
    pictures.ask([20, 3], "hover")
    assert pictures.get(20) is None
    qtbot.waitUntil(lambda: pictures.told == [[20, 3]], timeout=20_000)
    bright, dark = (pictures.get(row).toImage().pixelColor(8, 8).lightness() for row in (20, 3))
    assert bright > dark, "dogs are the brighter ones"
    read = []
    monkeypatch.setattr(
        type(opened.catalogue), "path", lambda own, row: read.append(row) or own.root / "none"
    )
    pictures.ask([3, 20], "hover")
    pictures.ask([3, 4], "hover")
    qtbot.waitUntil(lambda: len(pictures.told) == 2, timeout=20_000)
    assert read == [4]
    assert pictures.get(4) is None, "a file that is gone has no picture"


def test_pictures_are_those_of_the_galleries(pictures, opened, qtbot):
    shared(opened.tasks).ask("a gallery", opened.catalogue, [7], 96)
    qtbot.waitUntil(lambda: pictures.get(7) is not None, timeout=20_000)
    assert pictures.told == [[7]]


def test_another_folder_has_other_pictures(pictures, opened, tmp_path, qtbot):
    pictures.ask([1], "hover")
    qtbot.waitUntil(lambda: pictures.get(1) is not None, timeout=20_000)
    (tmp_path / "other").mkdir()
    Image.new("RGB", (20, 20)).save(tmp_path / "other" / "one.png")
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(tmp_path / "other")
    assert pictures.get(0) is None
    assert pictures.get(1) is None
    pictures.ask([0, 1], "hover")
    qtbot.waitUntil(lambda: pictures.get(0) is not None, timeout=20_000)
    assert pictures.get(1) is None, "rows of the folder before are not rows of this one"


def test_nothing_is_asked_without_a_folder(loaded):
    made = Pictures(loaded)
    made.ask([0], "hover")
    assert made.get(0) is None
    assert not loaded.tasks.running()


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


def test_a_wide_picture_is_cut_not_squeezed(qapp):
    wide = QPixmap(60, 20)
    wide.fill(QColor("#ff0000"))
    painter = QPainter(wide)
    painter.fillRect(20, 0, 20, 20, QColor("#00ff00"))
    painter.end()
    image = framed(wide, 20, "#000000").toImage()
    assert {image.pixelColor(x, 10).name() for x in (1, 10, 18)} == {"#00ff00"}
