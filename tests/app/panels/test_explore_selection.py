import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from app.pages import Pages
from app.panels.explore_selection import SelectionCard, shares
from app.window import Window
from sslcore.data.tags import BESIDE_IMAGES, EXCLUDED, IN_RUN, TagStore
from tests.app.panels.reachable import unnamed
from tests.app.panels.tagged_folder import WAIT, mapped, own_folder, settled

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def ready(loaded, pictures, tmp_path, qtbot):
    return own_folder(loaded, pictures, tmp_path / "images", qtbot)


@pytest.fixture
def card(ready, qtbot):
    made = SelectionCard(ready)
    qtbot.addWidget(made)
    made.resize(360, 480)
    made.show()
    qtbot.waitExposed(made)
    yield made
    settled(ready, qtbot)


class Folder:
    classes = ("cat", "dog", "horse", "owl")

    def __init__(self, *labels):
        self.labels = np.array(labels)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ((0, 0, 1, -1), "cat 50 % · no class 25 % · dog 25 %"),
        ((2, 2), "horse 100 %"),
        ((0, 1, 2, 3, 3), "owl 40 % · cat 20 % · dog 20 % · 1 more"),
        ((0,) * 999 + (1,), "cat 99 % · dog <1 %"),
        ((), ""),
    ],
)
def test_shares_of_classes(labels, words):
    assert shares(Folder(*labels), np.arange(len(labels))) == words


def test_without_classes_there_are_no_shares():
    folder = Folder(-1, -1)
    folder.classes = ()
    assert shares(folder, np.arange(2)) == ""


def test_at_first_it_says_how_to_choose(card, ready):
    assert card.title == "Selection"
    assert "Lasso or box" in card.empty.text
    for widget in (card.grid, card.tag, card.export, card.exclude, card.clear, card.chips):
        assert not widget.isVisible()
    ready.selection.choose([3, 1])
    assert card.title == "Selection: 2 images"
    assert not card.empty.isVisible()
    assert card.grid.rows.tolist() == [1, 3]
    assert card.line.full == "cat 100 %"
    assert not unnamed(card)


def test_clear_chooses_nothing(card, ready, qtbot):
    ready.selection.choose([3])
    qtbot.mouseClick(card.clear, LEFT)
    assert len(ready.selection) == 0
    assert card.empty.isVisible()


def test_another_folder_is_not_mistaken_for_this_one(card, ready):
    ready.selection.choose([3, 400])
    assert card.title == "Selection: 1 image"
    assert card.grid.rows.tolist() == [3]


def test_a_hidden_card_catches_up(card, ready):
    card.hide()
    ready.selection.choose([3])
    assert card.title == "Selection"
    card.show()
    assert card.title == "Selection: 1 image"


def typed(card, qtbot, name, key=Qt.Key.Key_Return):
    dialog = card.dialog
    qtbot.keyClicks(dialog.line, name)
    qtbot.keyClick(dialog.line, key)


def test_the_whole_way_from_choosing_to_a_table(
    window, core, pictures, tmp_path, qtbot, monkeypatch
):
    """Choose, tag, undo, redo, export: with the window's own keys."""
    workspace: Window = window.workspace
    workspace.take_core(core)
    own_folder(workspace, pictures, tmp_path / "images", qtbot)
    card = SelectionCard(workspace)
    panel = window.centralWidget()
    panel.layout().addWidget(card)
    qtbot.waitUntil(card.isVisible, timeout=WAIT)
    workspace.selection.choose([2, 5, 14])
    qtbot.mouseClick(card.tag, LEFT)
    assert card.dialog.windowTitle() == "Tag 3 images"
    typed(card, qtbot, "horse")
    qtbot.waitUntil(lambda: [one.name for one in card.chips.chips] == ["horse"], timeout=WAIT)
    (chip,) = card.chips.chips
    assert (chip.total, chip.here) == (3, 3)
    settled(workspace, qtbot)
    qtbot.waitUntil(lambda: card.dialog is None, timeout=WAIT)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: card.chips.chips == (), timeout=WAIT)
    assert TagStore(workspace.catalogue.root / BESIDE_IMAGES).counts() == {}
    settled(workspace, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    qtbot.waitUntil(lambda: [one.name for one in card.chips.chips] == ["horse"], timeout=WAIT)
    settled(workspace, qtbot)
    qtbot.mouseClick(card.export, LEFT)
    dialog = card.dialog
    dialog.target.setText(str(tmp_path / "horses.csv"))
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.told.text().startswith("Done: 3 rows"), timeout=WAIT)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    with (tmp_path / "horses.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(one["path"], one["label"], one["tags"]) for one in lines] == [
        ("cat/02.png", "cat", "horse"), ("cat/05.png", "cat", "horse"),
        ("dog/02.png", "dog", "horse"),
    ]  # fmt: skip
    settled(workspace, qtbot)
    card.setParent(None)
    card.deleteLater()


