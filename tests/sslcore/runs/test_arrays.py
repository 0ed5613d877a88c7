"""Snapshots come back with their arrays, or are known to be damaged."""

import numpy as np
import pytest

from sslcore.diagnostics import Histogram
from sslcore.events import Snapshot
from sslcore.runs import arrays
from sslcore.runs.directory import RunDirectory, RunError
from tests.sslcore.runs.test_directory import directory, snapshot

__all__ = ["directory"]


def test_snapshots_come_back_with_their_arrays(directory: RunDirectory) -> None:
    directory.append(snapshot(5))
    (event,) = directory.replay()
    assert isinstance(event, Snapshot)
    assert list(event.diagnostics) == ["matrix", "odd name/ß"]
    found, expected = event.diagnostics["odd name/ß"], snapshot(5).diagnostics["odd name/ß"]
    assert isinstance(found, Histogram)
    assert isinstance(expected, Histogram)
    assert found.counts.keys() == expected.counts.keys()
    np.testing.assert_array_equal(found.counts["a/b"], expected.counts["a/b"])
    loaded = directory.snapshot(5)
    assert (loaded.step, loaded.epoch) == (5, 0.5)
    np.testing.assert_array_equal(
        loaded.diagnostics["matrix"].values, snapshot(5).diagnostics["matrix"].values
    )


def test_a_damaged_snapshot_is_empty_in_a_replay_and_an_error_when_asked_for(
    directory: RunDirectory,
) -> None:
    directory.append(snapshot(5))
    file = directory.path / "snapshots" / "step_00000005.npz"
    file.write_bytes(file.read_bytes()[:200])
    (event,) = directory.replay()
    assert isinstance(event, Snapshot)
    assert dict(event.diagnostics) == {}
    with pytest.raises(RunError, match=r"step_00000005\.npz"):
        directory.snapshot(5)
    with pytest.raises(RunError, match="step_00000007"):
        directory.embedding(7)


def test_whatever_is_damaged_in_a_file_is_a_value_error(directory: RunDirectory) -> None:
    directory.append(snapshot(5))
    content = (directory.path / "snapshots" / "step_00000005.npz").read_bytes()
    place = content.index(b"PK\x01\x02") + 10  # the method of compression of the first entry
    file = directory.path / "odd.npz"
    file.write_bytes(content[:place] + b"\x63" + content[place + 1 :])
    with pytest.raises(ValueError, match=r"odd\.npz: damaged"):
        arrays.from_file(file)
    with pytest.raises(ValueError, match=r"none\.npz: cannot be read \(No such file"):
        arrays.from_file(file.with_name("none.npz"))
