import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDragLeaveEvent, QPixmap
from PySide6.QtWidgets import QApplication, QFileDialog

from app.panels.explore_neighbours import Neighbour, NeighboursColumn
from app.pictures import Pictures
from tests.app.panels.dropping import drop, enter
from tests.app.panels.reachable import unnamed

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def column(opened, qtbot):
    made = NeighboursColumn(Pictures(opened), opened.selection)
    qtbot.addWidget(made)
    made.resize(360, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


def near(rows, step=0.05):
    return [Neighbour(row, 0.95 - step * n, f"cat/{row}.png", "cat") for n, row in enumerate(rows)]


def drag(column, *paths):
    """Drag files over the column and let go; whether it would take them, and said so."""
    accepted = enter(column, *paths)
    invited = column.near.property("target")
    if accepted:
        drop(column, *paths)
    return accepted, invited


@pytest.mark.parametrize(
    ("cosine", "label", "words"),
    [(0.973, "horse", "0.97 horse"), (-0.5, "cat", "−0.50 cat"), (1.0, "", "1.00")],
)
def test_words_of_a_neighbour(cosine, label, words):
    assert Neighbour(1, cosine, "1.png", label).words == words


def test_at_first_it_says_how_to_choose(column, qtbot):
    assert "Click it to pin" in column.hint.text
    assert not column.pin.isVisible()
    with qtbot.waitSignal(column.any_asked, timeout=1_000):
        qtbot.mouseClick(column.any, LEFT)
    assert not unnamed(column)


def test_a_pinned_image_shows_at_once_and_its_neighbours_when_they_come(column, qtbot):
    column.show_pinned(3, "cat/03.png", "cat, trained on")
    assert column.pin.isVisible()
    assert not column.hint.isVisible()
    assert column.path.full == "cat/03.png"
    assert column.buttons == []
    column.show_neighbours(near([5, 9, 1]), "cat, 3 of 3 agree")
    assert [one.text() for one in column.buttons] == ["0.95 cat", "0.90 cat", "0.85 cat"]
    assert column.facts.text() == "cat, 3 of 3 agree"
    assert not unnamed(column)
    qtbot.waitUntil(lambda: all(column._pictures.get(row) for row in (3, 5, 9, 1)), timeout=10_000)


def test_a_neighbour_is_looked_at_by_mouse_and_by_key(column, qtbot):
    told = []
    column.chosen.connect(told.append)
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near([5, 9, 1]), "")
    qtbot.mouseClick(column.buttons[1], LEFT)
    qtbot.keyClick(column.buttons[2], Qt.Key.Key_Space)
    column.show_neighbours(near([8, 7]), "")
    assert len(column.buttons) == 2
    qtbot.mouseClick(column.buttons[0], LEFT)
    assert told == [9, 1, 8], "buttons stand for what they show now"


def test_with_keys_held_a_click_changes_the_selection(column, opened, qtbot):
    told = []
    column.chosen.connect(told.append)
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near([5, 9, 1]), "")
    qtbot.mouseClick(column.buttons[0], LEFT, SHIFT)
    qtbot.mouseClick(column.buttons[1], LEFT, SHIFT)
    assert opened.selection.rows.tolist() == [5, 9]
    assert [one.chosen for one in column.buttons] == [True, True, False]
    qtbot.mouseClick(column.buttons[0], LEFT, CONTROL)
    qtbot.keyClick(column.buttons[2], Qt.Key.Key_Return, SHIFT)
    assert opened.selection.rows.tolist() == [1, 9]
    qtbot.mouseClick(column.buttons[0], LEFT, CONTROL)
    assert opened.selection.rows.tolist() == [1, 5, 9]
    qtbot.mouseClick(column.buttons[0], LEFT, CONTROL)
    assert opened.selection.rows.tolist() == [1, 9]
    assert [one.chosen for one in column.buttons] == [False, True, True]
    assert told == []


