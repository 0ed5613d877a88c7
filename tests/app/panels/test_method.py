import shlex
from types import SimpleNamespace

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app import theme
from app.panels.method import MethodPanel
from app.panels.method_forecast import forecast, short
from app.panels.method_gallery import reason_not
from app.panels.method_recipe import preset_names
from sslcore.engine.assembly import assemble
from sslcore.recipe import Recipe, parse_value, preset, presets
from tests.app.panels.reachable import unnamed


def show(qtbot, workspace, size=(1364, 760)):
    panel = MethodPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(*size)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def panel(opened, qtbot):
    made = show(qtbot, opened)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


@pytest.fixture
def notices(opened):
    told = []
    opened.notice.connect(lambda *words: told.append(words))
    return told


def typed(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_a_click_on_a_card_chooses_the_method_and_keeps_the_data(panel, opened, qtbot):
    data = opened.recipe.data
    qtbot.mouseClick(panel.gallery.cards["simclr"], Qt.MouseButton.LeftButton)
    assert opened.recipe.method.key == "simclr"
    assert opened.recipe.data == data
    assert panel.gallery.cards["simclr"].isChecked()
    assert not panel.gallery.cards["barlow_twins"].isChecked()
    assert panel.card.title == "Settings of SimCLR"
    assert "temperature" in panel.settings.form("method").names()
    assert "similarity matrix" in panel.about.toPlainText()
    assert "https://arxiv.org/abs/2002.05709" in panel.about.toPlainText()
    assert "Temperature" in panel.about.toPlainText()


def test_what_changed_while_another_place_was_shown_is_there_at_the_next_look(panel, opened):
    panel.hide()
    opened.set_method("simclr")
    assert panel.card.title == "Settings of Barlow Twins", "nobody looks: nothing is redone"
    panel.show()
    assert panel.card.title == "Settings of SimCLR"
    assert panel.gallery.cards["simclr"].isChecked()


def test_arrow_keys_walk_the_cards(panel, opened, qtbot):
    keys = list(panel.gallery.cards)
    card = panel.gallery.cards["barlow_twins"]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Up)
    assert opened.recipe.method.key == keys[keys.index("barlow_twins") - 1]
    assert panel.gallery.cards[opened.recipe.method.key].hasFocus()


def test_everything_reached_by_tab_has_a_name(panel, qtbot):
    for tab in range(panel.settings.count()):
        panel.settings.setCurrentIndex(tab)
        assert not unnamed(panel)


def test_families_have_only_methods_and_every_method_a_card(panel):
    assert set(panel.gallery.cards) == set(panel.methods)
    for key, card in panel.gallery.cards.items():
        assert str(panel.methods[key].card.year) in card.accessibleName()
        assert len(card.accessibleDescription()) > 20, "the idea in a sentence"


def test_a_method_that_the_folder_cannot_serve_says_why(panel):
    panel.gallery.show_kinds(["captions"])
    assert "this folder has captions." in panel.gallery.cards["simclr"].toolTip()
    panel.gallery.show_kinds(["images"])
    assert panel.gallery.cards["simclr"].reason == ""
    assert "two folders" in reason_not("pairs", ["images"])
    assert reason_not("pairs", None) == "", "without a folder there is nothing to complain about"


def test_a_value_goes_into_the_recipe_and_a_wrong_one_is_explained(panel, opened, qtbot):
    panel.settings.setCurrentIndex(3)
    field = panel.settings.form("schedule").field("epochs")
    typed(qtbot, field.editor.line, "7")
    assert opened.recipe.schedule.epochs == 7
    typed(qtbot, field.editor.line, "0")
    assert opened.recipe.schedule.epochs == 7
    assert field.problem.isVisible()
    assert field.problem.text() == ("Epochs must lie between 1 and 100000; you typed 0.")


def test_method_settings_change_the_method_section(panel, opened, qtbot):
    field = panel.settings.form("method").field("redundancy_weight")
    typed(qtbot, field.editor.line, "0.02")
    assert opened.recipe.method.config.redundancy_weight == 0.02
    assert opened.recipe.method.key == "barlow_twins"


def test_the_backbone_is_chosen_by_name(panel, opened, qtbot):
    panel.settings.setCurrentIndex(1)
    qtbot.keyClick(panel.settings.backbone.network, Qt.Key.Key_Down)
    assert opened.recipe.backbone.name == "convnet"
    assert opened.recipe.backbone.width == 8


def test_presets_load_and_an_edit_is_no_preset(panel, opened, qtbot):
    qtbot.mouseClick(panel.gallery.cards["simclr"], Qt.MouseButton.LeftButton)
    box = panel.presets
    assert box.currentText() == "Small"
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == "Paper"
    assert opened.recipe.schedule == preset("simclr.paper").schedule
    assert opened.recipe.run.device == "cpu"
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 3}))
    assert box.currentText() == "Edited"
    assert box.base == preset("simclr.paper")
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert box.currentText() == "Small"
    assert box.findText("Edited") < 0
    names = preset_names("simclr", presets())
    assert [box.itemText(place) for place in range(box.count())] == list(names.values())


