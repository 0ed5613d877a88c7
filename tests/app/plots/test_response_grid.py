import math
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.response_chart import Chart, scales
from app.plots.response_grid import Key, ResponseGrid


def chart(title, **changes):
    values = {
        "title": title,
        "scale": "angle (°)",
        "strengths": (0.0, 90.0, 180.0),
        "words": ("0°", "90°", "180°"),
        "lines": {"trained": (1.0, 0.5, 0.25), "untrained": (1.0, 0.9, 0.8)},
        "band": ((1.0, 0.4, 0.1), (1.0, 0.6, 0.4)),
        "floor": 0.3,
    } | changes
    return Chart(**values)


@pytest.fixture
def grid(qtbot):
    made = ResponseGrid("Invariance")
    qtbot.addWidget(made)
    made.resize(420, 340)
    made.show_charts([chart("Rotation"), chart("Crop"), chart("Blur")], Key("quartiles", "others"))
    made.show()
    qtbot.waitExposed(made)
    return made


def painted(grid, number, strength):
    """Heights at which the first line's colour stands over a strength, as values."""
    across, upright = scales(grid.cell(number), grid._charts[number], 0.0, False)
    image = grid.grab().toImage()
    x = round(across.pixel(strength))
    accent = theme.tokens().series[0].lower()
    rows = [y for y in range(image.height()) if image.pixelColor(x, y).name() == accent]
    here = [y for y in rows if upright.stop - 3 <= y <= upright.start + 3]
    return [upright.value(y) for y in here]


def test_lines_stand_where_their_values_are(grid):
    for strength, value in ((45.0, 0.75), (90.0, 0.5), (135.0, 0.375)):
        found = painted(grid, 1, strength)
        assert found
        assert sum(found) / len(found) == pytest.approx(value, abs=0.03)


def test_falling_strengths_run_to_the_right_too(grid):
    falling = chart("Crop", strengths=(100.0, 50.0, 8.0), words=("100 %", "50 %", "8 %"))
    grid.show_charts([falling], Key())
    across, _ = scales(grid.cell(0), falling, 0.0, False)
    assert across.pixel(100) < across.pixel(50) < across.pixel(8)


def test_columns_follow_the_width_and_the_height_follows_them(grid, qtbot):
    assert grid.columns == 2
    two = grid.minimumSizeHint().height()
    grid.resize(190, 340)
    assert grid.columns == 1
    assert grid.minimumSizeHint().height() > two
    assert grid.minimumHeight() == grid.minimumSizeHint().height()
    grid.resize(900, 340)
    assert grid.columns == 3
    places = [grid.cell(number) for number in range(3)]
    assert not any(a.intersects(b) for a, b in pairwise(places))


def test_the_mouse_reads_off_the_nearest_strength(grid, qtbot):
    across, upright = scales(grid.cell(2), grid._charts[2], 0.0, False)
    place = QPoint(round(across.pixel(100)), round((upright.start + upright.stop) / 2))
    qtbot.mouseMove(grid, place)
    assert grid._cursor == (2, 1)
    words = grid.reading(grid._charts[2], 1)
    assert words == "90°: trained 0.50 (0.40 to 0.60), untrained 0.90"
    grid.grab()
    qtbot.mouseMove(grid, QPoint(round(grid.width() - 2), 2))
    assert grid._cursor is None


def test_arrow_keys_go_through_everything(grid, qtbot):
    keys = Qt.Key
    grid.setFocus()
    for key, expected in (
        (keys.Key_Right, (0, 0)),
        (keys.Key_Right, (0, 1)),
        (keys.Key_Down, (1, 1)),
        (keys.Key_Down, (2, 1)),
        (keys.Key_Down, (2, 1)),
        (keys.Key_Left, (2, 0)),
        (keys.Key_Left, (2, 0)),
        (keys.Key_Up, (1, 0)),
        (keys.Key_Escape, None),
    ):
        qtbot.keyClick(grid, key)
        assert grid._cursor == expected


def test_values_below_nothing_lower_the_axis_for_all(grid):
    assert grid._low == 0.0
    deep = chart("Noise", lines={"trained": (1.0, -0.3, math.nan)}, band=None)
    grid.show_charts([chart("Crop"), deep], Key(percent=True))
    assert grid._low == pytest.approx(-0.4)
    assert grid.reading(deep, 1) == "90°: trained −30 %"
    assert grid.reading(deep, 2) == "180°: trained unknown"
    grid.grab()


def test_screen_readers_hear_the_strongest_of_each(grid):
    words = grid.accessibleDescription()
    assert words.startswith("Rotation: 180°: trained 0.25 (0.10 to 0.40), untrained 0.80; Crop:")


def test_the_legend_wraps_and_nothing_to_show_is_said(grid, qtbot):
    grid.resize(200, 400)
    tops = {top for _, top, _, _ in grid._entries()}
    assert len(tops) > 1
    grid.show_charts([], Key())
    assert grid.is_empty()
    grid.grab()
