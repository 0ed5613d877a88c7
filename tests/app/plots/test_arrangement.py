import numpy as np
import pytest

from app.plots.arrangement import Arrangement, words
from sslcore.diagnostics import block_means


def test_rows_as_they_are():
    made = Arrangement(5, 5)
    assert [made.row_at(part) for part in (0.0, 0.19, 0.21, 0.99, 1.0)] == [0, 0, 1, 4, 4]
    assert made.span(2) == pytest.approx((0.4, 0.2))
    assert (made.beside(1, 2), made.beside(1, -9), made.beside(1, 9)) == (3, 0, 4)
    assert not made.blocked
    assert made.members(3) == range(3, 4)


def test_rows_in_an_order():
    made = Arrangement(4, 4, np.array([2, 0, 3, 1]))
    assert [made.row_at((place + 0.5) / 4) for place in range(4)] == [2, 0, 3, 1]
    assert made.span(3) == pytest.approx((0.5, 0.25))
    assert made.beside(2, 1) == 0
    assert made.beside(0, 1) == 3


@pytest.mark.parametrize("size", [12, 13, 17])
def test_blocks_hold_what_their_means_were_made_of(size):
    order = np.array([3, 1, 0, 4, 2])
    made = Arrangement(size, 5, order)
    assert made.blocked
    assert sorted(made.rows.tolist()) == list(range(size))
    values = np.arange(size, dtype=np.float32)[:, None]
    means = block_means(values, 5)[:, 0]
    for row in range(size):
        members = made.members(row)
        assert row in members
        assert means[made.block(row)] == pytest.approx(np.mean(list(members)))
        top, height = made.span(row)
        place = list(order).index(made.block(row))
        assert place / 5 <= top + 1e-9
        assert top + height <= (place + 1) / 5 + 1e-9
        assert made.row_at(top + height / 2) == row
    walked = [int(made.rows[0])]
    for _ in range(size - 1):
        walked.append(made.beside(walked[-1], 1))
    assert walked == made.rows.tolist()


def test_refuses_what_is_no_order():
    with pytest.raises(ValueError, match="each of them once"):
        Arrangement(6, 3, np.array([0, 0, 2]))


def test_words():
    assert words(range(8, 9)) == "8"
    assert words(range(8, 12)) == "8–11"
