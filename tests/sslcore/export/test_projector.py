"""Files of the embedding projector."""

import dataclasses
import io

import numpy as np
from PIL import Image

from sslcore.assessment.watch import Watch
from sslcore.export import projector
from sslcore.export.source import Source


def test_one_line_and_one_picture_an_image(plain: Source) -> None:
    found = plain.probe(Watch())
    files = projector.files(found)
    rows = [line.split("\t") for line in files["projector/tensors.tsv"].decode().splitlines()]
    np.testing.assert_allclose(np.array(rows, float), found.features, rtol=1e-4)
    lines = files["projector/metadata.tsv"].decode().splitlines()
    assert lines[0] == "class\timage"
    assert lines[1].split("\t")[1] == found.catalogue.paths[int(found.index[0])]
    assert lines[1].startswith(lines[1].split("\t")[1].partition("/")[0])
    sprite = np.asarray(Image.open(io.BytesIO(files["projector/sprite.png"])))
    assert sprite.shape == (4 * 48, 4 * 48, 3)  # ten images in four columns
    third = sprite[:48, 96:144]
    assert np.array_equal(third, found.pixels(found.index[2:3], 48)[0])
    assert b"single_image_dim: 48" in files["projector_config.pbtxt"]


def test_without_the_folder_there_is_no_sprite(plain: Source) -> None:
    found = dataclasses.replace(plain.probe(Watch()), catalogue=None)
    files = projector.files(found)
    assert set(files) == {
        "projector/tensors.tsv", "projector/metadata.tsv", "projector_config.pbtxt",
    }  # fmt: skip
    assert b"sprite" not in files["projector_config.pbtxt"]
    assert files["projector/metadata.tsv"].decode().splitlines()[1] == f"\t{found.index[0]}"


def test_without_features_there_is_nothing(plain: Source) -> None:
    nothing = dataclasses.replace(plain.probe(Watch()), index=np.zeros(0, np.int64))
    assert projector.files(nothing) == {}
