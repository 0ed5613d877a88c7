import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.gallery_files import OWN
from app.pages import Pages
from app.panels.explore_events import ExploreEvents
from app.panels.explore_map import MapCard
from app.panels.explore_neighbours import NeighboursColumn
from app.pictures import Pictures
from tests.app.panels.dropping import BUTTON, COPY, HELD, data_of, drop, enter


class Around(ExploreEvents):
    """The map and what is beside it, another page than the neighbours to begin with."""

    def __init__(self, workspace):
        super().__init__()
        pictures = Pictures(workspace)
        self.map = MapCard(pictures)
        self.neighbours = NeighboursColumn(pictures, workspace.selection)
        self.column = Pages("Beside")
        self.column.add_pages(
            (("near", "Near", "", self.neighbours), ("other", "Other", "", QWidget()))
        )
        self.column.show_page("other")
        row = QHBoxLayout(self)
        row.addWidget(self.map)
        row.addWidget(self.column)


@pytest.fixture
def around(opened, qtbot):
    made = Around(opened)
    made.told = []
    made.neighbours.file_asked.connect(made.told.append)
    qtbot.addWidget(made)
    made.show()
    made.map._show(there=True)
    return made


def pressed(letter):
    return QKeyEvent(QEvent.Type.KeyPress, getattr(Qt.Key, f"Key_{letter}"), HELD, letter.lower())


def test_letters_take_tools_of_the_map_only_while_it_is_shown(around):
    assert not around.take_key(pressed("X"))
    for letter, tool in (("L", "lasso"), ("B", "box"), ("V", "pan")):
        assert around.take_key(pressed(letter))
        assert around.map.map.tool == tool
    scale = around.map.map.camera.scale
    assert around.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Plus, HELD, "+"))
    assert around.map.map.camera.scale > scale
    assert around.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_0, HELD, "0"))
    assert around.map.map.camera.scale == scale
    around.hide()
    assert not around.take_key(pressed("L"))
    assert around.map.map.tool == "pan"


def test_an_image_dropped_on_the_map_is_looked_at_among_the_neighbours(around, pictures):
    file = pictures / "cat" / "00.png"
    assert enter(around, file)
    drop(around, file)
    assert around.told == [file]
    assert around.column.page == "near"
    assert not around.neighbours.near.property("target")


def test_what_is_no_single_file_is_left_to_the_window(around, pictures, tmp_path):
    table = tmp_path / "labels.CSV"
    table.write_text("path")
    files = sorted((pictures / "cat").iterdir())
    for wrong in ((pictures,), (table,), (tmp_path / "gone.png",), files[:2]):
        assert not enter(around, *wrong)
    assert around.told == []
    assert around.column.page == "other"


def test_the_windows_own_images_are_not_a_file_of_ones_own(around, pictures):
    data = data_of([pictures / "cat" / "00.png"])
    data.setData(OWN, b"")
    event = QDragEnterEvent(QPoint(20, 20), COPY, data, BUTTON, HELD)
    QApplication.sendEvent(around, event)
    assert not event.isAccepted()
    assert around.column.page == "other"


def test_without_a_map_nothing_can_be_dropped(around, pictures):
    around.column.hide()
    assert not enter(around, pictures / "cat" / "00.png")


def test_a_drag_that_goes_on_leaves_no_mark(around, pictures):
    enter(around, pictures / "cat" / "00.png")
    assert around.neighbours.near.property("target")
    QApplication.sendEvent(around, QDragLeaveEvent())
    assert not around.neighbours.near.property("target")
