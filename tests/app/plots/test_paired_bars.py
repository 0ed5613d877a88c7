import pytest
from PySide6.QtCore import QPoint, Qt

from app.plots.paired_bars import PairedBars, Row, Section, tint

READERS = ("trained", "untrained", "pixels")


@pytest.fixture
def bars(qtbot):
    made = PairedBars("What can be read")
    qtbot.addWidget(made)
    made.resize(640, 300)
    sections = [
        Section(
            "Categories",
            "accuracy",
            (Row("Class", (0.8, 0.4, 0.2), 0.1, strong=True, note="what one wants"),),
            percent=True,
        ),
        Section("Empty", "R²", ()),
        Section("Numbers", "R²", (Row("Red", (0.5, 1.0, -4.0), -0.01), Row("Blue", (0, 0, 0)))),
    ]
    made.show_sections(READERS, sections)
    made.show()
    qtbot.waitExposed(made)
    return made


def length(bars, row, reader):
    """Pixels of a reader's colour along its bar."""
    image = bars.grab().toImage()
    area = bars.area(row)
    y = round(area.center().y() - 9 + reader * 6 + 2)
    left, _ = bars._axis()
    ground = image.pixelColor(round(left) - 8, y).name()
    return sum(image.pixelColor(x, y).name() != ground for x in range(round(left), 640 - 190))


def test_bars_are_as_long_as_their_values_and_end_at_the_axis(bars):
    full = length(bars, 1, 1)
    assert length(bars, 1, 0) == pytest.approx(full / 2, abs=6)
    assert length(bars, 1, 2) <= 4  # far below nothing: the grid lines and a sliver
    assert full == pytest.approx(bars._axis()[1], abs=4)


def test_rows_in_words(bars):
    assert bars.words(0) == (
        "Class (what one wants): accuracy trained 80 %, untrained 40 %, pixels 20 %; "
        "a constant 10 %"
    )
    assert bars.words(1) == "Red: R² trained 0.50, untrained 1.00, pixels < −1; a constant 0.00"
    assert bars.accessibleDescription().startswith(bars.words(0))


def test_what_has_no_baseline_speaks_of_none(bars):
    rows = (Row("Cat", (0.8, 0.4, 0.2)), Row("Dog", (0.5, 0.5, 0.5)))
    bars.show_sections(READERS, [Section("Classes", "found", rows, True)], baselines=False)
    assert bars.words(0) == "Cat: found trained 80 %, untrained 40 %, pixels 20 %"
    assert [words for _, _, words in bars._entries()] == list(READERS)
    bars.grab()


def test_sections_without_rows_leave_no_trace(bars):
    assert len(bars._rows()) == 3
    tops = [bars.area(number).top() for number in range(3)]
    assert tops == sorted(tops)
    assert bars.minimumHeight() >= bars.area(2).bottom()
    with pytest.raises(IndexError):
        bars.area(3)


def test_a_narrow_place_keeps_the_value_that_matters(bars):
    assert bars._shown == 3
    wide = bars._axis()[1]
    bars.resize(400, 300)
    assert bars._shown == 1
    assert bars._axis()[1] > 0.35 * 400
    assert wide > bars._axis()[1]
    bars.grab()


def test_the_mouse_and_the_keyboard_read_rows_off(bars, qtbot):
    qtbot.mouseMove(bars, QPoint(300, round(bars.area(2).center().y())))
    assert bars._row == 2
    bars.grab()
    qtbot.mouseMove(bars, QPoint(300, 2))
    assert bars._row is None
    bars.setFocus()
    for key, row in (
        (Qt.Key.Key_Down, 0),
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Escape, None),
    ):
        qtbot.keyClick(bars, key)
        assert bars._row == row


def test_many_readers_make_higher_rows_in_colours_of_their_own(bars):
    low = bars._line()
    row = Row("Red", tuple(0.1 * number for number in range(6)))
    names = tuple("abcdef")
    bars.show_sections(names, [Section("Numbers", "R²", (row,))])
    assert bars._line() > low
    assert len({tint(number).name(tint(number).NameFormat.HexArgb) for number in range(6)}) == 6
    bars.grab()


def test_nothing_is_said_to_be_nothing(qtbot):
    made = PairedBars()
    qtbot.addWidget(made)
    made.show_sections(READERS, [])
    assert made.is_empty()
    made.resize(300, 80)
    made.grab()
