import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_images import ShownImages


@pytest.fixture
def shown(opened, qtbot):
    made = ShownImages(opened)
    qtbot.addWidget(made)
    made.resize(600, 220)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_nothing_is_shown_until_it_is_asked_for(shown):
    assert shown.isHidden()
    shown.show_images("cat and dog", [("cat", [0, 1]), ("nobody", []), ("dog", [13])])
    assert shown.isVisible()
    assert shown.words.full == "cat and dog: 3 images"
    assert shown.sections == (("cat", [0, 1]), ("dog", [13]))
    assert shown.grid.rows.tolist() == [0, 1, 13]
    assert shown.grid.accessibleName() == "cat and dog"


def test_all_of_them_can_be_chosen(shown, opened, qtbot):
    shown.show_images("some", [("", [3, 5])])
    click(qtbot, shown.choose)
    assert opened.selection.rows.tolist() == [3, 5]


def test_a_click_chooses_one_everywhere(shown, opened, qtbot):
    shown.show_images("some", [("", [3, 5])])
    qtbot.waitUntil(lambda: shown.grid.viewport().width() > 200)
    place = shown.grid.cell(1).center()
    qtbot.mouseClick(shown.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.selection.rows.tolist() == [5]


def test_it_closes_by_button_and_key(shown, qtbot):
    shown.show_images("some", [("", [3])])
    with qtbot.waitSignal(shown.closed):
        click(qtbot, shown.close_button)
    assert shown.isHidden()
    shown.show_images("some", [("", [3])])
    shown.grid.setFocus()
    qtbot.keyClick(shown.grid, Qt.Key.Key_Escape)
    assert shown.isHidden()


def test_images_that_are_not_open_are_named_so(workspace, qtbot):
    made = ShownImages(workspace)
    qtbot.addWidget(made)
    made.show_images("some", [("", [3])])
    assert "not open" in made.words.full
    assert not made.choose.isEnabled()


def test_rows_of_a_larger_folder_are_left_out(shown):
    shown.show_images("some", [("", [3, 999])])
    assert shown.grid.rows.tolist() == [3]


def test_other_images_close_it(shown, opened):
    shown.show_images("some", [("", [3])])
    opened.catalogue_changed.emit()
    assert shown.isHidden()
