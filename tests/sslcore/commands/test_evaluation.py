"""kNN of a run from a terminal."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sslcore.__main__ import main, parser
from sslcore.assessment import kept
from sslcore.data.catalogue import scan
from sslcore.engine.store import SaveError
from sslcore.evaluation import knn, linear
from sslcore.runs import atomic
from sslcore.runs.directory import RunDirectory
from tests.sslcore.commands.small import train


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


def test_flags_are_understood_when_cut_short() -> None:
    asked = "evaluate run --knn --linear --few-labels --cluster --invariance --shortcuts --json"
    assert parser().parse_args(asked.split()).measurements == [
        "knn",
        "linear",
        "few_labels",
        "clustering",
        "invariance",
        "shortcuts",
    ]


def test_linear_evaluation(
    trained: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(trained), "--linear", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"linear", "classes"}
    assert found["classes"] == ["dark", "light"]
    assert set(found["linear"]) == {"trained", "untrained", "pixels"}
    assert main(["embed", str(trained), "--out", str(tmp_path / "all.npz")]) == 0
    capsys.readouterr()
    with np.load(tmp_path / "all.npz") as archive:
        features, labels = archive["features"], archive["labels"]
    split = scan(images).split(0, 0.2)
    probe, _ = linear.chosen(features[split.train], labels[split.train])
    scores = linear.measure(probe, features[split.held_out], labels[split.held_out])
    assert found["linear"]["trained"] == {
        "top_1": scores.top_1,
        "top_5": scores.top_5,
        "penalty": probe.penalty,
        "converged": probe.converged,
        "per_class": scores.per_class.tolist(),
        "confusion": scores.confusion.tolist(),
    }
    assert main(["evaluate", str(trained), "--knn", "--linear"]) == 0
    said = capsys.readouterr().out
    assert "kNN accuracy" in said
    assert "linear accuracy" in said


def test_a_folder_that_changed_is_said_and_kept(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "run"
    shutil.copytree(images, folder)
    assert train(folder, "--method", "simclr", "--out", out) == 0
    capsys.readouterr()
    assert main(["evaluate", str(out), "--json"]) == 0
    assert "folder_changed" not in json.loads(capsys.readouterr().out)
    next(iter(folder.rglob("*.png"))).unlink()
    assert main(["evaluate", str(out), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["folder_changed"] is True
    assert "some of them may have been trained on" in said.err
    found = kept.newest(RunDirectory.open(out), "knn")
    assert found is not None
    assert found.changed


def test_a_class_never_shown_is_a_remark(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "run"
    for number, path in enumerate(sorted(images.rglob("*.png"))):
        part, name = ("test", "odd") if number % 5 == 0 else ("train", path.parent.name)
        (folder / part / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / part / name)
    held_out = [*(folder / "train" / "light").glob("*.png")][:2]
    (folder / "test" / "light").mkdir()
    for path in held_out:
        shutil.move(path, folder / "test" / "light")
    assert train(folder, "--method", "simclr", "--out", out) == 0
    capsys.readouterr()
    assert main(["evaluate", str(out), "--knn", "--linear", "--json"]) == 0
    remarks = json.loads(capsys.readouterr().out)["remarks"]
    assert set(remarks) == {"knn", "linear"}
    assert "Asked for but never shown: odd" in remarks["knn"][0]


def test_a_folder_without_labels_cannot_be_evaluated(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    blind = ["--method", "simclr", "--set", "data.labels=none", "--out", str(out)]
    assert train(images, *blind) == 0
    assert main(["evaluate", str(out)]) == 2
    assert "no labels" in capsys.readouterr().err


def test_what_cannot_be_measured_does_not_keep_the_rest(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    blind = ["--method", "simclr", "--set", "data.labels=none", "--out", str(out)]
    assert train(images, *blind) == 0
    capsys.readouterr()
    words = ["evaluate", str(out), "--knn", "--collapse", "--transfer"]
    assert main([*words, "--json"]) == 2
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert set(found) == {"collapse", "errors"}
    assert set(found["errors"]) == {"knn", "transfer"}
    assert "no labels" in found["errors"]["knn"]
    assert found["errors"]["transfer"].startswith("transfer.folder: empty")
    assert main(words) == 2
    said = capsys.readouterr()
    kept_now = kept.newest(RunDirectory.open(out), "collapse")
    assert kept_now is not None
    assert said.out == "\n".join(kept_now.finding.lines()) + "\n"
    assert said.err.splitlines()[-2:] == [
        f"sslcore: {key}: {found['errors'][key]}" for key in ("knn", "transfer")
    ]


def test_what_no_measurement_could_do_without_ends_at_once(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, reason in (
        ([str(tmp_path), "--knn"], "not a run directory"),
        ([str(trained), "--knn", "--collapse", "--set", "knn.luck=1"], "knn.luck"),
        ([str(trained), "--knn", "--checkpoint", "gone"], "gone"),
    ):
        assert main(["evaluate", *words, "--json"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert reason in said.err


def test_what_cannot_be_kept_is_printed_all_the_same(
    trained: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "run"
    shutil.copytree(trained, out, ignore=shutil.ignore_patterns(kept.FOLDER))

    def refuse(path: Path, _content: bytes) -> None:
        raise SaveError(f"{path}: not writable")

    monkeypatch.setattr(atomic, "write", refuse)
    assert main(["evaluate", str(out), "--knn", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert set(found) == {"knn", "untrained", "pixels", "not_kept"}
    assert "Warning: knn was measured but not kept: " in said.err
    assert found["not_kept"]["knn"] in said.err
    assert main(["evaluate", str(out), "--knn"]) == 0
    assert "kNN accuracy" in capsys.readouterr().out
    assert kept.history(RunDirectory.open(out), "knn") == ([], [])


def test_encoders_from_outside_are_measured_beside_it(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(trained), "--knn", "--outside"]
    assert main([*words, str(trained), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"knn", "untrained", "pixels", "run"}
    assert found["run"] == found["knn"]  # the same encoder once more
    assert main([*words, "torchvision:resnet19"]) == 2
    assert "torchvision has no such network" in capsys.readouterr().err
    assert main([*words, "pixels"]) == 2
    assert "there is an encoder of this name already" in capsys.readouterr().err
