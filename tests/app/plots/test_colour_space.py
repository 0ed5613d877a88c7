import numpy as np
import pytest

from app.plots.colour_space import contrast, from_lab, to_lab


def test_known_places_of_cielab():
    white, black, red = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]]))
    assert white == pytest.approx([100, 0, 0], abs=1e-6)
    assert black == pytest.approx([0, 0, 0], abs=1e-6)
    assert red == pytest.approx([53.24, 80.09, 67.20], abs=0.02)  # Lindbloom's calculator, D65


def test_there_and_back():
    rgb = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.array_equal(from_lab(to_lab(rgb)), rgb)


def test_contrast_is_symmetric_and_ends_at_21():
    white, black = np.array([255, 255, 255]), np.array([0, 0, 0])
    assert contrast(white, black) == pytest.approx(21.0)
    assert contrast(black, white) == pytest.approx(21.0)
    assert contrast(white, white) == pytest.approx(1.0)
