import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QApplication

from app import theme
from app.gallery_files import OWN
from app.panels.data import DataPanel
from tests.app.panels.reachable import unnamed

COUNTS = {"ant": 6, "bee": 4, "fly": 2}


@pytest.fixture(scope="module")
def insects(tmp_path_factory):
    """Twelve pictures of three sizes in three classes, two of them equal, and a broken file."""
    folder = tmp_path_factory.mktemp("insects")
    generator = np.random.default_rng(1)
    for number, (name, count) in enumerate(COUNTS.items()):
        (folder / name).mkdir()
        for image in range(count):
            pixels = generator.integers(0, 255, (20 + number, 30, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{image}.png")
    (folder / "fly" / "1.png").write_bytes((folder / "fly" / "0.png").read_bytes())
    (folder / "bee" / "broken.png").write_text("not a picture")
    return folder


def show(qtbot, workspace, size=(1300, 900)):
    panel = DataPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(*size)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def panel(loaded, insects, qtbot):
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(insects)
    return show(qtbot, loaded)


def settled(qtbot, workspace):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=10_000)


def test_says_what_is_missing_before_anything_is_open(qtbot, workspace, core):
    panel = show(qtbot, workspace)
    assert "Loading" in panel.empty.text
    assert not panel.facts.isVisible()
    workspace.take_core(core)
    assert "No images are open" in panel.empty.text
    assert "demo set" in panel.empty.text
    assert not unnamed(panel)


def test_facts_count_images_classes_sizes_and_problems(panel, qtbot):
    text = panel.facts.text()
    assert "Images: 12" in text
    assert "Classes: 3" in text
    assert "Sizes: 30 × 20 to 30 × 22 px" in text
    assert "Pixels: colour, 8 bit" in text
    assert "1 file not used as it is" in text
    assert panel.facts.problems.count() == 1
    assert panel.facts.problems.item(0).text().startswith("bee/broken.png: ")
    assert "ant 6, bee 4, fly 2" in panel.facts.bars.accessibleDescription()
    assert not unnamed(panel)


def test_a_class_filters_the_gallery_by_mouse_and_by_keys(panel, qtbot):
    bars = panel.facts.bars
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.line(1).center())
    assert panel.grid.count == 4
    assert panel.gallery.title == "bee"
    assert panel.filter.currentText() == "bee"
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.line(1).center())
    assert panel.grid.count == 12
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    qtbot.keyClick(bars, Qt.Key.Key_Space)
    assert panel.gallery.title == "fly"
    assert panel.grid.count == 2
    qtbot.keyClick(panel.filter, Qt.Key.Key_Home)
    assert panel.grid.count == 12


def test_thumbnails_come_and_a_lost_file_is_told(panel, loaded, insects, qtbot):
    settled(qtbot, loaded)
    assert all(isinstance(panel.grid.picture(row), QPixmap) for row in range(12))
    lost = loaded.catalogue.path(11)
    kept = lost.read_bytes()
    lost.unlink()
    try:
        # Looked at once, a picture stays; so the same folder is opened as another one.
        again = replace(loaded.catalogue)
        loaded.set_catalogue(again, again.root)
        fresh = show(qtbot, loaded)
        settled(qtbot, loaded)
        assert isinstance(fresh.grid.picture(11), str)
        fresh.grid.choose(11)
        assert "cannot be shown" in fresh.caption.full
        theme.current().apply("light")
        assert not fresh.grid.grab().isNull()
    finally:
        lost.write_bytes(kept)


def test_keys_walk_the_gallery_and_tell_the_file(panel, qtbot):
    grid = panel.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current == 0
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current == 1
    assert "ant/1.png · 30 × 20 px · ant" in panel.caption.full
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell(3).center())
    assert grid.current == 3
    gap = grid.cell(0).topRight() + QPoint(3, 3)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=gap)
    assert grid.current == 3, "between two images there is none"


def test_a_hundred_thousand_images_read_only_what_is_seen(panel, loaded, qtbot):
    settled(qtbot, loaded)
    rows = np.arange(100_000) % 12
    panel.grid.show_rows(loaded.catalogue, rows)
    assert len(panel.grid.visible_positions()) < 200
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    qtbot.keyClick(panel.grid, Qt.Key.Key_End)
    bar = panel.grid.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert panel.grid.visible_positions().stop == 100_000
    assert panel.grid.current == rows[-1]
    assert panel.grid.cell(99_999).bottom() <= panel.grid.viewport().height() + 1


def test_held_out_and_size_go_into_the_recipe_and_say_what_follows(panel, loaded, qtbot):
    for spin, keys in ((panel.split.held_out, "50"), (panel.split.image_size, "24")):
        spin.setFocus()
        spin.selectAll()
        qtbot.keyClicks(spin, keys)
        qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert loaded.recipe.data.held_out == 0.5
    assert loaded.recipe.data.image_size == 24
    said = "6 to train on, 6 held out, every class in proportion."
    qtbot.waitUntil(lambda: panel.split.result.text() == said, timeout=5_000)


