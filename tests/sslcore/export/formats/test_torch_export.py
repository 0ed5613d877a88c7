"""The graph of torch.export computes the same, for any number of images."""

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
    done = formats.export(source, "torch_export", tmp_path / "taken")
    assert done.difference is not None
    assert done.difference < 1e-4
    for count in (1, 2, 7):
        images = source.images(count)
        found = taken.said_by_card(done.path, images, monkeypatch)
        assert torch.allclose(found, taken.expected(source, images), atol=1e-4)
