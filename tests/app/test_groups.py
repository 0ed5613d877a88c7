import numpy as np
import pytest

from app.groups import Groups


@pytest.fixture
def groups(qapp):
    return Groups()


def test_a_division_is_asked_for_and_colours(groups, qtbot):
    with qtbot.waitSignals([groups.changed, groups.asked]):
        groups.show("cluster", np.array([7, 2, 5]), np.array([1, 0, -1]), ("one", "two"))
    assert groups.name == "cluster"
    assert groups.wanted
    numbers, names = groups.colouring(np.array([2, 3, 5, 7, 99]))
    assert numbers.tolist() == [0, -1, -1, 1, -1]
    assert names == ("one", "two")


def test_nothing_is_divided_at_first(groups, qtbot):
    assert groups.name == ""
    assert groups.colouring(np.array([1, 2]))[0].tolist() == [-1, -1]
    with qtbot.assertNotEmitted(groups.changed):
        groups.clear()


def test_other_images_have_other_groups(workspace, qtbot):
    groups = workspace.groups
    groups.show("cluster", np.array([1]), np.array([0]), ("one",))
    with qtbot.waitSignal(groups.changed):
        workspace.catalogue_changed.emit()
    assert groups.name == ""
    assert not groups.wanted
