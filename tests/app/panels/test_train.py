import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.train import TrainPanel
from app.plots.curves import CurvesPlot
from sslcore.events import Preparing, RunStopped
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed
from tests.app.panels.reachable import unnamed


def show(qtbot, workspace, size=(1300, 800)):
    panel = TrainPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(*size)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def replay(qtbot, workspace, path):
    with qtbot.waitSignal(workspace.record_changed, timeout=10_000):
        workspace.open_run(path)
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=10_000)


@pytest.fixture
def panel(opened, qtbot, tmp_path):
    made = show(qtbot, opened)
    replay(qtbot, opened, replayed.write(tmp_path / "run", opened.recipe))
    qtbot.waitUntil(lambda: made.curves.plots["loss"].names() != [])
    return made


def line(plot, name, at):
    return plot.values_at(at)[name]


def settle(qtbot, panel):
    qtbot.waitUntil(lambda: not panel._timer.isActive() and not panel._stale)


def test_says_what_is_missing_and_what_is_going_on(qtbot, workspace, core):
    panel = show(qtbot, workspace)
    assert "Loading" in panel.empty.text
    workspace.take_core(core)
    qtbot.waitUntil(lambda: "No run yet" in panel.empty.text)
    assert "Start" in panel.empty.text
    workspace.record = RunRecord.fold([Preparing("Decoding images", 1200, 3000)])
    workspace.record_changed.emit()
    qtbot.waitUntil(lambda: "Decoding images" in panel.empty.text)
    assert "1,200 of 3,000" in panel.empty.text
    workspace.record.apply(RunStopped(0, "failed", "data.folder: empty", 0.0))
    workspace.record_changed.emit()
    qtbot.waitUntil(lambda: "data.folder: empty" in panel.empty.text)


def test_a_replayed_run_is_shown_whole(panel, opened):
    record = opened.record
    panel.controls.slider.setValue(0)
    panel.refresh()
    plots = panel.curves.plots
    assert plots["loss"].names() == ["total", "invariance", "redundancy"]
    for at in (0.1, 2.0, 4.0):
        number = round(at * replayed.PER_EPOCH)
        assert line(plots["loss"], "total", at) == pytest.approx(100 / number)
        assert line(plots["loss"], "redundancy", at) == pytest.approx(40 / number)
    assert list(plots["knn"].values_at(4.0).values()) == pytest.approx([0.7])
    assert plots["knn"].reference_names() == ["untrained"]
    spread = 0.3 * np.sqrt(replayed.SIZE)
    assert line(plots["health"], "std", 4.0) == pytest.approx(spread)
    assert panel.health.figure.text() == "70.0 %"
    assert "untrained 50.0 %" in panel.health.caption.text()
    assert panel.health.headline.text()
    assert list(panel.diagnostics.pages) == ["cross_correlation", "spectrum"]
    shown = panel.diagnostics.pages["cross_correlation"].plot
    assert shown.value_at(0, 1) == pytest.approx(0.4)
    assert record.step == replayed.STEPS
    assert not unnamed(panel)


def test_only_lines_that_grew_are_given_to_their_plots(panel, opened, qtbot, monkeypatch):
    given = []
    set_line = CurvesPlot.set_line
    monkeypatch.setattr(
        CurvesPlot,
        "set_line",
        lambda plot, name, *rest: (given.append((plot.title, name)), set_line(plot, name, *rest)),
    )
    opened.record_changed.emit()
    settle(qtbot, panel)
    assert given == []
    opened.record.apply(replayed.step(replayed.STEPS + 1))
    opened.record_changed.emit()
    settle(qtbot, panel)
    assert ("Loss", "total") in given
    assert not [one for one in given if "kNN" in one[0] or "Health" in one[0]]


def test_a_hidden_place_rests_and_catches_up_when_shown(panel, opened, qtbot):
    panel.controls.slider.setValue(0)
    settle(qtbot, panel)
    plot = panel.curves.plots["loss"]
    panel.hide()
    opened.record.apply(replayed.step(replayed.STEPS + 1))
    opened.record_changed.emit()
    qtbot.wait(120)
    assert line(plot, "total", 99.0) == pytest.approx(100 / replayed.STEPS)
    panel.show()
    assert line(plot, "total", 99.0) == pytest.approx(100 / (replayed.STEPS + 1))


