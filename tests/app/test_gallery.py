import threading

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QPixmap
from PySide6.QtWidgets import QApplication, QToolTip

from app import gallery as module
from app.gallery import ThumbnailGrid, read_thumbnails
from app.tasks import Ticket


@pytest.fixture
def grid(opened, qtbot):
    made = ThumbnailGrid(opened.tasks)
    qtbot.addWidget(made)
    made.resize(430, 330)
    made.show()
    made.told = []
    made.current_changed.connect(made.told.append)
    made.show_rows(opened.catalogue, range(len(opened.catalogue)))
    settled(opened, qtbot)
    return made


def settled(workspace, qtbot):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=10_000)


def test_thumbnails_are_read_or_the_reason_is(tmp_path):
    Image.new("L", (60, 30), 200).save(tmp_path / "grey.png")
    (tmp_path / "broken.png").write_text("no picture")
    paths = [(4, tmp_path / "grey.png"), (7, tmp_path / "broken.png"), (9, tmp_path / "none.png")]
    found = dict(read_thumbnails(paths, 30, Ticket(lambda: None)))
    assert (found[4].width(), found[4].height()) == (30, 15)
    assert found[4].pixelColor(10, 10).getRgb()[:3] == (200, 200, 200)
    assert "not an image" in found[7]
    assert isinstance(found[9], str)
    cancelled = Ticket(lambda: None)
    cancelled.cancel()
    assert read_thumbnails(paths, 30, cancelled) == []


def test_cells_fill_the_width_and_points_find_them(grid):
    columns = grid.columns()
    assert columns > 2
    right = grid.cell(columns - 1).right()
    assert 0 <= grid.viewport().width() - 1 - right < columns
    for position in (0, 1, columns, columns + 2):
        cell = grid.cell(position)
        assert grid.position_at(cell.center()) == position
        assert grid.position_at(cell.bottomRight() + QPoint(2, 2)) == -1
    grid.show_rows(grid._catalogue, range(2))
    assert grid.position_at(grid.cell(2).center()) == -1, "there is no third image"


def test_keys_walk_by_one_by_line_and_by_page_and_stay_inside(grid, qtbot):
    columns = grid.columns()
    steps = [
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_PageDown, 1 + columns * (grid.viewport().height() // grid.step())),
        (Qt.Key.Key_PageUp, 1),
        (Qt.Key.Key_End, 23),
        (Qt.Key.Key_Down, 23),
        (Qt.Key.Key_Home, 0),
    ]
    for key, expected in steps:
        qtbot.keyClick(grid, key)
        assert grid.current == expected, key
        assert grid.viewport().rect().contains(grid.cell(expected)), "it is brought into sight"
    assert grid.told == [expected for _, expected in steps]


def test_rows_are_those_of_the_catalogue(grid, opened, qtbot):
    grid.show_rows(opened.catalogue, [20, 3])
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell(1).center())
    assert grid.told == [3]
    assert isinstance(grid.picture(20), QPixmap), "read before, kept"


def test_only_what_is_near_sight_is_read_and_the_oldest_is_forgotten(opened, qtbot, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 14)
    made = ThumbnailGrid(opened.tasks)
    qtbot.addWidget(made)
    made.resize(230, 120)
    made.show()
    made.show_rows(opened.catalogue, range(24))
    settled(opened, qtbot)
    assert isinstance(made.picture(0), QPixmap)
    assert made.picture(20) is None
    for _ in range(2):  # the first key of all chooses the first image
        qtbot.keyClick(made, Qt.Key.Key_End)
    settled(opened, qtbot)
    assert isinstance(made.picture(23), QPixmap)
    kept = [row for row in range(24) if made.picture(row) is not None]
    assert len(kept) <= 14
    assert set(made.visible_positions()) <= set(kept)


def test_answers_about_another_folder_are_dropped(grid, opened, core, tmp_path, qtbot, monkeypatch):
    go = threading.Event()
    read = module.read_thumbnails

    def late(paths, side, ticket):
        go.wait(10)
        return read(paths, side, ticket)

    monkeypatch.setattr(module, "read_thumbnails", late)
    Image.new("RGB", (20, 20)).save(tmp_path / "one.png")
    first = core.scan(tmp_path, "auto", Ticket(lambda: None))
    second = core.scan(tmp_path, "none", Ticket(lambda: None))
    grid.show_rows(first, [0])
    grid.show_rows(second, [])
    go.set()
    settled(opened, qtbot)
    assert grid.picture(0) is None


def test_the_mouse_is_told_the_file(grid, opened, monkeypatch):
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda where, words, *_: shown.append(words))
    for point in (grid.cell(2).center(), grid.cell(0).bottomRight() + QPoint(3, 3)):
        QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, point))
    assert [one for one in shown if one] == [opened.catalogue.paths[2]]
