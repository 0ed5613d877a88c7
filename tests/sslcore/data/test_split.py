import numpy as np
import pytest

from sslcore.data.split import carve, stratified, together, whole_groups


def labels_of(*sizes):
    return np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)


@pytest.mark.parametrize("count", [0, 1, 7, 50, 99, 100])
def test_the_number_is_exact_and_shares_are_kept(count):
    labels = labels_of(50, 30, 15, 5)
    chosen = stratified(labels, count, 0)
    assert chosen.sum() == count
    per_class = np.bincount(labels[chosen], minlength=4)
    assert abs(per_class - np.array([0.5, 0.3, 0.15, 0.05]) * count).max() < 1


def test_the_seed_decides():
    labels = labels_of(50, 50)
    assert np.array_equal(stratified(labels, 20, 3), stratified(labels, 20, 3))
    assert not np.array_equal(stratified(labels, 20, 3), stratified(labels, 20, 4))


def test_every_image_of_a_class_is_as_likely():
    hits = sum(stratified(labels_of(10, 10), 10, seed) for seed in range(400))
    assert hits.min() > 150  # 200 expected, deviation 10
    assert hits.max() < 250


def test_a_smaller_choice_lies_within_a_larger_one():
    labels = labels_of(40, 40)
    small, large = stratified(labels, 20, 0), stratified(labels, 40, 0)
    assert not (small & ~large).any()


def test_groups_stay_whole_and_classes_near_their_share():
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 60, 600)
    labels = (groups + generator.integers(0, 2, 600)) % 3
    held = whole_groups(labels, groups, 0.25, 1)
    for group in range(60):
        assert len(set(held[groups == group].tolist())) <= 1
    for label in range(3):
        assert abs(held[labels == label].mean() - 0.25) < 0.08  # one group is 0.05 of a class


def test_at_least_one_group_is_left():
    labels, groups = np.zeros(4, np.int64), np.zeros(4, np.int64)
    assert not carve(labels, groups, 0.5, 0).any()
    assert carve(labels, np.array([0, 0, 1, 1]), 0.5, 0).sum() == 2


@pytest.mark.parametrize("count", range(6))
def test_tiny_sets_leave_something_to_train_on(count):
    held = carve(np.full(count, -1, np.int64), None, 0.9, 0)
    assert len(held) == count
    assert held.sum() <= max(0, count - 1)


@pytest.mark.parametrize("part", [-0.1, 1.0, float("nan")])
def test_parts_out_of_range_are_refused(part):
    with pytest.raises(ValueError, match="held_out"):
        carve(labels_of(4), None, part, 0)


def test_sequences_and_groups_that_share_a_row_are_one_group():
    sequences = np.array([0, 0, 1, 1, 2, 2, -1, -1])
    groups = np.array([7, 5, 5, 9, 3, 3, 8, 8])
    plain = together(sequences, None)
    assert [len(set(plain[[a, b]])) for a, b in ((0, 1), (1, 2), (4, 5), (6, 7))] == [1, 2, 1, 2]
    linked = together(sequences, groups)
    assert linked.dtype == np.int64
    assert len(set(linked[:4])) == 1, "the two sequences share group 5"
    assert len(set(linked[[0, 4, 6]])) == 3
    assert linked[6] == linked[7]
