import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from app import theme
from app.timeline import PLAY_INTERVAL, Timeline
from sslcore.diagnostics import heatmap
from sslcore.events import EmbeddingSaved, RunStarted, Snapshot
from sslcore.runs.record import RunRecord


def record_with(steps, total=100):
    record = RunRecord()
    record.apply(
        RunStarted(
            "barlow_twins",
            "Barlow Twins",
            total,
            10,
            10,
            0,
            80,
            20,
            (),
            "cpu",
            "float32",
            (),
            {},
            {},
            0.0,
        )
    )
    for step in steps:
        record.apply(Snapshot(step, step / 10, {"matrix": heatmap(np.eye(4))}))
    return record


@pytest.fixture
def timeline(workspace, qtbot):
    made = Timeline(workspace)
    qtbot.addWidget(made)
    made.resize(800, 40)
    made.show()
    workspace.record = record_with([10, 20, 30, 40])
    workspace.run_changed.emit()
    return made


def test_it_follows_the_run_until_moved(timeline, workspace):
    assert workspace.snapshot_position is None
    assert timeline.slider.value() == 3
    workspace.record = record_with([10, 20, 30, 40, 50])
    workspace.record_changed.emit()
    assert timeline.slider.value() == 4
    assert timeline.words.text() == "epoch 5.0 of 10"


def test_keys_and_mouse_move_the_position(timeline, workspace, qtbot):
    timeline.slider.setFocus()
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Left)
    assert workspace.snapshot_position == 30
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Home)
    assert workspace.snapshot_position == 10
    assert timeline.words.text() == "epoch 1.0 of 10"
    place = round(timeline.slider._place_of(20)) + 3
    qtbot.mouseClick(timeline.slider, Qt.MouseButton.LeftButton, pos=QPoint(place, 12))
    assert workspace.snapshot_position == 20
    qtbot.keyClick(timeline.slider, Qt.Key.Key_End)
    assert workspace.snapshot_position is None


def test_a_position_stays_where_it_is_while_the_run_goes_on(timeline, workspace):
    workspace.select_snapshot(20)
    workspace.record = record_with([10, 20, 30, 40, 50, 60])
    workspace.record_changed.emit()
    assert workspace.snapshot_position == 20
    assert timeline.slider.value() == 1


def test_play_walks_from_the_start_to_the_end_and_halts(timeline, workspace, qtbot):
    seen = []
    workspace.snapshot_selected.connect(seen.append)
    timeline._timer.setInterval(1)
    qtbot.mouseClick(timeline.play_button, Qt.MouseButton.LeftButton)
    assert timeline.playing
    qtbot.waitUntil(lambda: not timeline.playing)
    assert seen == [10, 20, 30, None]


def test_without_snapshots_nothing_moves(workspace, qtbot):
    timeline = Timeline(workspace)
    qtbot.addWidget(timeline)
    timeline.show()
    timeline.toggle()
    assert not timeline.playing
    assert not timeline.play_button.isEnabled()
    assert timeline.words.text() == "no snapshots yet"


def test_marks_stand_where_the_handle_stood_and_go_with_the_run(timeline, workspace):
    timeline.slider.setValue(1)
    timeline.mark("a")
    timeline.slider.setValue(3)
    timeline.mark("b")
    assert (workspace.marks.a, workspace.marks.b) == (20, 40)
    assert timeline.slider.accessibleDescription() == "mark A at step 20, mark B at step 40"
    accent = QColor(theme.tokens().accent).rgb()
    shot = timeline.slider.grab().toImage()
    place = round(8 + (timeline.slider.width() - 16) * 20 / 100)
    assert shot.pixel(place - 5, 5) == accent
    assert shot.pixel(place + 20, 5) != accent
    workspace.run_changed.emit()
    assert workspace.marks.a is None
    assert timeline.slider.accessibleDescription() == ""


def test_no_mark_without_snapshots(workspace, qtbot):
    timeline = Timeline(workspace)
    qtbot.addWidget(timeline)
    timeline.mark("a")
    assert workspace.marks.a is None


def test_it_plays_at_the_chosen_speed(timeline, qtbot):
    assert timeline.speed.text() == "1 ×"
    for _ in range(2):
        qtbot.mouseClick(timeline.speed, Qt.MouseButton.LeftButton)
    assert timeline.speed.text() == "4 ×"
    assert timeline.speed.accessibleName() == "Speed of the timeline, 4 ×"
    assert timeline.interval == pytest.approx(PLAY_INTERVAL / 4, abs=1)
    for _ in range(2):
        qtbot.keyClick(timeline.speed, Qt.Key.Key_Space)
    assert timeline.speed.text() == "1 ×"


def test_it_stops_at_evaluations_between_snapshots_too(timeline, workspace, qtbot):
    record = record_with([10, 20])
    for step in (0, 10, 15):
        record.apply(EmbeddingSaved(step, step / 10, "", 9, 4))
    workspace.record = record
    workspace.record_changed.emit()
    timeline.slider.setFocus()
    words = []
    for _ in range(4):
        words.append((workspace.snapshot_position, timeline.words.text()))
        qtbot.keyClick(timeline.slider, Qt.Key.Key_Left)
    assert words == [
        (None, "epoch 2.0 of 10"), (15, "epoch 1.5 of 10"), (10, "epoch 1.0 of 10"),
        (0, "epoch 0.0 of 10"),
    ]  # fmt: skip
