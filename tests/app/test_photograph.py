import json
from types import SimpleNamespace

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app import scenes
from app.dialogs import SettingsDialog
from app.panels.evaluate import EvaluatePanel
from app.photograph import (
    SIZES,
    cut_off,
    measure,
    photograph,
    scratch_folders,
    shoot,
    shoot_scenes,
)
from app.settings import Settings
from tests.app.panels import trained


def test_measurements_on_another_folder_get_a_small_one(
    loaded, pictures, tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr("app.photograph.SETTLE", 0.01)
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    panel = EvaluatePanel(loaded)
    qtbot.addWidget(panel)
    panel.load()
    qtbot.waitUntil(lambda: panel.assessing is not None, timeout=60_000)
    known = panel.assessing.measurements
    panel.assessing.measurements = {key: known[key] for key in ("transfer", "dense")}
    gate = SimpleNamespace(panel=panel)
    window = SimpleNamespace(gates={"evaluate": gate}, go=lambda _: None, workspace=loaded)
    measure(window)
    assert panel.assessing.problems == {}
    found = {key: one.finding.folder for key, one in panel.assessing.found.items()}
    assert found == {"transfer": "other-shapes", "dense": "shapes-with-depth"}


def test_texts_without_room_are_listed(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    narrow, wide, elided = QLabel("a text that is cut", box), QPushButton("wide", box), QLabel("x")
    elided.setText("cut on purpose, as it says itself")
    elided.setParent(box)
    elided.setProperty("elides", True)
    narrow.setGeometry(0, 0, 20, 20)
    wide.setGeometry(0, 30, 200, 30)
    elided.setGeometry(0, 60, 20, 20)
    box.resize(300, 100)
    box.show()
    assert cut_off(box) == ["a text that is cut"]


def test_a_parent_that_is_too_narrow_cuts_too(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    inner = QWidget(box)
    inner.setGeometry(0, 0, 40, 40)
    label = QLabel("sticks out of its parent", inner)
    label.setGeometry(0, 0, 300, 20)
    box.resize(400, 100)
    box.show()
    assert cut_off(box) == ["sticks out of its parent"]


def test_wrapped_lines_need_their_height(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    label = QLabel("several words that need three lines at the very least", box)
    label.setWordWrap(True)
    label.setGeometry(0, 0, 120, 16)
    box.resize(200, 100)
    box.show()
    assert cut_off(box) == [label.text()]
    label.setGeometry(0, 0, 120, label.heightForWidth(120))
    assert cut_off(box) == []


def test_a_layout_with_room_cuts_nothing(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    row = QHBoxLayout(box)
    row.addWidget(QLabel("plenty of room"))
    row.addWidget(QPushButton("Start"))
    box.show()
    assert cut_off(box) == []


def test_every_place_is_shot_in_both_themes_and_sizes(window, core, tmp_path, monkeypatch):
    monkeypatch.setattr("app.photograph.SETTLE", 0.01)
    window.workspace.take_core(core)
    window.workspace.tasks.cancel_all()
    pictures = shoot(window, tmp_path)
    assert len(pictures) == 5 * 2 * 2
    assert {(one["place"], one["theme"]) for one in pictures} == {
        (place.key, theme) for place in window.places for theme in ("dark", "light")
    }
    assert {one["state"] for one in pictures} == {""}
    assert all((tmp_path / one["file"]).stat().st_size > 2000 for one in pictures)
    assert json.dumps(pictures)


def test_photographs_leave_the_users_folders_alone(tmp_path, settings):
    before = settings.config_folder
    with scratch_folders() as scratch:
        assert Settings(remember=False).cache_folder.parent == scratch
    assert settings.config_folder == before
    assert not scratch.exists()


def test_scenes_are_entered_shot_and_left_again(window, core, tmp_path, monkeypatch):
    monkeypatch.setattr("app.photograph.SETTLE", 0.01)
    window.workspace.take_core(core)
    window.workspace.tasks.cancel_all()
    wanted = (*scenes.FIRST[:1], *scenes.ON_TOP)
    rows = shoot_scenes(window, tmp_path, wanted)
    assert [(one["state"], one["place"]) for one in rows[::2]] == [
        (scene.state, scene.place) for scene in wanted
    ]
    assert len({one["file"] for one in rows}) == 2 * len(wanted)
    assert all((tmp_path / one["file"]).stat().st_size > 2000 for one in rows)
    settings = next(one for one in rows if one["state"] == "settings")
    assert settings["size"] != list(SIZES[0])
    assert window.tour is None
    assert not window.command_palette.isVisible()
    assert not window.notice.isVisible()
    assert not any(one.isVisible() for one in window.findChildren(SettingsDialog))


def test_the_error_scene_shows_an_error(window, core, qtbot):
    window.workspace.take_core(core)
    scene = scenes.ON_TOP[-1]
    assert scene.state == "error"
    scene.enter(window)
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.level == "danger"
    assert "not there" in window.notice.message.text()
    scene.leave(window)
    assert not window.notice.isVisible()


def test_a_text_that_is_cut_off_makes_it_fail_and_is_named(qtbot, tmp_path, monkeypatch, capsys):
    shown = [{"file": "data.png", "cut_off": []}, {"file": "train.png", "cut_off": ["Learning ra"]}]
    monkeypatch.setattr("app.photograph.session", lambda *_: shown)
    monkeypatch.setattr("app.workspace.Workspace.load_core", lambda _: None)
    assert photograph(tmp_path / "cut") == 1
    assert capsys.readouterr().err == "train.png: cut off: Learning ra\n"
    assert json.loads((tmp_path / "cut" / "manifest.json").read_text("utf-8")) == shown
    monkeypatch.setattr("app.photograph.session", lambda *_: shown[:1])
    assert photograph(tmp_path / "whole") == 0
