import pytest
from PySide6.QtCore import Qt

from app.panels.explore_tag import TagDialog
from tests.app.panels.reachable import unnamed

KNOWN = {"Horse": 12, "pony": 5, "excluded": 2}


@pytest.fixture
def asked(qtbot):
    """Makes a dialog; what it tells is in its list ``told``."""

    def make(text="", known=KNOWN):
        made = TagDialog("Tag 3 images", "Tag", known, text)
        made.told = []
        made.named.connect(made.told.append)
        qtbot.addWidget(made)
        made.open()
        made.activateWindow()
        qtbot.waitUntil(made.line.hasFocus, timeout=5_000)
        return made

    return make


def listed(dialog):
    return [dialog.list.item(row).text().strip() for row in range(dialog.list.count())]


def test_a_new_tag_is_typed_and_enter_takes_it(asked, qtbot):
    dialog = asked()
    assert not dialog.button.isEnabled()
    assert not unnamed(dialog)
    qtbot.keyClicks(dialog.line, "  zebra ")
    told = dialog.told
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert told == ["zebra"]


def test_known_tags_are_completed_and_spelled_as_they_are(asked, qtbot):
    dialog = asked()
    assert listed(dialog) == ["Horse  ·  12", "pony  ·  5", "excluded  ·  2"]
    qtbot.keyClicks(dialog.line, "ho")
    assert dialog.line.text().casefold() == "horse"
    assert listed(dialog) == ["Horse  ·  12"]
    assert dialog.name == "Horse"
    told = dialog.told
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert told == ["Horse"]


def test_a_known_tag_is_picked_by_mouse_or_by_keys(asked, qtbot):
    dialog = asked()
    place = dialog.list.visualItemRect(dialog.list.item(1)).center()
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.line.text() == "pony"
    dialog.line.clear()
    told = dialog.told
    qtbot.keyClick(dialog.line, Qt.Key.Key_Down)
    assert dialog.list.hasFocus()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert told == ["pony"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("a;b", "cannot contain ';'"), ("x" * 70, "at most 64 characters"), ("   ", "")],
)
def test_what_cannot_be_a_tag_is_said_in_place(asked, qtbot, text, words):
    dialog = asked()
    qtbot.keyClicks(dialog.line, text)
    assert words in dialog.error.text()
    assert dialog.error.isVisible() == bool(words)
    assert not dialog.button.isEnabled()
    told = dialog.told
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert told == []
    assert dialog.isVisible()


def test_renaming_begins_with_the_old_name(asked, qtbot):
    dialog = asked("zebra")
    assert dialog.line.selectedText() == "zebra"
    assert not dialog.button.isEnabled(), "nothing to do yet"
    assert len(listed(dialog)) == 3
    qtbot.keyClicks(dialog.line, "excluded")
    assert "is kept for images" in dialog.error.text()
    assert not dialog.button.isEnabled()
    dialog.line.selectAll()
    qtbot.keyClicks(dialog.line, "quagga")
    assert dialog.button.isEnabled()
    told = dialog.told
    qtbot.keyClick(dialog.line, Qt.Key.Key_Escape)
    assert told == []


def test_without_known_tags_there_is_no_list(asked):
    assert not asked(known={}).list.isVisible()
