import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.panels.runs_export import EMBEDDINGS, WRITE_REPORT, ExportRunDialog, offers
from sslcore import embed_folder, load_encoder
from tests.app.panels import trained
from tests.app.panels.reachable import unnamed

WAIT = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(opened, pictures, tmp_path):
    opened.settings.export_folder = tmp_path
    return trained.run(pictures, tmp_path / "my run")


@pytest.fixture
def make(opened, run, qtbot):
    made = []

    def dialog(choices=None):
        one = ExportRunDialog(opened, run, choices or offers(run), "Export the encoder")
        one.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(one)
        one.show()
        qtbot.waitExposed(one)
        made.append(one)
        return one

    yield dialog
    for one in made:
        one.close()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=WAIT)


def written(dialog, qtbot):
    with qtbot.waitSignal(dialog.taking.ended, timeout=WAIT) as told:
        qtbot.mouseClick(dialog.start, LEFT)
        assert dialog.bar.isVisible()
        assert not dialog.start.isEnabled()
    assert told.args[1] == "good", told.args
    return Path(dialog.target.text())


def pick(dialog, key):
    rows = [one.key for one in dialog._choices]
    dialog.list.setCurrentRow(rows.index(key))


def test_formats_with_what_they_are_good_for(make, run):
    dialog = make()
    assert dialog.chosen.key == "safetensors"
    assert "load_encoder" in dialog.about.text()
    assert dialog.target.text() == str(run.parent / "my run-safetensors")
    assert not unnamed(dialog)
    pick(dialog, "onnx")
    assert "onnxruntime" in dialog.about.text()
    assert dialog.target.text() == str(run.parent / "my run-onnx")


def test_a_format_that_does_not_suit_says_why_and_cannot_be_written(make):
    dialog = make()
    pick(dialog, "torchvision")
    assert "no class for resnet_small" in dialog.reason.text()
    assert dialog.reason.isVisible()
    assert not dialog.start.isEnabled()
    pick(dialog, "module")
    assert not dialog.reason.isVisible()
    assert dialog.start.isEnabled()


def test_the_encoder_is_written_by_a_process_of_its_own(make, run, opened, qtbot):
    dialog = make()
    said = []
    dialog.taking.said.connect(said.append)
    folder = written(dialog, qtbot)
    images = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(load_encoder(folder)(images), load_encoder(run)(images))
    assert dialog.told.text().startswith(f"Done: {folder}: encoder.safetensors, README.md")
    assert "Features equal the encoder's within 0" in dialog.told.text()
    assert said == ["Making safetensors", "Comparing outputs"]
    assert dialog.close_button.text() == "Close"
    assert opened.settings.export_folder == folder.parent


def test_what_is_there_is_not_written_over(make, qtbot, tmp_path):
    dialog = make()
    (tmp_path / "mine").mkdir()
    dialog.target.setText(str(tmp_path / "mine"))
    qtbot.mouseClick(dialog.start, LEFT)
    assert "is there already; choose another name" in dialog.told.text()
    assert list((tmp_path / "mine").iterdir()) == []
    dialog.target.clear()
    assert not dialog.start.isEnabled()


def test_a_report_is_a_web_page(make, run, qtbot):
    dialog = make([WRITE_REPORT])
    assert not dialog.list.isVisible()
    assert dialog.target.text() == str(run.parent / "my run-report.html")
    dialog.target.setText(str(run.parent / "page"))
    page = written(dialog, qtbot)
    assert page.name == "page.html"
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("key", ["npz", "csv", "parquet"])
def test_embeddings_of_all_images_are_written_by_the_command(make, run, pictures, qtbot, key):
    dialog = make(EMBEDDINGS)
    assert not unnamed(dialog)
    rows = [one.key for one in EMBEDDINGS]
    qtbot.keyClick(dialog.list, Qt.Key.Key_Home)
    for _ in range(rows.index(key)):
        qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.chosen.key == key
    assert dialog.target.text() == str(run.parent / f"my run-embeddings.{key}")
    assert "every image" in dialog.about.text()
    file = written(dialog, qtbot)
    paths, features = embed_folder(load_encoder(run), pictures)
    if key == "npz":
        with np.load(file) as archive:
            found, numbers = archive["paths"].tolist(), archive["features"]
    elif key == "csv":
        with file.open(newline="") as text:
            _, *lines = csv.reader(text)
        found, numbers = [one[0] for one in lines], np.array([one[2:] for one in lines], float)
    else:
        table = pq.read_table(file)
        found = table["path"].to_pylist()
        numbers = np.stack([table[name].to_numpy() for name in table.column_names[2:]], 1)
    assert found == list(paths)
    np.testing.assert_allclose(numbers, features, atol=1e-5)
    assert dialog.told.text().startswith("Done: 24 images, ")


def test_embeddings_get_their_ending_and_nothing_is_written_over(make, run, qtbot):
    dialog = make(EMBEDDINGS)
    mine = run.parent / "mine.npz"
    mine.write_text("from yesterday")
    dialog.target.selectAll()
    qtbot.keyClicks(dialog.target, str(run.parent / "mine"))
    qtbot.mouseClick(dialog.start, LEFT)
    assert dialog.target.text() == str(mine)
    assert dialog.told.text() == f"{mine}: is there already; choose another name"
    assert not dialog.taking.running
    assert mine.read_text() == "from yesterday"
    assert dialog.start.isEnabled()


def test_called_off_nothing_is_left(make, run, qtbot):
    dialog = make()
    qtbot.mouseClick(dialog.start, LEFT)
    assert dialog.taking.running
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert dialog.told.text() == "Called off; nothing was written."
    assert dialog.isVisible()
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert not dialog.isVisible()
    assert not (run.parent / "my run-safetensors").exists()


def test_browsing(make, qtbot, monkeypatch, tmp_path):
    dialog = make()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.onnx"), ""))
    pick(dialog, "onnx")
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "a.onnx")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "in"))
    pick(dialog, "module")
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "in" / "a.onnx")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    qtbot.mouseClick(dialog.browse, LEFT)
    assert dialog.target.text() == str(tmp_path / "in" / "a.onnx")
