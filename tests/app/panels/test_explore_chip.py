import pytest
from PySide6.QtCore import QObject, Qt

from app.panels.explore_chip import CHIP, CROSS, Chip, ChipModel, ChipPainter


@pytest.mark.parametrize(
    ("total", "here", "words"),
    [(1, 0, "horse, 1 image"), (1200, 12, "horse, 1,200 images, 12 of them chosen")],
)
def test_words_for_screen_readers(total, here, words):
    assert Chip("horse", 0, total, here).words == words
    few = Chip("horse", 0, total, here, True)
    assert few.words == f"{words}, in the few-label set"
    assert few.figure == f"{total:,} · few labels"


def test_the_list_holds_the_chips_and_keeps_its_place_where_only_counts_change(qapp):
    owner = QObject()
    model = ChipModel(owner)
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    model.show([Chip("a", 0, 3, 0), Chip("b", 1, 1, 0)])
    model.show([Chip("a", 0, 4, 2), Chip("b", 1, 1, 0)])
    assert resets == [1]
    assert model.rowCount() == 2
    first = model.index(0)
    assert first.data() == "a"
    assert first.data(CHIP).total == 4
    assert "click to select" in first.data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(7).data(CHIP) is None
    model.show([])
    assert model.rowCount() == 0


def test_a_chip_with_something_to_take_away_has_room_for_the_cross(qapp):
    owner = QObject()
    model, painter = ChipModel(owner), ChipPainter(owner)
    model.show([Chip("a", 0, 3, 0), Chip("a", 0, 3, 1), Chip("w" * 64, 0, 3, 1)])
    widths = [painter.sizeHint(None, model.index(row)).width() for row in range(3)]
    assert widths[1] - widths[0] == CROSS - 8
    assert widths[2] < 260, "a long name is cut"
    model.show([Chip("a", 0, 3, 0, True)])
    assert painter.sizeHint(None, model.index(0)).width() > widths[0], "the words have room"
