"""Requests from other processes reach the control."""

import time
from pathlib import Path

from sslcore.engine.control import Control
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.remote import Remote


def test_new_lines_are_carried_out_and_others_passed_over(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", Recipe.parse({"method": {"key": "simclr"}}))
    directory.send("stop")  # of an earlier session
    control = Control()
    remote = Remote(directory.path / "control.jsonl", control)
    assert remote.look() == []
    directory.send("pause")
    with (directory.path / "control.jsonl").open("a") as file:
        file.write('nonsense\n{"control": "wait"}\n[]\n{"control": "snapshot_now"}\n{"contr')
    assert remote.look() == ["pause", "snapshot_now"]
    assert (control.pausing, control.stopping) == (True, False)
    assert control.take_snapshot_request()
    with (directory.path / "control.jsonl").open("a") as file:
        file.write('ol": "stop"}\n')
    assert remote.look() == ["stop"]
    assert control.stopping


def test_the_thread_looks_by_itself(tmp_path: Path) -> None:
    control = Control()
    path = tmp_path / "control.jsonl"
    with Remote(path, control, seconds=0.01):
        path.write_text('{"control": "stop"}\n')
        until = time.monotonic() + 10
        while not control.stopping and time.monotonic() < until:
            time.sleep(0.01)
    assert control.stopping
