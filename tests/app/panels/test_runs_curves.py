import math

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.runs_curves import DASHES, MEASURES, SMOOTH, RunCurves, measures
from app.plots import colours
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed, shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def curves(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    page = RunCurves(made)
    qtbot.addWidget(page)
    page.resize(700, 320)
    page.show()
    page.shelf, page.paths = made, paths
    return page


def line(page, name):
    return page.plot._lines[name]


def choose(page, key):
    page.measure.setCurrentIndex(page.measure.findData(key))


def test_nothing_until_runs_are_chosen(curves):
    assert curves.empty.isVisible()
    assert not curves.plot.isVisible()


def test_one_measure_of_all_runs_in_their_colours_and_dashes(curves, qtbot):
    shelved.choose(curves.shelf, qtbot, curves.paths)
    assert curves.plot.isVisible()
    assert curves.measure.currentText() == "kNN accuracy (k = 20)"
    assert curves.plot.names() == ["one", "two"]
    record = curves.shelf.records[curves.paths[1]]
    x, y = line(curves, "two").painted(0.0, False)
    assert np.array_equal(x, record.metrics["knn_20"].epochs)
    assert np.array_equal(y, record.metrics["knn_20"].values)
    for slot, name in enumerate(("one", "two")):
        assert line(curves, name).tint == colours.series_colour(slot)
        assert line(curves, name).dashes == DASHES[slot]
    choose(curves, "loss")
    box = curves.steps.rect()
    qtbot.mouseClick(curves.steps, Qt.MouseButton.LeftButton, pos=box.topLeft() + box.center() / 8)
    assert curves.steps.isChecked()
    assert np.array_equal(line(curves, "one").painted(0.0, False)[0], record.series["loss"].steps)
    assert not unnamed(curves)
    curves.shelf.choose(curves.paths[1:])
    assert curves.plot.names() == ["two"]
    assert line(curves, "two").tint == colours.series_colour(1)


def test_only_what_moves_every_step_is_smoothed(curves, qtbot):
    shelved.choose(curves.shelf, qtbot, curves.paths[:1])
    assert not curves.smooth.isEnabled()
    assert curves.plot._smoothing == 0.0
    choose(curves, "loss")
    assert curves.smooth.isEnabled()
    assert curves.plot._smoothing == SMOOTH
    curves.smooth.setChecked(False)
    assert curves.plot._smoothing == 0.0
    curves.log.setChecked(True)
    assert curves.plot._log


def test_what_there_are_numbers_of(curves, qtbot):
    shelved.choose(curves.shelf, qtbot, curves.paths[:1])
    record = curves.shelf.records[curves.paths[0]]
    found = measures([record])
    assert list(found)[: len(MEASURES)] == list(MEASURES)
    assert found["term/accuracy"].percent
    assert not found["term/invariance"].percent
    series, factor = found["spread"].find(record)
    assert series is record.metrics["feature_std"]
    assert factor == math.sqrt(replayed.SIZE)
    assert measures([]) == measures([RunRecord()]) == {}


def test_the_choice_stays_when_other_runs_come(curves, qtbot):
    shelved.choose(curves.shelf, qtbot, curves.paths[:1])
    choose(curves, "alignment")
    shelved.choose(curves.shelf, qtbot, curves.paths)
    assert curves.measure.currentData() == "alignment"
