import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.runs_model import COLUMNS
from app.panels.runs_table import RunsTable
from tests.app.panels import shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def table(opened, qtbot):
    shelved.write(opened, "one", "two", "three")
    made, _ = shelved.shelf(opened, qtbot)
    card = RunsTable(made)
    qtbot.addWidget(card)
    made.listed.emit()
    card.resize(1000, 360)
    card.show()
    qtbot.waitExposed(card)
    card.shelf = made
    card.root = opened.settings.runs_folder
    yield card
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=shelved.WAIT)


def place(table, name):
    row = table.proxy.mapFromSource(table.model.index(table.model.row_of(table.root / name), 1))
    return table.view.visualRect(row).center()


def click(table, qtbot, name, held=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, held, place(table, name))


def test_clicks_choose_and_control_adds(table, qtbot):
    click(table, qtbot, "two")
    assert table.shelf.chosen == [table.root / "two"]
    click(table, qtbot, "one", Qt.KeyboardModifier.ControlModifier)
    assert table.shelf.chosen == [table.root / "two", table.root / "one"]
    assert table.current == table.root / "one"
    click(table, qtbot, "three")
    assert table.shelf.chosen == [table.root / "three"]
    assert not unnamed(table)


def test_chosen_from_elsewhere_is_selected(table, qtbot):
    table.shelf.choose([table.root / "one", table.root / "three"])
    rows = table.view.selectionModel().selectedRows()
    names = {table.model.summary(table.proxy.mapToSource(one).row()).name for one in rows}
    assert names == {"one", "three"}
    assert len(table.shelf.chosen) == 2


def test_keys_open_and_ask_to_delete(table, qtbot):
    click(table, qtbot, "two")
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        with qtbot.waitSignal(table.entered):
            qtbot.keyClick(table.view, key)
    with qtbot.waitSignal(table.delete_asked):
        qtbot.keyClick(table.view, Qt.Key.Key_Delete)
    with qtbot.waitSignal(table.entered):
        qtbot.mouseDClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place(table, "two"))
    with qtbot.waitSignal(table.menu_asked):
        table.view.customContextMenuRequested.emit(QPoint(5, 5))
    qtbot.keyClick(table.view, Qt.Key.Key_Up)
    assert table.shelf.chosen != [table.root / "two"]


def test_the_head_counts_and_the_filter_hides(table, qtbot):
    assert table.title == "Runs  ·  3 runs"
    qtbot.keyClicks(table.filter, "two")
    assert table.title == "Runs  ·  1 of 3 runs"
    assert table.proxy.rowCount() == 1


def test_columns_go_before_names_are_cut(table, qtbot):
    def shown():
        return {one.title for n, one in enumerate(COLUMNS) if not table.view.isColumnHidden(n)}

    table.resize(1300, 360)
    assert shown() == {one.title for one in COLUMNS}
    table.resize(620, 360)
    assert {"Name", "Method", "State", "kNN", "Linear"} <= shown()
    assert "Tags" not in shown()
    assert "Loss" not in shown()
    assert table.view.columnWidth(0) >= 120


def test_without_runs_it_says_what_to_do(opened, qtbot):
    made, _ = shelved.shelf(opened, qtbot)
    card = RunsTable(made)
    qtbot.addWidget(card)
    made.listed.emit()
    card.show()
    assert card.empty.isVisible()
    assert "No runs yet" in card.empty.text
    assert card.current is None
