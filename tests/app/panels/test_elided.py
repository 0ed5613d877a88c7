from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.panels.elided import Elided

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
