"""A run is opened with its method as it was trained, and as it was before."""

import shutil
from pathlib import Path

import pytest
import torch

from sslcore.assessment.trained import open_trained
from sslcore.engine.store import CheckpointError
from sslcore.runs.directory import RunDirectory


def test_the_untrained_method_differs_in_weights_and_not_in_normalisation(trained: Path) -> None:
    opened = open_trained(RunDirectory.open(trained))
    own, other = opened.method.encoder(), opened.untrained().encoder()
    assert torch.equal(own.mean, other.mean)
    assert torch.equal(own.std, other.std)
    first, second = (dict(one.named_parameters()) for one in (own, other))
    assert first.keys() == second.keys()
    assert not all(torch.equal(one, second[name]) for name, one in first.items())
    assert opened.epoch == pytest.approx(2.0)


def test_without_a_checkpoint_it_says_so(trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained / "recipe.toml", tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint yet; train first"):
        open_trained(RunDirectory.open(tmp_path))
