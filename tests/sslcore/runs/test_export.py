"""The encoder taken away gives the numbers the run measured."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import sslcore
from sslcore.__main__ import main
from sslcore.data.catalogue import scan
from sslcore.data.decode import decode
from sslcore.engine.checkpoint import Checkpoint
from sslcore.nets.backbones import build
from sslcore.nets.encoder import Encoder
from sslcore.runs.directory import RunDirectory
from sslcore.runs.export import embed_folder, load_encoder
from tests.sslcore.engine import tiny
from tests.sslcore.engine.tiny import images

__all__ = ["images"]


@pytest.fixture(scope="module")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of six steps."""
    recipe = tiny.recipe(images, "moco_v2")
    with closing(
        RunDirectory.create(tmp_path_factory.mktemp("export") / "run", recipe)
    ) as directory:
        for event in tiny.run(recipe, directory):
            directory.append(event)
    return directory.path


def test_the_encoder_is_the_trained_one(trained: Path, images: Path) -> None:
    encoder = load_encoder(trained)
    assert (encoder.image_size, encoder.channels, encoder.training) == (16, 3, False)
    loaded = RunDirectory.open(trained).load()
    assert loaded is not None
    weights = Checkpoint.read(loaded.files).weights
    for name, one in encoder.state_dict().items():
        assert torch.equal(one, weights[f"online.{name}"])


def test_features_are_those_of_every_image_in_order(trained: Path, images: Path) -> None:
    encoder = load_encoder(trained)
    paths, features = embed_folder(encoder, images, batch_size=7)
    assert list(paths) == list(scan(images).paths)
    one = decode(images / paths[11], 16, 3, 8)
    with torch.no_grad():
        alone: Tensor = encoder(torch.from_numpy(np.asarray(one))[None] / 255)
    assert features.shape == (30, encoder.dimensions)
    assert np.allclose(features[11], alone[0].numpy(), atol=1e-5)


def test_a_grey_folder_is_embedded_by_an_encoder_of_colour_as_the_command_does(
    trained: Path, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 16, 16), dtype=np.uint8)
    (tmp_path / "grey").mkdir()
    for number, one in enumerate(pixels):
        Image.fromarray(one).save(tmp_path / "grey" / f"{number}.png")
    encoder = load_encoder(trained)
    paths, features = embed_folder(encoder, tmp_path / "grey")
    out = tmp_path / "grey.npz"
    assert main(["embed", str(trained), str(tmp_path / "grey"), "--out", str(out)]) == 0
    with np.load(out) as archive:
        assert archive["paths"].tolist() == list(paths)
        np.testing.assert_allclose(features, archive["features"], atol=1e-5)
    with torch.no_grad():
        colour = torch.from_numpy(pixels)[:, None].expand(-1, 3, -1, -1) / 255
        np.testing.assert_allclose(features, encoder(colour).numpy(), atol=1e-5)
    encoder.train()
    _, again = embed_folder(encoder, tmp_path / "grey")
    np.testing.assert_array_equal(again, features)
    assert encoder.training


def test_the_package_offers_both_by_name(trained: Path) -> None:
    assert sslcore.load_encoder is load_encoder
    with pytest.raises(AttributeError, match="no attribute 'train_everything'"):
        _ = sslcore.train_everything


def test_a_run_without_a_checkpoint_says_so(images: Path, tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "new", tiny.recipe(images)).close()
    with pytest.raises(ValueError, match="no checkpoint yet; train first"):
        load_encoder(tmp_path / "new")
    with pytest.raises(ValueError, match="nowhere"):
        load_encoder(tmp_path / "nowhere")


def test_an_encoder_without_a_size_asks_for_one(images: Path) -> None:
    encoder = Encoder(build("convnet", 3, 16, 4), [0.5] * 3, [0.2] * 3)
    with pytest.raises(ValueError, match="give image_size"):
        embed_folder(encoder, images)
