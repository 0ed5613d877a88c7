import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.panels.runs_recipes import RecipeDifferences
from tests.app.panels import shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def page(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    widget = RecipeDifferences(made)
    qtbot.addWidget(widget)
    widget.resize(600, 300)
    widget.show()
    widget.shelf, widget.paths = made, paths
    return widget


def test_two_are_needed(page, qtbot):
    assert "Choose two runs" in page.empty.text
    shelved.choose(page.shelf, qtbot, page.paths[:1])
    assert "Choose two runs" in page.empty.text
    assert not page.copy.isVisible()


def test_fields_that_differ_stand_side_by_side(page, qtbot):
    shelved.choose(page.shelf, qtbot, page.paths)
    model = page.model
    assert (model.rowCount(), model.columnCount()) == (1, 3)
    assert [model.data(model.index(0, n)) for n in range(3)] == ["run.seed", "0", "1"]
    heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)]
    assert heads == ["Field", "one", "two"]
    icon = model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.DecorationRole)
    assert not icon.isNull()
    assert page.told.text() == "1 field differs; all others are equal."
    assert not unnamed(page)
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "field\tone\ttwo\nrun.seed\t0\t1"


def test_long_names_are_cut_in_the_middle_beside_their_mark(opened, qtbot):
    names = [f"2026-11-29-14034{n}-barlow_twins-of-a-folder" for n in (1, 2)]
    made, paths = shelved.shelf(opened, qtbot, *names)
    page = RecipeDifferences(made)
    qtbot.addWidget(page)
    page.resize(460, 300)
    page.show()
    shelved.choose(made, qtbot, paths)
    across, font = Qt.Orientation.Horizontal, page.heads.fontMetrics()
    for section, name in enumerate(names, 1):
        shown = page.heads.shown(section)
        assert "…" in shown[1:-1]
        assert (shown[0], shown[-3:]) == (name[0], name[-3:])
        assert font.horizontalAdvance(shown) < page.heads.sectionSize(section) - 16
        assert page.model.headerData(section, across, Qt.ItemDataRole.ToolTipRole) == name
    assert page.heads.shown(0) == "Field"
    page.resize(1600, 300)
    qtbot.waitUntil(lambda: page.heads.shown(1) == names[0])


def test_equal_recipes_say_so(opened, qtbot):
    shelved.write(opened, "one")
    shelved.write(opened, "two")
    made, _ = shelved.shelf(opened, qtbot)
    widget = RecipeDifferences(made)
    qtbot.addWidget(widget)
    shelved.choose(made, qtbot, [*made.summaries])
    assert "Nothing differs" in widget.empty.text
