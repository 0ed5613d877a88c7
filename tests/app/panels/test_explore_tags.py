import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from app import theme
from app.panels.explore_chip import HIGH, Chip
from app.panels.explore_tags import ROWS, TagChips
from app.plots import colours
from sslcore.data.tags import EXCLUDED
from tests.app.panels.reachable import unnamed

LEFT = Qt.MouseButton.LeftButton
CHIPS = [Chip("horse", 0, 12, 3), Chip("pony", 1, 5, 0, True), Chip(EXCLUDED, 2, 2, 2)]


@pytest.fixture
def view(qtbot):
    made = TagChips()
    qtbot.addWidget(made)
    made.resize(300, 100)
    made.show()
    made.show_chips(CHIPS)
    qtbot.waitExposed(made)
    told = []
    made.select_asked.connect(lambda *words: told.append(("select", *words)))
    for name in ("untag", "rename", "delete", "spread", "few_labels"):
        signal = getattr(made, f"{name}_asked")
        signal.connect(lambda word, name=name: told.append((name, word)))
    made.told = told
    return made


def left_of(view, name):
    place = view.place(name)
    return QPoint(int(place.left()) + 14, int(place.top()) + 8)


def test_a_click_selects_and_keys_held_down_add_or_take_away(view, qtbot):
    for modifiers in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    ):
        qtbot.mouseClick(view.viewport(), LEFT, modifiers, left_of(view, "horse"))
    assert view.told == [
        ("select", "horse", "replace"), ("select", "horse", "add"), ("select", "horse", "subtract"),
    ]  # fmt: skip


def test_the_cross_takes_the_tag_away_where_there_is_one(view, qtbot):
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.cross("horse").center().toPoint())
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.cross("pony").center().toPoint())
    assert view.told == [("untag", "horse"), ("select", "pony", "replace")]


def test_letting_go_elsewhere_does_nothing(view, qtbot):
    qtbot.mousePress(view.viewport(), LEFT, pos=left_of(view, "horse"))
    qtbot.mouseRelease(view.viewport(), LEFT, pos=left_of(view, "pony"))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.MiddleButton, pos=left_of(view, "horse"))
    assert view.told == []


def test_all_of_it_works_by_keys(view, qtbot):
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_F2):
        qtbot.keyClick(view, key)
    assert view.told == [
        ("select", "pony", "replace"), ("select", "pony", "replace"), ("untag", "pony"),
        ("rename", "pony"),
    ]  # fmt: skip
    assert not unnamed(view)


@pytest.mark.parametrize(
    ("chip", "spread", "words"),
    [
        (CHIPS[0], True, ["Select its images", "Add its images to the selection",
                          "Take its images from the selection", "Remove from 3 chosen images\tDel",
                          "Spread to near images…", "Use as few-label set", "Colour",
                          "Rename…\tF2", "Delete tag"]),
        (CHIPS[1], False, ["Select its images", "Add its images to the selection",
                           "Take its images from the selection", "Take from the few-label set",
                           "Colour", "Rename…\tF2", "Delete tag"]),
        (CHIPS[2], True, ["Select its images", "Add its images to the selection",
                          "Take its images from the selection", "Remove from 2 chosen images\tDel",
                          "Colour", "Include all again"]),
    ],
)  # fmt: skip
def test_the_menu_holds_what_can_be_done(view, chip, spread, words):
    view.can_spread = spread
    menu = view.menu(chip)
    actions = [one for one in menu.actions() if not one.isSeparator()]
    assert [one.text() for one in actions] == words
    actions[-1].trigger()
    actions[1].trigger()
    assert view.told == [("delete", chip.name), ("select", chip.name, "add")]
    menu.deleteLater()


@pytest.mark.parametrize("name", theme.NAMES)
def test_a_tag_gets_one_of_the_colours_everybody_tells_apart(view, name):
    theme.current().apply(name)
    told = []
    view.recolour_asked.connect(lambda *words: told.append(words))
    menu = view.menu(CHIPS[1])
    (inner,) = (one.menu() for one in menu.actions() if one.text() == "Colour")
    offered = [one for one in inner.actions() if not one.isSeparator()]
    assert [one.text() for one in offered] == [*colours.SERIES, "By its place"]
    assert len(colours.SERIES) == len(theme.tokens().series)
    assert [one.text() for one in offered if one.isChecked()] == ["Orange"], "it has that now"
    for number, one in enumerate(offered[:-1]):
        middle = one.icon().pixmap(32, 32).toImage().pixelColor(16, 16)
        assert middle == colours.series_colour(number)
        ring = one.icon().pixmap(32, 32).toImage().pixelColor(2, 16)
        assert (ring.alpha() > 0) is one.isChecked()
    offered[4].trigger()
    offered[-1].trigger()
    assert told == [("pony", 4), ("pony", None)]
    menu.deleteLater()


@pytest.mark.parametrize("chip", CHIPS[:2])
def test_a_tag_enters_and_leaves_the_few_label_set(view, chip):
    menu = view.menu(chip)
    next(one for one in menu.actions() if "few-label" in one.text()).trigger()
    assert view.told == [("few_labels", chip.name)]
    menu.deleteLater()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_opens_by_mouse_and_by_key(view, qtbot):
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        place = left_of(view, "horse")
        event = QContextMenuEvent(reason, place, view.viewport().mapToGlobal(place))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert menu is not None
        assert "horse" in menu.accessibleName()
        menu.close()


def test_rows_follow_the_width_up_to_a_few(view, qtbot):
    view.show_chips([Chip(f"tag {n}", n, n, 0) for n in range(40)])
    qtbot.waitUntil(lambda: view.height() == ROWS * HIGH)
    view.show_chips(CHIPS[:1])
    qtbot.waitUntil(lambda: view.height() <= HIGH)
    view.show_chips([])
    assert not view.isVisible()


@pytest.mark.parametrize("name", theme.NAMES)
def test_both_themes_paint_it(view, qtbot, name):
    theme.current().apply(name)
    image = view.grab().toImage()
    ground = image.pixelColor(image.width() - 2, image.height() - 2)
    inside = image.pixelColor(left_of(view, "horse"))
    assert inside != ground
