"""ONNX files compute the same in onnxruntime, for any number of images."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.export import taken

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.mark.parametrize("which", ["plain", "split", "patches", "small_stem"])
def test_onnxruntime_gives_the_same_features(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source: Source = request.getfixturevalue(which)
    done = formats.export(source, "onnx", tmp_path / "taken")
    session = onnxruntime.InferenceSession(done.path / "encoder.onnx")
    for count in (1, 2, 7):
        images = source.images(count)
        (found,) = session.run(None, {"images": images.numpy()})
        assert np.abs(found - taken.expected(source, images).numpy()).max() < 1e-4
    images = source.images(3)
    found = taken.said_by_card(done.path, images, monkeypatch).numpy()
    assert np.abs(found - taken.expected(source, images).numpy()).max() < 1e-4


def test_a_single_file_and_what_it_tells_of_itself(plain: Source, tmp_path: Path) -> None:
    done = formats.export(plain, "onnx", tmp_path / "new" / "mine.onnx")
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["mine.onnx"]
    assert done.files == ("encoder.onnx",)
    session = onnxruntime.InferenceSession(done.path)
    told = session.get_modelmeta().custom_metadata_map
    assert told == {"run": "plain run", "step": "6"}
    assert session.get_inputs()[0].shape[1:] == [3, 16, 16]


def test_more_than_one_file_can_hold(plain: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    from sslcore.export.formats import onnx

    monkeypatch.setattr(onnx, "LARGEST", 4 * plain.weights - 1)
    assert "take torch_export" in formats.unfit(plain, "onnx")
    monkeypatch.setattr(onnx, "LARGEST", 4 * plain.weights)
    assert formats.unfit(plain, "onnx") == ""
