"""The log directory, read back by TensorBoard itself."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.export import format as formats
from sslcore.export.formats.tensorboard import times
from sslcore.export.source import Source
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord


@pytest.fixture(scope="module")
def written(matrix: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("tensorboard")
    out = tmp_path_factory.mktemp("log") / "log"
    formats.export(matrix, "tensorboard", out)
    return out


def test_curves_and_pictures_are_there(matrix: Source, written: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = accumulator.EventAccumulator(str(written), size_guidance={"images": 0})
    read.Reload()
    tags = read.Tags()
    loss = read.Scalars("loss/total")
    series = matrix.record.series["loss"]
    assert [one.step for one in loss] == series.steps.tolist()
    np.testing.assert_allclose([one.value for one in loss], series.values, rtol=1e-6)
    walls = [one.wall_time for one in loss]
    assert walls == sorted(walls)
    assert matrix.record.started is not None
    assert abs(walls[0] - matrix.record.started.time) < 60
    assert {"measured/feature_std", "measured/feature_std (untrained)"} <= set(tags["scalars"])
    pictures = read.Images(tags["images"][0])
    assert [one.step for one in pictures] == [step for step, _ in matrix.record.snapshots]
    assert pictures[0].encoded_image_string.startswith(b"\x89PNG")


def test_the_projector_finds_its_files(written: Path) -> None:
    config = pytest.importorskip("tensorboard.plugins.projector").ProjectorConfig()
    text_format = pytest.importorskip("google.protobuf.text_format")
    text_format.Parse((written / "projector_config.pbtxt").read_text(), config)
    (one,) = config.embeddings
    for path in (one.tensor_path, one.metadata_path, one.sprite.image_path):
        assert (written / path).is_file()


def test_a_damaged_snapshot_costs_only_itself(matrix: Source, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    shutil.copytree(matrix.directory.path, tmp_path / "run")
    (tmp_path / "run" / "snapshots" / "step_00000002.npz").write_bytes(b"no")
    source = Source.open(RunDirectory.open(tmp_path / "run"))
    done = formats.export(source, "tensorboard", tmp_path / "log")
    assert any(one.startswith("events.out") for one in done.files)


def test_called_off_it_leaves_nothing(matrix: Source, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with pytest.raises(Cancelled):
        formats.export(matrix, "tensorboard", tmp_path / "log", Watch(cancelled=lambda: True))
    assert list(tmp_path.iterdir()) == []


def test_without_tensorboard_it_says_how_to_get_it(
    plain: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(formats.ExportError, match=r'pip install "ssl-workbench\[tensorboard\]"'):
        formats.export(plain, "tensorboard", tmp_path / "log")


def test_a_run_that_never_began_has_no_times() -> None:
    assert times(RunRecord()) is None
