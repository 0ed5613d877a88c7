"""Rows of a catalogue are held against the paths of before."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.panels.same_images import same_images
from sslcore.data.catalogue import scan


@pytest.mark.parametrize(
    ("rows", "paths", "same"),
    [
        ([0, 2], ["a.png", "c.png"], True),
        ([2, 0], ["c.png", "a.png"], True),
        ([0, 2], ["a.png", "b.png"], False),
        ([0, 3], ["a.png", "d.png"], False),
        ([0, 2], [], True),
        ([3], [], False),
        ([], [], True),
    ],
)
def test_rows_are_the_images_they_were(
    tmp_path: Path, rows: list[int], paths: list[str], same: bool
) -> None:
    for name in "abc":
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.png")
    assert same_images(np.array(rows, dtype=np.int64), paths, scan(tmp_path)) is same
