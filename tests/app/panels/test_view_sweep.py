import pytest
from PySide6.QtCore import Qt

from app.panels.view_plan import step_knobs
from app.panels.view_sweep import DRAWS, SWEPT, SweepChooser
from sslcore.augment.corruption import GaussianNoise
from sslcore.augment.geometric import HorizontalFlip
from sslcore.augment.patches import Rotations
from sslcore.augment.view import View

VIEW = View(name="a", steps=(Rotations(), HorizontalFlip(p=0.4), GaussianNoise()))


@pytest.fixture
def chooser(qtbot):
    made = SweepChooser()
    qtbot.addWidget(made)
    made.show_view(VIEW)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.changed.connect(lambda: made.told.append(made.sweep))
    return made


def texts(box):
    return [box.itemText(n) for n in range(box.count())]


def test_every_step_with_numbers_and_every_number_is_offered(chooser, qtbot):
    assert texts(chooser.steps) == [DRAWS, "Horizontal flip", "Gaussian noise"]
    assert chooser.sweep is None
    assert not chooser.knobs.isVisible()
    for _ in range(2):
        qtbot.keyClick(chooser.steps, Qt.Key.Key_Down)
    assert texts(chooser.knobs) == [one.title for one in step_knobs(GaussianNoise())]
    sweep = chooser.sweep
    assert (sweep.view, sweep.position, sweep.knob) == ("a", 2, "sd_high"), "the strongest first"
    qtbot.keyClick(chooser.knobs, Qt.Key.Key_Up)
    assert chooser.sweep.knob == "sd_low"
    assert [one.knob for one in chooser.told] == ["p", "sd_high", "sd_low"]


def test_the_value_in_force_is_one_of_seven(chooser, qtbot):
    qtbot.keyClick(chooser.steps, Qt.Key.Key_Down)
    values = chooser.sweep.values
    assert len(values) == SWEPT
    assert 0.4 in values
    assert sorted(values) == list(values)
    assert values[0] == 0
    assert values[-1] == 1


def test_the_choice_stays_while_the_steps_do(chooser, qtbot):
    qtbot.keyClick(chooser.steps, Qt.Key.Key_Down)
    chooser.show_view(View(name="b", steps=VIEW.steps))
    assert chooser.sweep.view == "b"
    chooser.show_view(View(name="b", steps=(HorizontalFlip(),)))
    assert chooser.sweep is None
    assert not chooser.knobs.isVisible()
