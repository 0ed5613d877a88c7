import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.curves import CurvesPlot


@pytest.fixture
def plot(qtbot):
    made = CurvesPlot("Loss")
    qtbot.addWidget(made)
    made.resize(400, 220)
    x = np.arange(101.0)
    made.set_line("total", x, x * 2 + 1)
    made.set_line("part", x, x + 1)
    made.show()
    made.grab()
    return made


def pixel_of(plot, x):
    return next(p for p in range(plot.width()) if (plot._x_at(p) or -1) >= x)


def painted_with(plot, colour):
    image = plot.grab().toImage()
    found = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name().lower() == colour.lower()
    ]
    return found


def test_lines_of_different_length_are_refused_by_name(plot):
    with pytest.raises(ValueError, match="line 'bad': 3 positions, 2 values"):
        plot.set_line("bad", np.arange(3), np.arange(2))


def test_the_mouse_reads_values_off(plot, qtbot):
    with qtbot.waitSignal(plot.cursor_moved) as moved:
        qtbot.mouseMove(plot, QPoint(pixel_of(plot, 40.0), 120))
    x = moved.args[0]
    assert abs(x - 40) < 1
    assert plot.values_at(x) == {"total": 2 * round(x) + 1, "part": round(x) + 1}
    assert plot.read_at == x


def test_the_timeline_is_read_where_the_mouse_is_not(plot, qtbot):
    plot.set_cursor(70.0)
    assert plot.read_at == 70.0
    qtbot.mouseMove(plot, QPoint(pixel_of(plot, 10.0), 120))
    assert abs(plot.read_at - 10) < 1
    plot._set_hover(None)
    assert plot.read_at == 70.0


def test_a_click_asks_for_that_place(plot, qtbot):
    with qtbot.waitSignal(plot.position_clicked) as clicked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(pixel_of(plot, 25.0), 100))
    assert abs(clicked.args[0] - 25) < 1


def test_keys_walk_over_the_samples(plot, qtbot):
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.read_at == 100.0
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.read_at == 98.0
    with qtbot.waitSignal(plot.position_clicked) as clicked:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert clicked.args == [98.0]
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.read_at is None


def test_smoothing_changes_what_is_read(plot):
    rough = np.resize([0.0, 1.0], 101)
    plot.set_line("total", np.arange(101.0), rough)
    plot.set_smoothing(0.9)
    assert 0.3 < plot.values_at(100.0)["total"] < 0.7
    plot.set_smoothing(0.0)
    assert plot.values_at(100.0)["total"] == 0.0


def test_a_log_axis_leaves_out_what_has_no_logarithm(plot):
    plot.set_log(True)
    plot.set_line("part", np.arange(3.0), np.array([0.0, -1.0, 10.0]))
    assert plot.values_at(0.0)["part"] == 10.0
    plot.grab()


def test_values_that_are_not_finite_are_left_out(plot):
    plot.set_line("part", np.arange(4.0), np.array([1.0, np.nan, np.inf, 2.0]))
    assert plot.values_at(2.2)["part"] == 2.0
    plot.set_line("part", np.arange(2.0), np.array([np.nan, np.nan]))
    assert "part" not in plot.values_at(0.0)
    plot.grab()


def test_lines_are_painted_in_their_colours_in_both_themes(plot):
    for name in theme.NAMES:
        theme.current().apply(name)
        for colour in theme.tokens().series[:2]:
            assert len(painted_with(plot, colour)) > 30
    theme.current().apply("dark")


def test_a_removed_line_gives_its_colour_to_the_next(plot):
    plot.remove_line("total")
    plot.set_line("new", [0, 1], [0, 1])
    assert plot._lines["new"].index == 0
    assert plot._lines["part"].index == 1


def test_a_million_points_cost_no_more_than_the_pixels(plot, monkeypatch):
    counted = []
    plot.set_line("total", np.arange(1e6), np.random.default_rng(0).normal(size=1_000_000))
    import app.plots.curves as module

    real = module.QPolygonF
    monkeypatch.setattr(module, "QPolygonF", lambda p: counted.append(len(p)) or real(p))
    plot.grab()
    assert max(counted) <= 4 * (plot.width() + 2)


def test_references_are_in_the_head_and_go_with_none(plot):
    plot.set_reference("untrained", 5.0)
    assert plot.reference_names() == ["untrained"]
    plot.grab()
    plot.set_reference("untrained", None)
    assert plot.reference_names() == []


def test_nothing_to_show_is_said(qtbot):
    plot = CurvesPlot("Loss")
    qtbot.addWidget(plot)
    assert plot.is_empty()
    plot.resize(300, 160)
    empty = plot.grab().toImage()
    plot.set_empty_text("Waiting for the first step")
    assert plot.grab().toImage() != empty


def test_a_dashed_line_has_gaps_that_go_on_from_piece_to_piece(qtbot):
    made = CurvesPlot("Loss")
    qtbot.addWidget(made)
    made.resize(600, 200)
    x = np.arange(400.0)
    made.set_line("whole", x, np.full(400, 1.0), "#ff0000")
    made.set_line("dashed", x, np.full(400, 2.0), "#00ff00", dashes=(6, 3))
    made.show()
    image = made.grab().toImage()
    low, high = (made._scales[0].pixel(one) for one in (2.0, 397.0))

    def columns(channel):
        """Pixels across where a line of that channel is seen."""
        found = []
        for across in range(round(low), round(high)):
            tints = [image.pixelColor(across, down) for down in range(24, image.height())]
            own = max(getattr(one, channel)() - one.blue() for one in tints)
            found.append(own > 100)
        return np.array(found)

    whole, dashed = columns("red"), columns("green")
    assert whole.all()
    assert 0.5 < dashed.mean() < 0.85
    starts = np.flatnonzero(np.diff(dashed.astype(int)) == 1)
    lengths = np.diff(starts)
    assert abs(lengths.mean() - 9 * 1.6) < 0.5, "dash and gap together, in widths of the line"
    assert lengths.max() - lengths.min() <= 2, "they go on where pieces meet"
