"""Features of a run in files."""

import csv
import errno
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sslcore.__main__ import main
from sslcore.commands import embedding


def test_embed(trained: Path, images: Path, tmp_path: Path) -> None:
    files = {one: tmp_path / "new" / f"features{one}" for one in (".npz", ".csv", ".parquet")}
    for file in files.values():
        assert main(["embed", str(trained), "--out", str(file)]) == 0
    with np.load(files[".npz"]) as archive:
        features, paths, labels = archive["features"], archive["paths"], archive["labels"]
        classes = archive["classes"]
    assert features.shape == (30, 16)
    assert paths[0] == "dark/00.png"
    with files[".csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = pq.read_table(files[".parquet"]).to_pydict()
    for row, (path, label) in enumerate(zip(paths, classes[labels], strict=True)):
        assert (rows[row]["path"], rows[row]["label"]) == (path, label)
        assert (table["path"][row], table["label"][row]) == (path, label)
        np.testing.assert_allclose(float(rows[row]["feature_3"]), features[row, 3])
        np.testing.assert_allclose(table["feature_3"][row], features[row, 3])
    # Another folder, of grey images, and the other layer.
    grey = tmp_path / "grey"
    grey.mkdir()
    for file in sorted((images / "dark").iterdir())[:3]:
        Image.open(file).convert("L").save(grey / file.name)
    out = tmp_path / "grey.npz"
    words = ["embed", str(trained), str(grey), "--out", str(out), "--layer", "projection"]
    assert main(words) == 0
    with np.load(out) as archive:
        assert archive["features"].shape == (3, 4)


def test_features_written_before_survive_a_full_disk(
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(target: Path, *_: object) -> None:
        target.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "features.csv"
    out.write_text("from yesterday")
    monkeypatch.setitem(embedding.WRITERS, ".csv", full)
    assert main(["embed", str(trained), "--out", str(out)]) == 2
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["features.csv"]
    assert out.read_text() == "from yesterday"


def test_what_is_left_out_is_told(
    trained: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "images"
    shutil.copytree(images / "dark", folder)
    (folder / "00.png").write_bytes(b"")
    assert main(["embed", str(trained), str(folder), "--out", str(tmp_path / "a.csv")]) == 0
    assert "used as it is: 00.png: empty" in capsys.readouterr().err
