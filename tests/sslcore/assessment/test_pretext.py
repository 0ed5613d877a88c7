"""What a run's pretext task is, and cues tried on its own views."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.assessment import pretext
from sslcore.assessment.subject import Subject
from sslcore.augment.transforms import TRANSFORMS
from sslcore.data import demo_kinds
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.evaluation.features import resized
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from tests.sslcore.assessment.demo_run import opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pretext")


@pytest.mark.parametrize(
    ("key", "task", "changed", "gap"),
    [
        ("simclr", "views", True, 0.0),
        ("instance_discrimination", "views", True, 0.0),
        ("swav", "views", True, 0.0),
        ("barlow_twins", "views", True, 0.0),
        ("cpc", "context", True, 0.0),
        ("rotation", "rotation", False, 0.0),
        ("relative_position", "patches", False, 0.45),
        ("jigsaw", "patches", True, 0.2),
        ("transform_prediction", "transforms", False, 0.0),
        ("denoising_autoencoder", "other", False, 0.0),
    ],
)
def test_the_task_is_read_off_the_views(place, key, task, changed, gap):
    with opened(place, key) as subject:
        found = pretext.of(subject)
        assert (found.task, found.colour_changed, found.gap) == (task, changed, gap)
        cues = pretext.tried(subject, subject.queries, found.task, seed=1)
        titles = {
            "views": ["histogram", "composition", "sharpness"],
            "context": ["histogram"],
            "rotation": ["thumbnail"],
            "patches": ["borders", "mean_colour", "aberration"],
            "transforms": [f"look/{name}" for name in TRANSFORMS],
            "other": [],
        }
        assert [one.key for one in cues] == titles[task]
        assert cues == pretext.tried(subject, subject.queries, found.task, seed=1)
        assert all(0 <= one.score <= 1 for one in cues)


def test_views_are_those_the_method_trains_on(place):
    with opened(place, "simclr") as subject:
        rows = subject.queries[:6]
        one, other = pretext._two_views(subject, rows, 3)
        assert one.shape == other.shape == (6, 3, 32, 32)
        assert not torch.equal(one, other)
    with opened(place, "instance_discrimination") as subject:
        one, other = pretext._two_views(subject, rows, 3)
        assert not torch.equal(one, other)
    with opened(place, "swav") as subject:
        one, other = pretext._two_views(subject, rows, 3)
        assert one.shape == (6, 3, 32, 32)
        assert not torch.equal(one, other)


def test_halves_are_the_patches_above_and_below(place):
    with opened(place, "cpc", crop_low=1.0, grey=0.0, colour="keep") as subject:
        rows = subject.queries[:5]
        upper, lower = pretext._halves(subject, rows, 2)
        stored = resized(subject.material.pixels.read(rows), 32)
        # Overlapping patches weigh pixels unevenly, so means are near and not equal.
        near = stored[..., :16, :].mean((1, 2, 3)) - stored[..., 16:, :].mean((1, 2, 3))
        found = upper.mean((1, 2, 3)) - lower.mean((1, 2, 3))
        assert upper.shape == lower.shape
        assert (found - near).abs().max() < 0.08
        assert np.corrcoef(found, near)[0, 1] > 0.9


def test_upright_pictures_are_upright(place):
    with opened(place, "rotation", crop_low=1.0) as subject:
        rows = subject.queries[:5]
        found = pretext._upright(subject, rows, 2)
        stored = subject.material.pixels.read(rows)
        whole = resized(stored, 32)
        same = (found - whole).abs().flatten(1).mean(1)
        mirrored = (found.flip(-1) - whole).abs().flatten(1).mean(1)
        # The view mirrors some; none is turned.
        assert float(torch.minimum(same, mirrored).max()) < 0.03


def test_tiles_come_in_reading_order_with_the_middle_first(place):
    with opened(place, "jigsaw", crop_low=1.0, gap=0.0, grey=0.0, standardise=False) as subject:
        rows = subject.queries[:4]
        pairs = pretext._pairs(subject, rows, 0)
        assert pairs.position.tolist() == list(range(8)) * 4
        assert pairs.image.tolist() == np.repeat(np.arange(4), 8).tolist()
        whole = resized(subject.material.pixels.read(rows), 32)
        for number in range(4):
            tiles = pairs.second[8 * number : 8 * number + 8]
            tiles = torch.cat([tiles[:4], pairs.first[8 * number, None], tiles[4:]])
            board = tiles.unflatten(0, (3, 3)).permute(2, 0, 3, 1, 4).flatten(3).flatten(1, 2)
            errors = [
                float((board - image[..., :30, :30]).abs().mean())
                for image in (whole[number], whole[number].flip(-1))  # the view mirrors some
            ]
            assert min(errors) < 0.01 < max(errors)


def test_neighbours_carry_their_answer(place):
    with opened(place, "relative_position", colour="keep", gap=0.0, jitter=0.0) as subject:
        pairs = pretext._pairs(subject, subject.queries, 0)
        each = len(pairs.position) // len(subject.queries)
        assert each == 4
        assert pairs.first.shape == pairs.second.shape
        assert set(pairs.position.tolist()) == set(range(8))
        # Right neighbours touch the right border, left ones do not.
        right, left = pairs.position == 4, pairs.position == 3
        edge, own = pairs.first[..., -1], pairs.second[..., 0]
        apart = (edge - own).abs().mean((1, 2))
        assert float(apart[right].mean()) < float(apart[left].mean())


def test_too_few_images_are_refused(place):
    with (
        opened(place, "rotation") as subject,
        pytest.raises(ValueError, match="at least 40 images"),
    ):
        pretext.tried(subject, subject.queries[:20], "rotation")


def test_captions_are_tried_with_colours(tmp_path):
    folder = demo_kinds.make(tmp_path / "spoken", "captions", count=120, size=32)
    recipe = Recipe.parse(
        {
            "data": {"folder": str(folder), "image_size": 32, "held_out": 0.5},
            "method": {"key": "clip"},
            "backbone": {"name": "convnet", "width": 4},
            "schedule": {"epochs": 1, "batch_size": 16},
            "run": {"device": "cpu", "threads": 1, "snapshot_every": 50, "probe_images": 10},
        }
    )
    with closing(RunDirectory.create(tmp_path / "run", recipe)) as directory:
        for event in train(recipe, Control(), directory):
            directory.append(event)
    with Subject.open(RunDirectory.open(tmp_path / "run")) as subject:
        assert pretext.of(subject).task == "captions"
        (found,) = pretext.tried(subject, subject.queries, "captions", seed=1)
        assert found.score > 0.6, "the captions of this set name colours"
        assert pretext.tried(subject, subject.queries, "captions", seed=1) == [found]
