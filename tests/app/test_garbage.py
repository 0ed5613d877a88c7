import gc
import threading
import weakref
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, QTimer

from app.garbage import PAUSE, SHARE, Garbage
from app.window import Window


@pytest.fixture
def enabled():
    """Python's own collector, on for the length of a test."""
    before = gc.isenabled()
    gc.enable()
    yield
    if not before:
        gc.disable()


@pytest.fixture
def keeper(enabled, qapp):
    made = Garbage()
    yield made
    made.close()


class Node(QObject):
    """Something of Qt's that nobody owns; it tells on which thread it died."""

    died: ClassVar[list[threading.Thread]] = []

    def __init__(self):
        super().__init__()
        self.me = self
        self.timer = QTimer(self)
        weakref.finalize(self, lambda: Node.died.append(threading.current_thread()))


def busy_thread(first=lambda: None):
    """A worker that makes far more objects than it takes for Python to collect cycles."""
    kept = []

    def work():
        first()
        kept.extend([] for _ in range(100_000))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


@pytest.fixture
def node(enabled):
    gc.collect()
    Node.died.clear()
    yield Node
    Node.died.clear()


def test_without_it_a_cycle_dies_on_the_worker(node):
    """The hazard itself: should Python mend it one day, this module can go."""
    gc.disable()  # so that it is not this thread by chance
    node()
    busy_thread(first=gc.enable)
    assert [one is threading.main_thread() for one in node.died] == [False]


def test_a_worker_collects_nothing(node, keeper):
    node()
    busy_thread()
    assert node.died == []


def test_the_window_collects_it_by_itself(node, keeper, qtbot):
    node()
    busy_thread()
    qtbot.waitUntil(lambda: bool(node.died), timeout=20_000)
    assert node.died == [threading.main_thread()]


class Clock:
    """Time that passes by itself only while something is collected."""

    def __init__(self, cost):
        self.now, self.cost, self.asked = 100.0, cost, []

    def collect(self, *generation):
        self.asked.append(generation)
        self.now += 0.0 if generation else self.cost


@pytest.mark.parametrize(("cost", "rest"), [(0.001, PAUSE), (0.25, 0.25 * SHARE)])
def test_young_objects_go_at_every_look_and_all_of_them_after_a_rest(
    enabled, qapp, monkeypatch, cost, rest
):
    clock = Clock(cost)
    monkeypatch.setattr("app.garbage.time.monotonic", lambda: clock.now)
    monkeypatch.setattr(gc, "collect", clock.collect)
    keeper = Garbage()
    keeper.look()
    clock.now += PAUSE
    for _ in range(2):
        keeper.look()
    clock.now += rest - 0.01
    keeper.look()
    clock.now += 0.02
    keeper.look()
    assert clock.asked == [(1,), (), (1,), (1,), ()]
    keeper.close()


@pytest.fixture
def thawed():
    """Nothing is left out of collections at first, and whatever was is so again at the end."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    gc.unfreeze()
    if frozen:
        gc.freeze()


def test_what_lives_is_left_out_once_it_is_settled(keeper, thawed):
    kept = [[] for _ in range(1000)]
    keeper.settle()
    assert gc.get_freeze_count() >= len(kept)


def test_what_comes_after_it_was_settled_is_never_left_out(keeper, thawed):
    keeper.settle()
    frozen = gc.get_freeze_count()
    kept = [[] for _ in range(1000)]
    keeper.settle()
    assert gc.get_freeze_count() < frozen + len(kept)


def test_the_window_takes_over_from_pythons_collector(enabled, workspace, qtbot):
    window = Window(workspace, restore=False)
    qtbot.addWidget(window)
    assert not gc.isenabled()
    window.close()
    assert not gc.isenabled(), "a worker may still be at its end"
    window.garbage.close()
    assert gc.isenabled()


def test_the_window_settles_once_the_library_is_there(enabled, thawed, workspace, core, qtbot):
    window = Window(workspace, restore=False)
    qtbot.addWidget(window)
    workspace.take_core(core)
    assert gc.get_freeze_count()
    window.close()


def test_python_collects_again_after_it(enabled, qapp):
    Garbage().close()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off(enabled, qapp):
    gc.disable()
    Garbage().close()
    assert not gc.isenabled()
