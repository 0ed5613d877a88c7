import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QShortcut
from PySide6.QtWidgets import QApplication

from app import theme
from app.panels.explore_ramp import BINS, Ramp
from app.plots import colours

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
VALUES = np.array([0.0, 0.1, 0.1, 2.5, 5.0, 7.5, 9.9, 10.0, np.nan])


@pytest.fixture
def ramp(qtbot):
    made = Ramp(VALUES, 0.0, 10.0, "px")
    qtbot.addWidget(made)
    made.resize(600, made.height())
    made.show()
    made.told = []
    made.ranged.connect(made.told.append)
    return made


def at(ramp, value):
    """Where a value stands."""
    bars = ramp._bars()
    return QPoint(round(bars.left() + value / 10 * bars.width()), 20)


def drag(qtbot, ramp, first, last):
    qtbot.mousePress(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, first))
    for part in (0.3, 0.7, 1.0):
        qtbot.mouseMove(ramp, at(ramp, first + part * (last - first)))
    qtbot.mouseRelease(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, last))


@pytest.mark.parametrize(("first", "last"), [(2.0, 8.0), (8.0, 2.0)])
def test_a_drag_isolates_what_it_covers_whichever_way(ramp, qtbot, first, last):
    drag(qtbot, ramp, first, last)
    assert ramp.range == pytest.approx((2.0, 8.0), abs=0.03)
    assert ramp.told[-1] == ramp.range
    assert len(ramp.told) > 1, "the map follows while it is dragged"
    assert ramp.said.endswith(": 3 points")
    assert ramp.accessibleDescription() == ramp.said


def test_a_drag_beyond_the_ends_stops_there(ramp, qtbot):
    qtbot.mousePress(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, 4.0))
    qtbot.mouseMove(ramp, QPoint(590, 20))
    qtbot.mouseRelease(ramp, Qt.MouseButton.LeftButton, pos=QPoint(590, 20))
    assert ramp.range[1] == 10.0
    assert ramp.said.endswith(": 4 points"), "the largest value belongs to it"


def test_a_click_shows_all_again(ramp, qtbot):
    drag(qtbot, ramp, 2.0, 8.0)
    qtbot.mouseClick(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, 5.0))
    assert ramp.range is None
    assert ramp.told[-1] is None
    before = len(ramp.told)
    qtbot.mouseClick(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, 5.0))
    assert len(ramp.told) == before


def test_the_bin_under_the_mouse_is_read_off(ramp, qtbot):
    qtbot.mouseMove(ramp, at(ramp, 0.1))
    assert ramp.said == "0 to 0.250: 3 points"
    qtbot.mouseMove(ramp, QPoint(590, 20))
    assert ramp.said == ""
    qtbot.mouseMove(ramp, at(ramp, 2.6))
    assert ramp.said.endswith(": 1 point")


def test_keys_walk_from_bin_to_bin_and_stretch_the_range(ramp, qtbot):
    ramp.setFocus()
    width = 10.0 / BINS
    for keys, first, last in (
        ([(Qt.Key.Key_Right, None)], 0, 0),
        ([(Qt.Key.Key_Right, None)], 1, 1),
        ([(Qt.Key.Key_Right, SHIFT)], 1, 2),
        ([(Qt.Key.Key_Left, SHIFT)] * 2, 0, 1),
    ):
        for key, held in keys:
            qtbot.keyClick(ramp, key, held or Qt.KeyboardModifier.NoModifier)
        assert ramp.range[0] == first * width
        assert (last + 1) * width - 1e-9 < ramp.range[1] < (last + 1) * width
    qtbot.keyClick(ramp, Qt.Key.Key_Escape)
    assert ramp.range is None


def test_a_bin_isolates_what_its_bar_counts(qtbot):
    values = np.repeat(np.arange(11) / 10, np.arange(1, 12))
    made = Ramp(values, 0.0, 1.0, "")
    qtbot.addWidget(made)
    for count in made._counts.tolist():
        qtbot.keyClick(made, Qt.Key.Key_Right)
        low, high = made.range
        assert ((values >= low) & (values <= high)).sum() == count
        assert made.said.endswith("1 point" if count == 1 else f"{count} points")
        coloured = [number for number in range(BINS) if made._holds(number)]
        assert coloured == [made._keys[1]]


