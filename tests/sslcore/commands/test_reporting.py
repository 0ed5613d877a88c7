"""``sslcore report`` from a terminal."""

from pathlib import Path

import pytest

from sslcore.__main__ import main


def test_report(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run.html"
    assert main(["report", str(trained), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{out} (")
    assert said.err.splitlines() == ["Reading the log", "Reading the folder", "Drawing"]
    assert out.read_text().startswith("<!doctype html>")
    for name in ("report.html", "report-2.html"):
        assert main(["report", str(trained)]) == 0
        assert capsys.readouterr().out.startswith(f"{trained / name} (")
        assert (trained / name).read_text() == out.read_text()
    for words, told in (
        ([str(trained), "--out", str(out)], "is there already"),
        ([str(trained), "--out", str(tmp_path / "a.txt")], "name the file something.html"),
        ([str(tmp_path), "--out", str(tmp_path / "b.html")], "not a run directory"),
    ):
        assert main(["report", *words]) == 2
        assert told in capsys.readouterr().err
