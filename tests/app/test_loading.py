import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar

from app.loading import Gate, Loading
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


def test_space_is_left_to_the_timeline_and_margins_to_the_window(gate, workspace, core):
    workspace.take_core(core)
    gate.show()
    assert gate.panel.button.focusPolicy() == Qt.FocusPolicy.TabFocus
    assert gate.panel.field.focusPolicy() == Qt.FocusPolicy.StrongFocus
    margins = gate.panel.layout().contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == (0, 0, 0, 0)
