import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import QModelIndex, Qt

from app import theme
from app.panels.runs_model import (
    COLUMNS,
    SORT,
    STATES,
    RunsModel,
    RunsProxy,
    badge,
    folder_name,
    percent,
    swatch,
    when,
)
from app.plots import colours
from sslcore.runs.notes import Notes
from sslcore.runs.summary import State, Summary
from tests.app.panels import shelved

TITLES = [one.title for one in COLUMNS]


@pytest.fixture
def filled(opened, qtbot):
    made, _ = shelved.shelf(opened, qtbot)
    model = RunsModel(made)
    a = Summary(
        Path("a"), "alpha", "simclr", "SimCLR", "/x/cats", "resnet_small", 10.0, 2.5, 10, 25, 100,
        "failed", "why", 1.25, 0.5, None, {}, Notes(("old",), "remember"),
    )  # fmt: skip
    b = replace(a, path=Path("b"), name="Beta", knn=0.25, linear=0.75, loss=None, state="completed",
                started=20.0, notes=Notes(), problem="odd", error="")  # fmt: skip
    made.summaries = {one.path: one for one in (a, b)}
    made.listed.emit()
    return made, model


def cell(model, row, title, role=Qt.ItemDataRole.DisplayRole):
    return model.data(model.index(row, TITLES.index(title)), role)


def test_cells_say_what_is_known(filled):
    _, model = filled
    assert (model.rowCount(), model.columnCount()) == (2, len(COLUMNS))
    assert model.rowCount(model.index(0, 0)) == 0
    texts = {title: cell(model, 0, title) for title in TITLES}
    assert texts | {"Started": ""} == {
        "Name": "alpha", "Method": "SimCLR", "Data": "cats", "Started": "", "Epochs": "2.5 / 10",
        "State": "failed", "kNN": "50.0 %", "Linear": "–", "Loss": "1.25", "Tags": "old",
    }  # fmt: skip
    assert cell(model, 0, "State", Qt.ItemDataRole.ToolTipRole) == "why"
    assert cell(model, 0, "Data", Qt.ItemDataRole.ToolTipRole) == "/x/cats"
    assert cell(model, 0, "Name", Qt.ItemDataRole.ToolTipRole) == "a\nremember"
    assert cell(model, 0, "kNN", Qt.ItemDataRole.ToolTipRole) is None
    right = cell(model, 0, "kNN", Qt.ItemDataRole.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    ink = cell(model, 0, "State", Qt.ItemDataRole.ForegroundRole)
    assert ink.name().upper() == theme.tokens().danger.upper()
    muted = theme.tokens().muted.upper()
    assert cell(model, 0, "Linear", Qt.ItemDataRole.ForegroundRole).name().upper() == muted
    assert cell(model, 1, "Name", Qt.ItemDataRole.ForegroundRole).name().upper() == muted
    assert cell(model, 0, "Name", Qt.ItemDataRole.ForegroundRole) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    for number, column in enumerate(COLUMNS):
        assert model.headerData(number, Qt.Orientation.Horizontal) == column.title
        tip = model.headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert tip == column.hint


def test_changed_cells_keep_what_is_selected_and_new_rows_do_not(filled, qtbot):
    made, model = filled
    first = next(iter(made.summaries))
    made.summaries[first] = replace(made.summaries[first], loss=9.0)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        made.listed.emit()
    assert cell(model, 0, "Loss") == "9"
    del made.summaries[first]
    with qtbot.waitSignal(model.modelReset):
        made.listed.emit()
    assert model.row_of(first) == -1
    assert model.row_of(Path("b")) == 0


@pytest.mark.parametrize(
    ("title", "order"),
    [("Name", "ab"), ("kNN", "ba"), ("Linear", "ab"), ("Loss", "ba"), ("Started", "ab"),
     ("State", "ba")],
)  # fmt: skip
def test_sorted_by_what_cells_mean(filled, title, order):
    _, model = filled
    proxy = RunsProxy(model)
    proxy.sort(TITLES.index(title), Qt.SortOrder.AscendingOrder)
    rows = [proxy.mapToSource(proxy.index(row, 0)).row() for row in range(2)]
    assert "".join("ab"[row] for row in rows) == order
    assert cell(model, 0, "Name", SORT) == "alpha"


@pytest.mark.parametrize(
    ("words", "rows"),
    [("", 2), ("cats", 2), ("ALPHA", 1), ("old", 1), ("remember sim", 1), ("completed", 1),
     ("completed old", 0), ("resnet", 2), ("nowhere", 0)],
)  # fmt: skip
def test_filtered_by_all_words(filled, words, rows):
    _, model = filled
    proxy = RunsProxy(model)
    proxy.set_words(words)
    assert proxy.rowCount(QModelIndex()) == rows


def test_every_state_has_a_word_and_a_colour():
    assert set(STATES) == set(get_args(State))
    for _, token in STATES.values():
        assert getattr(theme.tokens(), token).startswith("#")


def test_swatches_have_the_colour_of_the_curve(qapp):
    image = swatch(1).toImage()
    assert image.pixelColor(15, 15).name() == colours.series_colour(1).name()
    assert swatch(None).toImage().pixelColor(15, 15).alpha() == 0
    assert not badge(1).isNull()


def test_words(monkeypatch):
    assert percent(None) == "–"
    assert percent(0.4841) == "48.4 %"
    assert folder_name("/a/b/") == "b"
    assert folder_name(r"C:\photos\cats") == "cats"
    assert folder_name("") == "–"
    now = time.mktime((2026, 5, 3, 12, 0, 0, 0, 0, -1))
    monkeypatch.setattr(
        time, "localtime", lambda s=None, real=time.localtime: real(now if s is None else s)
    )
    assert when(now - 3600) == "today 11:00"
    assert when(now - 86400) == "2 May 12:00"
    assert when(now - 400 * 86400).startswith("2025-")
    assert when(None) == "–"