def test_chips_select_images_and_lose_them(card, ready, qtbot):
    ready.tagging.tag([2, 5, 14], "horse")
    settled(ready, qtbot)
    assert card.chips.isVisible(), "also while nothing is chosen"
    place = card.chips.place("horse").topLeft().toPoint() + QPoint(14, 8)
    qtbot.mouseClick(card.chips.viewport(), LEFT, pos=place)
    assert ready.selection.rows.tolist() == [2, 5, 14]
    ready.selection.choose([5, 6])
    qtbot.mouseClick(card.chips.viewport(), LEFT, pos=card.chips.cross("horse").center().toPoint())
    settled(ready, qtbot)
    assert ready.tagging.tagged.of_tag("horse").tolist() == [2, 14]


def test_a_tag_is_renamed_and_deleted_from_its_chip(card, ready, qtbot):
    ready.tagging.tag([2, 5], "horse")
    settled(ready, qtbot)
    card.chips.setFocus()
    qtbot.keyClick(card.chips, Qt.Key.Key_Home)
    qtbot.keyClick(card.chips, Qt.Key.Key_F2)
    typed(card, qtbot, "pony")
    settled(ready, qtbot)
    assert ready.tagging.tagged.names == ("pony",)
    menu = card.chips.menu(card.chips.chips[0])
    menu.actions()[-1].trigger()
    menu.deleteLater()
    settled(ready, qtbot)
    assert ready.tagging.tagged.names == ()
    assert ready.tagging.undo_words == "Undo delete tag “pony”"


def test_exclude_and_include_are_one_button(card, ready, qtbot):
    ready.selection.choose([2, 5])
    qtbot.mouseClick(card.exclude, LEFT)
    settled(ready, qtbot)
    assert ready.tagging.tagged.of_tag(EXCLUDED).tolist() == [2, 5]
    assert card.exclude.text() == "Include"
    ready.selection.choose([2, 5, 6])
    assert card.exclude.text() == "Exclude", "one of them is not yet"
    ready.selection.choose([2, 5])
    qtbot.mouseClick(card.exclude, LEFT)
    settled(ready, qtbot)
    assert ready.tagging.tagged.names == ()
    card.ask_rename(EXCLUDED)
    assert card.dialog is None


def test_spreading_needs_a_map_and_a_tag(card, ready, qtbot):
    ready.tagging.tag([2, 5], "horse")
    settled(ready, qtbot)
    assert card.spread.isVisible()
    assert not card.spread.isEnabled()
    assert "comes with the map" in card.spread.toolTip()
    card.ask_spread()
    assert card.dialog is None
    with_map = SelectionCard(ready, mapped)
    qtbot.addWidget(with_map)
    with_map.show()
    assert with_map.spread.isEnabled()
    ready.tagging.tag([7, 8], "pony")
    settled(ready, qtbot)
    ready.selection.choose([7])
    qtbot.mouseClick(with_map.spread, LEFT)
    assert with_map.dialog.tag.currentText() == "pony", "the one of what is chosen"
    settled(ready, qtbot)
    with_map.dialog.reject()
    qtbot.waitUntil(lambda: with_map.dialog is None, timeout=WAIT)


def test_while_tags_cannot_be_kept_it_says_why_and_helps(card, ready, qtbot, tmp_path, monkeypatch):
    file = ready.catalogue.root / BESIDE_IMAGES
    file.write_text("somebody's notes " * 100)
    ready.tagging.reload()
    qtbot.waitUntil(card.trouble.isVisible, timeout=WAIT)
    ready.selection.choose([1])
    assert "not a file of tags" in card.trouble.text()
    assert not card.tag.isEnabled()
    assert not card.exclude.isEnabled()
    assert card.export.isEnabled()
    file.unlink()
    assert card.remedy.text() == "Read the tags again"
    qtbot.mouseClick(card.remedy, LEFT)
    settled(ready, qtbot)
    assert not card.trouble.isVisible()
    assert card.tag.isEnabled()


