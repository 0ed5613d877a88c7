from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app import theme
from app import window as module
from app.gallery_files import OWN
from app.rail import Place
from app.window import Window
from app.workspace import Workspace
from tests.app.plain import PLACES

CTRL = Qt.KeyboardModifier.ControlModifier


def test_places_are_reached_by_keys_and_by_the_rail(window, qtbot):
    assert window.place == "data"
    qtbot.keyClick(window, Qt.Key.Key_4, CTRL)
    assert window.place == "train"
    assert window.rail.buttons["train"].isChecked()
    qtbot.mouseClick(window.rail.buttons["views"], Qt.MouseButton.LeftButton)
    assert window.place == "views"
    assert not window.rail.buttons["train"].isChecked()
    assert window.workspace.settings.last_place == "views"


def test_a_place_without_its_panel_is_not_shown(workspace, qtbot, monkeypatch):
    missing = Place("later", "Later", "data", "app.panels.nowhere", "NowherePanel")
    monkeypatch.setattr(module, "PLACES", (*PLACES[:2], missing))
    made = Window(workspace)
    qtbot.addWidget(made)
    assert list(made.rail.buttons) == ["data", "method"]


def test_panel_waits_for_the_core_then_is_built_once(window, core):
    gate = window.gates["data"]
    assert gate.panel is None
    window.workspace.take_core(core)
    panel = gate.panel
    assert panel is not None
    assert window.gates["train"].panel is None, "built at its first look only"
    window.go("train")
    window.go("data")
    assert gate.panel is panel
    assert window.gates["train"].panel is not None


def test_theme_toggles_by_key_and_is_remembered(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_T, CTRL)
    assert theme.current().name == "light"
    assert window.workspace.settings.theme == "light"
    qtbot.keyClick(window, Qt.Key.Key_T, CTRL)
    assert theme.current().name == "dark"


def test_errors_of_the_workspace_become_notices(window, core, tmp_path, qtbot):
    window.workspace.take_core(core)
    window.workspace.tasks.cancel_all()
    assert not window.notice.isVisible()
    window.open_path(tmp_path / "nothing here")
    qtbot.waitUntil(window.notice.isVisible, timeout=10_000)
    assert window.notice.level == "danger"
    assert "nothing here" in window.notice.message.text()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.notice.isVisible()


def test_an_unexpected_failure_of_a_job_is_told(window, qtbot):
    def job(ticket):
        raise RuntimeError("the disk went away")

    window.workspace.tasks.start("Measuring", job)
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.message.text() == "Measuring: the disk went away"


def test_escape_cancels_the_job_that_is_shown(window, qtbot):
    def job(ticket):
        ticket.progress(1, 4)
        while not ticket.cancelled():
            pass

    task = window.workspace.tasks.start("Counting", job)
    qtbot.waitUntil(window.top_bar.strip.isVisible)
    assert "Counting" in window.top_bar.strip.words.text()
    with qtbot.waitSignal(task.ended):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.top_bar.strip.isVisible()


def test_dropped_folders_and_runs_are_opened(window, pictures, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(
        Workspace, "open_folder", lambda self, path: opened.append(("folder", path))
    )
    monkeypatch.setattr(Workspace, "open_run", lambda self, path: opened.append(("run", path)))
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").touch()
    (run / "events.jsonl").touch()
    for path in (pictures, run):
        drop(window, path)
    assert opened == [("folder", pictures), ("run", run)]
    other = tmp_path / "notes.txt"
    other.touch()
    assert not drop(window, other)
    assert not drop(window, pictures, OWN), "dragged out of one of our galleries"
    assert len(opened) == 2


def drop(window, path: Path, mark: str = "text/plain") -> bool:
    data = QMimeData()
    data.setData(mark, b"")
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    enter.ignore()
    window.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, buttons, keys))
    return True


def test_geometry_and_place_come_back(workspace, qtbot, monkeypatch, settings):
    monkeypatch.setattr(module, "PLACES", PLACES)
    monkeypatch.setattr(Workspace, "load_core", lambda self: None)
    settings.tour_seen = True
    first = Window(workspace)
    qtbot.addWidget(first)
    first.start()
    first.resize(1024, 740)  # what fits the offscreen screen
    first.go("views")
    first.close()
    again = Window(Workspace(settings))
    qtbot.addWidget(again)
    again.start()
    assert again.place == "views"
    assert (again.width(), again.height()) == (1024, 740)


def test_the_first_window_is_no_larger_than_the_screen(workspace, qtbot, monkeypatch):
    monkeypatch.setattr(workspace, "load_core", lambda: None)
    first = Window(workspace)
    qtbot.addWidget(first)
    first.start()
    room = first.screen().availableSize()
    assert room.height() < module.FIRST[1], "or the test says nothing"
    assert first.height() < room.height()
    assert first.width() >= module.SMALLEST[0]


def test_space_plays_the_timeline_even_after_a_click_on_a_button(window, core, qtbot, monkeypatch):
    played = []
    monkeypatch.setattr(window.commands, "run", lambda name: played.append(name))
    window.workspace.take_core(core)
    panel = window.gates["data"].panel
    clicked = []
    panel.button.clicked.connect(lambda: clicked.append(1))
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Space)
    assert clicked == [1]
    assert played == ["timeline.play"]
    panel.field.setFocus()
    qtbot.keyClicks(panel.field, "a b")
    assert panel.field.text() == "a b"
    assert played == ["timeline.play"]


def test_keys_that_nothing_took_go_to_the_place_that_is_shown(window, core, qtbot):
    window.workspace.take_core(core)
    panel = window.gates[window.place].panel
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is window
    qtbot.keyClick(window, Qt.Key.Key_L)
    assert panel.keys == [Qt.Key.Key_L]
    panel.field.setFocus()
    qtbot.keyClick(panel.field, Qt.Key.Key_L)
    assert panel.keys == [Qt.Key.Key_L], "a letter that was typed is a letter"
    assert panel.field.text() == "l"


def test_the_tour_does_not_stay_over_another_place(window, qtbot):
    window.workspace.settings.tour_seen = False
    window.start_tour()
    window.go(window.place)
    assert window.tour is not None, "its first card is about this place"
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.place == PLACES[1].key
    assert window.tour is None
    assert window.workspace.settings.tour_seen


def test_tour_walks_three_stops_and_is_skipped_for_ever(window, qtbot):
    window.workspace.settings.tour_seen = False
    window.start_tour()
    tour = window.tour
    for number in range(3):
        assert tour.number == number
        assert window.rect().contains(tour.card.geometry())
        qtbot.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    assert window.tour is None
    assert window.workspace.settings.tour_seen


def test_every_shown_control_has_an_accessible_name(window):
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QScrollBar

    for widget in window.findChildren(QAbstractButton) + window.findChildren(QAbstractSlider):
        if isinstance(widget, QScrollBar) or widget.parent() is None:
            continue
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_a_run_that_starts_is_looked_at(window, opened, qtbot):
    window.go("views")
    window.notice.tell("danger", "an old message", "")
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 50}))
    qtbot.keyClick(window, Qt.Key.Key_R, CTRL)
    assert opened.running
    assert window.place == "train"
    assert not window.notice.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_P, CTRL)
    assert opened.pausing
    qtbot.keyClick(window, Qt.Key.Key_P, CTRL)
    assert not opened.pausing
    qtbot.keyClick(window, Qt.Key.Key_Period, CTRL)
    assert opened.stopping or not opened.running
    qtbot.waitUntil(lambda: not opened.running, timeout=60_000)
