from pathlib import Path

import numpy as np
import pytest

from sslcore.events import packed
from sslcore.runs.kept_features import read


def write(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def test_all_that_was_kept_comes_back(tmp_path: Path) -> None:
    rows, views = np.array([4, 7]), np.eye(2, dtype=np.float16)
    features = np.arange(6, dtype=np.float32).reshape(2, 3)
    whole = read(
        write(
            tmp_path / "whole.npz", index=rows, features=features, paths=packed(["a.png", "ü/b"]),
            viewed=rows[:1], first=views[:1], second=views[1:],
        )
    )  # fmt: skip
    assert whole.rows.tolist() == [4, 7]
    assert np.array_equal(whole.features, features)
    assert whole.paths == ("a.png", "ü/b")
    assert whole.views is not None
    assert whole.views.rows.tolist() == [4]
    assert (whole.views.first.tolist(), whole.views.second.tolist()) == ([[1, 0]], [[0, 1]])


def test_runs_of_before_kept_less(tmp_path: Path) -> None:
    old = read(write(tmp_path / "old.npz", index=np.arange(2), features=np.zeros((2, 3))))
    assert (old.paths, old.views) == ((), None)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    half = write(tmp_path / "half.npz", index=np.arange(2))
    with pytest.raises(ValueError, match=r"half\.npz: damaged .*features"):
        read(half)
    with pytest.raises(ValueError, match=r"gone\.npz: cannot be read"):
        read(tmp_path / "gone.npz")
