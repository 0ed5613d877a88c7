"""Few labels in the Evaluate place: curves, table and words tell the same numbers."""

import pytest
from PySide6.QtCore import Qt

from app import theme
from app.panels.evaluate_few_labels import Page, ordered, short_name, ticks
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.few_labels import FewLabelsConfig, FewLabelsFinding, Point


def point(start, readout, layer, labels, mean, half=0.02):
    accuracies = (mean,) if half is None else (mean - 0.01, mean, mean + 0.01)
    return Point(
        budget=f"{labels // 100} %",
        labels=labels,
        start=start,
        readout=readout,
        layer=layer,
        accuracies=accuracies,
        mean=mean,
        half=half,
        choices=("penalty 0.1",) * len(accuracies),
    )


def finding(points, **changes):
    values = {"points": tuple(points), "classes": 10, "seeds": 3, "foreseen": 60, "remarks": ()}
    return FewLabelsFinding(**(values | changes))


POINTS = (
    point("untrained", "linear", "features", 100, 0.2),
    point("trained", "linear", "features", 100, 0.3),
    point("trained", "linear", "features", 1000, 0.4),
    point("trained", "fine_tuning", "network", 100, 0.35),
    point("untrained", "fine_tuning", "network", 100, 0.25),
    point("untrained", "fine_tuning", "network", 1000, 0.33),
)


@pytest.fixture
def page(workspace, qtbot):
    made = Page(workspace)
    qtbot.addWidget(made)
    made.resize(800, 900)
    made.show()
    return made


def shown(page, found):
    config = FewLabelsConfig()
    page.show_finding(Kept("few_labels", 1, 1.0, 0.0, 90.0, (10_000, 2000), config, found))


def test_the_verdict_is_the_findings_own(page):
    shown(page, finding(POINTS))
    words = finding(POINTS).worth().words()
    assert page.verdict.text().replace("\u00a0", " ") == words
    assert "35.0\u00a0±\u00a02.0\u00a0%" in page.verdict.text()
    shown(page, finding(POINTS[1:2]))
    assert page.verdict.text() == "Nothing was measured beside the trained encoder."


def test_curves_and_table_stand_in_one_order_with_the_same_numbers(page):
    shown(page, finding(POINTS))
    names = ["fine-tuned", "linear on h", "from scratch", "linear on h, untrained"]
    assert [short_name(points[0]) for points in ordered(finding(POINTS))] == names
    table = page.table
    rows = [[table.item(row, column).text() for column in range(3)] for row in range(4)]
    assert rows == [
        ["fine-tuned", "35.0 ± 2.0", "–"],
        ["linear on h", "30.0 ± 2.0", "40.0 ± 2.0"],
        ["from scratch", "25.0 ± 2.0", "33.0 ± 2.0"],
        ["linear on h, untrained", "20.0 ± 2.0", "–"],
    ]
    assert table.horizontalHeaderItem(2).text() == "10 %\n1,000"
    assert table.item(0, 1).toolTip().splitlines()[1] == "Draw 2: 35.0 %, penalty 0.1"
    told = page.curves.accessibleDescription()
    assert "from scratch: 10 %, 33.0 ± 2.0 % (32.0, 33.0, 34.0)" in told
    assert "2,000 held-out images, mean of 3 draws" in page.foot.text()
    assert finding(POINTS).varies() in page.foot.text()
    assert "Foreseen 1 min, taken 2 min." in page.foot.text()
    assert page.remarks.isHidden()


def test_raw_pixels_and_steps_have_their_place(page):
    pixels = point("pixels", "linear", "features", 100, 0.15)
    tuned = point("trained", "fine_tuning", "network", 1000, 0.5).model_copy(update={"steps": 1234})
    found = finding((*POINTS, pixels, tuned))
    shown(page, found)
    assert [short_name(points[0]) for points in ordered(found)][-2:] == [
        "linear on h, untrained",
        "linear, raw pixels",
    ]
    assert page.table.item(4, 1).text() == "15.0 ± 2.0"
    assert "linear, raw pixels: 1 %, 15.0 ± 2.0 %" in page.curves.accessibleDescription()
    own, bare = page.curves._curves[1], page.curves._curves[4]
    assert (own.strong, bare.strong) == (True, False)
    assert own.series != bare.series, "not the colour of the linear readout of features"
    assert page.table.item(0, 2).toolTip().splitlines()[-1] == "1,234 steps"
    assert "steps" not in page.table.item(4, 1).toolTip()
    assert "Networks were trained for 1,234 steps." in page.foot.text()


def test_budgets_of_as_many_labels_share_a_tick():
    tagged = point("trained", "linear", "features", 100, 0.3).model_copy(
        update={"budget": "tagged", "drawn": False, "half": None}
    )
    assert ticks(finding((*POINTS, tagged))) == [(100, "1 %, tagged"), (1000, "10 %")]


def test_a_row_and_its_curve_are_brought_forward_together(page, qtbot):
    shown(page, finding(POINTS))
    area = page.table.visualItemRect(page.table.item(2, 0))
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert page.curves.brought_forward == 2
    qtbot.keyClick(page.table, Qt.Key.Key_Up)
    assert page.curves.brought_forward == 1
    place = page.curves.place(0, 0).toPoint()
    qtbot.mouseClick(page.curves, Qt.MouseButton.LeftButton, pos=place)
    assert {one.row() for one in page.table.selectedIndexes()} == {0}
    qtbot.mouseClick(page.curves, Qt.MouseButton.LeftButton, pos=place)
    assert page.table.selectedIndexes() == []
    shown(page, finding(POINTS[:2]))
    assert page.curves.brought_forward is None


def test_every_name_in_the_table_can_be_read_in_a_small_window(page):
    third = [point("trained", "linear", "features", 10_000, 0.5, 0.111)]
    shown(page, finding((*POINTS, *third)))
    assert page.table.item(1, 3).text() == "50.0 ± 11.1"
    page.resize(392, 600)
    page.grab()
    table = page.table
    assert table.item(1, 3).text() == "50.0\n± 11.1"
    widest = max(
        table.fontMetrics().horizontalAdvance(table.item(row, 0).text()) for row in range(4)
    )
    assert table.columnWidth(0) > widest + table.iconSize().width()
    assert table.rowHeight(0) >= 2 * table.fontMetrics().height()
    assert not table.horizontalScrollBar().isVisible()
    assert not table.verticalScrollBar().isVisible()


def test_one_seed_remarks_and_the_other_theme(page):
    alone = [
        point("trained", "linear", "features", 100, 0.3, None),
        point("untrained", "linear", "features", 100, 0.2, None),
    ]
    shown(page, finding(alone, seeds=1, remarks=("One image only: cat.",)))
    assert page.table.item(0, 1).text() == "30.0"
    assert page.remarks.text() == "One image only: cat."
    assert not page.remarks.isHidden()
    assert "mean of one draw of labels." in page.foot.text()
    theme.current().apply("light")
    assert [page.table.item(row, 1).text() for row in range(2)] == ["30.0", "20.0"]
