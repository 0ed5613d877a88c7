"""Graphs for torch.export."""

import pytest
import torch
from torch import Tensor, nn

from sslcore.export.source import Source
from sslcore.export.tracing import program
from sslcore.export.writing import ExportError
from tests.sslcore.export import taken


def test_the_number_of_images_is_free_and_the_size_is_not(plain: Source) -> None:
    graph = program(plain).module()
    images = plain.images(9)
    assert torch.allclose(graph(images), taken.expected(plain, images), atol=1e-6)
    with pytest.raises(AssertionError):
        graph(torch.rand(2, 3, 20, 20))


class Moody(nn.Module):
    """A network that looks at the values before it decides what to do."""

    dimensions = 3

    def features(self, images: Tensor) -> Tensor:
        return images if images.sum() > 0 else -images


def test_a_network_that_torch_cannot_follow(plain: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain.portable, "backbone", Moody())
    with pytest.raises(ExportError, match=r"cannot follow convnet .*; take safetensors"):
        program(plain)
