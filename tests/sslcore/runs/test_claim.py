"""One process trains in a directory; a dead one does not block it."""

import json
import os
import socket
import subprocess
import sys

import psutil
import pytest

from sslcore.engine.store import SaveError
from sslcore.runs.directory import RunDirectory
from tests.sslcore.runs.test_directory import directory

__all__ = ["directory"]


def test_one_process_trains_in_a_directory(directory: RunDirectory) -> None:
    directory.claim()
    assert directory.busy
    other = RunDirectory.open(directory.path)
    with pytest.raises(SaveError, match=f"process {os.getpid()}"):
        other.claim()
    other.release()  # gives back nothing that is not its own
    assert directory.busy
    directory.release()
    other.claim()
    other.release()
    assert not directory.busy


@pytest.mark.parametrize("owner", [{"pid": 2**22 + 1, "started": 0.0}, {"started": 0.0}, None])
def test_a_claim_left_behind_is_taken_over(
    directory: RunDirectory, owner: dict[str, float] | None
) -> None:
    # The pid of this process with another start time is a process that is gone.
    known = None if owner is None else {"pid": os.getpid(), "host": socket.gethostname(), **owner}
    (directory.path / "run.lock").write_text("cut sh" if known is None else json.dumps(known))
    directory.claim()
    assert directory.busy
    directory.release()


def test_whoever_trains_is_known_until_it_ends(directory: RunDirectory) -> None:
    assert directory.holder is None
    directory.claim()
    holder = RunDirectory.open(directory.path).holder
    assert holder is not None
    assert holder == directory.holder
    assert (holder.pid, holder.host, holder.alive) == (os.getpid(), socket.gethostname(), True)
    directory.release()
    assert directory.holder is None
    assert holder.alive, "the process itself goes on"
    directory.claim()
    assert directory.holder != holder, "another claim, although the same process"
    directory.release()


@pytest.mark.skipif(sys.platform == "win32", reason="zombies are a matter of POSIX")
def test_a_process_that_nobody_waited_for_does_not_train(directory: RunDirectory) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = {"pid": child.pid, "host": socket.gethostname()}
    owner["started"] = psutil.Process(child.pid).create_time()
    (directory.path / "run.lock").write_text(json.dumps(owner))
    assert directory.busy
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it ended, and stays a zombie
    assert not directory.busy
    child.communicate()
