"""Transfer of a run's encoder to another folder."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sslcore.assessment.kinds.transfer import (
    TransferConfig,
    TransferFinding,
    budgets_of,
    measure,
)
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.data.pool import Cancelled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty pictures in three classes that differ in colour, with a split of their own."""
    random = np.random.default_rng(1)
    for number in range(60):
        part = "test" if number % 3 == 0 else "train"
        kind = ("red", "green", "blue")[number // 3 % 3]
        pixels = random.integers(0, 120, (24, 24, 3), np.uint8)
        pixels[..., number // 3 % 3] += 100
        (tmp_path / "other" / part / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "other" / part / kind / f"{number}.png")
    return tmp_path / "other"


def test_every_encoder_is_asked_on_the_other_folder(subject: Subject, folder: Path) -> None:
    subject.outside["colours"] = lambda images: images.mean((-2, -1))
    subject.outside["blind"] = lambda images: torch.randn(
        len(images), 4, generator=torch.Generator().manual_seed(len(images))
    )
    found = measure(subject, TransferConfig(folder=str(folder), neighbours=5), Watch())
    assert (found.training, found.held_out, found.classes) == (40, 20, 3)
    assert found.folder == "other"
    assert list(found.scores) == ["trained", "untrained", "pixels", "colours", "blind"]
    assert found.scores["colours"].knn == 1.0
    assert found.scores["colours"].top_1 == 1.0
    assert found.scores["blind"].top_1 < 0.8
    assert found.chance == pytest.approx(0.35, abs=0.05)
    assert found.headline() == f"{100 * found.scores['trained'].top_1:.1f} % on other"
    lines = found.lines()
    assert "kNN, k = 5" in lines[0]
    assert len(lines) == 7 + 7, "two tables with a line between"
    assert lines[8].split("  ")[-1].strip() == "rank"
    assert [line.split()[0] for line in lines[9:]] == list(found.scores)
    colours, blind = found.scores["colours"], found.scores["blind"]
    assert colours.few["10 %"] == (1.0, 0.0)
    assert colours.nmi == colours.ari == pytest.approx(1.0)
    assert colours.mlp is None
    assert blind.few["10 %"][0] < 0.8
    assert blind.nmi is not None
    assert blind.nmi < 0.5
    assert colours.effective_rank is not None
    assert 1 <= colours.effective_rank <= 3
    assert TransferFinding.model_validate_json(found.model_dump_json()) == found


def test_the_same_seed_gives_the_same_and_fewer_images_can_be_asked(
    subject: Subject, folder: Path
) -> None:
    few = TransferConfig(folder=str(folder), images=20, clusters=False, budgets=" ")
    one, two = (measure(subject, few, Watch()) for _ in range(2))
    assert one == two
    assert (one.training, one.held_out) == (20, 20)
    trained = one.scores["trained"]
    assert (trained.few, trained.nmi, trained.ari) == ({}, None, None)


def test_classes_spelt_otherwise_in_one_part_are_a_remark(subject: Subject, folder: Path) -> None:
    assert measure(subject, TransferConfig(folder=str(folder)), Watch()).remarks == ()
    (folder / "test" / "red").rename(folder / "test" / "Red")
    found = measure(subject, TransferConfig(folder=str(folder)), Watch())
    assert found.remarks[0].startswith("Asked for but never shown: Red.")
    assert found.remarks[1].startswith("Shown but never asked for: red.")
    assert found.lines()[-2:] == list(found.remarks)


def test_folders_that_cannot_be_measured_on(subject: Subject, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"transfer\.folder: empty"):
        measure(subject, TransferConfig(), Watch())
    for budgets, said in (("many", "'many' is no label budget"), ("tagged", "no tags here")):
        with pytest.raises(ConfigError, match=rf"transfer\.budgets: .*{said}"):
            budgets_of(TransferConfig(budgets=budgets))
    for number in range(4):
        Image.new("RGB", (20, 20), (60 * number, 0, 0)).save(tmp_path / f"{number}.png")
    with pytest.raises(ConfigError, match="labelled images of at least two classes"):
        measure(subject, TransferConfig(folder=str(tmp_path)), Watch())


def test_it_is_called_off(subject: Subject, folder: Path) -> None:
    asked = iter([False] * 12)
    with pytest.raises(Cancelled):
        measure(
            subject,
            TransferConfig(folder=str(folder)),
            Watch(cancelled=lambda: next(asked, True)),
        )
