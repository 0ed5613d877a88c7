"""Making HHA in the window: where the button is, the camera filled in, the folder afterwards."""

import math
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from app.panels.data_facts import FactsCard
from app.panels.data_hha import DEPTH, HHA, HhaDialog, wanted
from app.panels.data_reading import choices_of
from sslcore.data import geocentric_files
from tests.app.panels.reachable import unnamed
from tests.sslcore.data.pictures import noise, save

LEFT = Qt.MouseButton.LeftButton
WAIT = 10_000


@pytest.fixture
def folder(tmp_path):
    """Twelve images of 24 pixels with the depth of a tilted plane, 20 x 16."""
    for number in range(12):
        save(tmp_path / "set" / "rgb" / f"{number:02d}.png", noise(16, 20, seed=number))
        depth = np.linspace(2500, 1000 + 50 * number, 16)[:, None] + np.zeros((1, 20))
        save(tmp_path / "set" / "depth" / f"{number:02d}.png", depth.astype(np.uint16))
    return tmp_path / "set"


@pytest.fixture
def ready(opened, folder, qtbot):
    with qtbot.waitSignal(opened.catalogue_changed, timeout=WAIT):
        opened.open_folder(folder)
    yield opened
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=WAIT)


@pytest.fixture
def dialog(ready, qtbot):
    made = shown(HhaDialog(ready, ready.catalogue), qtbot)
    qtbot.waitUntil(made.start.isEnabled, timeout=WAIT)
    return made


def shown(dialog, qtbot):
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def targets(folder, role, *folders):
    known = SimpleNamespace(folder=folder, role=role, folders=folders)
    return SimpleNamespace(targets=known)


@pytest.mark.parametrize(
    ("catalogue", "expected"),
    [
        (None, False),
        (SimpleNamespace(targets=None), False),
        (targets("Depth", "depth", "Depth"), True),
        (targets("labels", "labels", "depth", "labels"), True),
        (targets("labels", "labels", "labels"), False),
        (targets("depth", "depth", "depth", "HHA"), False),
        (targets("depth", "picture", "depth"), False),
    ],
)
def test_it_is_offered_for_depth_without_hha(catalogue, expected):
    assert wanted(catalogue) is expected
    assert (DEPTH, HHA) == (geocentric_files.FOLDERS, geocentric_files.HHA)


def test_a_camera_of_60_degrees_is_filled_in(dialog, qtbot):
    focal = 10 / math.tan(math.radians(30))
    assert [box.value() for box in dialog.focal] == [pytest.approx(focal, abs=0.06)] * 2
    assert [box.value() for box in dialog.centre] == [9.5, 7.5]
    assert dialog.unit.value() == 1.0
    assert "fractions" not in dialog.found.text()
    assert dialog.found.text().startswith("12 depth files of 20 × 16 px. Filled in is a camera")
    assert dialog.seen.text().startswith("sees 60.")
    assert dialog.focal[0].hasFocus()
    assert not unnamed(dialog)
    dialog.focal[0].selectAll()
    qtbot.keyClicks(dialog.focal[0], "10")
    qtbot.keyClick(dialog.focal[0], Qt.Key.Key_Tab)
    assert dialog.seen.text() == f"sees 90.0° across and {49.6:.1f}° down"


def test_fractions_are_metres(ready, folder, qtbot):
    for number in range(12):
        (folder / "depth" / f"{number:02d}.png").unlink()
        plane = np.linspace(2.5, 1, 16, dtype=np.float32)[:, None] + np.zeros((1, 20), np.float32)
        save(folder / "depth" / f"{number:02d}.tif", plane)
    (folder / "depth" / "00.tif").write_bytes(b"no picture")
    dialog = shown(HhaDialog(ready, ready.catalogue), qtbot)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=WAIT)
    assert dialog.unit.value() == 1000.0
    assert dialog.found.text().endswith(
        "The files hold fractions, which are metres as a rule: one step is 1 m (1,000 mm)."
    )
    assert dialog.found.height() >= dialog.found.heightForWidth(dialog.found.width()), "clipped"
    with qtbot.waitSignal(ready.catalogue_changed, timeout=WAIT):
        qtbot.mouseClick(dialog.start, LEFT)
    assert "11 files in hha/. 1 file left out, such as depth/00.tif (" in dialog.told.text()
    assert "nearer than 1.75 m" in dialog.told.text()


