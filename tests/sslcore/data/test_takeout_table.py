import csv
import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from sslcore.data import takeout_table
from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled
from sslcore.data.split import Split
from sslcore.data.takeout import TakeoutError
from sslcore.data.takeout_table import Known, table, write_table
from tests.sslcore.data.pictures import save


def names(folder):
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture
def catalogue(tmp_path):
    for number in range(6):
        save(tmp_path / "images" / f"{number}.png", seed=number)
    rows = "\n".join(f"{n}.png,{'ab'[n % 2]},{n / 2 if n else ''},t{n},{n}" for n in range(6))
    (tmp_path / "images" / "labels.csv").write_text(f"path,label,weight,note,x\n{rows}")
    return scan(tmp_path / "images")


@pytest.fixture
def known():
    return Known(
        split=Split(np.array([0, 1, 2]), np.array([4]), np.array([3, 4])),
        tags={2: ("horse", "a; b"), 4: ("ünï",)},
        index=np.array([4, 2, 0]),
        points=np.array([[1.5, -2.0], [0.25, np.nan], [9.0, 9.0]], np.float32),
        projection="UMAP, 15 neighbours",
        features=np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32),
    )


ROWS = np.array([4, 3, 2])
EXPECTED = [
    {"path": "4.png", "label": "a", "split": "held out", "tags": ["ünï"], "weight": 2.0,
     "note": "t4", "metadata_x": 4.0, "x": 1.5, "y": -2.0, "projection": "UMAP, 15 neighbours",
     "feature_0": 1.0, "feature_1": 2.0},
    {"path": "3.png", "label": "b", "split": "excluded", "tags": [], "weight": 1.5, "note": "t3",
     "metadata_x": 3.0, "x": None, "y": None, "projection": "UMAP, 15 neighbours",
     "feature_0": None, "feature_1": None},
    {"path": "2.png", "label": "a", "split": "train", "tags": ["horse", "a; b"], "weight": 1.0,
     "note": "t2", "metadata_x": 2.0, "x": 0.25, "y": None, "projection": "UMAP, 15 neighbours",
     "feature_0": 3.0, "feature_1": 4.0},
]  # fmt: skip


@pytest.mark.parametrize("lines", [2, 1000])
def test_all_forms_hold_the_same(catalogue, known, tmp_path, monkeypatch, lines):
    monkeypatch.setattr(takeout_table, "_LINES", lines)
    columns = table(catalogue, ROWS, known)
    told = []
    for suffix in (".json", ".parquet", ".csv"):
        write_table(tmp_path / f"a{suffix}", columns, progress=lambda *n: told.append(n))
        assert told[-1] == (3, 3)
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == EXPECTED
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == EXPECTED
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    plain = [
        {
            name: "; ".join(cell) if isinstance(cell, list) else "" if cell is None else str(cell)
            for name, cell in one.items()
        }
        for one in EXPECTED
    ]
    assert lines == plain
    assert names(tmp_path) == ["a.csv", "a.json", "a.parquet", "images"]


def test_without_anything_else_the_table_is_what_the_folder_says(catalogue):
    own = replace(catalogue, splits=("train",) * 5 + ("test",))
    columns = table(own, np.array([5, 0]))
    assert list(columns) == ["path", "label", "split", "tags", "weight", "note", "x"]
    assert columns["split"] == ["test", "train"]
    assert columns["tags"] == [[], []]


def test_three_axes_and_many_features_are_numbered_in_order(catalogue):
    known = Known(index=np.arange(6), points=np.ones((6, 3)), features=np.ones((6, 12)))
    names = list(table(catalogue, np.arange(6), known))
    assert names[6:10] == ["metadata_x", "x", "y", "z"]
    assert names[-12:] == [f"feature_{n:02d}" for n in range(12)]


def test_no_images_make_a_table_without_rows(catalogue, tmp_path):
    for suffix in (".json", ".parquet", ".csv"):
        write_table(tmp_path / f"a{suffix}", table(catalogue, np.zeros(0, np.int64)))
    assert json.loads((tmp_path / "a.json").read_text()) == []
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0
    assert (tmp_path / "a.csv").read_text().count("\n") == 1


def test_other_files_are_left_alone(catalogue, tmp_path):
    columns = table(catalogue, ROWS)
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(TakeoutError, match=r"a\.csv: is there already; choose another name"):
        write_table(tmp_path / "a.csv", columns)
    assert (tmp_path / "a.csv").read_text() == "mine"
    with pytest.raises(TakeoutError, match=r"a\.xls: name the file with one of \.csv, \.parquet"):
        write_table(tmp_path / "a.xls", columns)
    with pytest.raises(TakeoutError, match=r"nowhere.a\.csv: No such file"):
        write_table(tmp_path / "nowhere" / "a.csv", columns)
    assert names(tmp_path) == ["a.csv", "images"]


@pytest.mark.parametrize("suffix", [".json", ".parquet", ".csv"])
def test_called_off_leaves_nothing(catalogue, tmp_path, suffix):
    with pytest.raises(Cancelled):
        write_table(tmp_path / f"a{suffix}", table(catalogue, ROWS), cancelled=lambda: True)
    assert names(tmp_path) == ["images"]
