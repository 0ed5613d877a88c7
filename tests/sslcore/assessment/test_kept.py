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
from sslcore.engine.store import SaveError
from sslcore.runs import atomic
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
    assert kept.history(directory, "knn") == ([], [])
    kept.save(directory, one(100, 0.75))
    kept.save(directory, one(20))
    assert kept.newest(directory, "knn") == one(100, 0.75)
    assert kept.history(directory, "knn") == ([one(100, 0.75), one(20)], [])
    kept.save(directory, one(100, 0.8))
    assert kept.newest(directory, "knn") == one(100, 0.8), "the same again"
    assert len(kept.history(directory, "knn")[0]) == 2


def test_findings_with_other_settings_stand_side_by_side(directory: RunDirectory) -> None:
    first = one(100)
    later = replace(one(100, 0.9), made=5.0, settings=KnnConfig(neighbours=9))
    earlier = replace(one(100, 0.1), made=0.5, settings=KnnConfig(neighbours=11))
    for kind in (later, first, earlier):
        kept.save(directory, kind)
    assert kept.history(directory, "knn")[0] == [later, first, earlier]
    assert kept.newest(directory, "knn") == later
    assert kept.everything(directory) == ({"knn": later}, [])


def test_files_of_before_have_no_digest(directory: RunDirectory) -> None:
    path = kept.save(directory, one(20))
    path.rename(path.with_name("knn-step_00000020.json"))
    (path.parent / "knn-step_00000020-copy.json").write_text("not ours")
    assert kept.newest(directory, "knn") == one(20)
    assert kept.history(directory, "knn") == ([one(20)], [])


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
    with pytest.raises(ValueError, match=r"knn-step_00000020-\w{8}\.json: not a whole finding"):
        kept.newest(directory, "knn")
    kept.save(directory, one(30)).write_text('{"measurement": "luck"}')
    kept.save(directory, one(10))
    found, problems = kept.everything(directory)
    assert (found, problems) == ({"knn": one(10)}, []), "what is whole is shown"
    assert len(kept.history(directory, "knn")[1]) == 2


def test_measured_again_an_old_file_goes_unless_it_says_something_else(
    directory: RunDirectory,
) -> None:
    def old(text: str) -> Path:
        path = directory.path / kept.FOLDER / "knn-step_00000020.json"
        path.write_text(text)
        return path

    kept.save(directory, one(20))
    same = next(iter(kept.files(directory, "knn")[20])).read_text()
    for text, stays in ((same, False), ("{", False), (same.replace(": 7", ": 9"), True)):
        path = old(text)
        kept.save(directory, one(20, 0.6))
        assert path.exists() == stays


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


def test_a_finding_that_cannot_be_written_is_not_lost(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = KnnConfig(neighbours=4, second=6)
    before = kept.history(subject.directory, "knn")

    def refuse(path: Path, _content: bytes) -> None:
        raise SaveError(f"{path}: not writable")

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "write", refuse)
        lost = kept.measure(find("knn"), subject, settings, Watch())
    assert lost.unsaved.endswith(".json: not writable")
    assert kept.history(subject.directory, "knn") == before
    whole = kept.measure(find("knn"), subject, settings, Watch())
    assert whole.unsaved == ""
    assert lost.finding == whole.finding
    assert whole in kept.history(subject.directory, "knn")[0]
