import signal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app import __main__ as module
from app import photograph
from app.window import Window
from app.workspace import Workspace


@pytest.fixture
def started(monkeypatch, qtbot):
    """Windows that were started; Qt's loop is left at once."""
    made = []
    before = signal.getsignal(signal.SIGINT)

    def start(window):
        made.append(window)
        qtbot.addWidget(window)

    monkeypatch.setattr(Window, "start", start)
    monkeypatch.setattr(Workspace, "load_core", lambda self: None)
    monkeypatch.setattr(QApplication, "exec", lambda *_: 7)
    yield made
    signal.signal(signal.SIGINT, before)


def test_the_command_line():
    plain = module.arguments([])
    assert (plain.path, plain.photograph, plain.run) == (None, None, None)
    full = module.arguments(["photos", "--photograph", "shots", "--run", "runs/first"])
    assert (full.path, full.photograph, full.run) == (
        Path("photos"), Path("shots"), Path("runs/first"),
    )  # fmt: skip


def test_an_unknown_option_ends_with_code_2(capsys):
    with pytest.raises(SystemExit) as caught:
        module.main(["--nonsense"])
    assert caught.value.code == 2
    assert "--nonsense" in capsys.readouterr().err


def test_the_window_opens_the_folder_it_was_given(started, monkeypatch, pictures):
    given = []
    monkeypatch.setattr(Window, "open_first", lambda self, path: given.append(path))
    assert module.main([]) == 7
    assert module.main([str(pictures)]) == 7
    assert len(started) == 2
    assert given == [pictures]


def test_the_theme_of_the_last_session_is_back(started, settings):
    from app import theme

    settings.theme = "light"
    module.main([])
    assert theme.current().name == "light"


def test_ctrl_c_closes_the_window(started, monkeypatch):
    closed = []
    monkeypatch.setattr(Window, "close", lambda self: closed.append(self))
    module.main([])
    signal.raise_signal(signal.SIGINT)
    assert closed == started


def test_photographs_need_no_window_of_the_user(started, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(photograph, "photograph", lambda *words: asked.append(words) or 3)
    run = tmp_path / "run"
    assert module.main(["--photograph", str(tmp_path), "--run", str(run)]) == 3
    assert asked == [(tmp_path, run)]
    assert started == []
