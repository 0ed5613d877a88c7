import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyleOptionComboBox, QWidget

from app.panels.elided import Elided, ElidedBox

WORDS = "pictures/of/insects/from/a/long/summer/0001.png"


def test_words_are_cut_where_room_ends_and_told_whole(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    shown = Elided(WORDS, "caption")
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(shown)
    box.resize(900, 30)
    box.show()
    assert (shown.text(), shown.toolTip()) == (WORDS, "")
    box.resize(120, 30)
    assert box.width() == 120, "long words do not widen what they are in"
    assert shown.text().endswith("…")
    assert shown.fontMetrics().horizontalAdvance(shown.text()) <= 120
    assert (shown.full, shown.toolTip(), shown.accessibleName()) == (WORDS, WORDS, WORDS)
    shown.say("short")
    assert (shown.text(), shown.toolTip(), shown.accessibleName()) == ("short", "", "short")


def test_a_path_may_be_cut_in_the_middle(qtbot):
    path = "/somewhere/deep/below/a/home/of/somebody/runs"
    made = Elided(path, cut=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(made)
    made.resize(120, 20)
    made.show()
    assert made.text().startswith("/some")
    assert made.text().endswith("runs")
    assert "…" in made.text()
    assert made.toolTip() == path


def box_of(qtbot, kind, words, width):
    made = kind()
    made.addItem(words)
    qtbot.addWidget(made)
    made.resize(width, 30)
    made.show()
    return made


def shown_in(box):
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    return box.shown(option)


def test_the_words_of_a_list_are_cut_where_room_ends(qtbot):
    wide = box_of(qtbot, ElidedBox, "neighbour agreement", 300)
    assert shown_in(wide) == "neighbour agreement"
    narrow = box_of(qtbot, ElidedBox, "neighbour agreement", 110)
    words = shown_in(narrow)
    assert words.endswith("…")
    assert words.startswith("neigh")
    assert narrow.currentText() == "neighbour agreement"
    same = box_of(qtbot, QComboBox, words, 110)
    for one in (narrow, same):
        one.clearFocus()
    assert narrow.grab().toImage() == same.grab().toImage(), "painted as any other list"


@pytest.mark.parametrize("words", ["class", "neighbour agreement", "a very long name of a column"])
def test_a_list_as_wide_as_its_words_shows_them_whole(qtbot, words):
    box = box_of(qtbot, ElidedBox, words, 300)
    box.resize(box.sizeHint())
    assert shown_in(box) == words
