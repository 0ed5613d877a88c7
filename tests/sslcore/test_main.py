"""The commands, called as a terminal would; bad input ends in one line and exit code 2."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sslcore.__main__ import main
from sslcore.commands.checking import difference, losses
from sslcore.commands.trained import fit_channels
from sslcore.commands.training import settings
from sslcore.data import demo
from sslcore.data.catalogue import scan
from sslcore.evaluation import knn
from sslcore.events import RunEvent, StepDone
from sslcore.method import registry
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.sslcore.engine.tiny import images

__all__ = ["images"]

SMALL = (
    "data.image_size=16", "data.cache_gigabytes=0", "data.held_out=0.2", "backbone.name=convnet",
    "backbone.width=4", "schedule.epochs=2", "schedule.batch_size=8", "schedule.warmup_epochs=0",
    "run.threads=1", "run.device=cpu", "run.probe_images=10",
    "method.head_hidden=8", "method.head_output=4",
)  # fmt: skip


def train(*words: str | Path, small: bool = True) -> int:
    sets = [word for setting in SMALL if small for word in ("--set", setting)]
    return main(["train", *map(str, words), *sets])


@pytest.fixture(scope="module")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    assert train(images, "--method", "simclr", "--out", out) == 0
    return out


def test_methods(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in rows] == list(registry())
    assert set(rows[0]) == {
        "key", "title", "family", "mechanism", "year", "paper", "needs", "backbone",
    }  # fmt: skip
    assert main(["methods"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rows)


def test_a_trained_run_says_so_and_can_be_resumed(
    trained: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = RunRecord.fold(RunDirectory.open(trained).replay())
    assert (record.step, record.state) == (6, "stopped")
    assert main(["train", "--resume", "auto", "--out", str(trained)]) == 0
    assert f"Completed 6 steps: {trained}" in capsys.readouterr().out
    # More epochs than before: it goes on where it was.
    longer = ["train", "--out", str(trained), "--set", "schedule.epochs=3"]
    assert main(longer) == 0
    record = RunRecord.fold(RunDirectory.open(trained).replay())
    assert record.step == 9
    assert record.series["loss"].steps.tolist() == list(range(1, 10))
    assert RunDirectory.open(trained).recipe().schedule.epochs == 3


def test_evaluate(
    trained: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(trained), "--knn", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"knn", "untrained", "pixels"}
    for scores in found.values():
        assert set(scores) == {"20", "200"}
        assert all(0 <= one <= 1 for one in scores.values())
    # The same number by hand, from embedded features and the split of the folder.
    assert main(["embed", str(trained), "--out", str(tmp_path / "all.npz")]) == 0
    capsys.readouterr()
    with np.load(tmp_path / "all.npz") as archive:
        features, labels = archive["features"], archive["labels"]
    split = scan(images).split(0, 0.2)
    bank, queries = split.train, split.held_out
    expected = knn.accuracy(features[bank], labels[bank], features[queries], labels[queries], 20)
    assert found["knn"]["20"] == expected
    assert main(["evaluate", str(trained)]) == 0
    assert "untrained" in capsys.readouterr().out


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
    from PIL import Image

    for file in sorted((images / "dark").iterdir())[:3]:
        Image.open(file).convert("L").save(grey / file.name)
    out = tmp_path / "grey.npz"
    words = ["embed", str(trained), str(grey), "--out", str(out), "--layer", "projection"]
    assert main(words) == 0
    with np.load(out) as archive:
        assert archive["features"].shape == (3, 4)


def test_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", str(tmp_path / "demo"), "--count", "12", "--size", "48"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "demo")
    assert len(list((tmp_path / "demo").rglob("*.png"))) == 12


def test_two_trainings_on_the_cpu_do_not_differ(tmp_path: Path) -> None:
    folder = demo.make(tmp_path / "demo", count=64)
    first = losses(folder, "cpu", "float32")
    assert difference(first, losses(folder, "cpu", "float32")) == 0.0
    assert difference([1.0, 2.0], [1.1, 2.0]) == pytest.approx(0.05)
    assert difference([1.0, 2.0], [1.0, float("nan")]) == float("inf")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["train", "{images}"], "--out"),
        (["train", "{images}", "--out", "{new}"], "say which method"),
        (["train", "--method", "simclr", "--out", "{new}"], "say which images"),
        (["train", "{images}", "--method", "nope", "--out", "{new}"], "no such method"),
        (["train", "/no/where", "--method", "simclr", "--out", "{new}"], "no such folder"),
        (["train", "{empty}", "--method", "simclr", "--out", "{new}"], "no images (it is empty)"),
        (["train", "{texts}", "--method", "simclr", "--out", "{new}"], "is an image"),
        (
            ["train", "{images}", "--method", "simclr", "--set", "method.temperature=-1", "--out",
             "{new}"],
            "method.temperature = -1: input should be",
        ),
        (
            ["train", "{images}", "--method", "simclr", "--set", "epochs", "--out", "{new}"],
            "write it as path=value",
        ),
        (
            ["train", "{images}", "--recipe", "{broken}", "--out", "{new}"],
            "schedule.epochs = 0",
        ),
        (["train", "{images}", "--recipe", "/no.toml", "--out", "{new}"], "cannot be read"),
        (
            ["train", "{images}", "--method", "simclr", "--out", "{images}/dark/00.png"],
            "could not be written",
        ),
        (["train", "--resume", "never", "--out", "{run}"], "holds a run already"),
        (["train", "--method", "rotation", "--out", "{run}"], "the run in"),
        (["train", "--resume", "step_00000099", "--out", "{run}"], "no such checkpoint"),
        (["train", "--resume", "step_1", "--out", "{new}"], "is no run directory"),
        (["evaluate", "{images}"], "not a run directory"),
        (["evaluate", "{run}", "--checkpoint", "step_99"], "no such checkpoint"),
        (["embed", "{run}", "--out", "features.txt"], "use one of .npz, .csv, .parquet"),
        (["embed", "{run}", "{empty}", "--out", "{new}.npz"], "no images"),
        (["demo", "{texts}"], ""),
    ],
)  # fmt: skip
def test_bad_input(
    words: list[str],
    sentence: str,
    trained: Path,
    images: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty, texts, broken = tmp_path / "empty", tmp_path / "texts", tmp_path / "broken.toml"
    empty.mkdir()
    texts.mkdir()
    (texts / "a.txt").write_text("no image")
    broken.write_text("[method]\nkey = 'simclr'\n[schedule]\nepochs = 0\n")
    places = {
        "images": images, "empty": empty, "texts": texts, "broken": broken, "run": trained,
        "new": tmp_path / "new",
    }  # fmt: skip
    assert main([word.format(**places) for word in words]) == 2
    error = capsys.readouterr().err
    (line,) = error.strip().splitlines()
    assert line.startswith("sslcore: ")
    assert sentence in line


def test_a_folder_without_labels_cannot_be_evaluated(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    blind = ["--method", "simclr", "--set", "data.labels=none", "--out", str(out)]
    assert train(images, *blind) == 0
    assert main(["evaluate", str(out)]) == 2
    assert "no labels" in capsys.readouterr().err


def test_ctrl_c_saves_stops_and_says_how_to_go_on(
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    append = RunDirectory.append

    def interrupted(self: RunDirectory, event: RunEvent) -> None:
        append(self, event)
        if isinstance(event, StepDone) and event.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(RunDirectory, "append", interrupted)
    out = tmp_path / "run"
    assert train(images, "--method", "simclr", "--out", out) == 130
    assert f'sslcore train --resume auto --out "{out}"' in capsys.readouterr().out
    monkeypatch.undo()
    assert main(["train", "--out", str(out)]) == 0
    record = RunRecord.fold(RunDirectory.open(out).replay())
    assert record.series["loss"].steps.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_run_is_steered_through_its_directory(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, append = tmp_path / "run", RunDirectory.append

    def steered(self: RunDirectory, event: RunEvent) -> None:
        append(self, event)
        if isinstance(event, StepDone) and event.step == 1:
            self.send("stop")

    monkeypatch.setattr(RunDirectory, "append", steered)
    assert train(images, "--method", "simclr", "--set", "schedule.epochs=100000", "--out", out,
                 small=True) == 0  # fmt: skip
    record = RunRecord.fold(RunDirectory.open(out).replay())
    assert record.stopped is not None
    assert record.stopped.reason == "stopped"


def test_settings_and_channels() -> None:
    import torch

    assert settings(["a.b=1", "c = x=y"]) == {"a.b": 1, "c": "x=y"}
    grey = torch.rand(2, 1, 4, 4)
    assert torch.equal(fit_channels(grey, 3)[:, 2], grey[:, 0])
    colour = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    torch.testing.assert_close(fit_channels(colour, 1), torch.full((1, 1, 2, 2), 0.299))
    assert fit_channels(colour, 3) is colour


def test_it_starts_as_a_module() -> None:
    words = [sys.executable, "-m", "sslcore", "train", "--out"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("sslcore: argument --out: expected one argument")
    assert "Traceback" not in done.stderr
