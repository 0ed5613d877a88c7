import threading
import time

import pytest

from sslcore.data.pool import Cancelled, each


def test_results_come_in_order_whatever_takes_longest():
    def work(number: int) -> int:
        time.sleep(0.01 if number % 3 == 0 else 0)
        return number * number

    assert list(each(work, range(100))) == [n * n for n in range(100)]


def test_progress_ends_at_the_total():
    seen = []
    list(each(lambda n: n, range(7), progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (7, 7)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_calling_off_leaves_no_thread_and_does_not_start_the_rest():
    started = []
    threads = threading.active_count()
    with pytest.raises(Cancelled):
        list(each(started.append, range(10_000), cancelled=lambda: len(started) > 20))
    assert threading.active_count() == threads
    assert len(started) < 1000


def test_an_error_reaches_the_caller_and_leaves_no_thread():
    threads = threading.active_count()

    def work(number: int) -> int:
        if number == 5:
            raise OSError("five")
        return number

    with pytest.raises(OSError, match="five"):
        list(each(work, range(1000)))
    assert threading.active_count() == threads


def test_nothing_to_do():
    assert list(each(lambda n: n, [])) == []
