import csv
import json
import threading
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QLabel

from app.panels.explore_export import FORMS, ExportDialog
from sslcore.data import takeout_files
from tests.app.panels.reachable import unnamed
from tests.app.panels.tagged_folder import WAIT, mapped, own_folder, settled

LEFT = Qt.MouseButton.LeftButton
ROWS = np.array([0, 13, 23])


@pytest.fixture
def ready(loaded, pictures, tmp_path, qtbot):
    own_folder(loaded, pictures, tmp_path / "images", qtbot)
    loaded.tagging.tag([0, 13], "horse")
    settled(loaded, qtbot)
    return loaded


@pytest.fixture
def make(ready, qtbot):
    def made(rows=ROWS, shown=None):
        dialog = ExportDialog(ready, rows, shown)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.open()
        qtbot.waitExposed(dialog)
        return dialog

    yield made
    settled(ready, qtbot)


def test_the_demo_set_is_exported_home_and_not_into_the_cache(make, ready, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_WORKBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert Path(make().target.text()) == tmp_path / "home" / "selection.csv"
    ready.settings.export_folder = tmp_path  # a person went there
    assert Path(make().target.text()) == tmp_path / "selection.csv"


def test_what_was_made_can_be_shown_in_its_folder(make, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "app.panels.explore_export.show_in_folder", lambda _, path: shown.append(path)
    )
    dialog = make()
    assert not dialog.reveal.isVisible()
    made = exported(qtbot, dialog)
    assert dialog.close_button.text() == "Close"
    assert dialog.close_button.hasFocus()
    qtbot.mouseClick(dialog.reveal, LEFT)
    assert shown == [made]


def choose(qtbot, dialog, title):
    """As a person does with the keys: to the top, then down to the words."""
    qtbot.keyClick(dialog.form, Qt.Key.Key_Home)
    while dialog.form.currentText() != title:
        before = dialog.form.currentIndex()
        qtbot.keyClick(dialog.form, Qt.Key.Key_Down)
        assert dialog.form.currentIndex() > before, title


def exported(qtbot, dialog):
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=WAIT)
    assert dialog.told.text().startswith("Done: "), dialog.told.text()
    return Path(dialog.target.text())


def test_tables_hold_tags_and_what_the_map_shows(make, qtbot, tmp_path):
    dialog = make(shown=mapped())
    assert dialog.windowTitle() == "Export 3 images"
    assert not unnamed(dialog)
    assert dialog.target.text() == str(tmp_path / "selection.csv"), "beside the folder"
    with exported(qtbot, dialog).open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [one["path"] for one in lines] == ["cat/00.png", "dog/01.png", "dog/11.png"]
    assert [one["label"] for one in lines] == ["cat", "dog", "dog"]
    assert [one["tags"] for one in lines] == ["horse", "horse", ""]
    assert {one["split"] for one in lines} <= {"train", "held out"}
    assert [one["projection"] for one in lines] == ["PCA"] * 3
    assert lines[0]["x"] == "1.0"
    assert lines[2]["x"] == "", "not on the map"
    assert "feature_0" not in lines[0]
    choose(qtbot, dialog, "Table: JSON")
    assert dialog.target.text().endswith("selection.json")
    qtbot.mouseClick(
        dialog.points, LEFT, pos=dialog.points.rect().topLeft() + dialog.points.rect().center() / 9
    )
    qtbot.mouseClick(
        dialog.features,
        LEFT,
        pos=dialog.features.rect().topLeft() + dialog.features.rect().center() / 9,
    )
    entries = json.loads(exported(qtbot, dialog).read_text("utf-8"))
    assert "x" not in entries[0]
    assert entries[0]["feature_0"] == 1.0
    assert entries[0]["tags"] == ["horse"]
    choose(qtbot, dialog, "Table: Parquet")
    assert pq.read_table(exported(qtbot, dialog)).num_rows == 3


def test_without_a_map_there_is_nothing_of_it(make, qtbot):
    dialog = make()
    titles = [dialog.form.itemText(n) for n in range(dialog.form.count())]
    assert titles == [form.title for form in FORMS if "map" not in form.title]
    assert not dialog.points.isVisible()
    assert not dialog.features.isVisible()


