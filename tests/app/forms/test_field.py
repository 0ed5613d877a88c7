import pytest
from PySide6.QtCore import Qt

from app.forms.field import Field, described
from sslcore.config import Config, knob, knobs


class One(Config):
    weight: float = knob(
        0.0051, low=0.0, high=1.0, unit="x", help="Turn it up.", paper="lambda = 0.0051"
    )
    sharp: bool = knob(True, help="")


@pytest.fixture
def field(qtbot):
    made = Field(knobs(One)[0])
    qtbot.addWidget(made)
    made.resize(300, 60)
    made.show()
    return made


def test_the_way_back_is_there_only_after_a_change(field, qtbot):
    assert not field.reset.isVisible()
    field.set_value(0.4)
    assert field.reset.isVisible()
    with qtbot.waitSignal(field.edited) as edited:
        qtbot.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    assert edited.args == [0.0051]
    assert field.value() == 0.0051
    assert not field.reset.isVisible()


def test_another_default_than_the_knob_s(qtbot):
    field = Field(knobs(One)[0], 0.2)
    qtbot.addWidget(field)
    field.set_value(0.2)
    assert field.reset.isHidden()
    field.set_value(0.0051)
    assert not field.reset.isHidden()


def test_a_problem_is_explained_under_the_field(field):
    field.set_problem("weight = 3: too much")
    assert field.problem.isVisible()
    assert field.problem.geometry().top() >= field.editor.geometry().bottom()
    assert field.editor.line.property("invalid") is True
    field.set_problem("")
    assert not field.problem.isVisible()
    assert field.editor.line.property("invalid") is False


@pytest.mark.parametrize("width", [280, 300, 459, 460, 900])
def test_nothing_is_cut_or_overlaps_at_any_width(field, qtbot, width):
    field.set_value(0.5)
    field.resize(width, 80)
    qtbot.waitUntil(lambda: (field.editor.x() > 0) == (width >= 460))
    assert not field.name.geometry().intersects(field.editor.geometry())
    assert not field.reset.geometry().intersects(field.editor.geometry())
    for part in (field.name, field.editor, field.reset):
        assert field.rect().contains(part.geometry())
    assert field.editor.line.width() >= 70


def test_the_help_says_bounds_default_and_paper():
    text = described(knobs(One)[0], 0.0051)
    assert text.splitlines() == [
        "Turn it up.",
        "From 0 to 1 x.",
        "Default: 0.0051 x.",
        "In the paper: lambda = 0.0051.",
    ]


def test_names_for_screen_readers(field):
    assert field.editor.line.accessibleName() == "Weight"
    assert field.editor.slider.accessibleName() == "Weight"
    assert field.reset.accessibleName() == "Reset Weight"


def test_help_stands_under_the_field_where_it_is_asked_for(qtbot):
    knob = next(one for one in knobs(One) if one.help)
    for explained in (False, True):
        field = Field(knob, explained=explained)
        qtbot.addWidget(field)
        field.show()
        assert field.help.isVisible() == explained
        assert knob.help in field.name.toolTip()
    assert field.help.text() == knob.help
