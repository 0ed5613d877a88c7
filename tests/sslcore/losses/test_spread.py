"""Spread of projections against deviations written out."""

import math

import numpy as np
import pytest
import torch

from sslcore.evaluation.collapse import feature_std
from sslcore.losses import spread


def rows(count=9, length=5):
    torch.manual_seed(0)
    return torch.randn(count, length, dtype=torch.float64) * torch.arange(1, length + 1)


def written_out(column):
    mean = sum(column) / len(column)
    return math.sqrt(sum((one - mean) ** 2 for one in column) / (len(column) - 1))


def test_deviations_are_unbiased_and_per_dimension():
    z = rows()
    expected = [written_out(column) for column in z.T.tolist()]
    assert spread.deviation(z).tolist() == pytest.approx(expected, rel=1e-9)


def test_relative_spread_is_the_feature_deviation_of_evaluation_against_its_aim():
    z = rows()
    expected = feature_std(z.numpy()) * math.sqrt(5)
    assert spread.relative(z).item() == pytest.approx(expected, rel=1e-9)


def test_lengths_do_not_matter_and_even_directions_give_one():
    torch.manual_seed(1)
    z = torch.randn(5000, 64)
    assert spread.relative(z).item() == pytest.approx(1.0, rel=0.01)
    longer = z * torch.rand(5000, 1).add(0.1)
    torch.testing.assert_close(spread.relative(longer), spread.relative(z))


@pytest.mark.parametrize("value", [0.0, 1.0, 1e4])
def test_rows_that_are_all_alike_do_not_spread(value):
    assert spread.relative(torch.full((6, 3), value)).item() == pytest.approx(0.0, abs=1e-6)


def test_one_row_and_half_precision_give_numbers():
    assert spread.relative(torch.ones(1, 3)).item() == 0.0
    assert spread.deviation(torch.ones(1, 3)).tolist() == [0.0] * 3
    half = spread.relative(rows().half())
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(spread.relative(rows()).item(), rel=1e-2)


def test_the_curve_falls_and_has_its_mark():
    shown = spread.dimensions(torch.tensor([0.2, 0.9, 0.5]), "aim", 1.0)
    assert shown.lines["standard deviation"].tolist() == pytest.approx([0.9, 0.5, 0.2])
    assert shown.x.tolist() == [1, 2, 3]
    assert shown.marks == {"aim": 1.0}


def test_what_is_not_finite_has_no_line():
    shown = spread.dimensions(torch.tensor([0.2, math.nan]), "aim", 1.0)
    assert np.isnan(shown.lines["standard deviation"]).all()
