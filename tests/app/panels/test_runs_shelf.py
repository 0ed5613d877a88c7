import json

import pytest

from app.panels.runs_shelf import MOST
from tests.app.panels import replayed, shelved


def test_runs_are_read_and_the_open_one_wherever_it_lies(opened, qtbot, tmp_path):
    made, paths = shelved.shelf(opened, qtbot, "one", "two")
    assert [*made.summaries] == paths
    assert made.read
    elsewhere = replayed.write(tmp_path / "elsewhere" / "run", opened.recipe)
    with qtbot.waitSignal(opened.run_changed, timeout=shelved.WAIT):
        opened.open_run(elsewhere)
    with qtbot.waitSignal(made.listed, timeout=shelved.WAIT):
        made.refresh()
    assert [*made.summaries] == [*paths, elsewhere]
    assert made.open_path == elsewhere


def test_a_run_keeps_its_colour_while_it_is_chosen(opened, qtbot):
    made, (one, two, three) = shelved.shelf(opened, qtbot, "one", "two", "three")
    made.choose([two, three])
    assert [made.slot(path) for path in (one, two, three)] == [None, 0, 1]
    made.choose([three, one])
    assert made.chosen == [three, one]
    assert [made.slot(path) for path in (one, two, three)] == [0, None, 1]
    qtbot.waitUntil(lambda: {one, three} <= made.records.keys(), timeout=shelved.WAIT)


def test_no_more_than_there_are_colours(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, *map(str, range(MOST + 2)))
    with qtbot.waitSignal(made.chosen_changed):
        made.choose(paths)
    assert made.chosen == paths[:MOST]
    assert sorted(made.slot(path) for path in made.chosen) == list(range(MOST))
    qtbot.waitUntil(lambda: len(made.records) == MOST, timeout=shelved.WAIT)


def test_records_are_read_anew_when_their_log_grew(opened, qtbot):
    made, (one,) = shelved.shelf(opened, qtbot, "one")
    shelved.choose(made, qtbot, [one])
    before = made.records[one]
    assert before.step == replayed.STEPS
    with qtbot.waitSignal(made.listed, timeout=shelved.WAIT):
        made.refresh()
    assert made.records[one] is before
    with (one / "events.jsonl").open("a") as log:
        log.write(json.dumps({"event": "Warned", "step": 40, "code": "x", "message": "m",
                              "remedy": ""}) + "\n")  # fmt: skip
    with qtbot.waitSignal(made.loaded, timeout=shelved.WAIT):
        made.refresh()
    assert len(made.records[one].warnings) == 1


def test_a_quick_change_of_mind_reads_everything_all_the_same(opened, qtbot):
    made, paths = shelved.shelf(opened, qtbot, "one", "two", "three")
    for wanted in (paths[:1], paths[:2], paths):
        made.choose(wanted)
    qtbot.waitUntil(lambda: len(made.records) == 3, timeout=shelved.WAIT)


def test_what_went_away_is_no_longer_chosen(opened, qtbot):
    made, (one, two) = shelved.shelf(opened, qtbot, "one", "two")
    shelved.choose(made, qtbot, [one, two])
    two.rename(two.with_name(".gone"))
    with qtbot.waitSignal(made.chosen_changed, timeout=shelved.WAIT):
        made.refresh()
    assert made.chosen == [one]
    assert [run.path for run in made.shown] == [one]


def test_notes_are_kept_in_the_run(opened, qtbot, monkeypatch):
    made, (one,) = shelved.shelf(opened, qtbot, "one")
    with qtbot.waitSignal(made.listed):
        made.keep_notes(one, "b, a,, a", " a note ")
    assert made.summaries[one].notes.tags == ("a", "b")
    assert json.loads((one / "notes.json").read_text()) == {"tags": ["a", "b"], "note": "a note"}
    with qtbot.assertNotEmitted(made.listed):
        made.keep_notes(one, "a, b", "a note")
    (one / "notes.json").unlink()
    (one / "notes.json").mkdir()
    with qtbot.waitSignal(opened.notice) as told:
        made.keep_notes(one, "c", "")
    assert "notes.json" in told.args[1]
    assert made.summaries[one].notes.tags == ("a", "b")


@pytest.mark.parametrize("made_before", [False, True])
def test_an_empty_or_missing_folder_has_no_runs(opened, qtbot, made_before):
    if made_before:
        opened.settings.runs_folder.mkdir(parents=True)
    made, _ = shelved.shelf(opened, qtbot)
    assert made.summaries == {}
