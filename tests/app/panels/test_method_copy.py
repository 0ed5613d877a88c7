import shlex
import shutil
import subprocess

import pytest

from app.panels.method_copy import as_command, as_python, differences
from sslcore.recipe import Recipe, parse_value, preset, presets


def recipe_of(command):
    """What the command line would make of a copied command."""
    words = shlex.split(command)
    base = preset(words[words.index("--method") + 1])
    sets = [words[n + 1].split("=", 1) for n, word in enumerate(words) if word == "--set"]
    return base.with_set(
        {"data.folder": words[2], **{path: parse_value(value) for path, value in sets}}
    )


@pytest.mark.parametrize("name", sorted(presets()))
def test_every_preset_can_be_said_as_a_command(name):
    recipe = preset(name).with_set({"data.folder": "my photos/it's"})
    command = as_command(recipe, preset(recipe.method.key))
    if recipe.views is None:
        assert recipe_of(command) == recipe
    else:
        assert "--recipe recipe.toml" in command  # views are more than --set can say


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schedule.epochs", 3),
        ("optimiser.learning_rate", 1e-7),
        ("data.labels", "my column"),
        ("data.limit", 500),
        ("run.device", "cpu"),
    ],
)
def test_a_change_of_any_kind_is_said_and_nothing_else(path, value):
    base = preset("barlow_twins")
    recipe = base.with_set({"data.folder": "photos", path: value})
    assert differences(recipe, base) == {path: value}
    assert recipe_of(as_command(recipe, base)) == recipe


@pytest.mark.skipif(shutil.which("sh") is None, reason="the lines are those of a POSIX shell")
def test_what_a_command_cannot_say_goes_through_a_file(tmp_path):
    base = preset("barlow_twins").with_set({"data.limit": 500})
    emptied = base.changed(data=base.data.changed(limit=None, folder="photos"))
    lines = as_command(emptied, base)
    script = lines.replace("sslcore train", "echo sslcore train")
    said = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout.startswith("sslcore train photos --recipe recipe.toml --out runs/20")
    assert Recipe.from_file(tmp_path / "recipe.toml") == emptied, "as a shell writes it"
    assert as_command(preset("rotation"), preset("rotation")).startswith("sslcore train FOLDER ")


def test_the_script_holds_the_recipe_and_its_names_exist():
    recipe = preset("simclr").with_set({"data.folder": "photos", "schedule.epochs": 3})
    script = as_python(recipe)
    imports = script[: script.index('RECIPE = """')]
    names = {}
    exec(imports, names)
    assert names["Recipe"] is Recipe
    assert {"train", "Control", "RunDirectory", "Path"} <= set(names)
    assert Recipe.from_toml(script.split('"""')[1]) == recipe
    compile(script, "script", "exec")