def test_the_copied_command_says_the_same_recipe(panel, opened, notices):
    opened.set_method("simclr")
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 3, "method.temperature": 0.3}))
    panel.recipe.copy("command line")
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:5] == ["sslcore", "train", opened.recipe.data.folder, "--method", "simclr"]
    values = [words[n + 1] for n, word in enumerate(words) if word == "--set"]
    pairs = dict(one.split("=", 1) for one in values)
    read = preset("simclr").with_set({k: parse_value(v) for k, v in pairs.items()})
    folder = {"data.folder": opened.recipe.data.folder}
    assert read.with_set(folder) == opened.recipe
    assert notices[-1][0] == "info"


def test_a_command_with_edited_views_goes_through_a_file(panel, opened):
    opened.change_section("views", opened.recipe.view_plan(opened.facts()))
    assert "--recipe recipe.toml" in panel.recipe.text_of("command line")


def test_the_copied_script_holds_the_recipe_and_compiles(panel, opened):
    script = panel.recipe.text_of("Python")
    compile(script, "script", "exec")
    inside = script.split('"""')[1]
    assert Recipe.from_toml(inside) == opened.recipe
    assert Recipe.from_toml(panel.recipe.text_of("TOML")) == opened.recipe


def test_recipes_are_saved_and_opened_and_bad_files_told(panel, opened, notices, tmp_path):
    file = tmp_path / "mine.toml"
    opened.set_recipe(opened.recipe.with_set({"schedule.epochs": 9}))
    panel.recipe.save(file)
    opened.set_method("rotation")
    panel.recipe.open(file)
    assert opened.recipe.method.key == "barlow_twins"
    assert opened.recipe.schedule.epochs == 9
    file.write_text("[schedule]\nepochs = -4\n")
    panel.recipe.open(file)
    assert notices[-1][0] == "danger"
    assert "schedule.epochs = -4" in notices[-1][1]
    assert opened.recipe.schedule.epochs == 9
    panel.recipe.save(tmp_path / "no" / "such" / "folder.toml")
    assert notices[-1][0] == "danger"


def test_the_forecast_counts_what_training_would_build(panel, opened, qtbot):
    facts, state = opened.facts(), torch.get_rng_state()
    made = forecast(opened.recipe, facts)
    assert torch.equal(torch.get_rng_state(), state), "counting must not touch a running training"
    method = assemble(opened.recipe, facts)
    assert made.weights == sum(one.numel() for one in method.parameters() if one.requires_grad)
    assert made.encoder_weights == sum(one.numel() for one in method.encoder().parameters())
    assert made.steps == facts.total_steps
    larger = opened.recipe.with_set({"schedule.batch_size": 16})
    assert forecast(larger, facts).memory > made.memory
    shown = panel.forecast.values
    qtbot.waitUntil(lambda: shown["Weights"].text() == short(made.weights), timeout=10_000)
    assert shown["Steps"].text() == f"{made.steps:,}"
    assert shown["Time"].text() == "unknown"


@pytest.mark.parametrize("key", [name for name in presets() if "paper" not in name])
def test_every_small_preset_can_be_forecast(opened, key):
    recipe = preset(key).changed(data=opened.recipe.data)
    assert forecast(recipe, opened.facts()).weights > 1000


def test_time_comes_from_the_speed_of_a_run_alike(panel, opened, qtbot):
    class Speeds:
        last = 10.0

        def __len__(self):
            return 1

    recipe = opened.recipe
    opened.directory = SimpleNamespace(recipe=lambda: recipe)
    opened.record = SimpleNamespace(series={"images_per_second": Speeds()})
    panel.forecast.refresh()
    shown = panel.forecast.values["Time"]
    qtbot.waitUntil(lambda: shown.text() == "about 3 s", timeout=10_000)
    opened.record = opened.directory = None


def test_a_recipe_that_cannot_be_built_is_explained(panel, opened, qtbot):
    opened.set_recipe(opened.recipe.with_set({"backbone.name": "nonesuch"}))
    qtbot.waitUntil(lambda: panel.forecast.error.isVisible(), timeout=10_000)
    assert "no such backbone" in panel.forecast.error.text()
    assert panel.forecast.values["Weights"].text() == "—"


def test_about_moves_into_a_tab_where_room_is_short(panel, qtbot):
    assert panel.settings.indexOf(panel.about) < 0
    panel.resize(948, 560)
    assert panel.settings.tabText(panel.settings.indexOf(panel.about)) == "About"
    assert panel.width() == 948
    theme.current().apply("light")
    assert not panel.grab().isNull()
    panel.resize(1364, 760)
    assert panel.settings.indexOf(panel.about) < 0
    assert panel.about.isVisible()


def test_loads_calmly_and_works_without_a_folder(workspace, core, qtbot):
    panel = show(qtbot, workspace)
    assert not hasattr(panel, "gallery")
    workspace.take_core(core)
    assert panel.gallery.cards["barlow_twins"].isChecked()
    qtbot.waitUntil(lambda: panel.forecast.error.isVisible(), timeout=5_000)
    assert "Open a folder" in panel.forecast.error.text()
