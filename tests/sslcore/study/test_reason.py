"""Reasons beside trials."""

from pathlib import Path

import pytest

from sslcore.engine.store import SaveError
from sslcore.study import reason


def test_a_reason_is_kept_and_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "one"
    assert reason.kept(path) == ""
    reason.forget(path)  # nothing to forget
    reason.keep(path, "keine Etiketten: ärgerlich")
    assert reason.kept(path) == "keine Etiketten: ärgerlich"
    reason.keep(path, "something else")
    assert reason.kept(path) == "something else"
    reason.forget(path)
    assert reason.kept(path) == ""
    assert list(path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"words": "x"}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / reason.FILE).write_text(text)
    assert reason.kept(tmp_path) == ""


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(SaveError):
        reason.keep(tmp_path / "runs" / "one", "no labels")
