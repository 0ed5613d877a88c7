import json

import pytest
from PySide6.QtCore import Qt

from app.panels.runs_facts import ACTS, RunFacts
from tests.app.panels import shelved
from tests.app.panels.reachable import unnamed


@pytest.fixture
def facts(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    card = RunFacts(made)
    qtbot.addWidget(card)
    card.resize(300, 520)
    card.show()
    qtbot.waitExposed(card)
    card.shelf, card.paths = made, paths
    yield card
    card.keep()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=shelved.WAIT)


def kept(path):
    file = path / "notes.json"
    return json.loads(file.read_text()) if file.exists() else None


def test_what_is_known_of_the_run(facts):
    assert facts.empty.isVisible()
    facts.shelf.choose(facts.paths[:1])
    assert facts.name.full == "one"
    assert facts.lines[0].full == "Barlow Twins, Small ResNet"
    folder = facts.shelf.shown[0].folder.rpartition("/")[2]
    assert facts.lines[1].full == f"20 images of {folder}"
    assert "kNN 70.0 %, linear –" in facts.lines[2].full
    assert not unnamed(facts)
    facts.shelf.choose(facts.paths)
    facts.show_run(facts.paths[1])
    assert facts.name.full == "two"
    facts.shelf.choose([])
    assert facts.empty.isVisible()


@pytest.mark.parametrize("key", [key for key, *_ in ACTS])
def test_every_button_asks(facts, qtbot, key):
    facts.shelf.choose(facts.paths[:1])
    with qtbot.waitSignal(facts.asked) as told:
        qtbot.mouseClick(facts.buttons[key], Qt.MouseButton.LeftButton)
    assert told.args == [key]


def test_tags_and_note_are_kept_a_moment_after_the_last_key(facts, qtbot):
    one = facts.paths[0]
    facts.shelf.choose([one])
    qtbot.keyClicks(facts.tags, "good, blue")
    assert kept(one) is None
    qtbot.waitUntil(lambda: kept(one) == {"tags": ["blue", "good"], "note": ""}, timeout=5000)
    qtbot.keyClicks(facts.note, "look again")
    facts.tags.setFocus()
    qtbot.waitUntil(lambda: kept(one)["note"] == "look again", timeout=5000)


def test_what_was_written_belongs_to_the_run_it_was_written_about(facts, qtbot):
    one, two = facts.paths
    facts.shelf.choose([one])
    qtbot.keyClicks(facts.note, "first")
    facts.shelf.choose([two])
    assert facts.note.toPlainText() == ""
    assert kept(one) == {"tags": [], "note": "first"}
    assert kept(two) is None
    facts.shelf.choose([one])
    assert facts.note.toPlainText() == "first"


def test_news_from_the_disk_do_not_disturb_writing(facts, qtbot):
    one = facts.paths[0]
    facts.shelf.choose([one])
    qtbot.keyClicks(facts.note, "half a sen")
    with qtbot.waitSignal(facts.shelf.listed, timeout=shelved.WAIT):
        facts.shelf.refresh()
    assert facts.note.toPlainText() == "half a sen"


def test_the_open_run_cannot_be_opened(facts, opened, qtbot):
    one = facts.paths[0]
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        opened.open_run(one)
    facts.shelf.choose([one])
    assert not facts.buttons["open"].isEnabled()
    facts.shelf.choose(facts.paths[1:])
    assert facts.buttons["open"].isEnabled()
    assert facts.buttons["open"].text() == "Open"
