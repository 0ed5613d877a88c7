"""A run opened to be taken away."""

import shutil
from pathlib import Path

import pytest
import torch

from sslcore.export.source import Source
from sslcore.runs.directory import RunDirectory


def test_what_is_known_of_it(plain: Source) -> None:
    assert (plain.name, plain.step, plain.size, plain.backbone) == ("plain run", 6, 16, "convnet")
    assert plain.card.title == "SimCLR"
    assert plain.weights == sum(one.numel() for one in plain.encoder.parameters())
    assert not plain.encoder.training
    assert plain.record.step == 6
    assert plain.findings == {}


def test_the_recipe_names_the_folder_but_not_its_place(plain: Source) -> None:
    own = plain.opened.recipe.data.folder
    assert Path(own).is_absolute()
    assert plain.recipe.data.folder == Path(own).name
    assert plain.recipe.with_set({"data.folder": own}) == plain.opened.recipe


def test_an_older_checkpoint(plain: Source) -> None:
    assert Source.open(plain.directory, "step_00000003").step == 3


def test_comparison_images_are_always_the_same(plain: Source) -> None:
    assert torch.equal(plain.images(2), plain.images(2))
    assert plain.images(2).shape == (2, 3, 16, 16)


def test_a_run_without_a_checkpoint(plain: Source, tmp_path: Path) -> None:
    shutil.copytree(plain.directory.path, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    with pytest.raises(ValueError, match="no checkpoint yet; train first"):
        Source.open(RunDirectory.open(tmp_path / "run"))
