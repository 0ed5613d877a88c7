"""The queue against a plain list: first in, first out."""

from collections import deque

import pytest
import torch

from sslcore.nets.queue import Queue


def numbered(*numbers):
    return torch.tensor([[float(one), 0.5] for one in numbers])


@pytest.mark.parametrize(
    ("size", "batches"),
    [
        (6, [2, 2, 2, 2]),
        (6, [4, 4, 4]),
        (5, [3, 1, 5, 2]),
        (4, [9, 1]),
        (3, [3, 3]),
    ],
)
def test_it_holds_the_newest_keys_as_a_list_would(size, batches):
    queue = Queue(size, 2)
    plain = deque(maxlen=size)
    number = 0
    for step, count in enumerate(batches):
        keys = numbered(*range(number, number + count))
        number += count
        queue.push(keys, step)
        plain.extend((row[0].item(), step) for row in keys)
    held = {
        (row[0].item(), int(born))
        for row, born in zip(queue.rows, queue.born, strict=True)
        if born >= 0
    }
    assert held == set(plain)
    assert int((queue.born < 0).sum()) == max(size - number, 0)


def test_the_oldest_leave_first():
    queue = Queue(4, 2)
    queue.push(numbered(1, 2), 0)
    queue.push(numbered(3, 4), 1)
    queue.push(numbered(5, 6), 2)
    assert sorted(queue.rows[:, 0].tolist()) == [3.0, 4.0, 5.0, 6.0]


def test_it_starts_with_random_unit_vectors_that_have_no_age():
    torch.manual_seed(0)
    queue = Queue(32, 8)
    torch.testing.assert_close(queue.rows.norm(dim=1), torch.ones(32))
    assert queue.ages(5).tolist() == [-1] * 32
    assert queue.rows.std() > 0.1


def test_ages_count_steps():
    queue = Queue(4, 2)
    queue.push(numbered(1, 2), 0)
    queue.push(numbered(3), 3)
    assert queue.ages(5).tolist() == [5, 5, 2, -1]


def test_its_state_dict_is_enough_to_go_on():
    first = Queue(5, 2)
    first.push(numbered(1, 2, 3), 0)
    second = Queue(5, 2)
    second.load_state_dict(first.state_dict())
    for queue in (first, second):
        queue.push(numbered(7, 8, 9), 1)
    assert all(torch.equal(a, b) for a, b in zip(first.buffers(), second.buffers(), strict=True))


def test_rows_a_loss_still_holds_are_not_changed():
    queue = Queue(4, 2)
    queries = torch.randn(3, 2, requires_grad=True)
    rows = queue.rows
    before = rows.clone()
    loss = (queries @ rows.T).square().sum()
    queue.push(numbered(1, 2), 0)
    assert torch.equal(rows, before)
    loss.backward()
    torch.testing.assert_close(queries.grad, 2 * (queries.detach() @ before.T) @ before)


def test_keys_carry_no_gradient_in():
    queue = Queue(4, 2)
    queue.push(torch.randn(2, 2, requires_grad=True), 0)
    assert not queue.rows.requires_grad


def test_keys_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\) do not fit rows of 2"):
        Queue(4, 2).push(torch.zeros(2, 3), 0)


@pytest.mark.parametrize("sizes", [(0, 2), (4, 0)])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match="a queue needs positive sizes"):
        Queue(*sizes)
