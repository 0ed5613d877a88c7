import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.panels.runs_maps import RunMaps
from app.plots import colours
from tests.app.panels import replayed, shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def page(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    widget = RunMaps(opened, made)
    qtbot.addWidget(widget)
    widget.resize(900, 340)
    widget.show()
    qtbot.waitExposed(widget)
    widget.shelf, widget.paths = made, paths
    yield widget
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=shelved.WAIT)


def compared(page, qtbot):
    shelved.choose(page.shelf, qtbot, page.paths)
    qtbot.waitUntil(lambda: page.pair is not None, timeout=shelved.WAIT)
    return page.pair


def point(side, position):
    return side.map.place_of(position).toPoint()


def test_two_runs_are_needed(page, qtbot):
    assert "Choose two runs" in page.empty.text
    shelved.choose(page.shelf, qtbot, page.paths[:1])
    assert "Choose two runs" in page.empty.text


def test_names_points_and_classes(page, opened, qtbot, monkeypatch):
    painted = {}
    for number, side in enumerate(page.sides):
        monkeypatch.setattr(side.map, "set_colours", lambda rgb, n=number: painted.update({n: rgb}))
    pair = compared(page, qtbot)
    assert [side.name.full for side in page.sides] == ["one", "two"]
    tints = colours.by_class(opened.catalogue.labels[pair.index])
    for number, points in enumerate(pair.points):
        assert np.allclose(page.sides[number].map._points, points)
        assert np.array_equal(painted[number], tints)
    assert "24 images in both" in page.told.full
    page.colour.setCurrentIndex(1)
    tints = colours.by_value(pair.change, 0.0, 1.0)
    assert np.array_equal(painted[1], tints)
    assert not unnamed(page)


def test_an_image_is_chosen_in_both_maps(page, opened, qtbot):
    pair = compared(page, qtbot)
    qtbot.mouseClick(
        page.sides[1].map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier,
        point(page.sides[1], 5),
    )  # fmt: skip
    near = page.sides[1].map.index_at(QPointF(point(page.sides[1], 5)))
    assert opened.selection.rows.tolist() == [int(pair.index[near])]
    for side in page.sides:
        assert np.flatnonzero(side.map.chosen).tolist() == [near]
    opened.selection.clear()
    assert page.sides[0].map.chosen is None


def test_a_click_rings_an_image_with_its_neighbours_of_each_run(page, qtbot):
    pair = compared(page, qtbot)
    near = page.sides[0].map.index_at(QPointF(point(page.sides[0], 3)))
    qtbot.mouseClick(page.sides[0].map, Qt.MouseButton.LeftButton, pos=point(page.sides[0], 3))
    assert page.pinned == near
    for side, lists in zip(page.sides, pair.neighbours, strict=True):
        assert side.map._pinned == near
        assert list(side.map._neighbours) == lists[near].tolist()
    page.pin(-1)
    qtbot.mouseMove(page.sides[1].map, point(page.sides[1], 7))
    qtbot.waitUntil(lambda: page.sides[1].map.hovered_index >= 0, timeout=5000)
    assert page.sides[0].map._pinned == page.sides[1].map.hovered_index


def test_images_that_changed_most_come_first_and_can_be_looked_at(page, opened, qtbot):
    pair = compared(page, qtbot)
    entries = page.tiles._entries
    assert [one.row for one in entries] == pair.index[pair.order][:24].tolist()
    assert opened.catalogue.paths[entries[0].row] in entries[0].name
    assert entries[0].words == f"{100 * pair.change.max():.0f} %"
    qtbot.mouseClick(page.tiles.buttons[2], Qt.MouseButton.LeftButton)
    assert page.pinned == int(pair.order[2])
    assert not page.images.isVisible()


def test_without_their_images_there_are_maps_all_the_same(page, opened, qtbot):
    pair = compared(page, qtbot)
    opened.catalogue = None
    opened.catalogue_changed.emit()
    assert page.images.isVisible()
    assert page.tiles._entries == ()
    page._pick(np.array([1, 2]), "replace")
    assert len(opened.selection) == 0, "rows mean nothing there"
    assert np.flatnonzero(page.sides[0].map.chosen).tolist() == [1, 2]
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        qtbot.mouseClick(page.images, Qt.MouseButton.LeftButton)
    assert opened.directory.path == pair.paths[0]


def test_runs_on_different_folders_are_not_compared(page, opened, qtbot, tmp_path):
    (tmp_path / "birds").mkdir()
    other = opened.recipe.with_set({"data.folder": str(tmp_path / "birds")})
    path = replayed.write(opened.settings.runs_folder / "other", other)
    with qtbot.waitSignal(page.shelf.listed, timeout=shelved.WAIT):
        page.shelf.refresh()
    shelved.choose(page.shelf, qtbot, [page.paths[0], path])
    assert "Different images" in page.empty.text
    assert "birds" in page.empty.text


def test_runs_without_features_say_so(page, opened, qtbot):
    shelved.choose(page.shelf, qtbot, page.paths)
    qtbot.waitUntil(lambda: page.pair is not None, timeout=shelved.WAIT)
    page.shelf.records[page.paths[1]].embeddings.clear()
    page.pair = None
    page.refresh()
    qtbot.waitUntil(lambda: "cannot be compared" in page.empty.text, timeout=shelved.WAIT)
    assert "no features were saved yet" in page.empty.text
