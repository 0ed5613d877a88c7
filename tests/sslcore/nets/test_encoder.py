"""The encoder normalises by itself and averages the map."""

import pytest
import torch

from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder


def test_features_are_those_of_normalised_images():
    torch.manual_seed(0)
    encoder = Encoder(backbones.build("convnet", 3, 32, 8), (0.1, 0.2, 0.3), (0.5, 1.0, 2.0)).eval()
    images = torch.rand(4, 3, 32, 32)
    normal = torch.empty_like(images)
    for channel, (mean, std) in enumerate([(0.1, 0.5), (0.2, 1.0), (0.3, 2.0)]):
        normal[:, channel] = (images[:, channel] - mean) / std
    expected = encoder.backbone.features(normal).flatten(2).mean(2)
    torch.testing.assert_close(encoder(images), expected)
    assert encoder(images).shape == (4, encoder.dimensions)


def test_mean_and_deviation_are_saved_with_the_weights():
    encoder = Encoder(backbones.build("convnet", 1, 32, 8), [0.25], [0.5])
    other = Encoder(backbones.build("convnet", 1, 32, 8), [0.0], [1.0])
    other.load_state_dict(encoder.state_dict())
    images = torch.rand(2, 1, 32, 32)
    assert torch.equal(other.eval()(images), encoder.eval()(images))


def test_images_of_other_channels_are_refused():
    encoder = Encoder(backbones.build("convnet", 3, 32, 8), [0.5] * 3, [0.5] * 3)
    with pytest.raises(ValueError, match=r"made for 3 channels, the images have\s+1"):
        encoder(torch.rand(2, 1, 32, 32))


@pytest.mark.parametrize("std", [[0.5, 0.5], [0.5, 0.0, 0.5]])
def test_every_channel_needs_a_positive_deviation(std):
    with pytest.raises(ValueError, match="one positive deviation per channel"):
        Encoder(backbones.build("convnet", 3, 32, 8), [0.5] * 3, std)
