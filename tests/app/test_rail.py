import pytest
from PySide6.QtCore import Qt

from app import theme
from app.rail import PLACES, Rail
from tests.app.panels.reachable import unnamed


@pytest.fixture
def rail(qtbot):
    made = Rail(PLACES)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_click_tells_the_place_and_marks_it(rail, qtbot):
    told = []
    rail.chosen.connect(told.append)
    for key in ("train", "data"):
        qtbot.mouseClick(rail.buttons[key], Qt.MouseButton.LeftButton)
        assert [one for one, button in rail.buttons.items() if button.isChecked()] == [key]
    assert told == ["train", "data"]


def test_a_place_shown_otherwise_is_marked_without_being_told(rail, qtbot):
    with qtbot.assertNotEmitted(rail.chosen):
        rail.show_place("views")
        rail.show_place("explore")
    assert [one for one, button in rail.buttons.items() if button.isChecked()] == ["explore"]


def test_keys_reach_every_place(rail, qtbot):
    told = []
    rail.chosen.connect(told.append)
    rail.buttons["data"].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(rail.buttons["data"], Qt.Key.Key_Space)
    assert told == ["data"]
    assert not unnamed(rail)
    tips = [button.toolTip() for button in rail.buttons.values()]
    assert tips == [f"{place.title}  Ctrl+{n}" for n, place in enumerate(PLACES, start=1)]


def test_the_chosen_place_has_an_accent_edge_in_both_themes(rail):
    rail.show_place("method")

    def edge(key):
        button = rail.buttons[key]
        image = button.grab().toImage()
        return image.pixelColor(1, button.height() // 2).name()

    for name in ("dark", "light"):
        theme.current().apply(name)
        accent = theme.tokens().accent.lower()
        assert edge("method") == accent
        assert edge("data") != accent
