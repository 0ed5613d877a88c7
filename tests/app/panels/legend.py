"""A person's click on a name of the legend."""

from PySide6.QtCore import Qt


def click(qtbot, legend, name, keys=Qt.KeyboardModifier.NoModifier):
    """Click a name, with keys held down."""
    view = legend.names
    view.scrollTo(index_of(legend, name))
    place = view.visualRect(index_of(legend, name)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, place)


def index_of(legend, name):
    """The entry of a name."""
    return legend.names.names.index(legend.listed.index(name))


def enter(qtbot, legend, name):
    """Come to a name with the keyboard alone: Tab to the list, then arrows."""
    view = legend.names
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    for _ in range(legend.listed.index(name)):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    return view


def in_colour(legend):
    """Names that are not greyed out."""
    chosen = legend.chosen
    return [
        name for number, name in legend.names.names.listed if chosen is None or number in chosen
    ]
