import pytest
from PySide6.QtCore import Qt

from app.panels.explore_header import MapHeader
from sslcore.evaluation.projection_settings import PcaSettings, TsneSettings, UmapSettings
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


def choose(header, qtbot, steps):
    header.projection.setFocus()
    for _ in range(steps):
        qtbot.keyClick(header.projection, Qt.Key.Key_Down)
    header.told.clear()


def test_pca_has_no_settings_and_the_others_have(header, qtbot):
    assert header.way == PcaSettings()
    assert not header.settings.isVisible()
    names = [header.projection.itemText(row) for row in range(header.projection.count())]
    assert names == ["PCA", "UMAP", "t-SNE"]
    header.projection.setFocus()
    for settings in (UmapSettings(), TsneSettings()):
        header.told.clear()
        qtbot.keyClick(header.projection, Qt.Key.Key_Down)
        assert header.told == [("way_changed",)]
        assert header.settings.isVisible()
        assert header.way == settings, "the usual settings of the core"
        assert settings.name in header.projection.toolTip()
        assert not unnamed(header)
    choose(header, qtbot, 0)
    qtbot.keyClick(header.projection, Qt.Key.Key_Home)
    assert header.way == PcaSettings()


def test_two_or_three_dimensions_by_mouse_and_key(header, qtbot):
    flat, deep = header.dimensions[2], header.dimensions[3]
    assert flat.isChecked()
    qtbot.mouseClick(deep, Qt.MouseButton.LeftButton)
    assert header.way == PcaSettings(3)
    assert header.told == [("way_changed",)]
    choose(header, qtbot, 1)
    assert header.way == UmapSettings(dimensions=3)
    flat.setFocus()
    qtbot.keyClick(flat, Qt.Key.Key_Space)
    assert header.way == UmapSettings()
    assert header.told == [("way_changed",)]


def test_settings_and_buttons_are_passed_on(header, qtbot):
    choose(header, qtbot, 1)
    header.set_progress(0.0, "starting")
    assert header.settings.cancel.isVisible()
    header.set_idle()
    for button in (header.settings.compute, header.whole):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    header.set_progress(0.5, "placing points")
    qtbot.mouseClick(header.settings.cancel, Qt.MouseButton.LeftButton)
    header.set_idle()
    header.settings.seed.setFocus()
    qtbot.keyClick(header.settings.seed, Qt.Key.Key_Up)
    names = ["compute_asked", "fit_asked", "cancel_asked", "way_changed"]
    assert header.told == [(name,) for name in names]
    header.set_known(True)
    assert not header.settings.compute.isEnabled()


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_nothing_is_cut_off_in_a_card_of_640_pixels(header, qtbot, steps):
    header.offer_colours(["class", "a column with a very long name indeed", "none"], "class")
    choose(header, qtbot, steps)
    assert header.minimumSizeHint().width() <= 640
    header.resize(640, 140)
    qtbot.wait(20)
    shown = (
        header.projection, *header.dimensions.values(), header.colour, header.dots, header.tools,
        header.whole,
    )  # fmt: skip
    for one in shown:
        assert one.width() >= min(one.minimumSizeHint().width(), 128), one.accessibleName()
        assert header.rect().contains(one.mapTo(header, one.rect().bottomRight()))
    assert not header._words[0].isVisible()
    header.resize(900, 100)
    qtbot.waitUntil(lambda: header._words[0].isVisible())


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
