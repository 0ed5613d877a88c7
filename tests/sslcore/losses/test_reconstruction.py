"""Pixel errors against loops."""

import math

import pytest
import torch

from sslcore.losses.reconstruction import emphasised, pixel_error, squashed


def images():
    torch.manual_seed(0)
    raw = torch.randn(2, 3, 4, 4, dtype=torch.float64)
    return raw, torch.rand(2, 3, 4, 4, dtype=torch.float64)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(
    ("loss", "output", "plain"),
    [
        ("mse", "linear", lambda x, t: (x - t) ** 2),
        ("mse", "sigmoid", lambda x, t: (sigmoid(x) - t) ** 2),
        (
            "bce",
            "sigmoid",
            lambda x, t: -t * math.log(sigmoid(x)) - (1 - t) * math.log(1 - sigmoid(x)),
        ),
    ],
)
def test_every_value_has_the_error_written_out(loss, output, plain):
    raw, target = images()
    expected = [
        plain(x, t) for x, t in zip(raw.flatten().tolist(), target.flatten().tolist(), strict=True)
    ]
    found = pixel_error(raw, target, loss, output).flatten().tolist()
    assert found == pytest.approx(expected, rel=1e-9)


def test_terms_weigh_touched_and_untouched_pixels():
    raw, target = images()
    error = pixel_error(raw, target, "mse", "linear")
    touched = torch.rand(2, 1, 4, 4) < 0.3
    sums = [0.0, 0.0]
    for b in range(2):
        for c in range(3):
            for y in range(4):
                for x in range(4):
                    value = (raw[b, c, y, x] - target[b, c, y, x]).item() ** 2
                    sums[0 if touched[b, 0, y, x] else 1] += value
    corrupted, untouched = emphasised(error, touched, 2.0, 0.5)
    assert corrupted.item() == pytest.approx(2.0 * sums[0] / 96, rel=1e-9)
    assert untouched.item() == pytest.approx(0.5 * sums[1] / 96, rel=1e-9)


def test_equal_weights_are_the_plain_mean_whatever_the_mask():
    error = pixel_error(*images(), "mse", "linear")
    for touched in (torch.rand(2, 1, 4, 4) < 0.5, torch.ones(2, 1, 4, 4, dtype=torch.bool)):
        torch.testing.assert_close(sum(emphasised(error, touched, 1.0, 1.0)), error.mean())


def test_copying_the_input_earns_nothing_where_only_corrupted_pixels_count():
    clean = torch.rand(2, 3, 4, 4)
    touched = torch.zeros(2, 1, 4, 4, dtype=torch.bool)
    touched[:, :, :2] = True
    copied = clean.masked_fill(touched, 0.0)
    error = pixel_error(copied, clean, "mse", "linear")
    corrupted, untouched = emphasised(error, touched, 1.0, 0.0)
    assert corrupted > 0
    assert untouched == 0
    assert sum(emphasised(error, ~touched, 1.0, 0.0)) == 0


@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("value", [0.0, 1e4, -1e4])
def test_extreme_outputs_stay_finite(loss, value):
    raw = torch.full((1, 1, 2, 2), value, dtype=torch.float16, requires_grad=True)
    error = pixel_error(raw, torch.rand(1, 1, 2, 2), loss, "sigmoid")
    assert error.dtype == torch.float32
    assert error.isfinite().all()
    error.mean().backward()
    assert raw.grad.isfinite().all()


def test_squashing_brings_values_into_the_unit_interval():
    raw, _ = images()
    assert squashed(raw, "linear") is raw
    assert squashed(raw * 100, "sigmoid").min() >= 0
    assert squashed(raw * 100, "sigmoid").max() <= 1


def test_shapes_that_differ_are_refused():
    raw, target = images()
    with pytest.raises(ValueError, match="differ in shape"):
        pixel_error(raw, target[:, :1], "mse", "linear")


def test_cross_entropy_needs_a_sigmoid():
    with pytest.raises(ValueError, match="needs output 'sigmoid'"):
        pixel_error(*images(), "bce", "linear")
