from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from app.settings import Settings


def test_values_come_back_in_the_next_session(settings, tmp_path):
    settings.theme = "light"
    settings.last_run = "/runs/one"
    settings.tour_seen = True
    assert not settings.own_process
    settings.own_process = True
    assert settings.tags_place == "data"
    settings.tags_place = "run"
    assert settings.thumbnail_side == 96
    settings.thumbnail_side = 140
    settings.geometry = QByteArray(b"\x01\x02\xff")
    settings.recipe_text = "[data]\nfolder = 'Ünïcode'\n"
    settings.sync()
    again = Settings()
    assert again.theme == "light"
    assert again.last_run == "/runs/one"
    assert again.tour_seen
    assert again.own_process
    assert again.tags_place == "run"
    assert again.lists_folder.is_relative_to(again.config_folder)
    assert again.thumbnail_side == 140
    assert again.geometry == QByteArray(b"\x01\x02\xff")
    assert "Ünïcode" in again.recipe_text
    assert (tmp_path / "config" / "window.ini").exists()


def test_recent_folders_are_latest_first_and_unique(settings):
    for folder in ("a", "b", "a", *"cdefghij"):
        settings.last_folder = folder
    assert settings.recent_folders[:2] == ["j", "i"]
    assert len(settings.recent_folders) == 8
    settings.last_folder = "h"
    assert settings.recent_folders[0] == "h"
    assert settings.recent_folders.count("h") == 1


def test_a_dialog_for_runs_begins_in_a_folder_that_is_there(settings, tmp_path, monkeypatch):
    assert settings.runs_start == str(tmp_path), "no run was made yet"
    settings.runs_folder.mkdir()
    assert settings.runs_start == str(tmp_path / "runs")
    monkeypatch.setenv("SSL_WORKBENCH_RUNS", str(tmp_path / "un" / "mounted" / "runs"))
    assert settings.runs_start == str(tmp_path)


def test_folders_follow_the_environment(settings, tmp_path, monkeypatch):
    assert settings.runs_folder == tmp_path / "runs"
    assert settings.cache_folder == tmp_path / "cache"
    monkeypatch.delenv("SSL_WORKBENCH_RUNS")
    settings.runs_folder = Path("/somewhere/else")
    assert Settings().runs_folder == Path("/somewhere/else")


def test_photographs_remember_nothing(tmp_path):
    settings = Settings(remember=False)
    settings.theme = "light"
    settings.recipe_text = "[data]"
    assert settings.theme == "light"
    assert settings.lists_folder.is_relative_to(settings.cache_folder)
    assert not (tmp_path / "config").exists()


def test_recent_folders_keep_odd_names(settings):
    settings.last_folder = "/my\nfolder"
    settings.last_folder = "/a, b; 'c' \"d\" 猫"
    settings.sync()
    assert Settings().recent_folders == ["/a, b; 'c' \"d\" 猫", "/my\nfolder"]


@pytest.mark.parametrize("text", ["/old/way\n/of/keeping", "{}", "[", ""])
def test_recent_folders_that_cannot_be_read_are_none(settings, text):
    settings._set("recent_folders", text)
    assert settings.recent_folders == []


def test_two_runs_within_a_second_get_two_folders(settings, monkeypatch):
    monkeypatch.setattr("app.wording.time.strftime", lambda _: "now")
    names = []
    for _ in range(3):
        folder = settings.new_run_folder("simclr", "cats")
        folder.mkdir(parents=True)
        names.append(folder.name)
    assert names == ["now-simclr-cats", "now-simclr-cats-2", "now-simclr-cats-3"]
