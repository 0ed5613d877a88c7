"""The labels of a few-label study, against plain lists of paths."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment.labelled import labels_of
from sslcore.assessment.subject import Subject
from sslcore.data.tags import BESIDE_IMAGES, IN_RUN, TagStore
from sslcore.runs.directory import RunDirectory
from tests.sslcore.commands.small import train


@pytest.fixture(autouse=True)
def no_tags_left(subject: Subject) -> Iterator[None]:
    yield
    for file in (subject.directory.path / IN_RUN, subject.material.catalogue.root / BESIDE_IMAGES):
        file.unlink(missing_ok=True)


def mark(subject: Subject, file: Path, **rows: list[int]) -> None:
    paths = subject.material.catalogue.paths
    store = TagStore(file)
    store.change({name: tuple(paths[row] for row in own) for name, own in rows.items()})
    store.set_few_labels(rows)


def by_class(subject: Subject, rows: np.ndarray) -> Mapping[int, list[int]]:
    labels = subject.material.catalogue.labels
    return {one: [int(row) for row in rows if labels[row] == one] for one in (0, 1)}


def test_without_tags_they_are_the_classes_of_the_folder(subject: Subject) -> None:
    found = labels_of(subject, tagged=False)
    assert found.bank.tolist() == subject.labels.bank.tolist()
    assert found.queries.tolist() == subject.labels.queries.tolist()
    assert (found.names, found.tagged, found.remarks) == (subject.classes, None, ())
    with pytest.raises(ValueError, match="No tag is marked for the few-label set"):
        labels_of(subject, tagged=True)


def test_training_images_of_the_set_are_taken_and_others_counted(subject: Subject) -> None:
    train, asked = by_class(subject, subject.bank), by_class(subject, subject.queries)
    chosen = [*train[0][:3], *train[1][:2]]
    file = subject.material.catalogue.root / BESIDE_IMAGES
    mark(subject, file, few=[*chosen, *asked[0][:2]])
    found = labels_of(subject, tagged=True)
    assert found.tagged is not None
    assert subject.bank[found.tagged].tolist() == sorted(chosen)
    assert found.bank.tolist() == subject.labels.bank.tolist()
    words = f"Few-label set ({file}): 5 images to learn from; left out: 2 held out from training."
    assert found.remarks == (words,)
    # A file in the run that marks a set is nearer to the run.
    own = subject.directory.path / IN_RUN
    mark(subject, own, few=[train[0][4], train[1][4]])
    found = labels_of(subject, tagged=True)
    assert found.tagged is not None
    assert subject.bank[found.tagged].tolist() == sorted([train[0][4], train[1][4]])
    assert str(own) in found.remarks[0]
    TagStore(own).set_few_labels([])
    assert str(file) in labels_of(subject, tagged=True).remarks[0]


def test_a_set_that_teaches_one_class_is_refused(subject: Subject) -> None:
    train, asked = by_class(subject, subject.bank), by_class(subject, subject.queries)
    mark(subject, subject.directory.path / IN_RUN, few=[*train[0][:2], asked[1][0]])
    with pytest.raises(ValueError, match=r"2 are training images, of one class only \('dark'\)"):
        labels_of(subject, tagged=True)
    assert labels_of(subject, tagged=False).tagged is None


@pytest.fixture(scope="module")
def plain(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a folder whose classes do not count."""
    run = tmp_path_factory.mktemp("plain") / "run"
    assert train(images, "--method", "simclr", "--set", "data.labels=none", "--out", run) == 0
    return run


def test_in_a_folder_without_classes_tags_are_the_classes(plain: Path) -> None:
    with Subject.open(RunDirectory.open(plain)) as subject:
        bank, queries = subject.bank.tolist(), subject.queries.tolist()
        file = plain / IN_RUN
        with pytest.raises(ValueError, match="no labels to measure accuracy with"):
            labels_of(subject, tagged=False)
        with pytest.raises(ValueError, match="No tag is marked for the few-label set"):
            labels_of(subject, tagged=True)
        mark(subject, file, furry=bank[:3], loud=bank[3:5])
        with pytest.raises(ValueError, match="no held-out image is in the few-label set"):
            labels_of(subject, tagged=True)
        mark(subject, file, furry=bank[:3] + queries[:1], loud=bank[3:5] + queries[1:3])
        found = labels_of(subject, tagged=True)
        assert found.names == ("furry", "loud")
        assert found.bank.tolist() == [0] * 3 + [1] * 2 + [-1] * (len(bank) - 5)
        assert found.queries.tolist() == [0, 1, 1] + [-1] * (len(queries) - 3)
        assert found.tagged is not None
        assert found.tagged.tolist() == [0, 1, 2, 3, 4]
        assert "5 images to learn from; each tag is a class, and 3 held-out" in found.remarks[0]
        assert labels_of(subject, tagged=False).tagged is None
