"""Encoders without the workbench compute what those of the workbench do."""

import pytest
import torch
from torch import Tensor

from sslcore.export import standalone
from sslcore.nets import colour_encoder
from sslcore.nets.backbones import build
from sslcore.nets.encoder import Encoder


def encoder(channels: int = 3) -> Encoder:
    torch.manual_seed(0)
    return Encoder(build("convnet", channels, 16, 4), [0.4] * channels, [0.2] * channels).eval()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda one: one, standalone.Encoder),
        (colour_encoder.LightnessEncoder.of, standalone.LightnessEncoder),
        (colour_encoder.SplitEncoder, standalone.SplitEncoder),
    ],
)
def test_the_same_features(made, kind, channels: int) -> None:
    theirs = made(encoder(channels)).eval()
    ours = standalone.portable(theirs)
    assert type(ours) is kind
    images = torch.rand(3, channels, 16, 16)
    with torch.no_grad():
        assert torch.equal(ours(images), theirs(images))
        assert torch.equal(ours.feature_map(images), theirs.feature_map(images))
        next(ours.parameters()).zero_()
        assert not torch.equal(ours(images), theirs(images)), "weights must be copies"


def test_an_encoder_of_a_plugin_is_refused() -> None:
    class Own(Encoder):
        def forward(self, images: Tensor) -> Tensor:
            return images.mean((2, 3))

    theirs = Own(build("convnet", 3, 16, 4), [0.5] * 3, [0.2] * 3)
    with pytest.raises(ValueError, match="Own: an encoder with a forward pass of its own"):
        standalone.portable(theirs)
