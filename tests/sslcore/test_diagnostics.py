"""What a method shows is kept exactly where it matters and comes back from disk as it was."""

import json
from dataclasses import fields

import numpy as np
import pytest

from sslcore.diagnostics import (
    HEATMAP_LIMIT,
    KINDS,
    Attention,
    Bars,
    Curve,
    Heatmap,
    ImageGrid,
    block_means,
    heatmap,
    histogram,
    pack,
    unpack,
)

RNG = np.random.default_rng(0)


def equal(one: object, other: object) -> bool:
    """Field by field, arrays by value and type."""

    def same(a: object, b: object) -> bool:
        if isinstance(a, np.ndarray):
            return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
        if isinstance(a, dict):
            return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
        return a == b

    return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def test_block_means_are_the_means_of_blocks() -> None:
    matrix = RNG.normal(size=(1024, 1536)).astype(np.float32)
    expected = matrix.reshape(512, 2, 512, 3).mean((1, 3))
    np.testing.assert_allclose(block_means(matrix, 512), expected, atol=1e-6)
    assert block_means(matrix[:700, :5], 512).shape == (512, 5)
    small = matrix[:10, :10]
    np.testing.assert_array_equal(block_means(small, 512), small)
    # Blocks of unequal size hold every entry once.
    uneven = np.arange(7, dtype=np.float32)[:, None]
    np.testing.assert_allclose(block_means(uneven, 3).ravel(), [0.5, 2.5, 5.0])


def test_a_large_heatmap_keeps_its_diagonal_and_counts_every_entry() -> None:
    size = HEATMAP_LIMIT + 88
    matrix = RNG.uniform(-0.5, 0.5, (size, size)).astype(np.float32)
    np.fill_diagonal(matrix, 1.0)
    before = matrix.copy()
    made = heatmap(matrix)
    np.testing.assert_array_equal(matrix, before)
    assert made.values.shape == (HEATMAP_LIMIT, HEATMAP_LIMIT)
    assert made.shape == (size, size)
    np.testing.assert_array_equal(made.diagonal, np.ones(size))
    assert made.diagonal_histogram.sum() == made.diagonal_histogram[-1] == size
    assert made.off_diagonal_histogram.sum() == size * (size - 1)
    assert made.off_diagonal_histogram[-1] == 0
    off = matrix[~np.eye(size, dtype=bool)]
    assert made.summary["diagonal mean"] == pytest.approx(1.0)
    assert made.summary["off-diagonal sd"] == pytest.approx(off.astype(np.float64).std(), rel=1e-5)


def test_a_matrix_without_a_diagonal_has_none() -> None:
    made = heatmap(np.full((2, 3), 7.0), low=0, high=1, row_ids=np.array([4, 5]))
    assert made.diagonal.size == 0
    assert made.summary == {}
    assert made.off_diagonal_histogram[-1] == 6, "beyond the limits counts as the last bin"
    assert made.row_ids.tolist() == [4, 5]
    assert made.column_ids.size == 0
    assert heatmap(np.array([[np.nan]])).diagonal_histogram.sum() == 1
    for bad in (np.zeros(3), np.zeros((0, 2))):
        with pytest.raises(ValueError, match="needs a matrix with entries"):
            heatmap(bad)


def test_a_histogram_counts_groups_over_common_bins() -> None:
    groups = {"a": RNG.normal(size=100), "b": np.append(RNG.normal(3, 1, 50), [np.nan, np.inf])}
    made = histogram(groups, axis="cosine", bins=10, marks={"chance": 0.0})
    lowest, highest = groups["a"].min(), groups["b"][:50].max()
    assert (made.edges[0], made.edges[-1]) == (np.float32(lowest), np.float32(highest))
    assert {name: int(one.sum()) for name, one in made.counts.items()} == {"a": 100, "b": 50}
    assert made.marks == {"chance": 0.0}
    fixed = histogram({"a": np.array([-5.0, 0.5, 5.0])}, axis="x", low=0, high=1, bins=2)
    assert fixed.counts["a"].tolist() == [1, 2], "beyond the limits counts at the edge"


@pytest.mark.parametrize("values", [[], [2.0, 2.0], [np.nan]])
def test_a_histogram_of_nothing_or_of_one_value_has_bins_of_a_width(values: list[float]) -> None:
    made = histogram({"a": np.array(values)}, axis="x", bins=4)
    assert np.all(np.diff(made.edges) > 0)
    assert made.counts["a"].sum() == np.isfinite(values).sum()


DIAGNOSTICS = {
    "heatmap": heatmap(RNG.normal(size=(4, 4)), row_label="row", column_ids=np.arange(4)),
    "histogram": histogram({"on": RNG.normal(size=9)}, axis="x", marks={"zero": 0.0}),
    "image_grid": ImageGrid(
        RNG.integers(0, 255, (2, 3, 4, 4, 3), dtype=np.uint8),
        ("before", "after"),
        np.arange(3),
        (("a", "b", "c"), ("d", "e", "f")),
    ),
    "bars": Bars(("cat", "dog"), np.array([0.1, 0.9], np.float32), "accuracy", 0.5),
    "curve": Curve(
        np.arange(5, dtype=np.float32),
        {"spectrum": RNG.normal(size=5).astype(np.float32)},
        "rank",
        "value",
        True,
        {},
    ),
    "attention": Attention(
        RNG.integers(0, 255, (2, 4, 6, 3), dtype=np.uint8),
        RNG.integers(0, 255, (2, 3, 4, 6, 3), dtype=np.uint8),
        RNG.random((2, 6, 3, 6)).astype(np.float16),
        (2, 3),
        "target",
        ("first", "second", "last"),
        np.arange(2),
    ),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_comes_back_from_json_and_arrays(kind: str) -> None:
    first = DIAGNOSTICS[kind]
    header, arrays = pack(first)
    assert all(isinstance(one, np.ndarray) for one in arrays.values())
    second = unpack(json.loads(json.dumps(header)), arrays)
    assert type(second) is type(first) is KINDS[kind]
    assert equal(first, second)


def test_an_unknown_kind_and_a_lost_array_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of diagnostic: 'movie'"):
        unpack({"kind": "movie"}, {})
    header, arrays = pack(DIAGNOSTICS["curve"])
    del arrays["lines/spectrum"]
    with pytest.raises(ValueError, match="a curve lacks its lines/spectrum"):
        unpack(header, arrays)
    header, arrays = pack(DIAGNOSTICS["heatmap"])
    del arrays["values"]
    with pytest.raises(ValueError, match="a heatmap lacks its values"):
        unpack(header, arrays)
    # What a later version added and has a default for may be missing in an old file.
    header, arrays = pack(DIAGNOSTICS["bars"])
    del header["reference"]
    assert unpack(header, arrays).reference is None


def test_names_belong_to_the_sides_of_a_matrix() -> None:
    made = heatmap(np.zeros((2, 3)), row_names=("a", "b"), column_names=("x", "y", "z"))
    header, arrays = pack(made)
    back = unpack(json.loads(json.dumps(header)), arrays)
    assert isinstance(back, Heatmap)
    assert back.row_names == ("a", "b")
    assert back.column_names == ("x", "y", "z")
    with pytest.raises(ValueError, match="2 names were given for a side of 3"):
        heatmap(np.zeros((2, 3)), column_names=("x", "y"))
    del header["row_names"], header["column_names"]  # stored before there were names
    old = unpack(header, arrays)
    assert isinstance(old, Heatmap)
    assert old.row_names == ()
