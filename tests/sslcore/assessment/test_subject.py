"""A run opened to be measured: its images, its encoders and their features."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled
from sslcore.runs.directory import RunDirectory
from sslcore.runs.export import load_encoder
from tests.sslcore.commands.small import train


def test_both_splits_are_those_of_the_run(subject: Subject, images: Path) -> None:
    split = scan(images).split(0, 0.2)
    assert np.array_equal(subject.bank, split.train)
    assert np.array_equal(subject.queries, split.held_out)
    labels = scan(images).labels
    assert np.array_equal(subject.labels.bank, labels[split.train])
    assert not subject.changed


def test_features_are_those_of_the_encoder(subject: Subject, trained: Path) -> None:
    encoder = load_encoder(trained)
    with torch.no_grad():
        expected = encoder(subject.images(subject.queries)).numpy()
    found = subject.features("trained")
    np.testing.assert_allclose(found.queries, expected, rtol=1e-5, atol=1e-6)
    assert len(found.bank) == len(subject.bank)
    assert subject.features("trained") is found
    assert not np.allclose(subject.features("untrained").queries, found.queries)
    projected = subject.features("trained", "projection")
    assert projected.queries.shape == (len(subject.queries), 4)


def test_pixels_and_outside_encoders(subject: Subject) -> None:
    pixels = subject.features("pixels")
    assert pixels.bank.shape[1] == 3 * 16 * 16
    subject.outside["mean colour"] = lambda batch: batch.mean((2, 3))
    assert subject.encoders == ("trained", "untrained", "pixels", "mean colour")
    found = subject.each_encoder()["mean colour"].queries
    images = subject.images(subject.queries)
    np.testing.assert_allclose(found, images.mean((2, 3)).numpy(), rtol=1e-5)


def test_encoders_can_be_left_out(subject: Subject) -> None:
    subject.omitted = frozenset({"pixels"})
    assert subject.encoders == ("trained", "untrained")


def test_an_unknown_encoder_is_named(subject: Subject) -> None:
    with pytest.raises(ValueError, match="no such encoder; there are: trained, untrained, pixels"):
        subject.encode("resnet")


def test_what_is_missing_is_said(images: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert train(images, "--method", "simclr", "--set", "data.labels=none", "--out", run) == 0
    with Subject.open(RunDirectory.open(run)) as subject:
        subject.require_queries()
        with pytest.raises(ValueError, match="no labels to measure accuracy with"):
            subject.require_labels()


def test_a_run_without_a_checkpoint(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_bytes((trained / "recipe.toml").read_bytes())
    with pytest.raises(ValueError, match="no checkpoint yet; train first"):
        Subject.open(RunDirectory.open(tmp_path))


def test_opening_is_called_off(trained: Path) -> None:
    with pytest.raises(Cancelled):
        Subject.open(RunDirectory.open(trained), watch=Watch(cancelled=lambda: True))