def test_the_timeline_moves_cursor_and_pictures(panel, opened, qtbot):
    matrix = panel.diagnostics.pages["cross_correlation"].plot
    opened.select_snapshot(10)
    settle(qtbot, panel)
    assert panel.curves.plots["loss"].read_at == pytest.approx(1.0)
    assert matrix.value_at(0, 1) == pytest.approx(0.1)
    opened.select_snapshot(None)
    settle(qtbot, panel)
    assert panel.curves.plots["loss"].read_at is None
    assert matrix.value_at(0, 1) == pytest.approx(0.4)


def test_a_click_on_a_curve_goes_to_the_nearest_snapshot(panel, opened, qtbot):
    plot = panel.curves.plots["loss"]
    plot.grab()
    scale = plot._scales[0]
    place = QPoint(round(scale.pixel(1.9)), plot.height() // 2)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
    assert opened.snapshot_position == 20
    place = QPoint(round(scale.pixel(9.0)), plot.height() // 2)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place)
    assert opened.snapshot_position is None


def test_a_clicked_cell_is_read_off_and_follows_the_timeline(panel, opened, qtbot):
    page = panel.diagnostics.pages["cross_correlation"]
    rect = page.plot.matrix_rect()
    place = QPoint(
        round(rect.left() + 2.5 * rect.width() / 8), round(rect.top() + 5.5 * rect.height() / 8)
    )
    qtbot.mouseClick(page.plot, Qt.MouseButton.LeftButton, pos=place)
    assert page.plot.chosen == (5, 2)
    assert page.plot.words_at(5, 2) == "i = 5, j = 2: C = 0.400"
    opened.select_snapshot(30)
    settle(qtbot, panel)
    assert page.plot.chosen == (5, 2)
    assert page.plot.words_at(5, 2) == "i = 5, j = 2: C = 0.300"
    qtbot.waitUntil(lambda: "checkpoints were removed" in page.images.problem.text())


def test_tabs_turn_the_pages(panel, qtbot):
    tabs = panel.diagnostics.tabs
    assert [tabs.tabText(n) for n in range(tabs.count())] == ["Cross correlation", "Spectrum"]
    pages = panel.diagnostics.pages
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
    assert pages["spectrum"].isVisible()
    assert not pages["cross_correlation"].isVisible()


def test_switches_slider_and_axes(panel, qtbot):
    controls, plots = panel.controls, panel.curves.plots
    assert not controls.chips["rate"].isChecked()
    qtbot.mouseClick(controls.chips["rate"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(controls.chips["loss"], Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    assert panel.curves.cards["rate"].isVisible()
    assert not panel.curves.cards["loss"].isVisible()
    qtbot.mouseClick(controls.chips["loss"], Qt.MouseButton.LeftButton)
    controls.over.setCurrentText("steps")
    settle(qtbot, panel)
    assert line(plots["rate"], "Learning rate", 40.0) == pytest.approx(0.1)
    raw = 100 / replayed.STEPS
    assert line(plots["loss"], "total", 40.0) > raw * 1.01
    controls.slider.setFocus()
    qtbot.keyClick(controls.slider, Qt.Key.Key_Home)
    settle(qtbot, panel)
    assert line(plots["loss"], "total", 40.0) == pytest.approx(raw)
    assert line(plots["loss"], "total", 20.0) == pytest.approx(100 / 20)
    qtbot.mouseClick(controls.log, Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    assert plots["loss"]._log
    assert not plots["knn"]._log


def test_a_run_without_labels_is_calm_about_it(opened, qtbot, tmp_path):
    panel = show(qtbot, opened)
    replay(qtbot, opened, replayed.write(tmp_path / "run", opened.recipe, labels=False))
    qtbot.waitUntil(lambda: panel.curves.plots["knn"].names() != [])
    assert panel.curves.plots["knn"].title == "View retrieval (no labels, so no kNN)"
    assert panel.health.caption.text().startswith("view retrieval")
    assert panel.health.figure.text() == "60.0 %"


def test_another_run_leaves_nothing_of_the_last_one(panel, opened, qtbot, tmp_path):
    opened.select_snapshot(10)
    replay(qtbot, opened, replayed.write(tmp_path / "second", opened.recipe, labels=False))
    settle(qtbot, panel)
    assert panel.curves.plots["knn"].reference_names() == ["untrained"]
    assert "View retrieval" in panel.curves.plots["knn"].title
    matrix = panel.diagnostics.pages["cross_correlation"].plot
    assert matrix.value_at(0, 1) == pytest.approx(0.4)
