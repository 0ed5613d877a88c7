"""One process trains in a directory; a dead one does not block it."""

import json
import os
import socket

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
