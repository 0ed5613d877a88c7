"""TorchScript files run without any of our classes."""

from pathlib import Path

import pytest
import torch

from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.export import taken

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*:FutureWarning")


@pytest.mark.parametrize("which", ["plain", "split", "patches", "small_stem"])
def test_it_gives_the_same_features(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source: Source = request.getfixturevalue(which)
    done = formats.export(source, "torchscript", tmp_path / "taken")
    assert done.difference is not None
    assert done.difference < 1e-4
    for count in (1, 2, 7):
        images = source.images(count)
        found = taken.said_by_card(done.path, images, monkeypatch)
        assert torch.allclose(found, taken.expected(source, images), atol=1e-4)


def test_a_network_that_cannot_be_followed(
    plain: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("cannot trace this\nand much more")

    monkeypatch.setattr(torch.jit, "trace", refuse)
    with pytest.raises(
        formats.ExportError, match=r"cannot trace this\).*take torch_export or onnx"
    ):
        formats.export(plain, "torchscript", tmp_path / "taken")
    assert list(tmp_path.iterdir()) == []
