"""What there is, and images to try it on."""

import json
from pathlib import Path

import pytest

from sslcore.__main__ import main
from sslcore.method import registry


def test_methods(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in rows] == list(registry())
    assert set(rows[0]) == {
        "key", "title", "family", "mechanism", "year", "paper", "needs", "backbone",
    }  # fmt: skip
    assert main(["methods"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rows)


def test_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", str(tmp_path / "demo"), "--count", "12", "--size", "48"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "demo")
    assert len(list((tmp_path / "demo").rglob("*.png"))) == 12


@pytest.mark.parametrize(
    ("kind", "files"), [("sequences", 2 * 12), ("pairs", 2 * 3), ("captions", 2)]
)
def test_demo_of_another_kind(tmp_path: Path, kind: str, files: int) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", str(folder), "--kind", kind, "--count", "2", "--size", "16"]) == 0
    assert len(list(folder.rglob("*.png"))) == files


def test_fetching_without_the_files_says_where_they_belong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set"
    assert main(["fetch", "cifar10", str(out), "--offline"]) == 2
    assert f"CIFAR-10 could not be read in {out}.downloads" in capsys.readouterr().err
    assert main(["fetch", "imagenet", str(out)]) == 2
    assert "no such set; there are: cifar10" in capsys.readouterr().err
    assert not out.exists()
