import json
from types import SimpleNamespace

from app import scenes
from app.dialogs import SettingsDialog
from app.panels.evaluate import EvaluatePanel
from app.photograph import (
    SIZES,
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
    shot = [(one["state"], one["place"]) for one in rows]
    assert list(dict.fromkeys(shot)) == [(scene.state, scene.place) for scene in wanted]
    for scene in wanted:
        sizes = [tuple(one["size"]) for one in rows if one["state"] == scene.state]
        own = sizes[0] not in SIZES
        assert sizes == ([sizes[0]] * 2 if own else [*SIZES, *SIZES]), scene.state
    assert len({one["file"] for one in rows}) == len(rows)
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
