"""Diagnostics are copies of what the step saw, with the right images behind them."""

import numpy as np
import pytest
import torch

from sslcore.batch import Batch
from sslcore.losses import pictures


def batch(count=5):
    return Batch(torch.arange(count) * 10, {"view_a": torch.rand(count, 1, 3, 4, 4)})


def test_arrays_own_their_memory():
    tensor = torch.zeros(3, requires_grad=True)
    copy = pictures.array(tensor)
    with torch.no_grad():
        tensor.add_(1)
    assert copy.tolist() == [0.0, 0.0, 0.0]
    assert pictures.array(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pixels_are_three_channels_of_bytes(channels):
    images = torch.rand(2, channels, 4, 5)
    shown = pictures.pixels(images)
    assert shown.shape == (2, 4, 5, 3)
    assert shown.dtype == np.uint8
    for colour in range(3):
        source = colour if channels >= 3 else 0
        expected = (images[:, source] * 255).round().numpy()
        assert np.array_equal(shown[..., colour], expected)


def test_values_outside_the_unit_interval_are_clamped():
    assert pictures.pixels(torch.tensor([-1.0, 2.0]).view(2, 1, 1, 1)).flatten().tolist() == [
        *[0] * 3,
        *[255] * 3,
    ]


def test_rows_name_their_images_also_with_several_views():
    assert pictures.ids(batch(3), 3).tolist() == [0, 10, 20]
    assert pictures.ids(batch(3), 6).tolist() == [0, 0, 10, 10, 20, 20]


def test_the_pair_heatmap_has_view_a_in_rows_and_view_b_in_columns():
    a = torch.eye(3)
    b = torch.stack([a[0], a[2], a[2]])
    heatmap = pictures.pair_heatmap(a, b, batch(3))
    expected = [[1, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert np.allclose(heatmap.values, expected)
    assert heatmap.row_ids.tolist() == [0, 10, 20]
    assert (heatmap.low, heatmap.high) == (-1, 1)


def test_large_batches_are_shown_in_part():
    z = torch.randn(pictures.ROWS_SHOWN + 5, 4)
    heatmap = pictures.pair_heatmap(z, z, batch(len(z)))
    assert heatmap.values.shape == (pictures.ROWS_SHOWN,) * 2
    assert len(heatmap.column_ids) == pictures.ROWS_SHOWN


def test_the_histogram_counts_every_pair():
    shown = pictures.cosine_histogram(torch.ones(4), torch.zeros(4, 3))
    assert shown.counts["same image"].sum() == 4
    assert shown.counts["other image"].sum() == 12
    assert shown.counts["same image"][-1] == 4


def test_the_spectrum_is_that_of_centred_rows():
    torch.manual_seed(0)
    z = torch.randn(20, 6) + 100
    expected = np.linalg.svd((z - z.mean(0)).double().numpy(), compute_uv=False)
    line = pictures.spectrum(z).lines["singular value"]
    assert np.allclose(line, expected / expected[0], rtol=1e-5)


def test_a_collapsed_embedding_has_a_flat_floor_and_no_error():
    line = pictures.spectrum(torch.ones(5, 3)).lines["singular value"]
    assert np.isfinite(line).all()
    assert (line > 0).all()
    assert line.max() <= 1e-8 * 1.01


def test_projections_that_are_not_finite_draw_no_spectrum():
    z = torch.rand(6, 4)
    z[2, 1] = float("nan")
    line = pictures.spectrum(z).lines["singular value"]
    assert len(line) == 4
    assert np.isnan(line).all()


def test_lag_has_a_bar_for_every_layer():
    bars = pictures.lag({"stem.weight": 0.25, "head.0": 0.0})
    assert bars.labels == ("stem", "head.0")
    assert bars.values.tolist() == [0.25, 0.0]
    assert bars.reference == 0.0


def attended(grid, keys=2, count=3, side=None):
    """Attention drawn at random, as a method gives it, and as stored."""
    torch.manual_seed(0)
    places = grid[0] * grid[1]
    shares = torch.randn(count, places, keys * places).mul(3).softmax(-1)
    size = side or (2 * grid[0], 2 * grid[1])
    made = pictures.attention(
        torch.rand(count, 3, *size),
        torch.rand(count, keys, 3, *size),
        shares,
        grid,
        batch(count),
        query_name="target",
        key_names=[f"reference {one}" for one in range(keys)],
    )
    return shares, made


def test_attention_is_stored_place_by_place():
    shares, made = attended((2, 3))
    assert made.grid == (2, 3)
    assert made.shares.shape == (3, 6, 2, 6)
    assert made.shares.dtype == np.float16
    for n, p, r, q in ((0, 0, 0, 0), (1, 4, 1, 2), (2, 5, 0, 5)):
        assert made.shares[n, p, r, q] == pytest.approx(shares[n, p, 6 * r + q].item(), abs=1e-3)
    assert made.queries.shape == (3, 4, 6, 3)
    assert made.keys.shape == (3, 2, 4, 6, 3)
    assert made.ids.tolist() == [0, 10, 20]
    assert made.middle == 4, "the second row, the second column"


def test_attention_of_a_fine_grid_is_pooled_and_still_adds_up(monkeypatch):
    monkeypatch.setattr(pictures, "PLACES_KEPT", 3)
    shares, made = attended((5, 2))
    assert made.grid == (3, 2)
    rows = [[0, 1], [2, 3], [4]]  # of the grid, that fall into each of the three kept
    for n, p, r, q in ((0, 0, 0, 1), (1, 3, 1, 4), (2, 4, 1, 5)):
        asking = [row * 2 + p % 2 for row in rows[p // 2]]
        asked = [r * 10 + row * 2 + q % 2 for row in rows[q // 2]]
        expected = sum(shares[n, a, b].item() for a in asking for b in asked) / len(asking)
        assert made.shares[n, p, r, q] == pytest.approx(expected, abs=1e-3)
    assert np.allclose(made.shares.astype(np.float32).sum((2, 3)), 1, atol=5e-3)


def test_attention_stays_small(monkeypatch):
    _, made = attended((2, 2), count=12, side=(300, 4))
    assert made.queries.shape == (pictures.COLUMNS_SHOWN, pictures.SIDE_KEPT, 4, 3)
    assert made.keys.shape == (pictures.COLUMNS_SHOWN, 2, pictures.SIDE_KEPT, 4, 3)
    monkeypatch.setattr(pictures, "SHARES_KEPT", 2 * 2 * 4 * 4)
    _, fewer = attended((2, 2), count=12)
    assert fewer.shares.shape == (2, 4, 2, 4)
    assert len(fewer.ids) == len(fewer.queries) == len(fewer.keys) == 2
    monkeypatch.setattr(pictures, "SHARES_KEPT", 1)
    assert len(attended((2, 2))[1].shares) == 1, "one picture is always kept"
