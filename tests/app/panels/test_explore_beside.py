import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.panels.explore_beside import Beside
from app.panels.explore_layouts import Space
from app.panels.explore_near import Nearest
from app.panels.explore_probe import Probe
from app.pictures import Pictures
from tests.app.panels.saved import new_run, save
from tests.app.panels.test_explore_outside import embedded

COUNT = 24
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def beside(opened, qtbot):
    made = Beside(opened, Nearest(opened.tasks), Pictures(opened))
    qtbot.addWidget(made.column)
    made.marks, made.places = [], []
    made.marked.connect(lambda position, near: made.marks.append((position, list(near))))
    made.placed.connect(made.places.append)
    made.column.resize(372, 700)
    made.column.show()
    qtbot.waitExposed(made.column)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def space(step=10, seed=0):
    features = np.random.default_rng(seed).normal(size=(COUNT, 6)).astype(np.float32)
    return Space("run", step, step / 10, np.arange(COUNT)[::-1].copy(), features)


def give(beside, opened, shown):
    beside.set_space(shown, Probe(shown.index, opened.catalogue, opened.recipe))
    return shown


def order(shown, position):
    unit = shown.features / np.linalg.norm(shown.features, axis=1, keepdims=True)
    found = np.argsort(-(unit @ unit[position]), kind="stable").tolist()
    return [one for one in found if one != position]


def names(beside):
    return [one.toolTip().split(":")[0] for one in beside.column.buttons]


def wait(beside, qtbot, count=12):
    qtbot.waitUntil(lambda: len(beside.column.buttons) == count, timeout=20_000)


def test_a_pinned_image_has_its_neighbours_in_column_and_on_the_map(beside, opened, qtbot):
    shown = give(beside, opened, space())
    beside.pin_position(4)
    wait(beside, qtbot)
    near = order(shown, 4)[:12]
    paths = opened.catalogue.paths
    assert names(beside) == [paths[shown.index[one]] for one in near]
    assert beside.marks[-1] == (4, near)
    assert beside.row == shown.index[4]
    assert "neighbours agree" in beside.column.facts.text()
    qtbot.mouseClick(beside.column.buttons[2], LEFT)
    assert beside.row == shown.index[near[2]]
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert beside.row == -1
    assert beside.marks[-1] == (-1, [])
    assert beside.column.hint.isVisible()


def test_any_image_can_be_pinned_without_a_mouse(beside, opened, qtbot):
    shown = give(beside, opened, space())
    qtbot.keyClick(beside.column.any, Qt.Key.Key_Space)
    wait(beside, qtbot)
    assert beside.row in shown.index


def test_several_chosen_images_show_the_neighbours_of_their_mean(beside, opened, qtbot):
    shown = give(beside, opened, space())
    opened.selection.choose([20, 3, 11])
    wait(beside, qtbot)
    positions = [COUNT - 1 - row for row in (20, 3, 11)]
    unit = shown.features / np.linalg.norm(shown.features, axis=1, keepdims=True)
    cosines = unit @ unit[positions].mean(0)
    near = [one for one in np.argsort(-cosines).tolist() if one not in positions][:12]
    assert beside.marks[-1] == (-1, near)
    title = beside.column.near.accessibleName()
    assert title == "Nearest to the mean of 3 chosen images"
    assert not beside.column.pin.isVisible()
    first = int(shown.index[near[0]])
    qtbot.mouseClick(beside.column.buttons[0], LEFT, SHIFT)
    assert opened.selection.rows.tolist() == sorted([3, 11, 20, first])
    assert "4 chosen images" in beside.column.near.accessibleName()


def test_one_chosen_image_is_pinned_until_it_is_cleared(beside, opened, qtbot):
    give(beside, opened, space())
    opened.selection.choose([7])
    wait(beside, qtbot)
    assert beside.row == 7
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert len(opened.selection) == 0
    assert beside.row == -1
    assert beside.column.hint.isVisible()


def test_choosing_among_the_neighbours_does_not_look_away(beside, opened, qtbot):
    shown = give(beside, opened, space())
    beside.pin_position(4)
    wait(beside, qtbot)
    before = names(beside)
    qtbot.mouseClick(beside.column.buttons[1], LEFT, SHIFT)
    qtbot.mouseClick(beside.column.buttons[3], LEFT, SHIFT)
    near = order(shown, 4)
    assert opened.selection.rows.tolist() == sorted(int(shown.index[near[n]]) for n in (1, 3))
    assert names(beside) == before
    assert beside.row == shown.index[4]
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert "mean of 2" in beside.column.near.title


def test_a_pin_beside_one_chosen_image_can_be_cleared(beside, opened, qtbot):
    give(beside, opened, space())
    opened.selection.choose([7])
    beside.pin(9)
    wait(beside, qtbot)
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert opened.selection.rows.tolist() == [7]
    assert beside.row == -1
    assert beside.column.hint.isVisible()
    beside.pin(9)
    opened.selection.clear()
    assert beside.row == 9, "what was pinned by itself stays"


def test_a_pin_among_chosen_images_gives_way_to_them_again(beside, opened, qtbot):
    give(beside, opened, space())
    opened.selection.choose([1, 2])
    wait(beside, qtbot)
    beside.pin(9)
    assert beside.column.path.full == opened.catalogue.paths[9]
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert opened.selection.rows.tolist() == [1, 2]
    assert "mean of 2" in beside.column.near.title
    opened.selection.clear()
    assert beside.column.hint.isVisible()


