"""Runs to take away: trained for a few steps, so that no weight is where it began."""

from contextlib import closing
from pathlib import Path

import pytest
import torch

from sslcore.export.card import NAME
from sslcore.export.source import Source
from sslcore.runs.directory import RunDirectory
from tests.sslcore.engine import tiny


def run(folder: Path, out: Path, key: str = "simclr", **changes: object) -> Path:
    """A finished run of six steps, see ``tiny.recipe``."""
    recipe = tiny.recipe(folder, key, **changes)
    with closing(RunDirectory.create(out, recipe)) as directory:
        for event in tiny.run(recipe, directory):
            directory.append(event)
    return out


def source(folder: Path, out: Path, key: str = "simclr", **changes: object) -> Source:
    """The same, opened."""
    return Source.open(RunDirectory.open(run(folder, out, key, **changes)))


def expected(one: Source, images: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return one.encoder(images)


def said_by_card(
    folder: Path, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> torch.Tensor:
    """Features of images by the lines of Python on the card, run in the folder of the export."""
    text = (folder / NAME).read_text()
    code = text.partition("```python\n")[2].partition("```")[0]
    assert code
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    names: dict[str, object] = {"images": images}
    with torch.no_grad():
        exec(code, names)
    return torch.as_tensor(names["features"])