def test_the_right_button_asks_for_a_menu(column):
    told = []
    column.menu_asked.connect(lambda row, place: told.append((row, place)))
    column.show_neighbours(near([5, 9, 1]), "")
    button = column.buttons[1]
    place = button.mapToGlobal(QPoint(8, 8))
    mouse = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(8, 8), place)
    QApplication.sendEvent(button, mouse)
    assert told == [(9, place)]


def test_another_pin_drops_the_old_neighbours_and_clear_drops_all(column, qtbot):
    column.show_pinned(3, "cat/03.png", "")
    column.show_neighbours(near([5, 9]), "")
    column.show_pinned(3, "cat/03.png", "")
    assert len(column.buttons) == 2
    column.show_pinned(4, "cat/04.png", "")
    assert column.buttons == []
    with qtbot.waitSignal(column.unpinned, timeout=1_000):
        qtbot.mouseClick(column.clear, LEFT)
    column.show_nothing()
    assert column.hint.isVisible()
    assert not column.pin.isVisible()


def test_the_mean_of_many_has_a_title_that_fits(column, qtbot):
    column.show_pinned(3, "cat/03.png", "")
    column.resize(500, 800)
    column.show_mean(312)
    assert column.near.title == "Nearest to the mean of 312 chosen images"
    assert not column.pin.isVisible()
    column.resize(268, 800)
    assert column.near.title == "Nearest to the mean of 312"
    assert column.near.accessibleName() == "Nearest to the mean of 312 chosen images"


def test_how_many_are_shown_is_changed_by_key(column, qtbot):
    column.show_pinned(3, "cat/03.png", "")
    column.many.setFocus()
    with qtbot.waitSignal(column.count_changed, timeout=1_000) as told:
        qtbot.keyClick(column.many, Qt.Key.Key_Up)
    assert told.args == [15]


def test_a_file_can_be_dropped_but_no_folder_and_not_two(column, tmp_path, qtbot):
    told = []
    column.file_asked.connect(told.append)
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    for one in files:
        one.write_bytes(b"x")
    assert drag(column, files[0]) == (True, True)
    assert told == [files[0]]
    assert not column.near.property("target")
    assert not drag(column, tmp_path)[0]
    assert not drag(column, *files)[0]
    assert told == [files[0]]


def test_a_drag_that_goes_on_leaves_no_mark(column, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    enter(column, path)
    assert column.near.property("target")
    QApplication.sendEvent(column, QDragLeaveEvent())
    assert not column.near.property("target")


def test_a_file_can_be_browsed_for(column, tmp_path, qtbot, monkeypatch):
    asked, answers = [], [str(tmp_path / "a.png"), ""]

    def choose(parent, title, folder, names):
        asked.append((folder, names))
        return answers.pop(0), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    with qtbot.waitSignal(column.file_asked, timeout=1_000) as told:
        qtbot.mouseClick(column.another, LEFT)
    assert told.args == [tmp_path / "a.png"]
    with qtbot.assertNotEmitted(column.file_asked):
        qtbot.keyClick(column.another, Qt.Key.Key_Space)
    assert asked[0][0] == ""
    assert asked[1][0] == str(tmp_path)
    assert "*.png" in asked[0][1]


def test_a_file_of_ones_own_is_shown_with_its_name(column, qtbot):
    column.show_pinned(3, "cat/03.png", "")
    column.show_outside(None, "horse.jpg", "")
    column.say("The encoder looks at horse.jpg…")
    assert column.note.isVisible()
    assert column.pin.title == "A file of your own"
    picture = QPixmap(16, 16)
    picture.fill(Qt.GlobalColor.red)
    column.show_outside(picture, "horse.jpg", "")
    column.show_neighbours(near([5, 9]), "2 of 2 nearest are cat")
    assert not column.note.isVisible()
    shown = column.picture.pixmap().toImage()
    assert shown.pixelColor(48, 48) == Qt.GlobalColor.red
    column.say("horse.jpg cannot be compared: it is empty.", "danger")
    assert column.note.property("role") == "danger"