@pytest.mark.parametrize("way", ["copies", "hard links", "symbolic links"])
def test_files_go_to_a_new_folder(make, qtbot, tmp_path, way):
    dialog = make()
    choose(qtbot, dialog, f"Files: {way}")
    assert dialog.target.text() == str(tmp_path / "selection")
    folder = exported(qtbot, dialog)
    assert dialog.told.text() == f"Done: 3 files in {folder}"
    assert sorted(one.name for one in folder.rglob("*.png")) == ["00.png", "01.png", "11.png"]
    assert dialog.close_button.text() == "Close"


def test_the_next_name_is_free_and_the_folder_remembered(make, ready, qtbot, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    dialog = make()
    dialog.target.setText(str(other / "cats"))
    assert exported(qtbot, dialog) == other / "cats.csv"
    assert ready.settings.export_folder == other
    (other / "selection.csv").touch()
    assert make().target.text() == str(other / "selection-2.csv")


def test_what_is_there_is_not_written_over_and_told_in_place(make, qtbot, tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    dialog = make()
    dialog.target.setText(str(tmp_path / "mine.csv"))
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=WAIT)
    assert "mine.csv: is there already" in dialog.told.text()
    assert (tmp_path / "mine.csv").read_text() == "mine"
    assert dialog.start.isEnabled()
    dialog.target.setText("  ")
    assert not dialog.start.isEnabled()


def test_an_export_can_be_called_off(make, qtbot, tmp_path, monkeypatch):
    going, hold = threading.Event(), threading.Event()

    def slow(source, target):
        going.set()
        assert hold.wait(20)

    monkeypatch.setattr(takeout_files.shutil, "copy2", slow)
    dialog = make()
    choose(qtbot, dialog, "Files: copies")
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(going.is_set, timeout=WAIT)
    assert dialog.bar.isVisible()
    assert not dialog.start.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "called off" in dialog.told.text()
    hold.set()
    qtbot.waitUntil(lambda: not list(tmp_path.glob("*.partial")), timeout=WAIT)
    qtbot.waitUntil(lambda: not list(tmp_path.glob(".*.partial")), timeout=WAIT)
    assert not (tmp_path / "selection").exists()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_map_goes_out_as_a_picture(make, qtbot):
    widget, words = QLabel("the map"), QLabel("the legend")
    for one, high in ((widget, 90), (words, 20)):
        qtbot.addWidget(one)
        one.resize(120, high)
    colours = np.full((22, 3), 90, np.uint8)
    legend = [("cat", "#56B4E9", "diamond")]
    numbers = np.array([*[4] * 10, *[-1] * 12])
    chosen = np.isin(np.arange(22), [3, 15])
    drawn = {"colours": colours, "legend": legend, "numbers": numbers, "chosen": chosen}
    dialog = make(shown=mapped(**drawn, widget=widget, words=words))
    choose(qtbot, dialog, "Picture of the map: PNG")
    file = exported(qtbot, dialog)
    assert file.name == "map.png"
    image = QImage(str(file))
    assert (image.width(), image.height()) == (2 * (120 + 20), 2 * (90 + 20 + 20))
    choose(qtbot, dialog, "Picture of the map: SVG")
    text = exported(qtbot, dialog).read_text("utf-8")
    assert text.count("<circle") == 12
    assert text.count("<polygon") == 10 + 1, "and one in the legend"
    assert text.count("stroke=") == 2, "a ring around those that are chosen"
    assert ">cat<" in text
    assert ">PCA<" in text


def test_the_target_can_be_browsed_for(make, qtbot, tmp_path, monkeypatch):
    dialog = make()
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *words: (str(tmp_path / "found.csv"), "")
    )
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "found.csv")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *words: ("", ""))
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "found.csv")
    dialog.target.setText(dialog._proposed)
    choose(qtbot, dialog, "Files: copies")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *words: str(tmp_path / "in"))
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "in" / "selection")
