"""Shortcut probes of a run: nuisances read out of every encoder, cues for the pretext task."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.assessment.kinds.shortcuts import ShortcutsConfig, ShortcutsFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import nuisance_files, nuisances, readout
from tests.sslcore.assessment.demo_run import opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shortcuts")


@pytest.fixture(scope="module")
def found(place: Path) -> ShortcutsFinding:
    with opened(place, "simclr") as subject:
        return measure(subject, ShortcutsConfig(), Watch())


def test_factors_light_and_files_are_read(found, place):
    by_key = {one.key: one for one in found.read}
    assert {"class", "texture", "copies", "brightness", "sharpness", "file_size"} <= set(by_key)
    assert by_key["class"].source == "class"
    assert by_key["texture"].measure == "accuracy"
    assert by_key["brightness"].measure == "R2"
    assert found.encoders == ("trained", "untrained", "pixels")
    assert by_key["brightness"].scores["pixels"] > 0.9
    assert by_key["brightness"].baseline <= 0
    assert found.skipped["Width of the file's picture"] == "the same for all images"
    assert found.skipped["JPEG quality"] == "known of no image"


def test_scores_are_those_of_the_library(found, place):
    with opened(place, "simclr") as subject:
        rows = np.concatenate([subject.bank, subject.queries])
        light = nuisances.of_pixels(subject.material.pixels, rows, image_size=32).found
        columns = nuisance_files.of_columns(subject.material.catalogue, rows).found
        parts = subject.features("untrained")
        expected = readout.read(parts.bank, parts.queries, [*light, *columns]).found
    for one in found.read:
        if one.key in expected:
            assert one.scores["untrained"] == pytest.approx(expected[one.key].score, abs=1e-4)
            assert one.images == expected[one.key].images


def test_the_pretext_task_is_tried_and_warned_of(found):
    assert found.task == "views"
    texts = [cue.text for cue in found.cues]
    for title in ("The colour histogram", "Where it is light and dark", "The grain"):
        said = f"{title} alone finds the other view of an image in"
        assert sum(text.startswith(said) for text in texts) == 1
    assert all(cue.chance == pytest.approx(1 / 80) for cue in found.cues)
    closed = all(cue.level == "closed" for cue in found.cues)
    assert (found.headline() == "no shortcut found") == closed
    lines = found.lines()
    assert lines[:3] == texts
    assert any(line.startswith("Brightness") for line in lines)
    assert any(line.startswith("JPEG quality: not asked for, known of no") for line in lines)
    assert ShortcutsFinding.model_validate_json(found.model_dump_json()) == found


def test_without_colour_jitter_the_histogram_finds_more(found, place):
    with opened(place, "simclr") as subject:
        plan = subject.recipe.view_plan(subject.opened.checkpoint.facts)
        views = [
            view.changed(
                steps=tuple(
                    step.changed(
                        enabled=step.enabled and step.kind not in ("colour_jitter", "grey")
                    )
                    for step in view.steps
                )
            )
            for view in plan.views
        ]
        bare = subject.recipe.changed(views=plan.changed(views=tuple(views)))
        subject.opened = subject.opened.__class__(
            bare, subject.opened.checkpoint, subject.opened.method, subject.opened.device
        )
        without = measure(subject, ShortcutsConfig(), Watch())
    assert without.cues[0].score > 2 * found.cues[0].score
    assert "Switch colour jitter and grey on in Views." in without.cues[0].text


def test_few_images_leave_out_what_needs_more(subject: Subject) -> None:
    few = measure(subject, ShortcutsConfig(), Watch())
    assert few.read == ()
    assert few.skipped["Brightness"].startswith("known of 6 images held out")
    assert few.encoders == ()
    assert few.lines()


def test_headlines():
    empty = ShortcutsFinding(
        method="MAE", task="other", read=(), cues=(), gained=(), lost=(), skipped={}
    )
    assert empty.headline() == "0 nuisances"

    def cue(level):
        return {"title": "t", "score": 0.5, "chance": 0.1, "level": level, "text": "T."}

    def heading(*levels):
        values = {**empty.model_dump(), "cues": [cue(level) for level in levels]}
        return ShortcutsFinding.model_validate(values).headline()

    assert heading("closed") == "no shortcut found"
    assert heading("partly", "closed") == "1 shortcut, partly open"
    assert heading("open", "partly") == "2 shortcuts"


def test_it_is_called_off(place):
    with opened(place, "simclr") as subject, pytest.raises(Cancelled):
        measure(subject, ShortcutsConfig(), Watch(cancelled=lambda: True))
