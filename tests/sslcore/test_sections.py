"""Sections of a recipe: what they ask of a folder, and how they read and write themselves."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.config import ConfigError
from sslcore.data.catalogue import scan
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


def test_the_method_is_one_flat_table() -> None:
    section = MethodSection.parse({"key": "simclr", "temperature": 0.25})
    assert section.model_dump()["temperature"] == 0.25
    assert MethodSection.parse(section.model_dump()) == section
    with pytest.raises(ConfigError, match="temperatur"):
        MethodSection.parse({"key": "simclr", "temperatur": 0.25})
