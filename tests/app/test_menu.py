import shutil

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from app.dialogs import HelpDialog, SettingsDialog
from app.few_labels import FewLabelDialog
from app.menu import add_method_commands
from app.tagged import Tagged
from app.workspace import Workspace
from tests.app.test_timeline import record_with

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def calls(monkeypatch):
    """What the workspace was asked for."""
    made = []
    for name in ("open_folder", "open_run", "open_demo", "start", "continue_run", "set_method"):
        monkeypatch.setattr(
            Workspace, name, lambda self, *words, name=name: made.append((name, *words))
        )
    return made


def possible(window):
    window.commands.refresh()
    return {one.id for one in window.commands.all() if window.commands.action(one.id).isEnabled()}


def test_what_needs_the_library_waits_for_it(window, core):
    needing = {"folder.open", "run.open", "demo.open"}
    assert not needing & possible(window)
    window.workspace.take_core(core)
    assert needing <= possible(window)
    assert {"theme.toggle", "help", "quit", "place.data"} <= possible(window)


def test_runs_can_be_steered_only_while_they_run(window, opened, monkeypatch):
    steering = {"run.pause", "run.stop"}
    assert "run.start" in possible(window)
    assert not steering & possible(window)
    monkeypatch.setattr(Workspace, "running", True)
    assert steering <= possible(window)
    assert not {"run.start", "folder.open", "run.continue"} & possible(window)
    monkeypatch.setattr(Workspace, "stopping", True)
    assert not steering & possible(window)
    monkeypatch.undo()


def test_the_timeline_needs_two_snapshots(window):
    for steps, expected in (([], False), ([10], False), ([10, 20], True)):
        window.workspace.record = record_with(steps)
        assert ("timeline.live" in possible(window)) is expected


def test_keys_open_what_a_person_chooses(window, core, calls, qtbot, monkeypatch, pictures):
    window.workspace.take_core(core)
    window.commands.refresh()
    calls.clear()
    answers = [str(pictures), "", "run folder"]
    asked = []

    def choose(parent, title, start):
        asked.append((title, start))
        return answers.pop(0)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    window.workspace.settings.last_folder = str(pictures)
    window.workspace.settings.runs_folder.mkdir()
    qtbot.keyClick(window, Qt.Key.Key_O, CTRL)
    qtbot.keyClick(window, Qt.Key.Key_O, CTRL)
    qtbot.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
    assert calls == [("open_folder", pictures), ("open_run", "run folder")], "one was cancelled"
    assert asked[0] == ("Open a folder of images", str(pictures.parent))
    assert asked[2] == ("Open a run directory", str(window.workspace.settings.runs_folder))


@pytest.mark.parametrize(
    ("key", "modifiers", "kind"),
    [
        (Qt.Key.Key_Comma, CTRL, SettingsDialog),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, HelpDialog),
    ],
)
def test_keys_open_dialogs(window, qtbot, monkeypatch, key, modifiers, kind):
    shown = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: shown.append(type(dialog)))
    qtbot.keyClick(window, key, modifiers)
    assert shown == [kind]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_keys_search_and_list_commands(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    assert window.command_palette.isVisible()
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Escape)
    assert not window.command_palette.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F10)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()


def test_every_method_is_a_command_for_the_palette_only(window, core, calls):
    add_method_commands(window)
    assert not [one for one in window.commands.all() if one.id.startswith("method.")]
    window.workspace.take_core(core)
    add_method_commands(window)
    found = {one.id: one for one in window.commands.all() if one.id.startswith("method.")}
    assert set(found) == {f"method.{key}" for key in core.method.registry()}
    assert {one.group for one in found.values()} == {""}
    assert window.commands.find("barlow")[0].title == "Method: Barlow Twins"
    calls.clear()
    assert window.commands.run("method.rotation")
    assert calls == [("set_method", "rotation")]


def test_live_follows_the_latest_snapshot_again(window):
    window.workspace.record = record_with([10, 20])
    told = []
    window.workspace.snapshot_selected.connect(told.append)
    window.workspace.select_snapshot(10)
    assert window.commands.run("timeline.live")
    assert told == [10, None]


