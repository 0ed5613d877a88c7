"""Requests reach the training thread, from any thread, once."""

import threading

from sslcore.engine.control import Control


def test_a_pause_holds_until_it_is_taken_back() -> None:
    control = Control()
    assert control.wait(0)
    control.pause()
    assert control.pausing
    assert not control.wait(0)
    passed = threading.Event()

    def train() -> None:
        if control.wait(10):
            passed.set()

    thread = threading.Thread(target=train)
    thread.start()
    assert not passed.wait(0.02)
    control.resume()
    assert passed.wait(10)
    thread.join()
    assert not control.pausing


def test_a_stop_ends_a_pause() -> None:
    control = Control()
    control.pause()
    control.stop()
    assert control.stopping
    assert control.wait(0)


def test_a_snapshot_request_is_taken_once() -> None:
    control = Control()
    assert not control.take_snapshot_request()
    control.snapshot_now()
    control.snapshot_now()
    assert control.take_snapshot_request()
    assert not control.take_snapshot_request()
    assert not control.stopping
