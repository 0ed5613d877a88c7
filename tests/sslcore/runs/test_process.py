"""A process that trains: its log, and how it ended."""

import os
import sys
import time
from pathlib import Path

import pytest

from sslcore.runs.process import LOG, TrainingProcess, last_words, tail
from tests.sslcore.runs.test_directory import directory

__all__ = ["directory"]


def ended(process: TrainingProcess) -> bool:
    until = time.monotonic() + 60
    while process.alive and time.monotonic() < until:
        time.sleep(0.02)
    return not process.alive


def test_a_process_that_cannot_begin_says_why(directory) -> None:
    (directory.path / LOG).write_text("of an earlier one\n")
    (directory.path / "recipe.toml").write_text("garbage {{")
    process = TrainingProcess(directory.path)
    assert process.alive
    assert ended(process)
    words = process.last_words()
    assert "exit code 2" in words
    assert "recipe.toml: not TOML" in words
    assert "earlier" not in words


@pytest.mark.skipif(sys.platform == "win32", reason="sessions and signals are a matter of POSIX")
def test_a_killed_process_is_told_and_no_terminal_reaches_it(directory) -> None:
    process = TrainingProcess(directory.path)
    assert os.getsid(process.pid) == process.pid
    os.kill(process.pid, 9)
    assert ended(process)
    assert process.last_words().startswith("The training process was killed by SIGKILL")
    assert f"{LOG} says nothing more" in process.last_words()


def test_the_end_of_a_log_is_its_last_lines_without_bars(tmp_path: Path) -> None:
    log = tmp_path / LOG
    assert tail(log) == []
    lines = [f"line {number}" for number in range(9)]
    text = "\n".join(lines) + "\nSimCLR:  12%|#2   | 3/25\rSimCLR:  16%|#6   | 4/25\nlast \xff\n\n"
    log.write_bytes(b"x" * 100_000 + b"\n" + text.encode("latin-1"))
    assert tail(log) == [*lines[5:], "last \N{REPLACEMENT CHARACTER}"]
    assert tail(log, log.stat().st_size - 8) == ["last \N{REPLACEMENT CHARACTER}"]
    assert last_words(tmp_path).splitlines()[1:] == tail(log)
