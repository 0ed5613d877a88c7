from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QDesktopServices, QDrag, QPixmap
from PySide6.QtWidgets import QWidget

from app import gallery_files as module
from app.gallery_files import OWN, drag_files, file_of, open_file, show_in_folder
from app.tasks import Tasks


@pytest.fixture
def opened_addresses(monkeypatch):
    found = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: found.append(url.toLocalFile()) or True
    )
    return found


@pytest.fixture
def tasks(qtbot):
    made = Tasks()
    made.told = []
    made.failed.connect(lambda title, error: made.told.append(f"{title}: {error}"))
    return made


def test_a_file_and_its_folder_are_opened(opened_addresses, tasks, tmp_path, monkeypatch):
    path = tmp_path / "a b" / "one #1.png"
    open_file(tasks, path)
    monkeypatch.setattr(module.sys, "platform", "linux")
    show_in_folder(tasks, path)
    assert opened_addresses == [path.as_posix(), path.parent.as_posix()]
    assert tasks.told == []


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_where_the_system_shows_nothing_the_place_is_told(system, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    monkeypatch.setattr(QProcess, "startDetached", lambda *_: (False, 0))
    monkeypatch.setattr(module.sys, "platform", system)
    path = tmp_path / "one.png"
    open_file(tasks, path)
    show_in_folder(tasks, path)
    file, folder = tasks.told
    assert file == f"Could not open the file: the system has no program for it; it is {path}"
    assert folder.startswith("Could not show the folder: ")
    assert folder.endswith(str(tmp_path))


@pytest.mark.parametrize(("system", "program"), [("win32", "explorer"), ("darwin", "open")])
def test_the_file_is_marked_where_the_system_can(system, program, tasks, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(
        QProcess, "startDetached", lambda *given: started.append(given) or (True, 1)
    )
    monkeypatch.setattr(module.sys, "platform", system)
    show_in_folder(tasks, tmp_path / "one.png")
    ((name, given),) = started
    assert name == program
    assert given[-1] == str(tmp_path / "one.png")


class Folder:
    """As much of a catalogue as is asked for."""

    def __init__(self, root, *names):
        self.root, self.names = root, names

    def path(self, row):
        return self.root / self.names[row % len(self.names)]


def test_the_file_of_a_frame_is_its_video(tmp_path):
    (tmp_path / "odd.mp4#000003").write_bytes(b"an image in spite of its name")
    folder = Folder(tmp_path, "clip.mp4#000012", "one.png", "odd.mp4#000003")
    assert [file_of(folder, row).name for row in range(3)] == [
        "clip.mp4",
        "one.png",
        "odd.mp4#000003",
    ]


def test_files_are_dragged_as_copies_with_a_picture_of_them(qtbot, monkeypatch, tmp_path):
    dragged = []

    def execute(drag, actions):
        dragged.append((drag.mimeData(), drag.pixmap(), actions))
        return actions

    monkeypatch.setattr(QDrag, "exec", execute)
    source = QWidget()
    qtbot.addWidget(source)
    picture = QPixmap(40, 20)
    picture.fill(Qt.GlobalColor.green)
    folder = Folder(tmp_path, "clip.mp4#000001", "one.png", "clip.mp4#000002")
    for rows in ([1], [1, 0, 2]):
        assert drag_files(source, folder, rows, [picture])
    (one, single, actions), (several, stacked, _) = dragged
    assert actions == Qt.DropAction.CopyAction, "a file manager must not move them away"
    assert [Path(url.toLocalFile()).name for url in one.urls()] == ["one.png"]
    assert [Path(url.toLocalFile()).name for url in several.urls()] == ["one.png", "clip.mp4"]
    assert one.hasFormat(OWN)
    middle = single.rect().topLeft() + single.rect().center() * 0.8
    assert single.toImage().pixelColor(middle).green() > 200
    assert single.toImage() != stacked.toImage()
    assert not drag_files(source, folder, range(module.DRAGGED + 1), [])
    assert len(dragged) == 2
