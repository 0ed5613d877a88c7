"""Depth and classes of every pixel, read from a run's feature map."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.assessment.kinds.dense import (
    DenseConfig,
    DenseFinding,
    _thinned,
    holds_targets,
    measure,
)
from sslcore.assessment.outside import Outside
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import ConfigError
from sslcore.data import demo_kinds
from sslcore.data.folder import CatalogueError
from sslcore.data.pool import Cancelled
from sslcore.sections import DataSection


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_kinds.make(tmp_path_factory.mktemp("dense") / "pairs", "pairs", count=60, size=32)


def picture(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


def test_depth_of_every_encoder_beside_the_mean(subject: Subject, folder: Path) -> None:
    config = DenseConfig(folder=str(folder), target="depth", pixels=3000)
    found = measure(subject, config, Watch())
    assert found.kind == "depth"
    assert found.classes == ()
    assert (found.training, found.held_out) == (48, 12)
    assert list(found.scores) == ["trained", "untrained", "pixels", "mean depth"]
    mean = found.scores["mean depth"]
    assert mean.rmse is not None
    for row in found.scores.values():
        assert row.rmse is not None
        assert row.rmse <= 1.05 * mean.rmse
        assert row.mean_iou is None
        assert 0 <= (row.delta or 0) <= 1
    assert found.headline() == f"depth off by {100 * (found.scores['trained'].abs_rel or 0):.1f} %"
    assert len(found.lines()) == 5
    assert DenseFinding.model_validate_json(found.model_dump_json()) == found


def test_examples_can_be_looked_at_without_the_folder(subject: Subject, folder: Path) -> None:
    config = DenseConfig(folder=str(folder), target="depth", pixels=3000)
    found = measure(subject, config, Watch())
    assert len(found.examples) == 8
    one = found.examples[0]
    assert picture(one.image).shape[-1] == 3
    target = picture(one.target)
    depth = np.asarray(Image.open(folder / one.path.replace("rgb", "depth")), np.float64)
    known = target < 255
    painted = found.low + target[known] / 254 * (found.high - found.low)
    if depth.shape == target.shape:
        clipped = depth[known].clip(found.low, found.high)
        step = (found.high - found.low) / 254
        assert np.abs(painted - clipped).max() <= step
    assert set(one.read) == {"trained", "untrained"}
    assert picture(one.read["trained"]).shape == target.shape == picture(one.image).shape[:2]


def test_a_folder_is_asked_for_depth_or_classes(folder: Path, tmp_path: Path) -> None:
    def holds(place: Path) -> bool:
        return holds_targets(DataSection(folder=str(place)))

    assert holds(folder)
    assert not holds(tmp_path), "empty"
    assert not holds(tmp_path / "gone")
    for name in ("rgb", "hha"):
        (tmp_path / name).mkdir()
        shutil.copy(next((folder / "rgb").rglob("*.png")), tmp_path / name / "one.png")
    assert not holds(tmp_path), "pictures, not numbers"
    shutil.copytree(tmp_path / "hha", tmp_path / "depth")
    assert holds(tmp_path)
    table = tmp_path / "some.csv"
    table.write_text("path\nrgb/one.png\n")
    assert not holds(table)
    table.write_text("path\nrgb/one.png\ndepth/one.png\n")
    assert holds(table)


def test_large_examples_are_thinned_without_mixing_classes() -> None:
    values = np.arange(300)[:, None] * np.ones(300) // 100
    small = _thinned(values)
    assert small.shape == (96, 96)
    assert set(np.unique(small)) == {0, 1, 2}
    assert np.array_equal(_thinned(values[:20, :20]), values[:20, :20])


def test_classes_beside_the_most_frequent_one(subject: Subject, folder: Path) -> None:
    config = DenseConfig(folder=str(folder), target="labels", pixels=2000)
    found = measure(subject, config, Watch())
    assert found.kind == "classes"
    assert len(found.classes) > 2
    most = found.scores["most frequent class"]
    assert most.accuracy is not None
    for row in found.scores.values():
        assert row.rmse is None
        assert 0 <= (row.mean_iou or 0) <= 1
        assert (row.accuracy or 0) > most.accuracy - 0.15
    assert found.headline().startswith("mean IoU ")
    shades = np.unique(picture(found.examples[0].target))
    assert len(shades) >= 2


def test_encoders_from_outside_give_their_maps(subject: Subject, folder: Path) -> None:
    text = "torchvision:squeezenet1_1"
    subject.outside[text] = Outside(text, 3, 16)
    subject.outside[text].encoder.image_size = 64  # type: ignore[attr-defined]
    config = DenseConfig(folder=str(folder), target="depth", pixels=500, images=10)
    assert text in measure(subject, config, Watch()).scores
    subject.outside["plain"] = lambda images: images.flatten(1)
    with pytest.raises(ConfigError, match="plain: this encoder from outside gives no feature maps"):
        measure(subject, config, Watch())


def test_folders_without_targets_are_refused(subject: Subject) -> None:
    with pytest.raises(ConfigError, match=r"single images; set dense\.folder to a folder of pairs"):
        measure(subject, DenseConfig(), Watch())
    own = DenseConfig(folder=subject.recipe.data.folder)
    with pytest.raises(CatalogueError, match=r"this folder has single images$"):
        measure(subject, own, Watch())


def test_it_is_called_off(subject: Subject, folder: Path) -> None:
    asked = iter([False] * 200)
    with pytest.raises(Cancelled):
        measure(
            subject,
            DenseConfig(folder=str(folder), target="depth"),
            Watch(cancelled=lambda: next(asked, True)),
        )
