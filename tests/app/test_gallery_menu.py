import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app import gallery_menu as module
from app.gallery_menu import image_menu
from app.selection import Selection


@pytest.fixture
def made(opened, qtbot, monkeypatch):
    """A maker of menus about rows; what is opened is written down."""
    parent = QWidget()
    qtbot.addWidget(parent)
    done = []
    monkeypatch.setattr(module, "open_file", lambda _, path: done.append(("open", path)))
    monkeypatch.setattr(module, "show_in_folder", lambda _, path: done.append(("folder", path)))

    def make(rows, selection=None, show_in_map=None):
        menu = image_menu(
            parent,
            opened.catalogue,
            rows[0],
            np.array(rows),
            tasks=opened.tasks,
            selection=selection,
            show_in_map=show_in_map,
        )
        menu.done = done
        return menu

    return make


def entries(menu):
    return {one.text().partition("\t")[0]: one for one in menu.actions() if one.text()}


def test_one_image_is_opened_shown_and_its_path_copied(made, opened, qtbot):
    menu = made([3])
    found = entries(menu)
    assert list(found) == ["Open file", "Show in folder", "Copy path"]
    found["Open file"].trigger()
    found["Show in folder"].trigger()
    path = opened.catalogue.path(3)
    assert menu.done == [("open", path), ("folder", path)]
    found["Copy path"].trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == str(path), timeout=20_000)


def test_several_images_are_shown_in_the_map_and_their_paths_copied(made, opened, qtbot):
    shown = []
    found = entries(made([20, 3], show_in_map=lambda rows: shown.append(rows.tolist())))
    found["Show 2 images in map"].trigger()
    assert shown == [[20, 3]]
    found["Copy 2 paths"].trigger()
    expected = f"{opened.catalogue.path(20)}\n{opened.catalogue.path(3)}"
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == expected, timeout=20_000)


def test_images_of_the_same_class_are_chosen_where_there_are_classes(made, opened):
    selection = Selection()
    found = entries(made([20], selection))
    found["Select images of class dog (12)"].trigger()
    assert selection.rows.tolist() == list(range(12, 24))
    opened.catalogue.labels[20] = -1
    try:
        assert not [one for one in entries(made([20], selection)) if "class" in one]
    finally:
        opened.catalogue.labels[20] = 1