def test_where_the_folder_is_read_only_the_run_is_offered(
    card, ready, qtbot, tmp_path, monkeypatch
):
    from sslcore.data import tags

    connect = tags.sqlite3.connect

    def refuse(address, **options):
        if BESIDE_IMAGES in address:
            address = address.replace("mode=rwc", "mode=ro")
        return connect(address, **options)

    monkeypatch.setattr(tags.sqlite3, "connect", refuse)
    run = tmp_path / "run"
    run.mkdir()
    ready.tagging.open(ready.catalogue, run)
    ready.selection.choose([1])
    qtbot.mouseClick(card.tag, LEFT)
    typed(card, qtbot, "horse")
    qtbot.waitUntil(card.remedy.isVisible, timeout=WAIT)
    assert "cannot be opened or written" in card.trouble.text()
    assert card.remedy.text() == "Keep tags in the run"
    qtbot.mouseClick(card.remedy, LEFT)
    settled(ready, qtbot)
    assert TagStore(run / IN_RUN).counts() == {"horse": 1}
    assert not card.trouble.isVisible()


def test_the_few_label_set_is_chosen_from_the_tags(card, ready, qtbot):
    assert not card.few.isVisible(), "without tags there is nothing to choose"
    ready.selection.choose([0, 13])
    ready.tagging.tag([5], EXCLUDED)
    settled(ready, qtbot)
    assert not card.few.isVisible(), "images that are kept out are no examples"
    ready.tagging.tag([0, 13], "good")
    settled(ready, qtbot)
    qtbot.mouseClick(card.few, LEFT)
    dialog = card.dialog
    qtbot.keyClick(dialog.list, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "2 images in 2 classes" in dialog.words.text(), timeout=WAIT)
    qtbot.mouseClick(dialog.use, LEFT)
    settled(ready, qtbot)
    assert [one.few_labels for one in card.chips.chips] == [False, True]
    card.chips.few_labels_asked.emit("good")
    settled(ready, qtbot)
    assert ready.tagging.tagged.few_labels == frozenset()
    assert not unnamed(card)


def asked_for(window, qtbot, words):
    """A command found in the palette and run."""
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(window.command_palette.line, words)
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Return)


def test_commands_of_the_window_act_here(window, core, pictures, tmp_path, qtbot):
    """From another place and another page, with nothing but the keyboard."""
    workspace: Window = window.workspace
    workspace.take_core(core)
    own_folder(workspace, pictures, tmp_path / "images", qtbot)
    window.go("explore")
    widget = QLabel("the map")
    qtbot.addWidget(widget)
    card = SelectionCard(workspace, lambda: mapped(widget=widget))
    pages = Pages("Beside the map")
    pages.add_pages((("near", "Near", "", QLabel()), ("chosen", "Chosen", "", card)))
    window.gates["explore"].panel.layout().addWidget(pages)
    window.go("train")
    workspace.selection.choose([2, 5])
    asked_for(window, qtbot, "exclude")
    assert (window.place, pages.page) == ("explore", "chosen")
    settled(workspace, qtbot)
    assert workspace.tagging.tagged.of_tag(EXCLUDED).tolist() == [2, 5]
    asked_for(window, qtbot, "include")
    settled(workspace, qtbot)
    assert workspace.tagging.tagged.names == ()
    for words, title in (
        ("tag the chosen", "Tag 2 images"),
        ("export chosen", "Export 2 images"),
        ("map picture", "Export the map"),
    ):
        pages.show_page("near")
        window.go("train")
        asked_for(window, qtbot, words)
        assert card.dialog.windowTitle() == title
        assert card.dialog.isVisible()
        assert pages.page == "chosen"
        if words != "map picture":
            qtbot.keyClick(card.dialog, Qt.Key.Key_Escape)
            qtbot.waitUntil(lambda: card.dialog is None, timeout=WAIT)
            window.activateWindow()
            qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    dialog = card.dialog
    assert [dialog.form.itemData(n).key for n in range(dialog.form.count())] == ["png"]
    assert not dialog.points.isVisible()
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.told.text().startswith("Done: "), timeout=WAIT)
    assert (tmp_path / "map.png").exists()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    settled(workspace, qtbot)


def test_it_tells_whether_there_is_a_map(ready, qtbot):
    shown = [mapped()]
    card = SelectionCard(ready, lambda: shown[0])
    qtbot.addWidget(card)
    assert ready.selection.drawn
    shown[0] = None
    card.refresh()
    assert not ready.selection.drawn
    ready.selection.asked.emit("picture")
    assert card.dialog is None
