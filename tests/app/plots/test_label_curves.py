"""Curves over labels: where dots, bars and names stand, and how they are read and picked."""

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt

from app import theme
from app.plots.label_curves import Curve, Dot, LabelCurves

BUDGETS = ((100, "1 %"), (1000, "10 %"), (10_000, "100 %"))


def curve(name, series, means, strong=True, half=0.02):
    dots = tuple(
        Dot(labels, mean, half, f"{title}, {100 * mean:.0f} %")
        for (labels, title), mean in zip(BUDGETS, means, strict=False)
    )
    return Curve(name, series, strong, dots)


CURVES = (
    curve("fine-tuned", 0, (0.3, 0.4, 0.5)),
    curve("linear on h", 1, (0.28, 0.38, 0.49)),
    curve("from scratch", 0, (0.2, 0.3, 0.488), strong=False),
)


@pytest.fixture
def plot(qtbot):
    made = LabelCurves("Accuracy against labels")
    qtbot.addWidget(made)
    made.resize(640, 340)
    made.show_curves(CURVES, BUDGETS, 0.1)
    made.show()
    return made


def near(plot, number, dot):
    return plot.place(number, dot).toPoint()


def test_words_of_near_budgets_do_not_run_into_each_other(plot):
    told = [words for _, words, _ in plot.tick_words()]
    assert told == ["1 %", "100 labels", "10 %", "1,000 labels", "100 %", "10,000 labels"]
    plot.show_curves(CURVES, (*BUDGETS, (104, "tagged")), 0.1)
    areas = [area for area, _, _ in plot.tick_words()]
    told = [words for _, words, _ in plot.tick_words()]
    assert told == ["1 %", "100 labels", "10 %", "1,000 labels", "100 %", "10,000 labels"]
    assert not any(one.intersects(other) for one, other in itertools.combinations(areas, 2))
    plot.show_curves(CURVES, (*BUDGETS, (400, "tagged")), 0.1)
    assert "tagged" in [words for _, words, _ in plot.tick_words()]


def test_labels_stand_on_a_log_axis_and_accuracies_on_tens(plot):
    across, up = plot.scales()
    places = [across.pixel(labels) for labels, _ in BUDGETS]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])
    assert (up.low, up.high) == (0.1, pytest.approx(0.6))
    assert up.pixel(0.5) < up.pixel(0.2)


def test_bars_at_one_budget_do_not_hide_each_other(plot):
    columns = [plot.place(number, 1).x() for number in range(3)]
    assert all(after - before >= 3 for before, after in itertools.pairwise(columns))
    plot.resize(300, 340)
    gap = plot.scales()[0].pixel(1000) - plot.scales()[0].pixel(100)
    columns = [plot.place(number, 1).x() for number in range(3)]
    assert columns[-1] - columns[0] < gap / 2


def test_names_keep_the_order_of_the_ends_and_never_meet(plot):
    for height in (220, 340, 700):
        plot.resize(640, height)
        rects = plot.name_rects()
        order = sorted(range(3), key=lambda number: plot.place(number, 2).y())
        for before, after in itertools.pairwise(order):
            assert rects[before].bottom() <= rects[after].top() + 0.01
        assert all(rect.right() <= 640 for rect in rects)
        assert all(rect.top() >= 0 and rect.bottom() <= height for rect in rects)
    many = [curve(f"curve {number}", number, (0.4, 0.41, 0.42)) for number in range(12)]
    plot.show_curves(many, BUDGETS, None)
    rects = sorted(plot.name_rects(), key=lambda rect: rect.top())
    assert all(a.bottom() <= b.top() + 0.01 for a, b in itertools.pairwise(rects))


def test_the_mouse_reads_off_the_nearest_dot(plot, qtbot):
    qtbot.mouseMove(plot, near(plot, 1, 2))
    assert plot.read_off == (1, 2)
    before = plot.grab().toImage()
    qtbot.mouseMove(plot, QPoint(60, 20))
    assert plot.read_off is None
    assert plot.grab().toImage() != before


def test_a_click_brings_a_curve_forward_and_another_lets_it_go(plot, qtbot):
    picked = []
    plot.picked.connect(picked.append)
    calm = plot.grab().toImage()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=near(plot, 2, 0))
    assert plot.brought_forward == 2
    assert plot.grab().toImage() != calm
    name = plot.name_rects()[0].center().toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=name)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=name)
    assert picked == [2, 0, None]
    plot.pick(1)
    assert picked == [2, 0, None]
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    assert picked == [2, 0, None, None]


def test_keys_walk_over_curves_and_budgets(plot, qtbot):
    plot.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(plot, key)
    assert plot.read_off == (1, 1)
    assert plot.brought_forward == 1
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Left):
        qtbot.keyClick(plot, key)
    assert plot.read_off == (0, 0)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.read_off is None
    assert plot.brought_forward is None


def test_one_budget_without_intervals_and_both_themes(plot):
    one = [Curve("linear on h", 0, True, (Dot(10, 0.5, None, "50 %"),))]
    plot.show_curves(one, [(10, "1 per class")], None)
    across, up = plot.scales()
    assert across.low < 10 < across.high
    assert (up.low, up.high) == (0.5, pytest.approx(0.6))
    dark = plot.grab().toImage()
    theme.current().apply("light")
    assert plot.grab().toImage() != dark
    assert plot.accessibleDescription() == "linear on h: 50 %"


def test_a_pick_of_a_curve_that_is_gone_is_let_go(plot):
    plot.pick(2)
    plot.show_curves(CURVES[:1], BUDGETS, 0.1)
    assert plot.brought_forward is None
    plot.show_curves((), (), None)
    assert plot.is_empty()
    plot.grab()
