import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from app.loading import Builder, Gate, Loading
from tests.app.plain import PLACES, PlainPanel


@pytest.fixture
def gate(workspace, qtbot):
    made = Gate(PLACES[0], workspace)
    qtbot.addWidget(made)
    return made


def test_the_bar_runs_to_and_fro_until_progress_is_known(workspace, qtbot):
    told = []

    def job(ticket):
        ticket.progress(3, 12)
        while not ticket.cancelled():
            pass

    task = workspace.tasks.start("Decoding", job, told.append)
    shown = Loading("Decoding", task)
    qtbot.addWidget(shown)
    bar = shown.findChild(QProgressBar)
    assert bar.maximum() == 0
    qtbot.waitUntil(lambda: (bar.value(), bar.maximum()) == (3, 12), timeout=5_000)
    task.cancel()
    qtbot.waitUntil(lambda: not task.running)
    shown.set_progress(0, 0)
    assert bar.maximum() == 1, "nothing to do is no endless bar"


def test_a_panel_waits_for_the_library_and_for_the_first_look(gate, workspace, core, qtbot):
    built = []
    gate.built.connect(built.append)
    gate.show()
    assert gate.panel is None
    assert gate.findChild(Loading).isVisible()
    gate.hide()
    workspace.take_core(core)
    assert gate.panel is None, "nobody looks"
    gate.show()
    assert isinstance(gate.panel, PlainPanel)
    assert gate.panel.isVisible()
    assert not gate.findChild(Loading).isVisible()
    gate.hide()
    gate.show()
    assert built == [gate.panel], "built once"


def test_a_gate_that_is_looked_at_builds_as_soon_as_the_library_is_there(gate, workspace, core):
    gate.show()
    workspace.take_core(core)
    assert gate.panel is not None


def key(text):
    return QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, text)


def test_keys_are_for_a_panel_that_has_a_use_for_them(gate, workspace, core, qtbot):
    assert not gate.take_key(key("l")), "there is no panel yet"
    workspace.take_core(core)
    gate.build()
    assert gate.take_key(key("l"))
    assert not gate.take_key(key("1"))
    gate.panel = QWidget(gate)
    assert not gate.take_key(key("l")), "it has no keys of its own"


def test_space_is_left_to_the_timeline_and_margins_to_the_window(gate, workspace, core):
    workspace.take_core(core)
    gate.show()
    assert gate.panel.button.focusPolicy() == Qt.FocusPolicy.TabFocus
    assert gate.panel.field.focusPolicy() == Qt.FocusPolicy.StrongFocus
    margins = gate.panel.layout().contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == (0, 0, 0, 0)


@pytest.fixture
def built_ahead(workspace, qtbot):
    """A shown window with two gates nobody looks at, and their builder."""
    window = QWidget()
    qtbot.addWidget(window)
    gates = [Gate(place, workspace, window) for place in PLACES[:2]]
    for gate in gates:
        gate.hide()
    window.show()
    return window, gates, Builder(gates, workspace, window)


def test_places_are_built_before_anybody_looks(built_ahead, workspace, core, qtbot):
    _, gates, builder = built_ahead
    assert builder.idle, "nothing to build without the library"
    workspace.take_core(core)
    qtbot.waitUntil(lambda: gates[1].panel is not None, timeout=10_000)
    assert gates[0].panel is None, "one by one, the last place first"
    qtbot.waitUntil(lambda: builder.idle, timeout=10_000)
    panels = [gate.panel for gate in gates]
    assert all(isinstance(one, PlainPanel) for one in panels)
    gates[0].show()
    assert gates[0].panel is panels[0]
    assert panels[0].isVisible()


def test_a_run_or_a_closed_window_ends_the_building(built_ahead, workspace, core, qtbot):
    window, gates, builder = built_ahead
    workspace.take_core(core)
    window.hide()
    qtbot.waitUntil(lambda: builder.idle, timeout=10_000)
    assert [gate.panel for gate in gates] == [None, None]


def test_other_work_comes_first(built_ahead, workspace, core, qtbot):
    _, gates, _ = built_ahead
    ended = []
    task = workspace.tasks.start(
        "Scanning", lambda ticket: any(iter(ticket.cancelled, True)), ended.append
    )
    workspace.take_core(core)
    qtbot.wait(1000)
    assert [gate.panel for gate in gates] == [None, None]
    task.cancel()
    qtbot.waitUntil(lambda: gates[1].panel is not None, timeout=10_000)
    workspace.close()
