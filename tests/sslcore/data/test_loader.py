import gc
import threading
from itertools import islice

import numpy as np
import pytest
import torch

from sslcore.data.loader import Loader

ROWS = np.array([3, 5, 8, 13, 21, 34, 55, 89, 144, 233])


class Numbers:
    """A store whose images hold their own row number."""

    def __init__(self, fail_at=None):
        self.fail_at = fail_at
        self.reads = 0

    def read(self, rows):
        self.reads += 1
        if self.reads == self.fail_at:
            raise OSError("the disk is gone")
        return torch.from_numpy(np.asarray(rows, np.float32)).view(-1, 1, 1, 1) / 1000


def make(**options):
    values = {"store": Numbers(), "rows": ROWS, "batch_size": 3, "seed": 7, **options}
    return Loader(**values)


def indices(samples):
    return [sample.index.tolist() for sample in samples]


@pytest.mark.parametrize("prefetch", [0, 1, 2, 5])
def test_any_start_and_any_read_ahead_give_the_same_batches(prefetch):
    reference = make(prefetch=0)
    whole = indices(islice(reference.batches(0), 12))
    loader = make(prefetch=prefetch)
    for start in (0, 1, 3, 7):
        assert indices(islice(loader.batches(start), 5)) == whole[start : start + 5]
    loader.close()
    reference.close()


def test_an_epoch_holds_every_image_once_but_for_the_last_partial_batch():
    loader = make()
    assert (loader.batch_size, loader.steps_per_epoch) == (3, 3)
    for epoch in range(3):
        seen = [row for step in range(3) for row in loader.rows(3 * epoch + step).tolist()]
        assert len(seen) == len(set(seen)) == 9
        assert set(seen) <= set(ROWS.tolist())
    assert not np.array_equal(loader.order(0), loader.order(1))
    assert np.array_equal(np.sort(loader.order(1)), ROWS)
    loader.close()


def test_other_seeds_give_other_orders():
    first, second = make(), make(seed=8)
    assert not np.array_equal(first.order(0), second.order(0))
    first.close()
    second.close()


def test_images_belong_to_their_rows():
    loader = make()
    for sample in islice(loader.batches(), 6):
        assert sample.index.dtype == torch.int64
        assert torch.allclose(sample.image.flatten() * 1000, sample.index.float())
    loader.close()


def test_a_set_smaller_than_a_batch_is_a_batch():
    loader = make(rows=ROWS[:2], batch_size=128)
    assert (loader.batch_size, loader.steps_per_epoch) == (2, 1)
    assert sorted(next(loader.batches(5)).index.tolist()) == [3, 5]
    loader.close()


def test_errors_come_where_their_batch_would_have_come():
    loader = make(store=Numbers(fail_at=3))
    batches = loader.batches()
    next(batches)
    next(batches)
    with pytest.raises(OSError, match="the disk is gone"):
        next(batches)
    loader.close()


def test_closing_ends_iteration_and_leaves_no_thread():
    loader = make()
    batches = loader.batches()
    next(batches)
    loader.close()
    loader.close()
    assert list(batches) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loader")]


def test_a_loader_that_is_forgotten_leaves_no_thread():
    next(make().batches())
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith("loader"):
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("options", "says"), [({"rows": []}, "no images"), ({"batch_size": 0}, "batch_size = 0")]
)
def test_nothing_to_load_is_told(options, says):
    with pytest.raises(ValueError, match=says):
        make(**options)
