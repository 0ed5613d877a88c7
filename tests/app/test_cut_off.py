"""Texts without room are found in every kind of widget, and texts with room are not."""

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QWidget,
)

from app.cut_off import cut_off


def test_texts_without_room_are_listed(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    narrow, wide, elided = QLabel("a text that is cut", box), QPushButton("wide", box), QLabel("x")
    elided.setText("cut on purpose, as it says itself")
    elided.setParent(box)
    elided.setProperty("elides", True)
    narrow.setGeometry(0, 0, 20, 20)
    wide.setGeometry(0, 30, 200, 30)
    elided.setGeometry(0, 60, 20, 20)
    box.resize(300, 100)
    box.show()
    assert cut_off(box) == ["a text that is cut"]


def test_a_parent_that_is_too_narrow_cuts_too(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    inner = QWidget(box)
    inner.setGeometry(0, 0, 40, 40)
    label = QLabel("sticks out of its parent", inner)
    label.setGeometry(0, 0, 300, 20)
    box.resize(400, 100)
    box.show()
    assert cut_off(box) == ["sticks out of its parent"]


def test_wrapped_lines_need_their_height(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    label = QLabel("several words that need three lines at the very least", box)
    label.setWordWrap(True)
    label.setGeometry(0, 0, 120, 16)
    box.resize(200, 100)
    box.show()
    assert cut_off(box) == [label.text()]
    label.setGeometry(0, 0, 120, label.heightForWidth(120))
    assert cut_off(box) == []


def test_a_layout_with_room_cuts_nothing(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    row = QHBoxLayout(box)
    row.addWidget(QLabel("plenty of room"))
    row.addWidget(QPushButton("Start"))
    box.show()
    assert cut_off(box) == []


def test_chosen_values_and_numbers_need_room(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    chosen, number = QComboBox(box), QSpinBox(box)
    chosen.addItems(["a choice with many words", "b"])
    number.setRange(0, 10_000_000)
    number.setSuffix(" images of the folder")
    number.setValue(1_000_000)
    chosen.setGeometry(0, 0, 90, 30)
    number.setGeometry(0, 40, 90, 30)
    box.resize(600, 120)
    box.show()
    assert set(cut_off(box)) == {"a choice with many words", number.text()}
    chosen.setGeometry(0, 0, 400, 30)
    number.setGeometry(0, 40, 400, 30)
    assert cut_off(box) == []
    chosen.setGeometry(0, 0, 90, 30)
    chosen.setCurrentIndex(1)
    assert cut_off(box) == []
    chosen.setCurrentIndex(0)
    chosen.setProperty("elides", True)
    assert cut_off(box) == []


def test_words_in_an_empty_line_need_room_what_was_typed_does_not(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    line = QLineEdit(box)
    line.setPlaceholderText("Filter by name, method, state or tag")
    line.setGeometry(0, 0, 60, 30)
    box.resize(400, 100)
    box.show()
    assert cut_off(box) == [line.placeholderText()]
    line.setText("a very long text that a person typed")
    assert cut_off(box) == []


def test_heads_of_columns_need_room(qtbot):
    table = QTableWidget(1, 2)
    qtbot.addWidget(table)
    table.setHorizontalHeaderLabels(["A name with many words", "b"])
    table.setColumnWidth(0, 30)
    table.resize(300, 100)
    with qtbot.waitExposed(table):
        table.show()
    assert cut_off(table) == ["A name with many words"]
    table.setColumnWidth(0, 280)
    assert cut_off(table) == []
    table.setColumnWidth(0, 30)
    table.setColumnHidden(0, True)
    assert cut_off(table) == []
