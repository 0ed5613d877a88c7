"""Sections of a recipe: what they ask of a folder, and how they read and write themselves."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.config import ConfigError
from sslcore.data.catalogue import scan
from sslcore.recipe import Recipe, preset
from sslcore.sections import DataSection, MethodSection
from tests.sslcore.data.pictures import save


def test_images_of_a_group_are_never_torn_by_the_split(tmp_path: Path) -> None:
    rows = ["path,patient"]
    for number in range(40):
        save(tmp_path / f"{number:02d}.png", seed=number)
        rows.append(f"{number:02d}.png,p{number // 4}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    patients = np.arange(40) // 4

    def torn(section: DataSection) -> int:
        split = section.split(scan(tmp_path, section.reading))
        return len(np.intersect1d(patients[split.train], patients[split.held_out]))

    assert torn(DataSection(held_out=0.3)) > 0, "nothing is known of patients"
    for seed in range(5):
        assert not torn(DataSection(held_out=0.3, split_seed=seed, groups="patient"))


def test_captions_of_a_named_column_are_what_a_method_learns_the_words_of(tmp_path: Path) -> None:
    rows = ["path,titel,caption"]
    for number in range(8):
        save(tmp_path / f"{number}.png", seed=number)
        rows.append(f"{number}.png,eine Katze,a cat")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    for asked, known in (("auto", ("a", "cat")), ("titel", ("eine", "katze"))):
        recipe = preset("clip").with_set({"data.captions": asked})
        assert Recipe.from_toml(recipe.to_toml()).data.captions == asked
        assert recipe.facts(scan(tmp_path, recipe.data.reading)).vocabulary == known


def test_the_method_is_one_flat_table() -> None:
    section = MethodSection.parse({"key": "simclr", "temperature": 0.25})
    assert section.model_dump()["temperature"] == 0.25
    assert MethodSection.parse(section.model_dump()) == section
    with pytest.raises(ConfigError, match="temperatur"):
        MethodSection.parse({"key": "simclr", "temperatur": 0.25})
