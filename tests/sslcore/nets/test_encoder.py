"""The encoder normalises by itself and averages the map."""

import pytest
import torch

from sslcore.config import ConfigError
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


def patches(size=16):
    torch.manual_seed(0)
    network = backbones.build("vit_mini", 3, size, 8)
    return Encoder(network, (0.1, 0.2, 0.3), (0.5, 1.0, 2.0)).eval()


def test_tokens_are_those_of_normalised_images():
    encoder = patches()
    images = torch.rand(2, 3, 16, 16)
    normal = (images - encoder.mean) / encoder.std
    keep = torch.tensor([[4, 2], [15, 0]])
    assert torch.equal(encoder.tokens(images, keep), encoder.backbone.tokens(normal, keep))
    torch.testing.assert_close(encoder(images), encoder.tokens(images).mean(1))
    assert encoder.works_on_patches
    assert encoder.patch == 4
    assert encoder.grid(torch.rand(1, 3, 16, 30)) == (4, 8)


def test_attention_is_what_the_mean_takes_from_each_patch():
    encoder = patches()
    images = torch.rand(2, 3, 16, 24)
    found = encoder.attention(images)
    assert found.shape == (2, 1, 4, 6)
    torch.testing.assert_close(found.sum((2, 3)), torch.ones(2, 1))
    full = encoder.backbone.attention((images - encoder.mean) / encoder.std)
    for patch in range(24):
        taken = sum(full[1, 0, looking, patch] for looking in range(24)) / 24
        torch.testing.assert_close(found[1, 0, patch // 6, patch % 6], taken)


@pytest.mark.parametrize("ask", ["tokens", "attention", "patch"])
def test_a_backbone_without_patches_is_told_so(ask):
    encoder = Encoder(backbones.build("convnet", 3, 32, 8), [0.5] * 3, [0.5] * 3)
    assert not encoder.works_on_patches
    with pytest.raises(ConfigError, match=r"set backbone\.name to vit_mini or vit_tiny"):
        getattr(encoder, ask) if ask == "patch" else getattr(encoder, ask)(torch.rand(1, 3, 32, 32))
