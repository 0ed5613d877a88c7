import pytest
from PySide6.QtCore import Qt, QTimer

from app import notice as module
from app import theme
from app.notice import Notice


@pytest.fixture
def notice(qtbot):
    made = Notice()
    qtbot.addWidget(made)
    made.resize(500, 60)
    return made


def edge(notice):
    """The colour at its left edge."""
    return notice.grab().toImage().pixelColor(1, notice.height() // 2).name()


def test_a_message_stays_until_it_is_closed(notice, qtbot):
    assert not notice.isVisible()
    notice.tell("danger", "The disk is full.", "Make room.")
    assert notice.isVisible()
    assert (notice.message.text(), notice.remedy.text()) == ("The disk is full.", "Make room.")
    assert notice.accessibleName() == "danger: The disk is full. Make room."
    assert not notice.findChild(QTimer).isActive()
    qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton)
    assert not notice.isVisible()


def test_what_only_informs_goes_by_itself(notice, qtbot, monkeypatch):
    monkeypatch.setattr(module, "INFO_SECONDS", 0)
    notice.tell("info", "Copied.", "")
    assert notice.isVisible()
    assert not notice.remedy.isVisible()
    qtbot.waitUntil(lambda: not notice.isVisible(), timeout=5_000)


def test_a_warning_after_a_remark_does_not_go_with_it(notice):
    notice.tell("info", "Copied.", "")
    notice.tell("warning", "The folder changed.", "Open it again.")
    assert not notice.findChild(QTimer).isActive()
    assert notice.message.text() == "The folder changed."


def test_the_edge_has_the_colour_of_the_level_in_both_themes(notice):
    for name in ("dark", "light"):
        theme.current().apply(name)
        tokens = theme.tokens()
        notice.tell("danger", "Bad.", "")
        assert edge(notice) == tokens.danger.lower()
        notice.tell("warning", "Careful.", "")
        assert edge(notice) == tokens.warning.lower()
    assert tokens.danger != tokens.warning
