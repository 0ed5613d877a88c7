"""Another folder, opened as the run takes images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.assessment import elsewhere
from sslcore.assessment.elsewhere import Known
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data import demo_kinds
from sslcore.data.catalogue import CatalogueError
from sslcore.data.pool import Cancelled


def test_grey_images_become_colour_for_an_encoder_of_colour(subject: Subject, tmp_path: Path):
    for number in range(3):
        Image.new("L", (20, 20), 60 * number).save(tmp_path / f"{number}.png")
    with elsewhere.folder(subject, str(tmp_path), Watch()) as opened:
        assert opened.catalogue.channels == 1
        assert opened.targets is None
        read = opened.images.read(np.array([2, 0]))
        assert read.shape == (2, 3, 20, 20)
        assert float(read[0].mean()) == pytest.approx(120 / 255)
        assert opened.broken == frozenset()


def test_the_runs_own_folder_unless_another_is_named(subject: Subject, images: Path):
    told: list[str] = []
    with elsewhere.folder(subject, " ", Watch(lambda stage, *_: told.append(stage))) as opened:
        assert Path(opened.catalogue.root) == images
    assert "Reading the folder" in told


def test_pairs_come_with_their_targets_and_lost_ones_say_nothing(subject: Subject, tmp_path: Path):
    folder = demo_kinds.make(tmp_path / "pairs", "pairs", count=12, size=24)
    for target, role in (("depth", "depth"), ("labels", "labels")):
        where = {"kind": "pairs", "target": target}
        with elsewhere.folder(subject, str(folder), Watch(), **where) as opened:
            assert opened.catalogue.targets is not None
            assert opened.catalogue.targets.role == role
            row = opened.catalogue.targets.paths[3]
            assert opened.targets is not None
            whole = Known(opened.targets, 255.0).read(np.array([2, 3]))
        with elsewhere.folder(subject, str(folder), Watch(), **where) as opened:
            assert opened.targets is not None
            (folder / row).unlink()
            read = Known(opened.targets, 255.0).read(np.array([2, 3]))
        assert read.shape == whole.shape
        assert np.array_equal(read[0], whole[0])
        assert (read[1] == 255).all()
        assert not (whole[1] == 255).all()


def test_what_cannot_be_opened(subject: Subject, tmp_path: Path, images: Path):
    with (
        pytest.raises(CatalogueError, match="there is no such folder"),
        elsewhere.folder(subject, str(tmp_path / "none"), Watch()),
    ):
        pass
    with (
        pytest.raises(CatalogueError, match="pairs"),
        elsewhere.folder(subject, str(images), Watch(), kind="pairs"),
    ):
        pass
    with (
        pytest.raises(Cancelled),
        elsewhere.folder(subject, str(images), Watch(cancelled=lambda: True)),
    ):
        pass
