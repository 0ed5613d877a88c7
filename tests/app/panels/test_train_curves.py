import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.train_controls import CurveControls
from app.panels.train_curves import CurvesColumn
from app.plots.curves import CurvesPlot
from sslcore.events import Evaluated
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


def record_of(count):
    record = RunRecord.fold([replayed.started()])
    grow(record, 1, count)
    return record


def grow(record, start, stop):
    for number in range(start, stop + 1):
        record.apply(replayed.step(number))
        if number % 10 == 0:
            record.apply(replayed.snapshot(number))
            record.apply(Evaluated(number, number / 10, replayed.metrics(number)))


@pytest.fixture
def column(qtbot):
    controls = CurveControls()
    controls.slider.setValue(0)
    made = CurvesColumn(controls)
    made.controls = controls
    for one in (controls, made):
        qtbot.addWidget(one)
        one.show()
    made.resize(600, 700)
    return made


def test_values_are_those_of_the_record(column):
    column.show_record(record_of(20), None)
    loss = column.plots["loss"]
    assert loss.values_at(1.0)["total"] == pytest.approx(10.0)
    assert loss.values_at(2.0)["invariance"] == pytest.approx(3.0)
    assert column.cards["loss"].accessibleName() == loss.title
    assert loss.read_at is None


def test_the_bound_has_a_chart_of_its_own_under_its_ceiling(column, qtbot):
    ceiling = math.log(255)
    record = RunRecord.fold([replace(replayed.started(), ceilings={"bound": ceiling})])
    grow(record, 1, 20)
    column.show_record(record, None)
    column.controls.changed.connect(lambda: column.show_record(record, None))
    assert not column.cards["bound"].isVisible()
    qtbot.mouseClick(column.controls.chips["bound"], Qt.MouseButton.LeftButton)
    plot = column.plots["bound"]
    assert column.cards["bound"].isVisible()
    assert plot.values_at(2.0) == pytest.approx({"bound": 2.0})
    plot.grab()
    y = plot._scales[1]
    assert y.low <= 0.1 < 2.0 < ceiling <= y.high
    assert [entry.text for entry in plot._head({}).rows[0]] == ["bound 2.00", "ceiling ln 255 5.54"]
    image, height = plot.grab().toImage(), round(y.pixel(ceiling))
    line = {image.pixelColor(x, height).name() for x in range(200, 500, 10)}
    beside = {image.pixelColor(x, height + 3).name() for x in range(200, 500, 10)}
    assert len(line) == 1
    assert line != beside


def test_the_time_axis_counts_epochs_or_steps(column):
    record = record_of(20)
    column.show_record(record, 10)
    assert column.plots["loss"].read_at == pytest.approx(1.0)
    column.controls.over.setCurrentText("steps")
    column.show_record(record, 10)
    assert column.plots["loss"].read_at == pytest.approx(10.0)
    assert column.plots["loss"].values_at(20.0)["total"] == pytest.approx(5.0)


def test_what_did_not_change_is_not_given_again(column, monkeypatch):
    record = record_of(20)
    column.show_record(record, None)
    given = []
    for name in ("set_line", "set_title", "set_axes"):
        real = getattr(CurvesPlot, name)
        monkeypatch.setattr(
            CurvesPlot,
            name,
            lambda plot, *rest, real=real, name=name, **more: (
                given.append((name, plot.title, rest[0])),
                real(plot, *rest, **more),
            ),
        )
    column.show_record(record, None)
    assert given == []
    grow(record, 21, 21)
    column.show_record(record, None)
    lines = {(title, line) for name, title, line in given if name == "set_line"}
    assert (column.plots["loss"].title, "total") in lines
    assert column.plots["knn"].title not in {title for title, _ in lines}


def test_another_run_starts_with_empty_plots(column):
    column.show_record(record_of(40), None)
    column.show_record(record_of(3), None)
    assert column.plots["loss"].values_at(9.0)["total"] == pytest.approx(100 / 3)
    assert column.plots["knn"].values_at(4.0) == {}


def test_only_wanted_charts_are_shown(column, qtbot):
    record = record_of(20)
    qtbot.mouseClick(column.controls.chips["loss"], Qt.MouseButton.LeftButton)
    column.show_record(record, None)
    shown = {key for key, card in column.cards.items() if not card.isHidden()}
    assert shown == {key for key in column.plots if column.controls.wants(key)}
    assert "loss" not in shown


@pytest.mark.qt_log_ignore("Mouse event .* not accepted")
def test_a_click_chooses_the_nearest_snapshot(column, qtbot):
    told = []
    column.step_chosen.connect(told.append)
    plot = column.plots["loss"]
    column.show_record(RunRecord.fold([replayed.started()]), None)
    column.show_record(record_of(40), None)
    plot.grab()
    for epoch, expected in ((0.2, 10), (1.6, 20), (3.9, 40)):
        place = QPoint(round(plot._scales[0].pixel(epoch)), plot.height() // 2)
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
        assert told[-1] == expected
    assert len(told) == 3
