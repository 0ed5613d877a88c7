"""Sets of permutations: far apart, greedy as defined, the same every time."""

from itertools import permutations

import numpy as np
import pytest
import torch

from sslcore.augment.permutations import permutation_set


def distances(chosen):
    each = (chosen[:, None] != chosen[None]).sum(-1)
    return each[~torch.eye(len(chosen), dtype=torch.bool)]


@pytest.mark.parametrize("tiles", [4, 5])
def test_the_choice_is_the_greedy_one_written_out(tiles):
    every = list(permutations(range(tiles)))
    chosen = [tuple(row) for row in permutation_set(12, 3, tiles).tolist()]
    assert chosen[0] in every
    for count in range(1, 12):
        before = chosen[:count]
        marks = []
        for one in every:
            apart = [sum(a != b for a, b in zip(one, other, strict=True)) for other in before]
            marks.append((min(apart), sum(apart)))
        assert chosen[count] == every[marks.index(max(marks))]


def test_a_hundred_orders_of_nine_tiles_are_as_far_apart_as_published_and_never_close():
    chosen = permutation_set(100)
    assert chosen.shape == (100, 9)
    assert chosen.dtype == torch.int64
    assert (chosen.sort(1).values == torch.arange(9)).all()
    apart = distances(chosen)
    assert apart.double().mean() >= 8.0  # the paper's set: 8.00 to 8.08
    assert apart.min() >= 6  # of its set: 2
    drawn = np.stack([np.random.default_rng(seed).permutation(9) for seed in range(100)])
    assert distances(torch.from_numpy(drawn)).min() < apart.min()


def test_the_same_seed_gives_the_same_set_and_a_smaller_one_is_its_beginning():
    assert torch.equal(permutation_set(30, 1), permutation_set(30, 1))
    assert torch.equal(permutation_set(30, 1)[:10], permutation_set(10, 1))
    assert not torch.equal(permutation_set(10, 1), permutation_set(10, 2))


def test_changing_a_set_that_was_given_out_leaves_the_next_alone():
    permutation_set(10, 1).zero_()
    assert permutation_set(10, 1).sum() == 360


def test_all_permutations_can_be_asked_for_and_no_more():
    assert len(set(map(tuple, permutation_set(24, tiles=4).tolist()))) == 24
    with pytest.raises(ValueError, match="count = 25: 4 tiles have 24 permutations"):
        permutation_set(25, tiles=4)
    with pytest.raises(ValueError, match="count = 0"):
        permutation_set(0)
    with pytest.raises(ValueError, match="tiles = 16: permutations are looked through for 2 to 9"):
        permutation_set(10, tiles=16)
