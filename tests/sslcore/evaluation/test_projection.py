import numpy as np
import pytest
from sklearn.decomposition import PCA

from sslcore.evaluation.projection import Alignment, Components, align, pca

RNG = np.random.default_rng(0)
H = (RNG.normal(size=(50, 6)) * [5, 4, 3, 2, 1, 0.5]).astype(np.float32)


@pytest.mark.parametrize("features", [H, H[:4], np.hstack([H[:20], H[20:40], H[30:50], H[:20]])])
def test_pca_equals_scikit_learn_up_to_sign(features):
    expected = PCA(2).fit_transform(features.astype(np.float64))
    found = pca(features)
    assert found.dtype == np.float32
    signs = np.sign((found * expected).sum(0))
    np.testing.assert_allclose(found * signs, expected, atol=2e-5)


def test_pca_gives_the_same_picture_whatever_order_the_images_come_in():
    order = RNG.permutation(50)
    np.testing.assert_allclose(pca(H)[order], pca(H[order]), atol=1e-5)
    np.testing.assert_allclose(pca(H + 100), pca(H), atol=1e-3)


def test_pca_fills_up_dimensions_that_are_not_there():
    found = pca(H[:, :1], 3)
    np.testing.assert_allclose(found[:, 0], H[:, 0] - H[:, 0].mean(), atol=1e-5)
    assert not found[:, 1:].any()
    assert not pca(np.ones((5, 4))).any()
    assert pca(np.ones((1, 4))).tolist() == [[0.0, 0.0]]


def test_pca_refuses_bad_input():
    with pytest.raises(ValueError, match="NaN"):
        pca(H * np.nan)
    with pytest.raises(ValueError, match="dimensions must be at least 1"):
        pca(H, 0)


def test_align_undoes_moving_turning_mirroring_and_scaling():
    layout = H[:, :2]
    turn, _ = np.linalg.qr(RNG.normal(size=(2, 2)))
    for mirror in ([1, 1], [1, -1]):
        moved = ((layout @ turn) * mirror * 3 + [7, -2]).astype(np.float32)
        np.testing.assert_allclose(align(moved, layout), layout, atol=1e-4)


def test_align_finds_the_best_angle_of_all():
    layout, goal = H[:, :2], H[:, 1:3]
    best = ((align(layout, goal) - goal) ** 2).sum()
    points = layout - layout.mean(0)
    for angle in np.linspace(0, 2 * np.pi, 50):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for scale in (0.01, 0.3, 1.0):
            other = points @ turn * scale + goal.mean(0)
            assert best <= ((other - goal) ** 2).sum() + 1e-3


def test_align_keeps_what_has_no_shape_and_refuses_other_points():
    np.testing.assert_allclose(
        align(np.ones((3, 2)), H[:3, :2]), H[:3, :2].mean(0)[None].repeat(3, 0)
    )
    with pytest.raises(ValueError, match="same points"):
        align(H[:3, :2], H[:4, :2])


def test_components_project_others_too_and_an_alignment_moves_them():
    components = Components.of(H, 3)
    np.testing.assert_allclose(components.project(H), pca(H, 3), atol=1e-6)
    theirs = PCA(3).fit(H.astype(np.float64))
    others = H[:5] * 2 + 1
    found = components.project(others)
    np.testing.assert_allclose(np.abs(found), np.abs(theirs.transform(others)), atol=1e-4)
    with pytest.raises(ValueError, match="5 dimensions, and 6 on the map"):
        components.project(H[:, :5])
    moved = Alignment.of(H[:, :2], H[:, :2] * 3 + 1)
    np.testing.assert_allclose(moved(np.array([[2.0, -1.0]])), [[7.0, -2.0]], atol=1e-4)
    assert moved.scale == pytest.approx(3, abs=1e-5)
