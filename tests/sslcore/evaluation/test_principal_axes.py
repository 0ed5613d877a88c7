"""Rows on their principal axes: the same space, no number depending on another."""

import pytest
import torch

from sslcore.evaluation import principal_axes
from sslcore.evaluation.principal_axes import PrincipalAxes


def centred(count: int, width: int) -> torch.Tensor:
    rows = torch.randn(count, width, generator=torch.Generator().manual_seed(count))
    mixed = rows @ torch.randn(width, width, generator=torch.Generator().manual_seed(width))
    return mixed - mixed.mean(0)


@pytest.mark.parametrize(("count", "width"), [(40, 7), (7, 40), (12, 12)])
def test_turning_changes_no_product_of_rows(count: int, width: int) -> None:
    rows = centred(count, width)
    found = PrincipalAxes.of(rows)
    assert found.axes is not None
    torch.testing.assert_close(found.rows @ found.rows.T, rows @ rows.T, atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(rows @ found.axes, found.rows, atol=1e-3, rtol=1e-3)
    axes = found.axes.T @ found.axes
    torch.testing.assert_close(axes, torch.eye(len(axes)), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("count", "width"), [(40, 7), (7, 40)])
def test_no_number_depends_on_another(count: int, width: int) -> None:
    found = PrincipalAxes.of(centred(count, width))
    covariance = found.rows.T @ found.rows / count
    expected = torch.diag(found.variances)
    torch.testing.assert_close(covariance, expected, atol=1e-3, rtol=1e-3)
    assert len(found.variances) == min(count - 1, width) or count > width


def test_weights_go_there_and_back() -> None:
    found = PrincipalAxes.of(centred(40, 7))
    weight = torch.randn(3, 7)
    torch.testing.assert_close(found.back(found.onto(weight)), weight, atol=1e-5, rtol=1e-5)


def test_too_many_axes_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(principal_axes, "MOST", 5)
    rows = centred(40, 7)
    found = PrincipalAxes.of(rows)
    assert found.axes is None
    assert found.rows is rows
    torch.testing.assert_close(found.variances, rows.var(0, unbiased=False))
    weight = torch.randn(3, 7)
    assert found.back(found.onto(weight)) is weight
