from PySide6.QtWidgets import QLabel

from app.panels.empty import Empty


def test_it_says_what_is_missing_and_what_to_do(qtbot):
    empty = Empty("No run is open", "Press Start.")
    qtbot.addWidget(empty)
    empty.resize(400, 300)
    empty.show()
    assert empty.text == "No run is open. Press Start."
    assert (empty.accessibleName(), empty.accessibleDescription()) == (
        "No run is open",
        "Press Start.",
    )
    title, remedy = empty.findChildren(QLabel)
    for one in (title, remedy):
        assert abs(one.geometry().center().x() - 200) < 3
        assert 60 < one.geometry().center().y() < 240
    assert title.geometry().bottom() < remedy.geometry().top()
    empty.say("Loading")
    assert not remedy.isVisible()
    assert title.text() == empty.accessibleName() == "Loading"
