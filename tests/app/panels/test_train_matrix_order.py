import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.train_matrix_order import MatrixOrder, OrderSwitch
from app.plots.arrangement import Arrangement
from sslcore.diagnostics import heatmap
from sslcore.evaluation.dimension_order import redundancy_order

RNG = np.random.default_rng(0)
MATRICES = [heatmap(RNG.normal(scale=0.2, size=(size, size))) for size in (20, 30, 40)]


@pytest.fixture
def order(workspace):
    return MatrixOrder(workspace.tasks, workspace)


def test_orders_off_the_windows_thread_and_remembers(order, qtbot, monkeypatch):
    threads = []

    def recorded(matrix, cancelled):
        threads.append(threading.current_thread())
        return redundancy_order(matrix, cancelled)

    monkeypatch.setattr("sslcore.evaluation.dimension_order.redundancy_order", recorded)
    with qtbot.waitSignal(order.found, timeout=20_000) as found:
        order.ask(MATRICES[0], 1.5)
    assert found.args[0] is MATRICES[0]
    assert found.args[1].tolist() == redundancy_order(MATRICES[0].values).tolist()
    assert found.args[2] == 1.5
    assert threads
    assert threading.main_thread() not in threads
    qtbot.waitUntil(lambda: order._task is None)
    with qtbot.waitSignal(order.found) as again:
        order.ask(MATRICES[0], 1.5)
    assert again.args[1] is found.args[1]
    assert len(threads) == 1


def test_of_many_wishes_the_first_and_the_last_are_answered(order, qtbot):
    found = []
    order.found.connect(lambda shown, *_: found.append(shown))
    for matrix in MATRICES:
        order.ask(matrix, 0.0)
    qtbot.waitUntil(lambda: len(found) == 2 and order._task is None, timeout=20_000)
    assert [one.shape for one in found] == [MATRICES[0].shape, MATRICES[2].shape]


def test_what_nobody_waits_for_is_dropped(order, qtbot):
    with qtbot.assertNotEmitted(order.found, wait=100):
        order.ask(MATRICES[0], 0.0)
        order.ask(MATRICES[1], 0.0)
        order.forget()
        qtbot.waitUntil(lambda: order._task is None, timeout=20_000)


def test_the_switch(qtbot):
    switch = OrderSwitch()
    qtbot.addWidget(switch)
    switch.resize(380, 30)
    switch.show()
    assert switch.index.isChecked()
    assert not switch.hold.isVisible()
    with qtbot.waitSignal(switch.changed):
        qtbot.mouseClick(switch.clustered, Qt.MouseButton.LeftButton)
    assert switch.hold.isVisible()
    assert not switch.index.isChecked()
    switch.hold.setFocus()
    with qtbot.waitSignal(switch.changed):
        qtbot.keyClick(switch.hold, Qt.Key.Key_Space)
    assert switch.hold.isChecked()


def test_says_what_is_ordered(qtbot):
    switch = OrderSwitch()
    qtbot.addWidget(switch)
    switch.tell(None, Arrangement(96, 96))
    assert switch.words.full == ""
    switch.tell(4.0, Arrangement(96, 96))
    assert switch.words.full == "order of epoch 4.0"
    switch.tell(4.0, Arrangement(2048, 512))
    assert switch.words.full == "blocks of 4 · epoch 4.0"
    switch.tell(None, Arrangement(600, 512))
    assert switch.words.full == "blocks of 1.17"
