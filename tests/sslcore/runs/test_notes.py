"""What a person wrote about a run."""

from pathlib import Path

import pytest

from sslcore.engine.store import SaveError
from sslcore.runs import notes
from sslcore.runs.notes import Notes


def test_notes_come_back(tmp_path: Path) -> None:
    assert notes.read(tmp_path) == Notes()
    written = Notes(notes.tags_of([" b  c ", "a", "", "a"]), "Ein Wort: ß\nzweite Zeile")
    assert written.tags == ("a", "b c")
    notes.write(tmp_path, written)
    assert notes.read(tmp_path) == written
    assert [one.name for one in tmp_path.iterdir()] == ["notes.json"]
    notes.write(tmp_path, Notes())
    assert list(tmp_path.iterdir()) == []
    notes.write(tmp_path, Notes())


def test_tags_are_short_and_sorted_as_people_sort() -> None:
    assert notes.tags_of(["b", "A", "c" * 50]) == ("A", "b", "c" * notes.LONGEST)


@pytest.mark.parametrize("content", ["", "[]", '{"tags": 3, "note": ""}', '{"tags": []}'])
def test_damage_names_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / notes.NAME).write_text(content)
    with pytest.raises(ValueError, match=r"notes\.json: damaged; delete it"):
        notes.read(tmp_path)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SaveError, match="file"):
        notes.write(tmp_path / "file", Notes(("a",), ""))
