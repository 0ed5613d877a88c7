"""Findings are kept with the run, whole or not at all, and read without a network."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sslcore.assessment import kept
from sslcore.assessment.contract import find
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.runs.directory import RunDirectory


def one(step: int, accuracy: float = 0.5) -> kept.Kept:
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (accuracy,)})
    return kept.Kept("knn", step, step / 10, 1.0, 2.0, (30, 10), KnnConfig(neighbours=7), finding)


@pytest.fixture
def directory(trained: Path, tmp_path: Path) -> RunDirectory:
    shutil.copy(trained / "recipe.toml", tmp_path)
    return RunDirectory.open(tmp_path)


def test_what_is_kept_comes_back(directory: RunDirectory) -> None:
    assert kept.newest(directory, "knn") is None
    kept.save(directory, one(20))
    kept.save(directory, one(100, 0.75))
    assert kept.newest(directory, "knn") == one(100, 0.75)
    assert list(kept.steps(directory, "knn")) == [20, 100]
    assert kept.read(kept.steps(directory, "knn")[20]) == one(20)
    kept.save(directory, one(100, 0.8))
    found = kept.newest(directory, "knn")
    assert found is not None
    assert found.finding == one(100, 0.8).finding


def test_a_folder_that_changed_is_kept_with_the_finding(directory: RunDirectory) -> None:
    plain = kept.read(kept.save(directory, one(20)))
    assert (plain.changed, plain.caution) == (False, "")
    path = kept.save(directory, replace(one(30), changed=True))
    assert kept.read(path).changed
    assert "some of them may have been trained on" in kept.read(path).caution
    path.write_text(path.read_text().replace('"changed": true,', ""))  # as it was kept before
    assert not kept.read(path).changed


def test_a_damaged_file_is_named(directory: RunDirectory) -> None:
    path = kept.save(directory, one(20))
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ValueError, match=r"knn-step_00000020\.json: not a whole finding"):
        kept.newest(directory, "knn")
    kept.save(directory, one(30))
    kept.steps(directory, "knn")[30].write_text('{"measurement": "luck"}')
    found, problems = kept.everything(directory)
    assert found == {}
    assert len(problems) == 1
    assert "no such measurement" in problems[0]


def test_measuring_keeps(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    found = kept.measure(find("knn"), subject, KnnConfig(neighbours=3, second=5), Watch())
    assert found.step == subject.opened.checkpoint.step
    assert found.epoch == pytest.approx(2.0)
    assert found.images == (len(subject.bank), len(subject.queries))
    assert not found.changed
    monkeypatch.setattr(Subject, "changed", True)
    assert kept.measure(find("knn"), subject, KnnConfig(), Watch()).changed
    found = kept.newest(subject.directory, "knn")
    assert found is not None
    assert found.changed
    assert kept.everything(subject.directory)[0]["knn"] == found
