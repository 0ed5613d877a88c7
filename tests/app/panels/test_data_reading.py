from types import SimpleNamespace

import pytest

from app.panels.data_reading import Answer, choices_of
from sslcore.data.catalogue import scan
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import noise, save


@pytest.fixture
def patients(tmp_path):
    rows = ["path,patient,site"]
    for number in range(24):
        save(tmp_path / "scans" / f"{number:02d}.png", seed=number)
        rows.append(f"{number:02d}.png,p{number // 4},s{number % 2}")
    (tmp_path / "scans" / "labels.csv").write_text("\n".join(rows))
    return tmp_path / "scans"


def offered(answer):
    return [answer.itemData(index) for index in range(answer.count())]


def pick(answer, key):
    answer.setCurrentIndex(answer.findData(key))
    answer.activated.emit(answer.currentIndex())


def test_a_column_of_patients_can_be_chosen_as_groups(opened, qtbot, patients):
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(patients)
    answer = Answer(opened, "groups")
    qtbot.addWidget(answer)
    assert answer.refresh(opened.catalogue, opened.recipe.data)
    assert offered(answer) == ["auto", "none", "patient", "site"]
    assert opened.catalogue.groups is None
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        pick(answer, "patient")
    assert opened.recipe.data.groups == "patient"
    assert len(set(opened.catalogue.groups.tolist())) == 6
    answer.refresh(opened.catalogue, opened.recipe.data)
    assert answer.currentText() == "Column 'patient'"


def test_a_column_of_sentences_can_be_chosen_as_captions(opened, qtbot, patients):
    answer = Answer(opened, "captions")
    qtbot.addWidget(answer)
    assert not answer.refresh(opened.catalogue, opened.recipe.data), "no column, no text files"
    rows = ["path,age,Titel"]
    rows += [f"{number:02d}.png,{number},Bild {number}" for number in range(24)]
    (patients / "labels.csv").write_text("\n".join(rows))
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(patients)
    assert opened.catalogue.captions is None
    assert answer.refresh(opened.catalogue, opened.recipe.data)
    assert offered(answer) == ["auto", "none", "Titel"], "numbers are no sentences"
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        pick(answer, "Titel")
    assert opened.recipe.data.captions == "Titel"
    assert opened.catalogue.captions[3] == "Bild 3"
    assert "captions" in opened.catalogue.kinds
    assert answer.refresh(opened.catalogue, opened.recipe.data)
    assert answer.currentText() == "Column 'Titel'"


def test_captions_of_text_files_can_be_left_out(opened, qtbot, patients):
    (patients / "labels.csv").unlink()
    (patients / "03.txt").write_text("a bone")
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(patients)
    answer = Answer(opened, "captions")
    qtbot.addWidget(answer)
    assert answer.refresh(opened.catalogue, opened.recipe.data)
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        pick(answer, "none")
    assert opened.catalogue.captions is None
    assert answer.refresh(opened.catalogue, opened.recipe.data), "to be seen, and taken back"


def test_transparency_can_be_kept_as_a_channel(opened, qtbot, tmp_path):
    for number in range(6):
        save(tmp_path / f"{number}.png", noise(12, 12, 4, seed=number))
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(tmp_path)
    answer = Answer(opened, "channels")
    qtbot.addWidget(answer)
    assert answer.refresh(opened.catalogue, opened.recipe.data)
    assert offered(answer) == ["auto", "native"]
    assert opened.catalogue.channels == 3
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        pick(answer, "native")
    assert opened.recipe.data.channels == "native"
    assert opened.catalogue.channels == 4
    answer.refresh(opened.catalogue, opened.recipe.data)
    assert answer.currentText() == "As in the files"


def test_the_same_answer_again_reads_nothing(opened, qtbot):
    answer = Answer(opened, "labels")
    qtbot.addWidget(answer)
    answer.refresh(opened.catalogue, opened.recipe.data)
    pick(answer, "auto")
    assert not [task for task in opened.tasks.running() if task.key == "scan"]


def test_while_a_run_is_trained_the_answer_is_refused(opened, qtbot, monkeypatch):
    monkeypatch.setattr(type(opened), "running", property(lambda _: True))
    answer = Answer(opened, "labels")
    qtbot.addWidget(answer)
    answer.refresh(opened.catalogue, opened.recipe.data)
    with qtbot.waitSignal(answer.refused):
        pick(answer, "none")
    assert opened.recipe.data.labels == "auto"


def test_an_answer_that_the_folder_does_not_know_stays_to_be_seen(opened, qtbot):
    answer = Answer(opened, "groups")
    qtbot.addWidget(answer)
    assert not answer.refresh(opened.catalogue, opened.recipe.data), "no columns, no groups"
    asked = opened.recipe.data.changed(groups="gone")
    assert answer.refresh(opened.catalogue, asked)
    assert answer.currentData() == "gone"


def test_a_target_is_chosen_where_there_are_several(tmp_path, qtbot, opened):
    for stem in "ab":
        for name in ("rgb", "depth", "labels"):
            save(tmp_path / name / f"{stem}.png", noise(8, 8, 3 if name == "rgb" else 1))
    answer = Answer(opened, "target")
    qtbot.addWidget(answer)
    both = scan(tmp_path)
    assert answer.refresh(both, opened.recipe.data)
    assert choices_of("target", both) == {
        "auto": "Automatic",
        "depth": "depth/",
        "labels": "labels/",
    }
    for file in (tmp_path / "labels").iterdir():
        file.unlink()
    assert not answer.refresh(scan(tmp_path), opened.recipe.data)
    assert answer.refresh(scan(tmp_path), SimpleNamespace(reading=Reading(target="depth")))


def test_while_a_folder_is_read_the_answer_is_refused(opened, qtbot, patients):
    answer = Answer(opened, "labels")
    qtbot.addWidget(answer)
    answer.refresh(opened.catalogue, opened.recipe.data)
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(patients)
        with qtbot.waitSignal(answer.refused):
            pick(answer, "none")
    assert opened.catalogue.root == patients, "the folder that was opened is not called off"
    assert opened.recipe.data.labels == "auto"
