import pytest
from PySide6.QtCore import QPoint

from app import theme
from app.plots.score_bars import Group, Score, ScoreBars


@pytest.fixture
def bars(qtbot):
    made = ScoreBars("Accuracy")
    qtbot.addWidget(made)
    made.resize(420, 200)
    groups = [
        Group("k = 20", (Score("trained", 0.8, 0.01), Score("untrained", 0.4))),
        Group("k = 200", (Score("trained", 0.2),)),
    ]
    made.show_groups(groups, chance=0.1)
    made.show()
    qtbot.waitExposed(made)
    return made


def length(bars, group, row, colour):
    image = bars.grab().toImage()
    y = int(bars.area(group, row).center().y()) + 4
    return sum(image.pixelColor(x, y).name() == colour for x in range(image.width()))


def test_bars_are_as_long_as_their_values(bars):
    accent = theme.tokens().series[0].lower()
    long, short = length(bars, 0, 0, accent), length(bars, 1, 0, accent)
    assert long == pytest.approx(4 * short, rel=0.06)
    assert length(bars, 0, 1, accent) == 0  # a reference is grey


def test_values_are_said(bars):
    assert "k = 20: trained 80.0 % ± 1.0" in bars.accessibleDescription()
    assert Score("a", 0.5).text == "50.0 %"
    assert bars.minimumSizeHint().height() >= 3 * 24 + 2 * 26


def test_the_mouse_marks_a_row(bars, qtbot):
    qtbot.mouseMove(bars, QPoint(200, int(bars.area(1, 0).center().y())))
    assert bars._row == (1, 0)
    qtbot.mouseMove(bars, QPoint(200, int(bars._height() - 4)))
    assert bars._row is None


def test_without_scores_it_says_so(qtbot):
    made = ScoreBars()
    qtbot.addWidget(made)
    assert made.is_empty()
    made.resize(300, 100)
    made.grab()


def test_values_below_nothing_have_no_bar(bars):
    accent = theme.tokens().series[0].lower()
    bars.show_groups([Group("ARI", (Score("trained", -0.2),))])
    assert length(bars, 0, 0, accent) == 0
    assert "trained -20.0 %" in bars.accessibleDescription()
