import pytest
from PySide6.QtCore import Qt

from app.panels.method_settings import SECTIONS, Settings, section_of
from sslcore.config import knobs
from sslcore.recipe import preset


@pytest.fixture
def settings_tabs(loaded, qtbot):
    made = Settings(loaded)
    qtbot.addWidget(made)
    made.resize(500, 500)
    made.show_recipe(loaded.recipe, loaded.recipe)
    loaded.recipe_changed.connect(lambda: made.show_recipe(loaded.recipe, preset("barlow_twins")))
    made.show()
    qtbot.waitExposed(made)
    return made


def typed(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_every_knob_of_every_section_has_a_field(settings_tabs, loaded):
    assert [settings_tabs.tabText(n) for n in range(len(SECTIONS))] == list(SECTIONS.values())
    for number, name in enumerate(SECTIONS):
        settings_tabs.setCurrentIndex(number)
        form = settings_tabs.forms[name]
        known = [one.name for one in knobs(type(section_of(loaded.recipe, name)))]
        expected = [one for one in known if (name, one) != ("backbone", "name")]
        assert form.names() == expected, name


@pytest.mark.parametrize(
    ("section", "field", "text", "value"),
    [
        ("method", "redundancy_weight", "0.02", 0.02),
        ("backbone", "width", "16", 16),
        ("optimiser", "weight_decay", "0.001", 0.001),
        ("schedule", "warmup_epochs", "2", 2),
        ("run", "seed", "11", 11),
    ],
)
def test_a_value_goes_into_its_section_only(
    settings_tabs, loaded, qtbot, section, field, text, value
):
    before = loaded.recipe
    settings_tabs.setCurrentIndex(list(SECTIONS).index(section))
    typed(qtbot, settings_tabs.forms[section].field(field).editor.line, text)
    assert getattr(section_of(loaded.recipe, section), field) == value
    for other in SECTIONS:
        if other != section:
            assert section_of(loaded.recipe, other) == section_of(before, other)


def test_a_form_is_kept_while_only_values_change(settings_tabs, loaded):
    form = settings_tabs.form("schedule")
    loaded.set_recipe(loaded.recipe.with_set({"schedule.epochs": 3}))
    settings_tabs.show_recipe(loaded.recipe, preset("barlow_twins"))
    kept = settings_tabs.form("schedule")
    assert kept is form
    assert kept.config.epochs == 3


def test_another_method_brings_its_own_fields(settings_tabs, loaded):
    other = preset("simclr")
    settings_tabs.show_recipe(other, other)
    assert "temperature" in settings_tabs.forms["method"].names()
    assert "redundancy_weight" not in settings_tabs.forms["method"].names()


def test_forms_are_built_when_they_are_looked_at(settings_tabs, loaded):
    assert list(settings_tabs.forms) == ["method"]
    settings_tabs.setCurrentIndex(list(SECTIONS).index("run"))
    assert list(settings_tabs.forms) == ["method", "run"]
    other = preset("simclr")
    settings_tabs.show_recipe(other, other)
    settings_tabs.setCurrentIndex(0)
    assert "temperature" in settings_tabs.forms["method"].names()