def test_keys_go_on_from_a_range_that_was_dragged(ramp, qtbot):
    drag(qtbot, ramp, 5.1, 7.9)
    assert ramp.hasFocus(), "S and Esc are for it now"
    qtbot.keyClick(ramp, Qt.Key.Key_Right, SHIFT)
    assert ramp.range == pytest.approx((5.0, 8.25), abs=1e-6)


def test_a_drag_begins_at_the_bars_and_ends_with_the_button(ramp, qtbot):
    far = QPoint(ramp.width() - 20, 20)
    qtbot.mousePress(ramp, Qt.MouseButton.LeftButton, pos=far)
    qtbot.mouseMove(ramp, far - QPoint(30, 0))
    qtbot.mouseRelease(ramp, Qt.MouseButton.LeftButton, pos=far)
    assert ramp.told == []
    qtbot.mousePress(ramp, Qt.MouseButton.LeftButton, pos=at(ramp, 2.0))
    place = QPointF(at(ramp, 6.0))
    lost = QMouseEvent(
        QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(ramp, lost)
    assert ramp.told == [], "it was let go where the widget could not see it"


@pytest.mark.parametrize("seed", range(20))
def test_the_ends_are_the_very_ends(qtbot, seed):
    values = np.round(np.random.default_rng(seed).uniform(-5, 60, 50), 2)
    made = Ramp(values, values.min(), values.max(), "")
    qtbot.addWidget(made)
    made.resize(600, made.height())
    bars = made._bars()
    left, right = QPoint(int(bars.left()) - 5, 20), QPoint(int(bars.right()) + 40, 20)
    qtbot.mousePress(made, Qt.MouseButton.LeftButton, pos=left)
    qtbot.mouseMove(made, right)
    qtbot.mouseRelease(made, Qt.MouseButton.LeftButton, pos=right)
    assert made.said.endswith(": 50 points")


def test_esc_is_for_the_range_before_it_is_for_the_window(ramp, qtbot):
    told = []
    shortcut = QShortcut(Qt.Key.Key_Escape, ramp)
    shortcut.activated.connect(lambda: told.append("window"))
    ramp.setFocus()
    qtbot.keyClick(ramp, Qt.Key.Key_Right)
    qtbot.keyClick(ramp, Qt.Key.Key_Escape)
    assert ramp.range is None
    assert told == []
    qtbot.keyClick(ramp, Qt.Key.Key_Escape)
    assert told == ["window"]


@pytest.mark.parametrize(
    ("held", "mode"), [(Qt.KeyboardModifier.NoModifier, "replace"), (SHIFT, "add")]
)
def test_the_images_of_the_range_can_be_asked_for(ramp, qtbot, held, mode):
    with qtbot.waitSignal(ramp.select_asked, timeout=1_000) as told:
        qtbot.keyClick(ramp, Qt.Key.Key_S, held)
    assert told.args == [mode]


def test_the_menu_offers_the_same(ramp, qtbot):
    first, *others = [one for one in ramp.menu().actions() if not one.isSeparator()]
    assert not first.isEnabled(), "all are shown"
    told = []
    ramp.select_asked.connect(told.append)
    for one in others:
        one.trigger()
    assert told == ["replace", "add", "subtract"]
    drag(qtbot, ramp, 2.0, 8.0)
    first = ramp.menu().actions()[0]
    assert first.isEnabled()
    first.trigger()
    assert ramp.range is None


def test_other_values_keep_the_range(ramp, qtbot):
    drag(qtbot, ramp, 2.0, 8.0)
    kept = ramp.range
    ramp.set_values(np.array([3.0, 4.0, 20.0]), 3.0, 20.0, "px")
    assert ramp.range == kept
    assert ramp.said.endswith(": 2 points")
    ramp.set_values(np.array([100.0, 200.0]), 100.0, 200.0, "px")
    assert ramp.range is None, "it would grey out every point"
    ramp.set_values(np.array([3.0, 4.0, 20.0]), 3.0, 20.0, "px")
    assert "3" in ramp.accessibleName()
    assert "20" in ramp.accessibleName()


def test_values_that_are_all_the_same_have_one_bar(qtbot):
    made = Ramp(np.full(5, 4.0), 4.0, 4.0, "")
    qtbot.addWidget(made)
    assert made._counts.tolist() == [5] + [0] * (BINS - 1)
    made.grab()


def colour_at(image, place):
    return image.pixelColor(place).name()


def test_bars_have_the_colours_of_their_values_and_are_grey_outside_the_range(ramp, qtbot):
    strip, border = ramp.height() - 3, theme.tokens().border.lower()
    rgb = colours.by_value(np.array([0.0, 1.0]))
    ends = [QPoint(at(ramp, value).x(), strip) for value in (0.05, 9.95)]
    image = ramp.grab().toImage()
    assert colour_at(image, ends[0]) == "#{:02x}{:02x}{:02x}".format(*rgb[0])
    assert colour_at(image, ends[1]) == "#{:02x}{:02x}{:02x}".format(*rgb[1])
    drag(qtbot, ramp, 2.0, 10.0)
    image = ramp.grab().toImage()
    assert colour_at(image, ends[0]) == border
    assert colour_at(image, QPoint(at(ramp, 9.7).x(), strip)) != border


def test_the_fullest_bin_is_the_tallest(ramp):
    bars = ramp._bars()  # above it, the keyboard may be shown
    image = ramp.grab().toImage()
    ground = image.pixelColor(599, 1).name()
    heights = []
    for value in (0.12, 2.6, 1.0):
        x = at(ramp, value).x()
        column = [image.pixelColor(x, y).name() for y in range(3, int(bars.bottom()))]
        heights.append(sum(one != ground for one in column))
    assert heights[0] > 2 * heights[1] > 0
    assert heights[2] == 0


def chosen_of(*positions):
    return np.isin(np.arange(len(VALUES)), positions)


def test_the_chosen_points_are_counted_in_the_same_bins(ramp, qtbot):
    assert ramp.chosen_counts is None
    ramp.show_chosen(chosen_of(1, 2, 3, 8))  # the last one has no value
    assert np.flatnonzero(ramp.chosen_counts).tolist() == [0, 10]
    assert ramp.chosen_counts[[0, 10]].tolist() == [2, 1]
    qtbot.mouseMove(ramp, at(ramp, 0.1))
    assert ramp.said == "0 to 0.250: 3 points, 2 chosen"
    ramp.show_chosen(chosen_of(0))
    assert ramp.said == ramp.accessibleDescription() == "0 to 0.250: 3 points, 1 chosen"
    drag(qtbot, ramp, 2.0, 8.0)
    assert ramp.said.endswith(": 3 points, 0 chosen")
    ramp.show_chosen(None)
    assert ramp.chosen_counts is None
    assert ramp.said.endswith(": 3 points")


def test_the_chosen_part_of_a_bar_has_the_colour_of_the_selection(ramp):
    accent = theme.tokens().accent.lower()
    bars = ramp._bars()
    x = [at(ramp, value).x() for value in (0.12, 2.62, 5.12)]

    def accents():
        image = ramp.grab().toImage()
        rows = range(3, int(bars.bottom()))
        return [sum(image.pixelColor(one, y).name() == accent for y in rows) for one in x]

    assert accents() == [0, 0, 0]
    ramp.show_chosen(chosen_of(0, 1, 3))
    tall = bars.height() / 3
    assert accents() == [pytest.approx(2 * tall, abs=1.5), pytest.approx(tall, abs=1.5), 0]
    ramp.show_chosen(chosen_of(4))
    assert accents() == [0, 0, pytest.approx(tall, abs=1.5)]
    ramp.show_chosen(None)
    assert accents() == [0, 0, 0]


def test_a_few_chosen_of_very_many_are_seen(qtbot):
    made = Ramp(np.repeat([0.0, 10.0], [10_000, 10]), 0.0, 10.0, "")
    qtbot.addWidget(made)
    made.resize(600, made.height())
    made.show_chosen(np.arange(10_010) == 10_009)
    place = QPoint(at(made, 9.9).x(), int(made._bars().bottom()) - 1)
    assert colour_at(made.grab().toImage(), place) == theme.tokens().accent.lower()


def test_flags_of_other_points_mark_none_until_their_values_come(ramp):
    ramp.show_chosen(np.array([True, False, True]))
    assert ramp.chosen_counts is None
    ramp.set_values(np.array([1.0, 2.0, 3.0]), 1.0, 3.0, "px")
    assert np.flatnonzero(ramp.chosen_counts).tolist() == [0, BINS - 1]