def test_tags_are_undone_and_redone_by_keys(window, core, pictures, tmp_path, qtbot):
    workspace, tagging = window.workspace, window.workspace.tagging
    workspace.take_core(core)
    assert not {"edit.undo", "edit.redo"} & possible(window)
    folder = shutil.copytree(pictures, tmp_path / "images")
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=20_000):
        workspace.open_folder(folder)
    qtbot.waitUntil(lambda: not tagging.obstacle, timeout=20_000)
    tagging.tag([1, 2], "horse")
    qtbot.waitUntil(lambda: tagging.tagged.names == ("horse",), timeout=20_000)
    undo, redo = (window.commands.action(f"edit.{name}") for name in ("undo", "redo"))
    qtbot.waitUntil(lambda: undo.text() == "Undo tag 2 images “horse”", timeout=20_000)
    assert "edit.redo" not in possible(window)
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: tagging.tagged.names == (), timeout=20_000)
    qtbot.waitUntil(lambda: redo.text() == "Redo tag 2 images “horse”", timeout=20_000)
    assert "edit.undo" not in possible(window)
    assert undo.text() == "Undo"
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    qtbot.waitUntil(lambda: tagging.tagged.names == ("horse",), timeout=20_000)
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def test_a_method_chosen_by_mistake_is_undone_where_recipes_are_changed(window, core, qtbot):
    workspace = window.workspace
    workspace.take_core(core)
    workspace.set_recipe(workspace.recipe.with_set({"schedule.epochs": 77}))
    before = workspace.recipe
    workspace.set_method("simclr")
    window.go("method")
    assert window.commands.action("edit.undo").text() == "Undo change of method"
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert workspace.recipe == before
    window.go("explore")
    assert not {"edit.undo", "edit.redo"} & possible(window), "there, tags are undone"
    window.go("views")
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert workspace.recipe.method.key == "simclr"


def test_the_few_label_set_needs_a_tag(window, opened, monkeypatch):
    assert "tags.few_labels" not in possible(window)
    for rows, expected in (({"excluded": np.array([1])}, False), ({"good": np.array([1])}, True)):
        monkeypatch.setattr(opened.tagging, "tagged", Tagged(rows))
        monkeypatch.setattr(opened.tagging, "_loaded", True)
        assert ("tags.few_labels" in possible(window)) is expected
    window.commands.run("tags.few_labels")
    (dialog,) = window.findChildren(FewLabelDialog)
    assert dialog.isVisible()
    dialog.reject()


CHOSEN = {"chosen.tag", "chosen.exclude", "chosen.export"}


def enabled(window, names):
    """Which of them can be run, without being asked anew."""
    return {name for name in names if window.commands.action(name).isEnabled()}


def test_what_is_done_with_chosen_images_needs_some(window, opened, monkeypatch):
    assert not enabled(window, CHOSEN)
    monkeypatch.setattr(opened.tagging, "_loaded", False)
    opened.selection.choose([1, 2])
    assert enabled(window, CHOSEN) == {"chosen.export"}, "tags are being read"
    monkeypatch.setattr(opened.tagging, "_loaded", True)
    opened.tagging.changed.emit()
    assert enabled(window, CHOSEN) == CHOSEN
    opened.selection.clear()
    assert not enabled(window, CHOSEN)


def test_a_picture_needs_a_map_and_no_choice(window, opened):
    assert not enabled(window, {"map.export"})
    opened.selection.set_drawn(True)
    assert enabled(window, {"map.export"})
    opened.selection.set_drawn(False)
    assert not enabled(window, {"map.export"})


def test_excluded_images_are_included_by_the_same_command(window, opened, monkeypatch):
    monkeypatch.setattr(opened.tagging, "tagged", Tagged({"excluded": np.array([1, 4])}))
    words = "Exclude the chosen images from training"
    for rows, expected in (([1, 2], words), ([4], "Include the chosen images in training")):
        opened.selection.choose(rows)
        assert window.commands.action("chosen.exclude").text() == expected
    opened.selection.clear()
    assert window.commands.action("chosen.exclude").text() == words


@pytest.mark.parametrize(
    ("typed", "deed"),
    [
        ("tag the chosen", "tag"),
        ("exclude", "exclude"),
        ("export chosen", "export"),
        ("map picture", "picture"),
    ],
)
def test_the_palette_asks_explore_for_it(window, opened, qtbot, monkeypatch, typed, deed):
    monkeypatch.setattr(opened.tagging, "_loaded", True)
    opened.selection.choose([1, 2])
    opened.selection.set_drawn(True)
    asked = []
    opened.selection.asked.connect(lambda one: asked.append((one, window.place)))
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(window.command_palette.line, typed)
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Return)
    assert asked == [(deed, "explore")]