def test_other_numbers_keep_a_share_that_is_no_whole_percent(panel, loaded, qtbot):
    loaded.change_section("data", loaded.recipe.data.changed(held_out=0.125))
    panel.split.seed.setFocus()
    qtbot.keyClick(panel.split.seed, Qt.Key.Key_Up)
    assert loaded.recipe.data.split_seed == 1
    assert loaded.recipe.data.held_out == 0.125


def test_labels_none_reads_the_folder_again_without_classes(panel, loaded, qtbot):
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
        qtbot.keyClick(panel.split.answers["labels"], Qt.Key.Key_End)
    assert loaded.recipe.data.labels == "none"
    assert "Classes: none found" in panel.facts.text()
    assert not panel.facts.bars.isVisible()
    qtbot.waitUntil(lambda: "drawn at random" in panel.split.result.text(), timeout=5_000)


def test_own_splits_are_kept_and_said(qtbot, loaded, tmp_path):
    for split, count in (("train", 5), ("test", 3)):
        for name in ("ant", "bee"):
            folder = tmp_path / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (20, 20), (40 * number, 0, 90)).save(folder / f"{number}.png")
    panel = show(qtbot, loaded)
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
        loaded.open_folder(tmp_path)
    assert "Own splits: train 10, test 6" in panel.facts.text()
    assert not panel.split.held_out.isEnabled()
    said = "10 to train on, 6 held out, as the folder's own splits say."
    qtbot.waitUntil(lambda: panel.split.result.text() == said, timeout=5_000)
    settled(qtbot, loaded)


def test_duplicates_on_demand(panel, loaded, qtbot):
    qtbot.mouseClick(panel.facts.look, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.facts.duplicates.count() == 1, timeout=10_000)
    assert panel.facts.duplicates.item(0).text() == "fly/0.png = fly/1.png"
    assert "1 file is a copy" in panel.facts.text()
    settled(qtbot, loaded)
    assert panel.facts.look.isEnabled()


def test_a_dropped_folder_is_opened(qtbot, loaded, insects):
    panel = show(qtbot, loaded)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(insects / "ant" / "0.png"))])
    common = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *common)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=5_000):
        QApplication.sendEvent(panel, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *common))
    assert loaded.catalogue.root == insects / "ant"
    assert panel.source.zone.title.text() == "ant"
    mime.setData(OWN, b"")  # as our own galleries mark what is dragged out of them
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *common)
    QApplication.sendEvent(panel, enter)
    assert not enter.isAccepted()


def test_a_dropped_run_is_opened_as_a_run(qtbot, loaded, monkeypatch, tmp_path):
    panel = show(qtbot, loaded)
    for name in ("recipe.toml", "events.jsonl"):
        (tmp_path / name).write_text("")
    opened = []
    monkeypatch.setattr(loaded, "open_run", opened.append)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    common = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *common)
    QApplication.sendEvent(panel, enter)
    QApplication.sendEvent(panel, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *common))
    assert opened == [tmp_path]


def test_many_images_are_chosen_and_the_line_below_counts_them(panel, loaded, qtbot):
    qtbot.mouseClick(
        panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=panel.grid.cell(1).center()
    )
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert loaded.selection.rows.tolist() == [1, 2]
    assert panel.caption.full == "ant/2.png · 30 × 20 px · ant · 2 chosen"
    loaded.selection.choose([4, 7, 8])
    assert panel.caption.full.endswith("3 chosen")
    qtbot.keyClick(panel.slider, Qt.Key.Key_End)
    assert panel.grid.side == loaded.settings.thumbnail_side == 256


def test_a_scan_shows_progress_and_can_be_cancelled(qtbot, loaded, core, insects, monkeypatch):
    def slow(folder, labels, progress, cancelled, *_):
        while not cancelled():
            progress(3, 12)
            time.sleep(0.005)
        raise core.catalogue.Cancelled

    monkeypatch.setattr(core.catalogue, "scan", slow)
    panel = show(qtbot, loaded)
    loaded.open_folder(insects)
    qtbot.waitUntil(lambda: panel.source.step.text() == "3 of 12", timeout=5_000)
    assert panel.source.cancel.isVisible()
    assert "Reading the folder" in panel.empty.text
    qtbot.mouseClick(panel.source.cancel, Qt.MouseButton.LeftButton)
    assert not panel.source.cancel.isVisible()
    settled(qtbot, loaded)
    assert loaded.catalogue is None


def test_while_the_demo_set_is_drawn_nothing_speaks_of_reading(qtbot, loaded, core, monkeypatch):
    go = threading.Event()

    def slow(*_, **options):
        while not (go.wait(0.005) or options["cancelled"]()):
            pass
        raise core.catalogue.Cancelled

    monkeypatch.setattr(core.demo, "make", slow)
    panel = show(qtbot, loaded)
    task = loaded.open_demo()
    qtbot.waitUntil(lambda: "Preparing the demo set" in panel.empty.text, timeout=5_000)
    assert "are drawn, this once" in panel.empty.text
    assert "Reading" not in panel.empty.text
    task.cancel()
    settled(qtbot, loaded)
