"""Scores of dense probes: the slow definitions, pixel by pixel."""

import numpy as np
import pytest
import torch
from sklearn.metrics import jaccard_score

from sslcore.data.pool import Cancelled
from sslcore.evaluation.dense import collect, constant, fit_classes, fit_depth
from sslcore.evaluation.dense_scores import measure_classes, measure_depth
from tests.sslcore.evaluation.dense_world import Memory, coarse, world


def rough(images):
    """Reads less than there is: one colour only."""
    return coarse(images)[:, :1]


def test_depth_errors_pixel_by_pixel():
    images, depth, _ = world()
    bank = collect(rough, images, depth, range(40), categories=False)
    probe = fit_depth(bank)
    told = []
    found = measure_depth(
        probe, rough, images, depth, range(40, 60), progress=lambda *at: told.append(at)
    )
    assert told == [(20, 20)]
    guess = probe.predict(rough(images.images[40:]), (16, 16)).double().numpy()
    truth = depth.images[40:, 0].double().numpy()
    known = truth > 0
    errors = guess[known] - truth[known]
    assert found.pixels == known.sum()
    assert found.rmse == pytest.approx(np.sqrt((errors**2).mean()))
    assert found.abs_rel == pytest.approx((np.abs(errors) / truth[known]).mean())
    ratio = np.maximum(guess[known] / truth[known], truth[known] / guess[known])
    assert found.delta == pytest.approx((ratio < 1.25).mean())
    flat = measure_depth(constant(bank, categories=False), rough, images, depth, range(40, 60))
    assert found.rmse < flat.rmse
    assert flat.rmse == pytest.approx(
        np.sqrt(((truth[known] - float(bank.targets.mean())) ** 2).mean()), rel=1e-5
    )


def test_overlap_is_scikit_learns_and_void_pixels_do_not_count():
    images, _, classes = world()
    bank = collect(rough, images, classes, range(40), categories=True, pixels=2000)
    probe = fit_classes(bank)
    found = measure_classes(probe, rough, images, classes, range(40, 60))
    guess = probe.predict(rough(images.images[40:]), (16, 16)).numpy()
    truth = classes.images[40:, 0].numpy()
    known = truth != 255
    expected = jaccard_score(truth[known], guess[known], average=None, labels=[3, 7])
    assert found.classes.tolist() == [3, 7]
    np.testing.assert_allclose(found.iou, expected)
    assert found.mean_iou == pytest.approx(expected.mean())
    assert found.accuracy == pytest.approx((truth[known] == guess[known]).mean())
    assert found.pixels == known.sum()
    most = measure_classes(constant(bank, categories=True), rough, images, classes, range(40, 60))
    assert most.mean_iou < found.mean_iou
    assert sorted(most.iou)[0] == 0


def test_a_class_the_bank_never_had_counts_as_missed():
    images, _, classes = world(20)
    bank = collect(coarse, images, classes, range(15), categories=True, pixels=1500)
    held = classes.images.clone()
    held[15:, :, :4] = 9.0
    found = measure_classes(fit_classes(bank), coarse, images, Memory(held), range(15, 20))
    assert found.classes.tolist() == [3, 7, 9]
    assert found.iou[2] == 0


def test_targets_without_a_measured_pixel_and_calling_off():
    images, depth, classes = world(6)
    bank = collect(coarse, images, depth, range(6), categories=False)
    probe = fit_depth(bank)
    with pytest.raises(ValueError, match="no held-out target has a measured pixel"):
        measure_depth(probe, coarse, images, Memory(0 * depth.images), range(6))
    kinds = fit_classes(collect(coarse, images, classes, range(6), categories=True))
    void = Memory(torch.full_like(classes.images, 255.0))
    with pytest.raises(ValueError, match="no held-out target has a pixel that counts"):
        measure_classes(kinds, coarse, images, void, range(6))
    with pytest.raises(Cancelled):
        measure_depth(probe, coarse, images, depth, range(6), cancelled=lambda: True)
