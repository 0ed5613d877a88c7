import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.panels.method_recipe import EDITED, PresetBox, RecipeButton, preset_names, same_run
from sslcore.recipe import Recipe, preset, presets


@pytest.fixture
def box(loaded, qtbot):
    made = PresetBox(loaded)
    qtbot.addWidget(made)
    loaded.recipe_changed.connect(made.refresh)
    made.refresh()
    return made


@pytest.fixture
def button(loaded, box, qtbot):
    made = RecipeButton(loaded, box)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def notices(loaded):
    told = []
    loaded.notice.connect(lambda *words: told.append(words))
    return told


def action(button, words):
    return next(one for one in button.menu().actions() if one.text().startswith(words))


def test_presets_of_a_method_have_names_for_people():
    known = dict.fromkeys(("a", "a.large", "a.paper", "ab", "b"), "")
    assert preset_names("a", known) == {"a": "Small", "a.paper": "Paper", "a.large": "Large"}
    assert preset_names("none", known) == {}
    shipped = preset_names("moco_v2", presets())
    assert list(shipped.items())[:2] == [("moco_v2", "Small"), ("moco_v2.paper", "Paper")]
    assert shipped["moco_v2.momentum_0.9"] == "Momentum 0.9"


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("data.image_size", 96, True),
        ("run.device", "cpu", True),
        ("run.threads", 1, True),
        ("run.seed", 5, False),
        ("schedule.epochs", 3, False),
        ("method.temperature", 0.3, False),
    ],
)
def test_data_and_machine_do_not_make_another_recipe(path, value, same):
    recipe = preset("simclr")
    assert same_run(recipe.with_set({path: value}), recipe) is same


def test_the_box_says_edited_only_while_it_is(box, loaded):
    assert box.currentText() == "Small"
    loaded.set_recipe(loaded.recipe.with_set({"schedule.epochs": 3}))
    assert box.currentText() == EDITED
    assert box.base == preset("barlow_twins")
    loaded.set_recipe(loaded.recipe.with_set({"schedule.epochs": box.base.schedule.epochs}))
    assert box.currentText() == "Small"
    assert box.findText(EDITED) < 0
    loaded.set_method("rotation.paper")
    assert (box.currentText(), box.base.method.key) == ("Paper", "rotation")


@pytest.mark.parametrize(
    ("words", "start"), [("TOML", "["), ("command line", "sslcore train"), ("Python", "from path")]
)
def test_the_menu_copies_the_recipe_in_three_ways(button, notices, words, start, monkeypatch):
    # A copy names a run by the second, which may be another one a line further down.
    monkeypatch.setattr("app.panels.method_copy.run_name", lambda *_: "run")
    action(button, f"Copy as {words}").trigger()
    assert QGuiApplication.clipboard().text() == button.text_of(words)
    assert button.text_of(words).startswith(start)
    assert notices == [("info", f"The recipe was copied as {words}.", "")]


def test_the_menu_saves_and_opens(button, loaded, notices, tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    answers = ["", str(file), "", str(file)]
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (answers.pop(0), ""))
    loaded.set_recipe(loaded.recipe.with_set({"schedule.epochs": 9}))
    action(button, "Save").trigger()
    assert not file.exists(), "the question was cancelled"
    action(button, "Save").trigger()
    assert Recipe.from_file(file) == loaded.recipe
    loaded.set_method("rotation")
    action(button, "Open").trigger()
    assert loaded.recipe.method.key == "rotation"
    action(button, "Open").trigger()
    assert (loaded.recipe.method.key, loaded.recipe.schedule.epochs) == ("barlow_twins", 9)
    assert [one[0] for one in notices] == ["info"]


def test_a_recipe_brings_its_folder_if_it_is_there(button, loaded, pictures, tmp_path, qtbot):
    file = tmp_path / "mine.toml"
    gone = loaded.recipe.with_set({"data.folder": str(tmp_path / "gone")})
    file.write_text(gone.to_toml())
    button.open(file)
    assert loaded.recipe.data.folder == ""
    file.write_text(loaded.recipe.with_set({"data.folder": str(pictures)}).to_toml())
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
        button.open(file)
    assert loaded.catalogue.root == pictures


def test_a_file_that_is_no_recipe_changes_nothing(button, loaded, notices, tmp_path):
    before = loaded.recipe
    for words in ("[nonsense", "[schedule]\nepoch = 3\n"):
        (tmp_path / "bad.toml").write_text(words)
        button.open(tmp_path / "bad.toml")
    button.open(tmp_path / "missing.toml")
    assert loaded.recipe == before
    assert [one[0] for one in notices] == ["danger"] * 3
    assert "bad.toml" in notices[0][1]
    assert "schedule.epoch: unknown field" in notices[1][1]
