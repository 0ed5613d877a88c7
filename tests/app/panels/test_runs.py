import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog, QMenu

from app.panels.runs import RunsPanel
from app.panels.runs_facts import ACTS
from tests.app.panels import shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def panel(opened, qtbot):
    paths = shelved.write(opened, "one", "two", "three")
    made = RunsPanel(opened)
    qtbot.addWidget(made)
    made.resize(1200, 720)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: len(made.shelf.summaries) == 3, timeout=shelved.WAIT)
    qtbot.waitUntil(lambda: bool(made.shelf.chosen), timeout=shelved.WAIT)
    made.paths = paths
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=shelved.WAIT)
    made.hide()


def row(panel, path):
    table = panel.table
    index = table.proxy.mapFromSource(table.model.index(table.model.row_of(path), 0))
    return table.view.visualRect(index).center()


def click(panel, qtbot, path, held=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(panel.table.view.viewport(), Qt.MouseButton.LeftButton, held, row(panel, path))


def test_runs_are_there_and_one_is_chosen(panel):
    assert len(panel.shelf.chosen) == 1
    assert panel.facts.name.full == panel.shelf.shown[0].name
    assert not unnamed(panel)


def test_a_click_in_the_table_reaches_every_part(panel, qtbot):
    one, _, three = panel.paths
    click(panel, qtbot, one)
    click(panel, qtbot, three, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.facts.name.full == "three", timeout=5000)
    qtbot.waitUntil(lambda: panel.curves.plot.names() == ["one", "three"], timeout=shelved.WAIT)
    panel.pages.show_page("recipes")
    assert [one.path for one in panel.recipes.model.rows] == ["run.seed"]
    panel.pages.show_page("maps")
    qtbot.waitUntil(lambda: panel.maps.pair is not None, timeout=shelved.WAIT)
    assert panel.maps.pair.paths == (one, three)


def test_keys_act_on_the_run_the_keyboard_is_at(panel, opened, qtbot, monkeypatch):
    one, two, _ = panel.paths
    click(panel, qtbot, two)
    qtbot.waitUntil(lambda: panel.facts.name.full == "two", timeout=5000)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("renamed", True))
    qtbot.keyClick(panel.table.view, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: two.with_name("renamed") in panel.shelf.summaries, timeout=shelved.WAIT)
    click(panel, qtbot, one)
    qtbot.waitUntil(lambda: panel.facts.name.full == "one", timeout=5000)
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        qtbot.keyClick(panel.table.view, Qt.Key.Key_Return)
    assert opened.directory.path == one
    qtbot.waitUntil(lambda: not panel.facts.buttons["open"].isEnabled(), timeout=shelved.WAIT)


def test_a_removed_run_can_be_fetched_back(panel, qtbot, monkeypatch):
    one = panel.paths[0]
    asked = []
    monkeypatch.setattr(panel.acts, "trash", asked.append)
    click(panel, qtbot, one)
    qtbot.waitUntil(lambda: panel.facts.name.full == "one", timeout=5000)
    qtbot.keyClick(panel.table.view, Qt.Key.Key_Delete)
    assert asked == [one]
    assert not panel.undo.isVisible()
    panel.acts._gone.append((one, one))
    panel.acts.removed.emit()
    assert panel.undo.isVisible()
    undone = []
    monkeypatch.setattr(panel.acts, "_gone", [])
    monkeypatch.setattr(panel.shelf, "refresh", lambda: undone.append(True))
    panel.acts.removed.emit()
    assert not panel.undo.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_has_every_act(panel, qtbot):
    panel.table.menu_asked.emit(panel.mapToGlobal(QPoint(10, 10)))
    (menu,) = [one for one in panel.findChildren(QMenu) if one.isVisible()]
    assert [one.text() for one in menu.actions()] == [words for _, words, _ in ACTS]
    menu.close()


def test_a_new_run_appears_when_one_starts(panel, opened, qtbot):
    shelved.write(opened, "four")
    opened.run_changed.emit()
    qtbot.waitUntil(lambda: len(panel.shelf.summaries) == 4, timeout=shelved.WAIT)


def test_a_small_window_gives_the_table_room(panel):
    panel.resize(900, 520)
    assert panel.facts.width() < 300
    assert panel.facts.buttons["trash"].visibleRegion().boundingRect().height() >= 26


def test_it_looks_again_only_while_something_trains(panel, opened, monkeypatch):
    looked = []
    monkeypatch.setattr(panel.shelf, "refresh", lambda: looked.append(True))
    panel._look()
    assert looked == []
    monkeypatch.setattr(type(opened), "running", property(lambda _: True))
    panel._look()
    assert looked == [True]
    panel.hide()
    panel._look()
    assert looked == [True]
