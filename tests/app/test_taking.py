import sys
import time
from pathlib import Path

import pytest

from app import taking
from app.taking import Taking, TakingError
from app.tasks import Ticket

WAIT = 30_000
PYTHON = sys.executable
SLOW = """
import sys, time, pathlib
out = pathlib.Path(sys.argv[-1])
part = out.with_name(f".{out.name}.12345678.partial")
part.mkdir()
out.with_name(f".{out.name}.87654321.partial").write_text("half")
print("Making it", file=sys.stderr, flush=True)
time.sleep(60)
"""


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Runs Python text in place of ``sslcore``."""

    def put(text):
        file = tmp_path / "program.py"
        file.write_text(text)
        shell = tmp_path / "python"
        shell.write_text(f'#!/bin/sh\nshift 2\nexec "{PYTHON}" "{file}" "$@"\n')
        shell.chmod(0o755)
        monkeypatch.setattr(taking.sys, "executable", str(shell))

    return put


def ended(made, qtbot):
    with qtbot.waitSignal(made.ended, timeout=WAIT) as told:
        pass
    return tuple(told.args)


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")


def test_what_it_does_and_what_it_made_are_told(workspace, qtbot, tmp_path, program):
    program("import sys; print('One', file=sys.stderr); print('made', sys.argv[1:])")
    made, said = Taking(workspace.tasks), []
    made.said.connect(said.append)
    made.start("Writing", ["a", "b"], tmp_path / "out")
    assert made.running
    words, role = ended(made, qtbot)
    assert (words, role) == ("made ['a', 'b']", "good")
    assert said == ["One"]
    assert not made.running


def test_its_own_words_tell_why_it_failed(workspace, qtbot, tmp_path, program):
    program("import sys; print('sslcore: no checkpoint yet', file=sys.stderr); sys.exit(2)")
    made = Taking(workspace.tasks)
    made.start("Writing", ["a"], tmp_path / "out")
    assert ended(made, qtbot) == ("no checkpoint yet", "danger")
    program("import sys; sys.exit(3)")
    with pytest.raises(TakingError, match="it ended with code 3"):
        taking.run(["a"], tmp_path / "out", lambda _: None, Ticket(lambda: None))


def test_called_off_it_leaves_nothing(workspace, qtbot, tmp_path, program):
    program(SLOW)
    folder = tmp_path / "there"
    folder.mkdir()
    made, said = Taking(workspace.tasks), []
    made.said.connect(said.append)
    made.start("Writing", [str(folder / "out")], folder / "out")
    qtbot.waitUntil(lambda: said == ["Making it"], timeout=WAIT)
    with qtbot.waitSignal(made.ended) as told:
        made.cancel()
    assert told.args == ["Called off; nothing was written.", ""]
    end = time.monotonic() + 20
    while list(folder.iterdir()) and time.monotonic() < end:
        qtbot.wait(50)
    assert list(folder.iterdir()) == []


def test_one_at_a_time(workspace, qtbot, tmp_path, program):
    program("print('done')")
    made = Taking(workspace.tasks)
    made.start("Writing", ["a"], tmp_path / "out")
    made.start("Writing", ["a"], tmp_path / "out")
    assert len(workspace.tasks.running()) == 1
    assert ended(made, qtbot) == ("done", "good")


def test_the_real_command_is_run(workspace, qtbot, tmp_path):
    made = Taking(workspace.tasks)
    made.start("Writing", ["report", str(tmp_path), "--out", str(tmp_path / "a.html")], Path("a"))
    words, role = ended(made, qtbot)
    assert role == "danger"
    assert "not a run directory" in words
