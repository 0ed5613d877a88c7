"""The sweep over the number of negatives, assembled from runs beside each other."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from sslcore.assessment import kept
from sslcore.assessment.kinds import negatives as module
from sslcore.assessment.kinds.negatives import NegativesConfig, NegativesFinding, measure
from sslcore.assessment.siblings import Sibling
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation.negatives import MEASURES, Trial
from sslcore.runs.directory import RunDirectory
from tests.sslcore.commands.small import train

PROBED = "run.probe_images=30"  # enough for kNN with k = 20


@pytest.fixture
def folder(images: Path, tmp_path: Path) -> Path:
    add(images, tmp_path, "eight")
    return tmp_path


@pytest.fixture
def alone(folder: Path) -> Iterator[Subject]:
    with Subject.open(RunDirectory.open(folder / "eight")) as opened:
        yield opened


def add(images: Path, folder: Path, name: str, *changes: str, method: str = "simclr") -> None:
    sets = [word for one in (*changes, PROBED) for word in ("--set", one)]
    assert train(images, "--method", method, *sets, "--out", folder / name) == 0


def test_runs_stand_side_by_side(alone: Subject, images: Path, folder: Path) -> None:
    add(images, folder, "four", "schedule.batch_size=4", "schedule.epochs=1")
    found = measure(alone, NegativesConfig(), Watch())
    assert found.method == "SimCLR"
    assert found.own == 14
    assert [one.negatives for one in found.points] == [6, 14]
    assert [one.runs for one in found.points] == [("four",), ("eight",)]
    for one in found.points:
        assert one.ceiling == pytest.approx(math.log(one.negatives + 1))
        assert set(one.values) == set(MEASURES)
        assert one.values["bound"].mean < one.ceiling
    assert found.epochs == (1, 2)
    assert found.others == ("schedule.epochs",)
    assert "between 1 and 2 epochs" in found.sentences[-2]
    assert "schedule.epochs as well" in found.sentences[-1]
    assert found.headline() == "2 numbers"
    lines = found.lines()
    assert [line.split()[0] for line in lines[:3]] == ["negatives", "6", "14"]
    assert NegativesFinding.model_validate_json(found.model_dump_json()) == found


def test_a_run_alone_says_how_to_make_others(alone: Subject) -> None:
    found = measure(alone, NegativesConfig(), Watch())
    assert [one.negatives for one in found.points] == [14]
    assert "no other run of this method" in found.sentences[0]
    assert "schedule.batch_size" in found.sentences[0]
    assert found.headline() == "14 negatives"


def test_another_folder_is_looked_through(alone: Subject, images: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    add(images, elsewhere, "eight", "schedule.batch_size=4")  # the name of this very run
    found = measure(alone, NegativesConfig(folder=str(elsewhere)), Watch())
    assert found.own == 14
    assert [one.negatives for one in found.points] == [6, 14]
    assert "the runs took 6 to 12" in found.sentences[-1]
    with pytest.raises(ValueError, match="no such folder"):
        measure(alone, NegativesConfig(folder=str(tmp_path / "nowhere")), Watch())


def test_every_method_is_a_line_of_its_own(alone: Subject, images: Path, folder: Path) -> None:
    add(images, folder, "four", "schedule.batch_size=4")
    for size in (6, 9):
        add(images, folder, f"queue_{size}", f"method.queue_size={size}", method="moco_v2")
    found = measure(alone, NegativesConfig(), Watch())
    assert found.own == 14
    assert [one.negatives for one in found.points] == [6, 14]
    (queue,) = found.beside
    assert queue.method == "MoCo v2"
    assert [(one.negatives, one.runs) for one in queue.points] == [
        (6, ("queue_6",)), (9, ("queue_9",)),
    ]  # fmt: skip
    assert list(found.by_method) == ["SimCLR", "MoCo v2"]
    assert found.headline() == "3 numbers, 2 methods"
    assert found.sentences[0].startswith("Of all, kNN accuracy is best with")
    assert "between methods with equal N" in found.sentences[0]
    assert sum("heads and temperatures are the methods' own" in one for one in found.sentences) == 1
    assert found.sentences[-1].startswith("SimCLR: The bound goes from")
    assert queue.sentences[0].startswith("MoCo v2: The bound goes from")
    together, apart = found.said
    assert together == found.sentences[:-1]
    assert apart == (found.sentences[-1], *queue.sentences)
    told = "\n".join([*together, *apart])
    assert told.count("may be chance") == 1
    lines = found.lines()
    assert lines[1] == "SimCLR"
    assert lines[4] == "MoCo v2"
    assert [lines[row].split()[0] for row in (2, 3, 5, 6)] == ["6", "14", "6", "9"]
    assert NegativesFinding.model_validate_json(found.model_dump_json()) == found
    one = measure(alone, NegativesConfig(methods="this"), Watch())
    assert one.beside == ()
    assert one.points == found.points
    assert one.sentences[0].startswith("The bound goes from")


def test_a_finding_from_before_other_methods_were_looked_for_is_read(
    alone: Subject, folder: Path
) -> None:
    found = measure(alone, NegativesConfig(methods="this"), Watch())
    made = kept.Kept(
        "negatives", 6, 2.0, 0.0, 1.0, (24, 6), NegativesConfig(methods="this"), found
    )  # fmt: skip
    path = kept.save(alone.directory, made)
    document = json.loads(path.read_text("utf-8"))
    del document["settings"]["methods"]
    del document["finding"]["beside"]
    path.write_text(json.dumps(document), "utf-8")
    assert kept.newest(alone.directory, "negatives") == made


def test_a_method_without_negatives_says_so(images: Path, tmp_path: Path) -> None:
    add(images, tmp_path, "barlow", method="barlow_twins")
    with Subject.open(RunDirectory.open(tmp_path / "barlow")) as subject:
        found = measure(subject, NegativesConfig(), Watch())
    assert found.own is None
    assert found.points == ()
    assert "Barlow Twins, with these settings, does not choose" in found.sentences[0]
    assert found.headline() == "no negatives"
    assert NegativesFinding.model_validate_json(found.model_dump_json()) == found


def test_a_triplet_loss_chooses_but_proves_no_bound(images: Path, tmp_path: Path) -> None:
    add(images, tmp_path, "triplet", "method.negatives=hardest", method="triplet")
    with Subject.open(RunDirectory.open(tmp_path / "triplet")) as subject:
        found = measure(subject, NegativesConfig(), Watch())
    assert found.own == 7
    assert found.headline() == "7 negatives"
    assert found.lines()[1].split()[:2] == ["7", "–"]


def test_negatives_that_are_not_counted_are_not_denied() -> None:
    sentences = ("CPC, with these settings, has negatives not counted here.",)
    found = NegativesFinding(
        method="CPC", own=None, points=(), epochs=(0, 0), others=(), sentences=sentences,
        counted=False,
    )  # fmt: skip
    assert found.headline() == "not counted"
    assert NegativesFinding.model_validate_json(found.model_dump_json()) == found


def test_it_is_called_off(alone: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(alone, NegativesConfig(), Watch(cancelled=lambda: True))


def test_a_bound_below_zero_is_said_to_prove_nothing(
    alone: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given(bound: float) -> str:
        trial = Trial("eight", "simclr", 14, {"bound": bound})
        runs = [Sibling(True, trial, 2.0, 6, (), "SimCLR")]
        monkeypatch.setattr(module, "siblings", lambda *_, **__: iter(runs))
        return "\n".join(measure(alone, NegativesConfig(), Watch()).sentences)

    assert "A bound below 0 nats proves nothing" in given(-0.1)
    assert "A bound below 0" not in given(0.1)
