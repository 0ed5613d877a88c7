"""Runs beside a run, read from what they logged and kept."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment import siblings as module
from sslcore.assessment.siblings import Labelled, Sibling, siblings
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import clustering
from sslcore.evaluation.cluster_agreement import agree
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.sslcore.commands.small import train

PROBED = "run.probe_images=30"  # enough for kNN with k = 20


@pytest.fixture(scope="module")
def sweep(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Batches of SimCLR, queues of MoCo v2, a method without negatives, other images."""
    folder = tmp_path_factory.mktemp("sweep")
    made = {
        "eight": ("simclr",),
        "four": ("simclr", "schedule.batch_size=4", "optimiser.learning_rate=0.01"),
        "queue_5": ("moco_v2", "method.queue_size=5"),
        "queue_9": ("moco_v2", "method.queue_size=9", "method.temperature=0.3"),
        "other_method": ("barlow_twins",),
        "other_images": ("simclr", "data.split_seed=5"),
        "other_channels": ("simclr", "data.channels=native"),
    }
    for name, (method, *changes) in made.items():
        sets = [word for one in (*changes, PROBED) for word in ("--set", one)]
        assert train(images, "--method", method, *sets, "--out", folder / name) == 0
    (folder / "no_run").mkdir()
    (folder / "damaged").mkdir()
    (folder / "damaged" / "recipe.toml").write_text("= not a recipe")
    return folder


@pytest.fixture
def known(subject: Subject) -> Labelled:
    return Labelled(subject.material.catalogue.labels, subject.classes, subject.queries)


def found(
    folder: Path, known: Labelled, name: str = "eight", *, all_methods: bool = False
) -> dict[str, Sibling]:
    own = RunDirectory.open(folder / name)
    every = siblings(own, folder, known, 3, 0, Watch(), all_methods=all_methods)
    return {one.trial.name: one for one in every}


def test_runs_of_the_method_on_the_images(sweep: Path, known: Labelled) -> None:
    runs = found(sweep, known)
    assert set(runs) == {"eight", "four"}
    assert (runs["eight"].trial.negatives, runs["four"].trial.negatives) == (14, 6)
    assert runs["eight"].own
    assert not runs["four"].own
    assert runs["eight"].epochs == runs["four"].epochs == 2
    assert (runs["eight"].steps, runs["four"].steps) == (6, 12)
    assert runs["eight"].others == ()
    assert runs["four"].others == ("optimiser.learning_rate",)


def test_runs_of_other_methods_with_negatives(sweep: Path, known: Labelled) -> None:
    runs = found(sweep, known, all_methods=True)
    assert set(runs) == {"eight", "four", "queue_5", "queue_9"}
    assert (runs["queue_5"].trial.method, runs["queue_5"].title) == ("moco_v2", "MoCo v2")
    assert (runs["queue_5"].trial.negatives, runs["queue_9"].trial.negatives) == (5, 9)
    # Settings of another method are compared among its own runs alone.
    assert runs["queue_5"].others == ()
    assert runs["queue_9"].others == ("method.temperature",)
    assert runs["four"].others == ("optimiser.learning_rate",)
    asked_by_four = found(sweep, known, "four", all_methods=True)
    assert asked_by_four["queue_5"].others == ("optimiser.learning_rate",)


def test_figures_are_those_the_run_kept(sweep: Path, known: Labelled) -> None:
    values = found(sweep, known)["four"].trial.values
    directory = RunDirectory.open(sweep / "four")
    record = RunRecord.fold(directory.replay())
    per_epoch = 24 // 4
    assert values["bound"] == pytest.approx(record.series["term/bound"].values[-per_epoch:].mean())
    assert values["knn"] == record.metrics["knn_20"].last
    rows, features = directory.embedding(record.step)
    labels = known.labels[rows]
    numbers = clustering.k_means(clustering.scaled(features, "unit", 32), 2, 3).numbers
    assert values["nmi"] == agree(labels, numbers, 2).scores.nmi
    assert 0 <= values["shared"] + values["split"] <= 1


def test_clusters_are_looked_for_in_held_out_images(
    sweep: Path, known: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FEWEST", 4)
    values = found(sweep, known)["eight"].trial.values
    directory = RunDirectory.open(sweep / "eight")
    rows, features = directory.embedding(RunRecord.fold(directory.replay()).step)
    held_out = np.isin(rows, known.held_out)
    numbers = clustering.k_means(clustering.scaled(features[held_out], "unit", 32), 2, 3).numbers
    expected = agree(known.labels[rows[held_out]], numbers, 2).scores.nmi
    assert values["nmi"] == expected


def test_without_labels_there_is_a_bound(sweep: Path, known: Labelled) -> None:
    blind = Labelled(np.full_like(known.labels, -1), (), known.held_out)
    assert set(found(sweep, blind)["eight"].trial.values) == {"bound", "knn"}


def test_a_method_without_negatives_has_no_siblings(sweep: Path, known: Labelled) -> None:
    assert found(sweep, known, "other_method") == {}


def test_progress_and_calling_off(sweep: Path, known: Labelled) -> None:
    told: list[tuple[str, int, int]] = []
    own = RunDirectory.open(sweep / "eight")
    list(siblings(own, sweep, known, 1, 0, Watch(lambda *word: told.append(word))))
    assert told[-1] == ("Runs beside this one", 8, 8)
    with pytest.raises(Cancelled):
        list(siblings(own, sweep, known, 1, 0, Watch(cancelled=lambda: True)))
