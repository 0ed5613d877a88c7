"""The whole page: complete, whole or not there, and in need of nothing."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.export.source import Source
from sslcore.export.writing import ExportError
from sslcore.report import page
from sslcore.runs.directory import RunDirectory

EMPTY = {"meta", "img", "br", "line", "circle", "path", "rect"}


class Checker(HTMLParser):
    """Notes what is open, and everything that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "data", "srcset") and not (value or "").startswith("data:")
        ]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag


def checked(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    return checker


def test_it_needs_nothing_else_and_no_script(matrix: Source, tmp_path: Path) -> None:
    size = page.write(matrix.directory, tmp_path / "new" / "run.html")
    html = (tmp_path / "new" / "run.html").read_text()
    assert size == len(html.encode())
    found = checked(html)
    assert found.fetched == []
    assert not found.tags & {"script", "link", "iframe", "object"}
    assert "url(" not in html
    titles = re.findall("<h2>(.*?)</h2>", html)
    for wanted in (
        "Loss", "Map of the features", "Images and their nearest neighbours", "Scores", "Recipe",
        "Environment",
    ):  # fmt: skip
        assert wanted in titles
    assert "Cross-correlation" in html
    assert "redundancy_weight" in html
    assert matrix.opened.recipe.data.folder not in html
    assert "nan" not in re.sub('data:image[^"]*', "", html).lower().replace("finance", "")


def test_findings_are_told(matrix: Source, tmp_path: Path) -> None:
    from sslcore.__main__ import main

    shutil.copytree(matrix.directory.path, tmp_path / "run")
    assert main(["evaluate", str(tmp_path / "run"), "--linear"]) == 0
    page.write(RunDirectory.open(tmp_path / "run"), tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text()
    checked(html)
    assert "<h3>Linear evaluation: " in html
    assert "untrained" in html


def test_an_unhappy_run_is_told_too(matrix: Source, tmp_path: Path) -> None:
    shutil.copytree(matrix.directory.path, tmp_path / "run")
    for name in ("events.jsonl", "checkpoints", "embeddings", "snapshots"):
        path = tmp_path / "run" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    page.write(RunDirectory.open(tmp_path / "run"), tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text()
    checked(html)
    assert "Not started yet" in html
    assert "Nothing was measured." in html


def test_bad_targets(matrix: Source, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"name the file something\.html"):
        page.write(matrix.directory, tmp_path / "a.pdf")
    (tmp_path / "a.html").write_text("theirs")
    with pytest.raises(ExportError, match="is there already"):
        page.write(matrix.directory, tmp_path / "a.html")
    with pytest.raises(Cancelled):
        page.write(matrix.directory, tmp_path / "b.html", Watch(cancelled=lambda: True))
    assert [one.name for one in tmp_path.iterdir()] == ["a.html"]
    assert (tmp_path / "a.html").read_text() == "theirs"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert page.duration(seconds) == text
