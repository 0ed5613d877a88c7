"""Crops for supervised training: what a step holds depends on seed and number alone."""

import threading
from itertools import islice

import numpy as np
import pytest
import torch

from sslcore.evaluation.training_crops import batches, crop_plan
from tests.sslcore.evaluation.labelled_pictures import pictures

ROWS = np.array([9, 2, 4, 7, 0, 3, 8])


def steps(count, seed=0, size=3, side=12):
    found = pictures(12)
    labels = torch.from_numpy(found.labels[ROWS])
    parts = batches(found, ROWS, labels, crop_plan(side), size, seed)
    made = list(islice(parts, count))
    parts.close()
    return made


def test_every_pass_shows_each_image_at_most_once_with_its_own_label():
    found = pictures(12)
    whole = crop_plan(16, smallest=1.0, flips=False)
    plan = whole.changed(views=(whole.views[0].changed(steps=()),))  # nothing but the image
    labels = torch.from_numpy(found.labels[ROWS])
    parts = batches(found, ROWS, labels, plan, 3, 0)
    seen = list(islice(parts, 4))
    parts.close()
    for first in (0, 2):
        images = torch.cat([seen[first][0], seen[first + 1][0]])
        truth = torch.cat([seen[first][1], seen[first + 1][1]])
        places = [
            next(row for row in ROWS if torch.equal(found.images[row], image)) for image in images
        ]
        assert len(set(places)) == 6
        assert truth.tolist() == found.labels[places].tolist()
    assert not torch.equal(seen[0][0], seen[2][0])


def test_the_seed_decides_and_crops_differ_from_step_to_step():
    one, again, other = steps(3), steps(3), steps(3, seed=1)
    for (images, truth), (same, labels) in zip(one, again, strict=True):
        assert images.shape == (3, 3, 12, 12)
        assert torch.equal(images, same)
        assert torch.equal(truth, labels)
    assert not torch.equal(one[0][0], other[0][0])


def test_a_set_smaller_than_a_batch_is_a_batch():
    assert [len(labels) for _, labels in steps(2, size=100)] == [7, 7]


def test_no_thread_is_left_behind():
    before = threading.active_count()
    steps(2)
    assert threading.active_count() == before


def test_small_images_are_not_cropped_to_nothing():
    low = {size: crop_plan(size).views[0].steps[0].scale_low for size in (32, 63, 64, 224)}
    assert low == {32: 0.2, 63: 0.2, 64: 0.08, 224: 0.08}
    assert [step.kind for _, step in crop_plan(32, flips=False).views[0].active] == [
        "random_resized_crop"
    ]


def test_bad_input_is_refused():
    found = pictures(4)
    none = torch.zeros(0, dtype=torch.int64)
    with pytest.raises(ValueError, match="no images"):
        next(batches(found, np.zeros(0, np.int64), none, crop_plan(16), 2, 0))
