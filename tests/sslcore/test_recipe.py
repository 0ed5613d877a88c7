"""Recipes: round trips, every wrong field by its name, settings by path."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.augment.presets import contrastive_views
from sslcore.batch import Sample
from sslcore.config import ConfigError
from sslcore.data import demo_kinds
from sslcore.data.catalogue import scan
from sslcore.method import DataFacts, find, registry
from sslcore.recipe import Recipe, parse_value, preset, presets
from tests.sslcore.data.pictures import save

SIMCLR = Recipe.parse({"method": {"key": "simclr"}})


def test_toml_and_back() -> None:
    edited = SIMCLR.changed(views=contrastive_views(32, 3)).with_set(
        {"method.temperature": 0.2, "data.limit": 10, "schedule.milestones": [0.1, 0.2]}
    )
    assert Recipe.from_toml(edited.to_toml()) == edited
    assert edited.method.config.model_dump()["temperature"] == 0.2
    assert "limit" not in SIMCLR.to_toml()  # TOML has no None


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[method]\nkey = 'nope'", "method.key = 'nope': no such method; there are: "),
        ("[method]\nkey = 'simklr'", "no such method; did you mean simclr?"),
        ("[method]\nkey = 'simclr'\ntemperature = 99", "method.temperature = 99: must lie between"),
        ("[method]\nkey = 'simclr'\nbogus = 1", "method.bogus: unknown field"),
        (
            "[method]\nkey = 'simclr'\n[schedule]\nepochs = 0",
            "schedule.epochs = 0: must lie between 1",
        ),
        ("[method]\nkey = 'simclr'\n[shedule]\nepochs = 1", "shedule: unknown field"),
        ("[method]\nkey = 'simclr'\n[optimiser]\nkind = 'adam'", "optimiser.kind = 'adam'"),
        ("[data]\nfolder = 'x'", "method: missing; add it"),
        ("[method", "not TOML"),
        (
            "[method]\nkey = 'simclr'\n[[views.views]]\nname = 'a'\n[[views.views.steps]]\n"
            "kind = 'grey'\np = 4",
            "views.views.0.steps.0: grey.p = 4: must lie between 0 and 1",
        ),
    ],
)
def test_a_wrong_field_is_named(toml: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        Recipe.from_toml(toml, "my.toml")
    text = str(error.value)
    assert text.startswith("my.toml: ")
    assert sentence in text
    assert "\n" not in text
    assert "value error" not in text.lower()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        Recipe.from_file(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"bytes\.toml: not UTF-8 text"):
        Recipe.from_file(tmp_path / "bytes.toml")


def test_the_mark_that_windows_puts_first_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notepad.toml").write_text("[method]\nkey = 'simclr'\n", "utf-8-sig")
    assert Recipe.from_file(tmp_path / "notepad.toml").method.key == "simclr"


def test_settings_by_path() -> None:
    changed = SIMCLR.with_set({"schedule.epochs": 3, "optimiser.kind": "lars"})
    assert (changed.schedule.epochs, changed.optimiser.kind) == (3, "lars")
    assert SIMCLR.schedule.epochs == 50
    other = SIMCLR.with_set({"method.key": "rotation"})
    assert other.method.config == find("rotation").card.config()
    for path, sentence in {
        "schedule.epoch": "schedule.epoch: unknown field",
        "nothing.at": "nothing: unknown field",
        "schedule.epochs.more": "epochs has no fields of its own",
    }.items():
        with pytest.raises(ConfigError, match=sentence):
            SIMCLR.with_set({path: 1})


def test_values_are_toml_or_text() -> None:
    assert parse_value("3") == 3
    assert parse_value("1e-3") == 0.001
    assert parse_value("true") is True
    assert parse_value("[0.1, 0.2]") == [0.1, 0.2]
    assert parse_value("'a b'") == "a b"
    assert parse_value("cosine") == "cosine"
    assert parse_value("C:\\images\\new") == "C:\\images\\new"


def test_the_plan_is_the_edited_one_or_the_methods_own() -> None:
    facts = DataFacts(count=9, channels=3, image_size=32, batch_size=8, total_steps=10)
    simclr = find("simclr")
    assert SIMCLR.view_plan(facts) == simclr.default_views(simclr.card.config(), facts)
    plan = contrastive_views(16, 1)
    assert SIMCLR.changed(views=plan).view_plan(facts) == plan


@pytest.mark.parametrize("channels", [1, 4, 5])
def test_steps_that_need_colour_are_off_where_images_have_none(channels: int) -> None:
    edited = contrastive_views(32, 3)
    edited = edited.changed(views=(edited.views[0], edited.views[1].changed(steps=())))
    recipe = SIMCLR.changed(views=edited)
    facts = DataFacts(count=9, channels=channels, image_size=32, batch_size=8, total_steps=10)
    plan = recipe.view_plan(facts)
    first = plan.view("view_a")
    assert [step.kind for _, step in first.active] == ["random_resized_crop", "horizontal_flip"]
    assert [step.kind for step in first.steps] == [step.kind for step in edited.views[0].steps]
    assert [step.kind for step in edited.idle(channels)] == ["colour_jitter", "grey"]
    assert plan.view("view_b") == edited.view("view_b")
    assert recipe.views == edited, "colour comes back with another folder"
    smaller = plan.changed(views=(first.changed(size=16), plan.views[1]))
    kept = smaller.kept_for(channels, edited)
    assert kept.views == (edited.views[0].changed(size=16), edited.views[1])
    assert smaller.kept_for(channels, None) == smaller
    assert smaller.kept_for(3, edited) == smaller, "with colour, whoever switched them meant it"
    sample = Sample(torch.arange(2), torch.rand(2, channels, 40, 40))
    assert plan.render(sample, plan.draw(0, 2, (40, 40))).views["view_a"].shape[2] == channels


def test_every_method_has_a_preset_and_every_preset_is_valid() -> None:
    known = presets()
    assert set(registry()) <= set(known)
    for name in known:
        recipe = preset(name)
        assert recipe.method.key == name.partition(".")[0]
        assert recipe.data.folder == ""
        assert Recipe.from_toml(recipe.to_toml()) == recipe
    with pytest.raises(ConfigError, match="there are: barlow_twins"):
        preset("nope")


EXPERIMENTS = [name for name in presets() if name.count(".") and not name.endswith(".paper")]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_is_the_small_preset_with_one_idea_changed(name: str) -> None:
    small, experiment = preset(name.partition(".")[0]), preset(name)
    differ = [
        section
        for section in Recipe.model_fields
        if getattr(small, section) != getattr(experiment, section)
    ]
    assert len(differ) == 1
    assert differ[0] in ("method", "views", "schedule")
    assert presets()[name].startswith("# ")  # what is to be seen


def test_excluded_images_leave_the_training_split_and_nothing_else(tmp_path: Path) -> None:
    for number in range(20):
        save(tmp_path / "images" / f"{number:02d}.png", seed=number)
    catalogue = scan(tmp_path / "images")
    plain = SIMCLR.with_set({"data.held_out": 0.25, "data.limit": 10}).data
    before = plain.split(catalogue)
    gone = [int(before.train[0]), int(before.train[4]), int(before.held_out[1])]
    (tmp_path / "out.txt").write_text("\n".join(catalogue.paths[row] for row in gone))
    section = plain.changed(excluded=str(tmp_path / "out.txt"))
    after = section.split(catalogue)
    assert after.train.tolist() == [row for row in before.train.tolist() if row not in gone]
    assert after.held_out.tolist() == before.held_out.tolist(), "the measure stays the same"
    assert after.excluded.tolist() == sorted(gone)
    assert not len(before.excluded)
    (tmp_path / "recipe.toml").write_text(
        SIMCLR.with_set({"data.excluded": "out.txt"}).to_toml(), encoding="utf-8"
    )
    beside = Recipe.from_file(tmp_path / "recipe.toml")
    assert beside.data.excluded == str(tmp_path / "out.txt"), "relative to the recipe"


def test_an_excluded_frame_takes_part_in_no_window(tmp_path: Path) -> None:
    folder = demo_kinds.make(tmp_path / "kinds", "sequences", count=2, size=16)
    catalogue = scan(folder)
    recipe = Recipe.parse({"method": {"key": "frame_prediction"}}).with_set(
        {"data.held_out": 0.0, "data.frames": 3}
    )
    before = recipe.training_rows(catalogue, recipe.data.split(catalogue))
    sequences = catalogue.sequences
    assert sequences is not None
    middle = int(before[len(before) // 4])
    (tmp_path / "out.txt").write_text(catalogue.paths[middle])
    without = recipe.with_set({"data.excluded": str(tmp_path / "out.txt")})
    after = without.training_rows(catalogue, without.data.split(catalogue))
    expected = [
        row for row in before.tolist()
        if middle not in sequences.windows(np.array([row]), 3, recipe.data.frame_step)
    ]  # fmt: skip
    assert after.tolist() == expected
    assert len(before) - len(after) == 3
