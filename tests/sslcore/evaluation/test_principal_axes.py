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
def test_axes_are_at_right_angles_and_span_the_rows(count: int, width: int) -> None:
    rows = centred(count, width)
    found = PrincipalAxes.of(rows)
    assert found.axes is not None
    axes = found.axes.T @ found.axes
    torch.testing.assert_close(axes, torch.eye(len(axes)), atol=1e-4, rtol=0)
    there = rows @ found.axes
    torch.testing.assert_close(there @ there.T, rows @ rows.T, atol=1e-2, rtol=1e-4)


def test_few_rows_are_turned_and_many_stay_as_they_are() -> None:
    few, many = centred(7, 40), centred(40, 7)
    found = PrincipalAxes.of(few)
    assert found.turned
    torch.testing.assert_close(few @ found.axes, found.rows, atol=1e-3, rtol=1e-3)
    found = PrincipalAxes.of(many)
    assert not found.turned
    assert found.rows is many


@pytest.mark.parametrize(("count", "width"), [(40, 7), (7, 40)])
def test_no_number_depends_on_another_there(count: int, width: int) -> None:
    rows = centred(count, width)
    found = PrincipalAxes.of(rows)
    there = rows @ found.axes
    covariance = there.T @ there / count
    expected = torch.diag(found.variances)
    torch.testing.assert_close(covariance, expected, atol=1e-3, rtol=1e-3)
    assert len(found.variances) == min(count - 1, width) or count > width


@pytest.mark.parametrize("count", [5, 40])
def test_weights_on_the_axes_score_rows_as_they_are_kept(count: int) -> None:
    rows = centred(count, 7)
    found = PrincipalAxes.of(rows)
    assert found.axes is not None
    weight = torch.randn(3, len(found.variances), generator=torch.Generator().manual_seed(1))
    scores = found.rows @ found.on_rows(weight).T
    torch.testing.assert_close(scores, rows @ found.axes @ weight.T, atol=1e-3, rtol=1e-3)


def test_axes_of_very_many_rows_are_those_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = centred(4000, 7)
    whole = PrincipalAxes.of(rows)
    monkeypatch.setattr(principal_axes, "FEWEST", 500)
    part = PrincipalAxes.of(rows)
    some = rows[::8]
    torch.testing.assert_close(part.variances.sum(), some.square().sum() / 500, rtol=1e-4, atol=0)
    assert not torch.equal(part.variances, whole.variances)
    torch.testing.assert_close(part.variances, whole.variances, rtol=0.3, atol=0.3)


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
