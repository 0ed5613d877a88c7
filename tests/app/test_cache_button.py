import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app import disk
from app.cache_button import CacheButton

YES = QMessageBox.StandardButton.Yes


@pytest.fixture
def button(opened, qtbot):
    pixels = opened.settings.cache_folder / "pixels"
    pixels.mkdir(parents=True, exist_ok=True)
    (pixels / "file").write_bytes(b"x")
    made = CacheButton(opened)
    qtbot.addWidget(made)
    made.show()
    made.offer(1)
    return made


def press(qtbot, button):
    with qtbot.waitSignal(button.done, timeout=10_000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_nothing_is_offered_of_an_empty_cache_or_under_a_run(button, opened, monkeypatch):
    button.offer(0)
    assert not button.isEnabled()
    button.offer(1)
    assert button.isEnabled()
    monkeypatch.setattr(type(opened), "running", property(lambda _: True))
    button.offer(1)
    assert not button.isEnabled()


def test_a_run_that_starts_while_the_question_stands_keeps_its_pixels(
    button, opened, qtbot, monkeypatch
):
    trains = [False]
    monkeypatch.setattr(type(opened), "running", property(lambda _: trains[0]))

    def start_meanwhile(*_):
        trains[0] = True
        return YES

    monkeypatch.setattr(QMessageBox, "question", start_meanwhile)
    press(qtbot, button)
    assert (opened.settings.cache_folder / "pixels" / "file").exists()
    trains[0] = False
    press(qtbot, button)
    assert (opened.settings.cache_folder / "pixels" / "file").exists(), "asked, it starts again"
    monkeypatch.setattr(QMessageBox, "question", lambda *_: YES)
    trains[0] = False
    press(qtbot, button)
    assert not (opened.settings.cache_folder / "pixels").exists()


def test_what_cannot_be_deleted_is_told(button, opened, qtbot, monkeypatch):
    def refuse(_settings):
        raise PermissionError(13, "Permission denied", "pixels")

    monkeypatch.setattr(disk, "clear_cache", refuse)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: YES)
    told = []
    opened.notice.connect(lambda *words: told.append(words))
    press(qtbot, button)
    assert told[0][0] == "danger"
    assert "ermission denied" in told[0][1]
