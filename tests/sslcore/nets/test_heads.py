"""Heads: what they compute and what they refuse."""

import pytest
import torch
from torch import nn

from sslcore.config import ConfigError
from sslcore.nets.heads import check_rows, mlp


def test_no_layers_pass_features_through():
    z = torch.randn(4, 5)
    assert mlp(5, 7, 9, 0)(z) is z


def test_one_layer_is_linear():
    head = mlp(5, 7, 9, 1)
    a, b = torch.randn(2, 4, 5)
    bias = head(torch.zeros(1, 5))
    torch.testing.assert_close(head(a + 2 * b), head(a) + 2 * head(b) - 2 * bias)


def test_two_layers_are_linear_norm_relu_linear():
    torch.manual_seed(0)
    head = mlp(5, 7, 9, 2)
    h = torch.randn(16, 5)
    hidden = h @ head[0].weight.T
    hidden = (hidden - hidden.mean(0)) / (hidden.var(0, unbiased=False) + 1e-5).sqrt()
    expected = hidden.clamp(min=0) @ head[-1].weight.T + head[-1].bias
    torch.testing.assert_close(head(h), expected)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_norms_and_biases_are_counted(layers):
    head = mlp(5, 7, 9, layers, final_norm=True)
    linear = [one for one in head if isinstance(one, nn.Linear)]
    assert len(linear) == layers
    assert sum(isinstance(one, nn.BatchNorm1d) for one in head) == layers
    assert all(one.bias is None for one in linear)
    assert head(torch.randn(4, 5)).shape == (4, 9)


def test_a_last_norm_without_affine_standardises_and_learns_nothing():
    torch.manual_seed(0)
    head = mlp(5, 7, 9, 2, final_norm=True, final_affine=False)
    assert [one.affine for one in head if isinstance(one, nn.BatchNorm1d)] == [True, False]
    out = head(torch.randn(64, 5) * 9 + 4)
    torch.testing.assert_close(out.mean(0), torch.zeros(9), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(0, unbiased=False), torch.ones(9), atol=1e-2, rtol=0)


def test_without_norm_rows_do_not_see_each_other():
    head = mlp(5, 7, 9, 3, norm=False)
    h = torch.randn(6, 5)
    torch.testing.assert_close(head(h)[:2], head(h[:2]))
    assert not any(isinstance(one, nn.BatchNorm1d) for one in head)


@pytest.mark.parametrize("sizes", [(0, 7, 9, 2), (5, 0, 9, 2), (5, 7, 0, 2), (5, 7, 9, -1)])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match="a head needs positive sizes"):
        mlp(*sizes)


@pytest.mark.parametrize(("batch_size", "each"), [(1, 1), (1, 2), (2, 1), (1, 4)])
def test_a_single_row_is_refused_just_where_batch_norm_refuses_it(batch_size, each):
    head = mlp(5, 7, 9, 2).train()
    rows = torch.randn(batch_size * each, 5)
    if len(rows) > 1:
        check_rows(batch_size, each, "pairs")
        assert head(rows).isfinite().all()
        return
    with pytest.raises(ValueError, match="more than 1 value"):
        head(rows)
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1: .* pairs .* at least 2"):
        check_rows(batch_size, each, "pairs")
