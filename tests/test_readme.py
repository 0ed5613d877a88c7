"""What the README tells newcomers is true."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from sslcore.runs.directory import RunDirectory
from tests.sslcore.engine import tiny
from tests.sslcore.engine.tiny import images

__all__ = ["images"]

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_three_lines_of_python_run(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny.recipe(images)
    with closing(RunDirectory.create(tmp_path / "my-run", recipe)) as directory:
        for event in tiny.run(recipe, directory):
            directory.append(event)
    (tmp_path / "photos").symlink_to(images)
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line]) == 3
    names: dict[str, object] = {}
    exec(code, names)
    assert names["features"].shape == (30, names["encoder"].dimensions)
    assert len(names["paths"]) == 30


def test_every_file_it_points_at_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    pointed = [one for one in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in one]
    assert pointed
    missing = [one for one in pointed if not (README.parent / one).exists()]
    assert not missing
