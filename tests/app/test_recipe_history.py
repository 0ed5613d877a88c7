"""Every change of the recipe can be taken back; images that are open stay open."""

import pytest

from app import recipe_history
from app.recipe_history import RecipeHistory
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import save


@pytest.fixture
def history(opened):
    made = RecipeHistory(opened)
    opened.recipe_changed.emit()  # what it begins with
    return made


def change(workspace, **values):
    workspace.set_recipe(
        workspace.recipe.with_set({name.replace("__", "."): one for name, one in values.items()})
    )


def test_there_and_back_again(history, opened, qtbot):
    first = opened.recipe
    assert not history.can_undo
    with qtbot.waitSignal(history.changed):
        opened.set_method("simclr")
    second = opened.recipe
    change(opened, optimiser__learning_rate=0.5)
    third = opened.recipe
    assert history.undo_words == "Undo change of optimiser"
    history.undo()
    assert opened.recipe == second
    assert (history.undo_words, history.redo_words) == (
        "Undo change of method",
        "Redo change of optimiser",
    )
    history.undo()
    assert opened.recipe == first
    assert not history.can_undo
    history.undo()
    history.redo()
    history.redo()
    assert opened.recipe == third
    history.undo()
    change(opened, schedule__epochs=9)
    assert not history.can_redo, "another way was taken"


def test_a_slider_that_is_drawn_is_one_change(history, opened, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(recipe_history.time, "monotonic", lambda: clock[0])
    first = opened.recipe
    for epochs in range(5, 15):
        clock[0] += 0.1
        change(opened, schedule__epochs=epochs)
    middle = opened.recipe
    clock[0] += 5
    change(opened, schedule__epochs=40)
    history.undo()
    assert opened.recipe == middle
    history.undo()
    assert opened.recipe == first


def test_images_and_what_is_excluded_are_not_part_of_it(history, opened, tmp_path, qtbot):
    change(opened, data__image_size=24)
    opened.set_recipe(
        opened.recipe.changed(data=opened.recipe.data.changed(excluded=str(tmp_path / "a.txt")))
    )
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(opened.catalogue.root, Reading("none"))
    assert history.undo_words == "Undo change of data"
    history.undo()
    data = opened.recipe.data
    assert data.image_size == 16
    assert data.labels == "none"
    assert data.excluded == str(tmp_path / "a.txt")


@pytest.mark.parametrize("field", ["groups", "captions"])
def test_how_the_folder_was_read_is_not_part_of_it(history, opened, tmp_path, qtbot, field):
    for number in range(12):
        save(tmp_path / f"{number}.png", seed=number)
    rows = [f"{number}.png,p{number // 2}" for number in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["path,patient", *rows]))
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(tmp_path)
    change(opened, data__image_size=24)
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(tmp_path, Reading(**{field: "patient"}))
    history.undo()
    assert opened.recipe.data.image_size == 16
    assert getattr(opened.recipe.data, field) == "patient", "the images are still read so"


def test_only_so_many_are_remembered(history, opened, monkeypatch):
    monkeypatch.setattr(recipe_history, "MOST", 3)
    monkeypatch.setattr(recipe_history, "TOGETHER", 0.0)
    for epochs in range(10, 16):
        change(opened, schedule__epochs=epochs)
    for _ in range(10):
        history.undo()
    assert opened.recipe.schedule.epochs == 12
