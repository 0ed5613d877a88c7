"""Studies from a terminal."""

import json
from pathlib import Path

import pytest

from sslcore.__main__ import main
from tests.sslcore.commands.small import SMALL

SETS = [word for setting in SMALL for word in ("--set", setting)]


def study(*words: str | Path) -> int:
    return main(["study", *map(str, words)])


def test_a_grid_is_forecast_trained_and_told(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    words = [images, "--method", "simclr", *SETS, "--kind", "grid", "--epochs", "1",
             "--vary", "method.temperature=0.2,0.5", "--measure", "knn", "--out", out]  # fmt: skip
    assert study(*words, "--forecast") == 0
    assert "2 trials, " in capsys.readouterr().err
    assert not out.exists()
    assert study(*words, "--now", "--json") == 0
    captured = capsys.readouterr()
    assert "steps in all" not in captured.err
    found = json.loads(captured.out)
    assert [one["places"] for one in found] == [["0.2"], ["0.5"]]
    assert all(one["state"] == "measured" and 0 <= one["accuracy"] <= 1 for one in found)
    assert study("--out", out) == 0  # nothing is left
    assert "untrained" in capsys.readouterr().out


def test_steps_are_left_out(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    words = [images, "--method", "simclr", *SETS, "--kind", "leave-one-out", "--epochs", "1",
             "--measure", "knn", "--now", "--out", out]  # fmt: skip
    assert study(*words) == 0
    names = {path.name for path in (out / "runs").iterdir()}
    assert {"everything", "without_colour_jitter"} <= names


def test_bad_input_is_one_line(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(images, "--out", tmp_path / "new") == 2
    assert "say which with --kind" in capsys.readouterr().err
    base = [images, "--method", "simclr", "--kind", "grid", "--out", tmp_path / "new"]
    assert study(*base, "--vary", "temperature") == 2
    assert "write PATH=A,B,C" in capsys.readouterr().err
    assert study(*base) == 2
    assert "--vary" in capsys.readouterr().err
    assert study(*base, "--vary", "method.temperature=hot") == 2
    assert "temperature" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