def test_from_the_button_to_a_folder_with_another_target(ready, folder, qtbot):
    card = FactsCard(ready)
    qtbot.addWidget(card)
    card.resize(330, 600)
    card.show_catalogue(ready.catalogue)
    card.show()
    ready.catalogue_changed.connect(lambda: card.show_catalogue(ready.catalogue))
    assert card.hha.isVisible()
    qtbot.mouseClick(card.hha, LEFT)
    dialog = card.window().findChild(HhaDialog)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=WAIT)
    with qtbot.waitSignal(ready.catalogue_changed, timeout=WAIT):
        qtbot.mouseClick(dialog.start, LEFT)
    assert dialog.told.text().startswith("Done: 12 files in hha/. Half of all depths are nearer")
    assert dialog.told.text().endswith(". The folder is read again with HHA as the target.")
    assert dialog.bar.isHidden()
    known = ready.catalogue.targets
    assert (known.folder, known.role, len(known.rows)) == ("hha", "picture", 12)
    assert ready.recipe.data.target == "hha"
    assert not card.hha.isVisible(), "there is nothing left to make"
    with Image.open(folder / "hha" / "03.png") as file:
        found = np.asarray(file)
    focal = tuple(box.value() for box in dialog.focal)
    camera = geocentric_files.Camera(focal, (9.5, 7.5))
    depth = geocentric_files.read_depth(folder / "depth" / "03.png")
    np.testing.assert_array_equal(found, geocentric_files.encode(depth, camera))
    qtbot.mouseClick(dialog.close_button, LEFT)
    qtbot.waitUntil(lambda: card.window().findChild(HhaDialog) is None, timeout=WAIT)


def test_a_mended_step_makes_them_again(dialog, ready, folder, qtbot):
    def press():
        with qtbot.waitSignal(ready.catalogue_changed, timeout=WAIT):
            qtbot.mouseClick(dialog.start, LEFT)
        return (folder / "hha" / "00.png").read_bytes()

    first = press()
    assert dialog.start.text() == "Make again"
    assert "nearer than 1.89 m" in dialog.told.text()
    dialog.unit.selectAll()
    qtbot.keyClicks(dialog.unit, "2")
    qtbot.keyClick(dialog.unit, Qt.Key.Key_Tab)
    assert press() != first
    assert "nearer than 3.7" in dialog.told.text()
    assert dialog.told.height() >= dialog.told.heightForWidth(dialog.told.width()), "clipped"


@pytest.mark.parametrize(
    ("hindered", "words"),
    [
        ("run", "Once the run is over, open the folder again and choose hha as target in Data."),
        ("scan", "To use it, open the folder again and choose hha as target in Data."),
        ("elsewhere", "if that cannot be, mend the step and make them again."),
        ("nowhere", "if that cannot be, mend the step and make them again."),
    ],
)
def test_only_what_was_done_is_told(dialog, ready, folder, qtbot, monkeypatch, hindered, words):
    release = Event()
    if hindered == "run":
        monkeypatch.setattr(type(ready), "running", property(lambda _: True))
    elif hindered == "scan":
        ready.tasks.start("Reading", lambda _: release.wait(), lambda _: None, key="scan")
    elif hindered == "elsewhere":
        monkeypatch.setattr(ready, "catalogue", SimpleNamespace(root=folder.parent))
    else:
        monkeypatch.setattr(ready, "catalogue", None)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=WAIT)
    release.set()
    assert dialog.told.text().startswith("Done: 12 files in hha/. Half of all")
    assert dialog.told.text().endswith(words)
    assert ready.recipe.data.target == "auto"


def test_hha_can_be_chosen_as_it_is_told(dialog, ready, folder, qtbot, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(type(ready), "running", property(lambda _: True))
        qtbot.mouseClick(dialog.start, LEFT)
        qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=WAIT)
    assert HHA not in ready.catalogue.targets.folders, "it has to be read again first"
    with qtbot.waitSignal(ready.catalogue_changed, timeout=WAIT):
        ready.open_folder(folder)
    assert ready.catalogue.targets.folder == "depth"
    assert "hha" in choices_of("target", ready.catalogue)


def test_it_can_be_called_off_and_escape_then_closes(dialog, ready, folder, qtbot, monkeypatch):
    seen = []

    def slow(*_, progress, cancelled, **__):
        progress(1, 12)
        seen.append(True)
        while not cancelled():
            pass

    monkeypatch.setattr(geocentric_files, "make", slow)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(seen) and dialog.bar.value() == 1, timeout=WAIT)
    assert dialog.bar.maximum() == 12
    assert not dialog.focal[0].isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.told.text().startswith("Called off.")
    assert dialog.start.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert ready.catalogue.targets.folder == "depth"


def test_what_cannot_be_is_said_in_the_dialog(dialog, folder, qtbot):
    for number in range(12):
        save(folder / "depth" / f"{number:02d}.png", noise(16, 20, 1))
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=WAIT)
    assert "depth/00.png: 8-bit (L), not 16-bit" in dialog.told.text()
    assert dialog.told.property("role") == "danger"
    assert not (folder / "hha").exists()


def test_a_folder_that_went_away_is_told(ready, folder, qtbot):
    (folder / "depth").rename(folder / "sonar")
    made = shown(HhaDialog(ready, ready.catalogue), qtbot)
    qtbot.waitUntil(lambda: bool(made.told.text()), timeout=WAIT)
    assert "no images in a folder depth/" in made.told.text()
    assert not made.start.isEnabled()
