import pytest
from PySide6.QtCore import Qt

from app.panels.explore_header import MapHeader
from app.panels.explore_layouts import UmapSettings
from tests.app.panels.reachable import unnamed


@pytest.fixture
def header(qtbot):
    made = MapHeader()
    qtbot.addWidget(made)
    made.resize(900, 100)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    for name in ("way_changed", "compute_asked", "cancel_asked", "colour_changed", "size_changed",
                 "fit_asked"):  # fmt: skip
        getattr(made, name).connect(lambda *words, name=name: made.told.append((name, *words)))
    return made


def umap(header, qtbot):
    header.projection.setFocus()
    qtbot.keyClick(header.projection, Qt.Key.Key_Down)
    header.told.clear()


def test_pca_has_no_settings_and_umap_has(header, qtbot):
    assert header.way is None
    assert not header.settings_row.isVisible()
    header.projection.setFocus()
    qtbot.keyClick(header.projection, Qt.Key.Key_Down)
    assert header.told == [("way_changed",)]
    assert header.settings_row.isVisible()
    assert header.way == UmapSettings(), "the usual settings of the core"
    assert not unnamed(header)
    qtbot.keyClick(header.projection, Qt.Key.Key_Up)
    assert header.way is None


def test_every_setting_goes_into_the_way(header, qtbot):
    umap(header, qtbot)
    for spin, keys in ((header.neighbours, "30"), (header.spread, "0.25"), (header.seed, "7")):
        spin.setFocus()
        spin.selectAll()
        qtbot.keyClicks(spin, keys)
        qtbot.keyClick(spin, Qt.Key.Key_Return)
    header.distance.setFocus()
    qtbot.keyClick(header.distance, Qt.Key.Key_Down)
    assert header.way == UmapSettings(30, 0.25, "euclidean", 7)
    assert header.told == [("way_changed",)] * 4, "one per setting, not one per digit"


def test_buttons_ask(header, qtbot):
    umap(header, qtbot)
    header.set_progress(0.0, "starting")
    header.set_idle()
    for button in (header.compute, header.whole):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    header.set_progress(0.5, "placing points")
    qtbot.mouseClick(header.cancel, Qt.MouseButton.LeftButton)
    assert header.told == [("compute_asked",), ("fit_asked",), ("cancel_asked",)]


def test_settings_cannot_change_while_they_are_computed(header, qtbot):
    umap(header, qtbot)
    header.set_progress(0.42, "placing points")
    assert (header.bar.value(), header.stage.full) == (42, "placing points")
    assert header.cancel.isVisible()
    assert not header.compute.isVisible()
    assert not header.seed.isEnabled()
    header.set_idle()
    assert not header.bar.isVisible()
    assert header.compute.isVisible()
    assert header.seed.isEnabled()


def test_a_map_that_is_there_is_not_computed_again(header, qtbot):
    umap(header, qtbot)
    header.set_known(True)
    assert not header.compute.isEnabled()
    assert header.compute.text() == "Computed"
    header.set_known(False)
    assert header.compute.isEnabled()


def test_colours_are_offered_without_being_told(header, qtbot):
    assert header.colour.count() == 0
    header.offer_colours(["class", "texture"], "texture")
    assert header.colour.currentText() == "texture"
    assert header.told == []
    header.colour.setFocus()
    qtbot.keyClick(header.colour, Qt.Key.Key_Up)
    assert header.told == [("colour_changed", "class")]
    header.offer_colours([], "")
    assert not header.colour.isEnabled()
    assert "images are open" in header.colour.toolTip()


def test_dots_grow_by_key(header, qtbot):
    header.dots.setFocus()
    qtbot.keyClick(header.dots, Qt.Key.Key_End)
    assert header.told == [("size_changed", 16)]
