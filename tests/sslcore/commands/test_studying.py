"""Studies from a terminal."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sslcore.__main__ import main
from sslcore.assessment import kept
from sslcore.assessment.contract import Assessment
from sslcore.recipe import parse_value, preset
from sslcore.study.plan import grid
from tests.sslcore.commands.small import SMALL

SETS = [word for setting in SMALL for word in ("--set", setting)]


def study(*words: str | Path) -> int:
    return main(["study", *map(str, words)])


def test_a_grid_is_forecast_trained_and_told(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    words = [images, "--method", "simclr", *SETS, "--kind", "grid", "--epochs", "1",
             "--vary", "method.temperature=0.2,0.5", "--measure", "knn", "--out", out]  # fmt: skip
    assert study(*words, "--forecast") == 0
    told = capsys.readouterr().err
    assert "2 trials, " in told
    assert "of it to measure" in told
    assert not out.exists()
    assert study(*words, "--now", "--json") == 0
    captured = capsys.readouterr()
    assert "steps in all" not in captured.err
    found = json.loads(captured.out)
    assert [one["places"] for one in found] == [["0.2"], ["0.5"]]
    assert all(one["state"] == "measured" and 0 <= one["accuracy"] <= 1 for one in found)
    assert all(one["score"] == one["accuracy"] and one["measurement"] == "knn" for one in found)
    assert study("--out", out) == 0  # nothing is left
    assert "untrained" in capsys.readouterr().out
    before = (out / "study.json").read_bytes()
    assert study(*words) == 0  # the same is asked for once more
    assert "untrained" in capsys.readouterr().out
    # Another one is not begun under its name, and what was asked for is not dropped unsaid.
    for other in (
        ["--epochs", "2"], ["--measure", "rank"], ["--set", "run.seed=3"],
        ["--vary", "method.temperature=0.1,0.2"], ["--kind", "leave-one-out"],
    ):  # fmt: skip
        assert study(*words, *other, "--now") == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert f"{out}: holds another study" in told.err
        assert "leave out FOLDER, --method, --set, --kind, --vary, --epochs, --measure" in told.err
        assert len(told.err.splitlines()) == 1
    assert (out / "study.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["FOLDER"], "FOLDER"),
        (["--method", "byol"], "--method"),
        (["--epochs", "3"], "--epochs"),
        (["--measure", "linear"], "--measure"),
        (["--set", "run.seed=3"], "--set"),
        (["--vary", "run.seed=1,2"], "--vary"),
        (["--kind", "grid", "--both-branches"], "--kind, --both-branches"),
    ],
)
def test_too_little_to_know_which_study_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    grid(preset("simclr"), {"run.seed": [1, 2]}).save(tmp_path)
    assert study(*words, "--out", tmp_path, "--now") == 2
    told = capsys.readouterr().err
    assert f"holds a study already; to go on with it leave out {named}, or choose" in told
    assert not (tmp_path / "runs").exists()


def test_what_cannot_be_measured_is_not_trained(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = shutil.copytree(images / "dark", tmp_path / "plain")
    words = [plain, "--method", "simclr", *SETS, "--kind", "grid", "--epochs", "1",
             "--vary", "run.seed=0,1", "--out", tmp_path / "new", "--now"]  # fmt: skip
    for measure in ([], ["--measure", "knn"], ["--forecast"]):
        assert study(*words, *measure) == 2
        told = capsys.readouterr().err
        assert f"{plain}: no classes among the images trained on" in told
        assert "measure by 'rank'" in told
        assert not (tmp_path / "new").exists()
    assert study(*words, "--measure", "rank", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert all(one["state"] == "measured" and 0 < one["score"] <= 1 for one in found)
    assert all(one["accuracy"] is None for one in found)


def test_a_study_that_cannot_be_measured_any_more_does_not_train(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(SMALL) | {"data.folder": str(images), "data.labels": "none"}
    grid(preset("simclr").with_set(settings), {"run.seed": [0]}, "knn").save(tmp_path)
    assert study("--out", tmp_path, "--now") == 2
    assert "no classes among the images trained on" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_failed_measurement_is_told_in_its_line(
    images: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("features: NaN in row 3")

    settings = settings_of(SMALL) | {"data.folder": str(images)}
    grid(preset("simclr").with_set(settings), {"run.seed": [0, 1]}, "knn").save(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(kept, "measure", fail)
        assert study("--out", tmp_path, "--now") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("failed  trained, but not measured: features: NaN in row 3" in one for one in lines)
    assert study("--out", tmp_path, "--now") == 0
    assert "untrained" in capsys.readouterr().out


def test_a_study_that_could_not_be_closed_is_told(
    images: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure = kept.measure

    def failing(one: Assessment, *rest: Any) -> kept.Kept:
        if one.key == "negatives":
            raise ValueError("no sweep today")
        return measure(one, *rest)

    settings = settings_of(SMALL) | {"data.folder": str(images), "schedule.epochs": 1}
    planned = grid(preset("simclr").with_set(settings), {"schedule.batch_size": [4, 8]}, "knn")
    planned.model_copy(update={"closing": "negatives"}).save(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(kept, "measure", failing)
        for words in ([], ["--json"]):
            assert study("--out", tmp_path, "--now", *words) == 1
            told = capsys.readouterr()
            assert "negatives: not measured: no sweep today" in told.err.splitlines()
    assert [one["state"] for one in json.loads(told.out)] == ["measured"] * 2
    assert study("--out", tmp_path, "--now") == 0
    told = capsys.readouterr()
    assert "not measured" not in told.err
    assert len(told.out.splitlines()) > 2  # what the sweep found, below the trials


def test_shipped_studies_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("--list") == 0
    told = capsys.readouterr().out
    assert "denoising_grid              Denoising grid" in told
    assert "(12 trials of 10 epochs)" in told
    assert "what suits ReLU?" in told


def test_a_shipped_study_is_trained_and_gone_on_with(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    words = [images, "--shipped", "simsiam_collapse", *SETS, "--epochs", "1", "--measure", "knn",
             "--out", out]  # fmt: skip
    assert study(*words, "--now", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["places"] for one in found] == [
        ["with", "with"], ["with", "without"], ["without", "with"], ["without", "without"],
    ]  # fmt: skip
    assert all(one["state"] == "measured" for one in found)
    assert study(*words) == 0  # the same is asked for once more
    assert study("--out", out) == 0
    capsys.readouterr()
    assert study(*words, "--epochs", "2", "--now") == 2
    told = capsys.readouterr().err
    assert f"{out}: holds another study" in told
    assert "leave out FOLDER, --set, --shipped, --epochs, --measure" in told
    assert study("--shipped", "simsiam_collapse", "--out", out) == 2
    assert "to go on with it leave out --shipped" in capsys.readouterr().err


def test_shipped_studies_that_do_not_fit_are_refused(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new"
    for words, told in (
        ([images, "--shipped", "negative"], "did you mean negatives?"),
        ([images, "--shipped", "negatives", "--kind", "grid"], "leave out --kind"),
        ([images, "--shipped", "negatives", "--method", "byol"], "leave out --method"),
        (["--shipped", "negatives"], "say which images"),
        ([images, "--shipped", "negatives", "--now"], "images to train on, and this study needs"),
    ):
        assert study(*words, "--out", out) == 2
        assert told in capsys.readouterr().err
    assert not out.exists()
    assert study(images, "--shipped", "negatives") == 2
    assert "--out" in capsys.readouterr().err


def settings_of(words: tuple[str, ...]) -> dict[str, Any]:
    return {path: parse_value(value) for path, value in (one.split("=") for one in words)}


def test_steps_are_left_out(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    words = [images, "--method", "simclr", *SETS, "--kind", "leave-one-out", "--epochs", "1",
             "--measure", "knn", "--now", "--out", out]  # fmt: skip
    assert study(*words) == 0
    names = {path.name for path in (out / "runs").iterdir()}
    assert {"everything", "without_colour_jitter"} <= names


def test_bad_input_is_one_line(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(images, "--out", tmp_path / "new") == 2
    assert "say which with --kind" in capsys.readouterr().err
    base = [images, "--method", "simclr", "--kind", "grid", "--out", tmp_path / "new"]
    assert study(*base, "--vary", "temperature") == 2
    assert "write PATH=A,B,C" in capsys.readouterr().err
    assert study(*base) == 2
    assert "--vary" in capsys.readouterr().err
    assert study(*base, "--vary", "method.temperature=hot") == 2
    assert "temperature" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
