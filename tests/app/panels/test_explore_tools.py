import pytest
from PySide6.QtCore import Qt

from app import theme
from app.panels.explore_tools import DRAWINGS, MARKS, MapTools
from tests.app.panels.reachable import unnamed


@pytest.fixture
def tools(qtbot):
    made = MapTools()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    for name in ("tool_chosen", "drawing_chosen", "marks_chosen"):
        getattr(made, name).connect(lambda word, name=name: made.told.append((name, word)))
    return made


def checked(tools):
    return [tool for tool, button in tools.buttons.items() if button.isChecked()]


def test_one_tool_at_a_time_by_mouse_and_by_keyboard(tools, qtbot):
    assert checked(tools) == ["pan"]
    qtbot.mouseClick(tools.buttons["lasso"], Qt.MouseButton.LeftButton)
    assert checked(tools) == ["lasso"]
    qtbot.keyClick(tools.buttons["box"], Qt.Key.Key_Space)
    assert checked(tools) == ["box"]
    assert tools.told == [("tool_chosen", "lasso"), ("tool_chosen", "box")]
    assert not unnamed(tools)


def test_a_tool_taken_elsewhere_is_shown_but_not_told(tools):
    tools.show_tool("lasso")
    assert checked(tools) == ["lasso"]
    assert tools.told == []


def test_hints_name_the_keys(tools):
    keys = {"pan": "(V)", "lasso": "(L)", "box": "(B)"}
    for tool, key in keys.items():
        assert key in tools.buttons[tool].toolTip()


def test_the_icon_of_the_tool_in_use_has_the_accent(tools):
    for name in theme.NAMES:
        theme.current().apply(name)
        tools.show_tool("box")
        image = tools.buttons["box"].icon().pixmap(18, 18).toImage()
        shown = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert shown == {theme.tokens().accent.lower()}


def test_the_menu_has_every_drawing_and_every_use_of_shapes(tools):
    actions = [one for one in tools.look.menu().actions() if one.actionGroup() is not None]
    assert [one.text() for one in actions if one.isChecked()] == [DRAWINGS[0][1], MARKS[0][1]]
    for action in actions:
        action.trigger()
    words = [("drawing_chosen", word) for word, _ in DRAWINGS]
    words += [("marks_chosen", word) for word, _ in MARKS]
    assert tools.told == words
    assert [one.text() for one in actions if one.isChecked()] == [DRAWINGS[-1][1], MARKS[-1][1]]


def test_trails_are_switched_on_and_off(tools):
    trails = tools.look.menu().actions()[-1]
    switched = []
    tools.trails_chosen.connect(switched.append)
    for _ in range(2):
        trails.trigger()
    assert switched == [True, False]
