"""Encoders that see lightness, or lightness and colour apart."""

import pytest
import torch

from sslcore.augment.colour_space import lab, srgb
from sslcore.nets import backbones
from sslcore.nets.colour_encoder import LightnessEncoder, SplitEncoder, lightness
from sslcore.nets.encoder import Encoder


def plain(channels=3):
    torch.manual_seed(0)
    network = backbones.build("convnet", channels, 16, width=4)
    return Encoder(network, [0.4] * channels, [0.2] * channels).eval()


def recoloured(images, lightness_kept):
    """The same lightness with other colours, or the same colours with other lightness.

    Moderate values, so that nothing is clamped.
    """
    colours = lab(images)
    changed = colours.clone()
    if lightness_kept:
        changed[:, 1:] = -0.5 * colours[:, 1:]
    else:
        changed[:, 0] = 50.0 + 0.3 * (colours[:, 0] - 50.0)
    return srgb(changed)


def dull(count=3, channels=3):
    generator = torch.Generator().manual_seed(1)
    return 0.4 + 0.2 * torch.rand(count, channels, 16, 16, generator=generator)


def test_lightness_is_l_in_every_channel_and_leaves_alpha_alone():
    images = dull(channels=4)
    seen = lightness(images)
    expected = lab(images)[:, 0] / 100
    for channel in range(3):
        torch.testing.assert_close(seen[:, channel], expected)
    assert torch.equal(seen[:, 3], images[:, 3])


def test_a_lightness_encoder_is_the_same_network_and_blind_to_colour():
    encoder = plain()
    kept = LightnessEncoder.of(encoder).eval()
    assert kept.backbone is encoder.backbone
    assert (kept.dimensions, kept.channels) == (encoder.dimensions, 3)
    images = dull()
    torch.testing.assert_close(kept(images), encoder(lightness(images)))
    torch.testing.assert_close(kept(images), kept(recoloured(images, True)), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(kept(images), kept(recoloured(images, False)), atol=1e-3)


def test_each_half_of_a_split_encoder_sees_its_own_part_only():
    split = SplitEncoder(plain()).eval()
    images = dull()
    half = split.dimensions // 2
    features = split(images)
    assert features.shape == (3, 32)
    other_colours = split(recoloured(images, True))
    other_lightness = split(recoloured(images, False))
    close = {"rtol": 1e-3, "atol": 1e-3}
    torch.testing.assert_close(features[:, :half], other_colours[:, :half], **close)
    torch.testing.assert_close(features[:, half:], other_lightness[:, half:], **close)
    assert not torch.allclose(features[:, half:], other_colours[:, half:], **close)
    assert not torch.allclose(features[:, :half], other_lightness[:, :half], **close)


def test_halves_share_no_weights():
    split = SplitEncoder(plain())
    first = {id(one) for one in split.backbone.parameters()}
    assert not first & {id(one) for one in split.colour_backbone.parameters()}
    assert len(list(split.parameters())) == 2 * len(first)
    assert not split.works_on_patches


def test_the_map_is_both_maps_and_alpha_reaches_no_colour():
    split = SplitEncoder(plain(channels=4)).eval()
    images = dull(channels=4)
    both = torch.cat((split.lightness_map(images), split.colour_map(images)), 1)
    assert torch.equal(split.feature_map(images), both)
    clear = images.clone()
    clear[:, 3] = 1.0
    assert torch.equal(split.colour_map(images), split.colour_map(clear))


@pytest.mark.parametrize("kind", [LightnessEncoder.of, SplitEncoder])
def test_images_of_other_channels_are_refused(kind):
    with pytest.raises(ValueError, match="channel"):
        kind(plain())(torch.rand(1, 1, 16, 16))
    with pytest.raises(ValueError, match="3 channels, the images have 4"):
        kind(plain())(torch.rand(1, 4, 16, 16))