def test_chosen_images_that_are_not_on_the_map_and_all_of_them(beside, opened, qtbot):
    whole = space()
    part = Space("run", 10, 1.0, whole.index[:20], whole.features[:20])
    give(beside, opened, part)
    opened.selection.choose([0, 1])
    assert beside.column.note.text() == "None of the chosen images is on the map."
    opened.selection.choose([0, 10, 11])
    wait(beside, qtbot)
    assert beside.column.note.text() == "1 chosen image is not on the map."
    opened.selection.choose(part.index)
    assert "none is left" in beside.column.note.text()
    assert beside.column.buttons == []


def test_an_image_that_is_not_on_the_map_is_said_to_be_none_of_it(beside, opened, qtbot):
    whole = space()
    part = Space("run", 10, 1.0, whole.index[:20], whole.features[:20])
    give(beside, opened, part)
    opened.selection.choose([1])
    assert beside.column.note.text().startswith("This image is none of the 20 on the map.")
    assert beside.column.note.isVisible()
    assert beside.column.buttons == []
    opened.selection.choose([10])
    wait(beside, qtbot)
    assert not beside.column.note.isVisible()
    opened.selection.choose([1])
    opened.selection.clear()
    assert not beside.column.note.isVisible()
    assert beside.column.hint.isVisible()


def test_more_neighbours_are_looked_for(beside, opened, qtbot):
    shown = give(beside, opened, space())
    beside.pin_position(4)
    wait(beside, qtbot)
    beside.column.many.setFocus()
    qtbot.keyClick(beside.column.many, Qt.Key.Key_Up)
    wait(beside, qtbot, 15)
    qtbot.keyClick(beside.column.many, Qt.Key.Key_PageUp)
    wait(beside, qtbot, COUNT - 1)
    assert beside.marks[-1][1] == order(shown, 4)


def test_the_map_moves_on_and_what_is_looked_at_stays(beside, opened, qtbot):
    give(beside, opened, space())
    beside.pin(5)
    wait(beside, qtbot)
    before = names(beside)
    later = give(beside, opened, space(20, seed=1))
    qtbot.waitUntil(lambda: names(beside) != before, timeout=20_000)
    position = COUNT - 1 - 5
    assert beside.marks[-1] == (position, order(later, position)[:12])
    beside.forget()
    assert beside.row == -1
    assert beside.column.hint.isVisible()


def drop(column, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(column, QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, none))
    QApplication.sendEvent(column, QDropEvent(QPointF(50, 50), copy, data, LEFT, none))


@pytest.fixture
def run(opened, tmp_path):
    directory, record = new_run(tmp_path / "run", opened.recipe)
    save(directory, record, opened.facts(), 10, 0.05)
    opened.directory, opened.record = directory, record
    yield opened
    opened.directory = opened.record = None
    directory.close()


def test_a_dropped_file_is_compared_and_has_a_place_on_the_map(beside, run, qtbot, tmp_path):
    shown = give(beside, run, embedded(run, 10))
    path = tmp_path / "mine.png"
    path.write_bytes(run.catalogue.path(5).read_bytes())
    drop(beside.column, path)
    assert beside.column.note.text() == "The encoder looks at mine.png…"
    wait(beside, qtbot)
    assert beside.column.path.full == "mine.png"
    assert beside.column.buttons[0].text() == "1.00 cat"
    assert beside.column.facts.text().endswith("encoder of step 10")
    assert beside.marks[-1][1][0] == COUNT - 1 - 5
    (place,) = beside.places
    assert place.shape == (1, shown.features.shape[1])
    np.testing.assert_allclose(place[0], shown.features[COUNT - 1 - 5], rtol=1e-4, atol=1e-5)
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert beside.places[-1] is None
    assert beside.column.hint.isVisible()


def test_a_file_seen_by_another_encoder_has_no_place(beside, run, qtbot):
    real = embedded(run, 10)
    give(beside, run, Space(real.run, 7, 0.7, real.index, real.features))
    drop(beside.column, run.catalogue.path(5))
    wait(beside, qtbot)
    assert "the map shows step 7, so it has no place there" in beside.column.facts.text()
    assert beside.places == [None]


def test_what_cannot_be_compared_is_told_in_the_column(beside, run, qtbot, tmp_path):
    give(beside, run, embedded(run, 10))
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    drop(beside.column, tmp_path / "notes.txt")
    note = beside.column.note
    qtbot.waitUntil(lambda: note.property("role") == "danger", timeout=20_000)
    assert note.text().startswith("notes.txt cannot be compared: it is no image file")
    assert beside.places == []
    qtbot.mouseClick(beside.column.clear, LEFT)
    assert not note.isVisible()


def test_before_the_first_map_a_file_waits(beside, run, qtbot):
    drop(beside.column, run.catalogue.path(5))
    assert "no map to compare it with yet" in beside.column.note.text()
    shown = give(beside, run, embedded(run, 10))
    wait(beside, qtbot)
    assert beside.marks[-1][1][0] == COUNT - 1 - 5
    assert beside.places[0].shape == (1, shown.features.shape[1])
