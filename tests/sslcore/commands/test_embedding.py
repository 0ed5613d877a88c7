"""Features of a run in files."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from sslcore.__main__ import main


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
