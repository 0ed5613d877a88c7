"""Where a place looks: clicked, dragged and walked to, read off, kept from snapshot to snapshot."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from app import theme
from app.plots import colours
from app.plots.attention_map import AttentionMap, away, percent
from sslcore.diagnostics import Attention

LEFT = Qt.MouseButton.LeftButton
NAMES = ("reference 1", "last reference")


def made(count=3, grid=(4, 6), ids=None, seed=0):
    """Every place looks at one place of one key most, drawn at random."""
    rng = np.random.default_rng(seed)
    places = grid[0] * grid[1]
    shares = rng.random((count, places, 2, places)) ** 8
    shares = (shares / shares.sum((2, 3), keepdims=True)).astype(np.float16)
    return Attention(
        rng.integers(0, 255, (count, 16, 24, 3), dtype=np.uint8),
        rng.integers(0, 255, (count, 2, 16, 24, 3), dtype=np.uint8),
        shares,
        grid,
        "target",
        NAMES,
        np.arange(count) + 10 if ids is None else np.array(ids),
    )


@pytest.fixture
def plot(qtbot):
    shown = AttentionMap("Where a place looks")
    qtbot.addWidget(shown)
    shown.setAccessibleDescription("Bright is where it looks.")
    shown.resize(420, 460)
    shown.set_diagnostic(made())
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def click(qtbot, plot, point):
    qtbot.mouseClick(plot, LEFT, pos=point.toPoint())


def test_a_click_on_the_query_chooses_the_place_that_looks(plot, qtbot):
    shown = made()
    assert plot.place == (2, 3), "the middle at first"
    before = plot.grab().toImage()
    click(qtbot, plot, plot.cell(0, (1, 4)).center())
    assert plot.place == (1, 4)
    expected = shown.shares[0, 1 * 6 + 4].astype(np.float32).reshape(2, 4, 6)
    assert np.array_equal(plot.shares(), expected)
    assert plot.grab().toImage() != before
    click(qtbot, plot, plot.cell(2, (0, 0)).center())
    assert plot.place == (1, 4), "a key only answers"


def test_the_brightest_cell_is_where_it_looks_most(plot):
    found = plot.shares()
    key, row, column = np.unravel_index(found.argmax(), found.shape)
    low = np.unravel_index(found.argmin(), found.shape)
    image = plot.grab().toImage()

    def light(at):
        place = plot.cell(1 + int(at[0]), (int(at[1]), int(at[2])))
        points = [QPointF(place.left() + place.width() * a, place.top() + place.height() * b)
                  for a in (0.3, 0.5, 0.7) for b in (0.3, 0.5, 0.7)]  # fmt: skip
        return np.mean([image.pixelColor(p.toPoint()).lightness() for p in points])

    assert light((key, row, column)) > light(low) + 20
    yellow = colours.sequential()[-1]
    assert yellow[0] > yellow[2]


def test_dragging_and_keys_move_the_place(plot, qtbot):
    qtbot.mousePress(plot, LEFT, pos=plot.cell(0, (0, 0)).center().toPoint())
    qtbot.mouseMove(plot, plot.cell(0, (3, 2)).center().toPoint())
    assert plot.place == (3, 2)
    qtbot.mouseRelease(plot, LEFT, pos=plot.cell(0, (3, 2)).center().toPoint())
    qtbot.mouseMove(plot, plot.cell(0, (0, 0)).center().toPoint())
    assert plot.place == (3, 2), "without the button the mouse only reads off"
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
        qtbot.keyClick(plot, key)
    assert plot.place == (1, 3)
    for _ in range(9):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.place == (1, 0), "the edge holds"
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert plot.place == (2, 3)


def test_another_query_by_a_click_below_and_by_keys(plot, qtbot):
    click(qtbot, plot, plot.thumbnail(2).center())
    assert plot.column == 2
    expected = made().shares[2, 2 * 6 + 3].astype(np.float32).reshape(2, 4, 6)
    assert np.array_equal(plot.shares(), expected)
    qtbot.keyClick(plot, Qt.Key.Key_PageUp)
    assert plot.column == 1
    for _ in range(5):
        qtbot.keyClick(plot, Qt.Key.Key_PageDown)
    assert plot.column == 2


def test_what_is_chosen_stays_with_the_next_snapshot(plot, qtbot):
    click(qtbot, plot, plot.cell(0, (3, 5)).center())
    click(qtbot, plot, plot.thumbnail(1).center())
    plot.set_diagnostic(made(seed=1, ids=[7, 8, 11]))
    assert plot.place == (3, 5)
    assert plot.column == 2, "the same image, which stands elsewhere now"
    plot.set_diagnostic(made(seed=2, ids=[1, 2, 3]))
    assert (plot.place, plot.column) == ((3, 5), 2)
    plot.set_diagnostic(made(count=1, grid=(2, 2)))
    assert (plot.place, plot.column) == ((1, 1), 0)
    plot.set_diagnostic(made())
    assert plot.place == (3, 5), "a coarser snapshot between does not forget it"


def test_the_mouse_reads_shares_off(plot, qtbot):
    click(qtbot, plot, plot.cell(0, (1, 1)).center())
    share = plot.shares()[1, 0, 4]
    assert plot.words_at(1, (0, 4)) == (
        f"{percent(float(share))} at last reference, 3 places right and 1 up"
    )
    before = plot.grab().toImage()
    qtbot.mouseMove(plot, plot.cell(2, (0, 4)).center().toPoint())
    assert plot.at(plot.cell(2, (0, 4)).center()) == (2, (0, 4))
    assert plot.grab().toImage() != before
    qtbot.mouseMove(plot, QPoint(2, plot.height() - 60))
    assert plot.at(QPointF(2, plot.height() - 60)) is None


def test_words():
    assert away(0, -4) == "4 places left"
    assert away(1, 1) == "1 place right and 1 down"
    assert away(-2, 0) == "2 places up"
    assert away(0, 0) == "same place"
    assert [percent(one) for one in (0.0, 0.004, 0.0996, 0.62)] == ["0 %", "0.4 %", "10 %", "62 %"]


def test_a_screen_reader_hears_the_place_then_the_help(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    words = plot.accessibleDescription()
    assert words.startswith("Row 3, column 3, most: ")
    assert words.endswith("Bright is where it looks.")
    assert words.count("Row ") == 1
    assert plot.accessibleName() == "Where a place looks"


@pytest.mark.parametrize("size", [(420, 460), (180, 180), (900, 260), (240, 700)])
def test_nothing_overlaps_or_leaves_the_widget(plot, size):
    plot.resize(*size)
    places = [plot.pictures_layout().place(0, one) for one in range(3)]
    places += [plot.thumbnail(one) for one in range(3)]
    for number, one in enumerate(places):
        assert one.bottom() <= size[1]
        assert one.right() <= size[0] + 0.1
        assert not any(one.intersects(other) for other in places[number + 1 :])


def test_without_attention_it_says_so_and_the_theme_is_followed(plot, qtbot):
    empty = AttentionMap()
    qtbot.addWidget(empty)
    assert empty.is_empty()
    assert empty.words == empty.words_at(0, (0, 0)) == ""
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        qtbot.keyClick(empty, key)
    click(qtbot, empty, QPointF(20, 60))
    assert empty.at(QPointF(20, 60)) is None
    empty.grab()
    theme.current().apply("dark")
    dark = plot.grab().toImage()
    theme.current().apply("light")
    assert plot.grab().toImage() != dark
