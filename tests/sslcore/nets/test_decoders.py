"""The decoder reaches the image it was asked for."""

import pytest
import torch

from sslcore.nets import backbones
from sslcore.nets.decoders import ConvDecoder, doublings
from sslcore.nets.encoder import Encoder


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("size", [(32, 32), (30, 34), (8, 8)])
def test_images_have_the_size_asked_for(activation, size):
    decoder = ConvDecoder(12, 3, doublings=3, width=32, activation=activation)
    assert decoder(torch.randn(2, 12, 4, 4), size).shape == (2, 3, *size)


def test_gradient_reaches_the_features():
    features = torch.randn(2, 12, 4, 4, requires_grad=True)
    ConvDecoder(12, 1, doublings=2, width=32)(features, (16, 16)).square().mean().backward()
    assert features.grad is not None
    assert features.grad.abs().sum() > 0


def test_a_shifted_map_gives_a_shifted_image():
    torch.manual_seed(0)
    decoder = ConvDecoder(6, 3, doublings=2, width=16).eval()
    features = torch.zeros(1, 6, 12, 12)
    features[..., 5, 4] = 1.0
    image = decoder(features, (48, 48))
    shifted = decoder(features.roll((1, 1), (-2, -1)), (48, 48))
    torch.testing.assert_close(
        image.roll((4, 4), (-2, -1))[..., 8:40, 8:40], shifted[..., 8:40, 8:40]
    )


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("resnet_small", 32, 3),
        ("resnet_small", 30, 3),
        ("convnet", 32, 4),
        ("resnet18", 32, 3),
    ],
)
def test_doublings_undo_what_the_encoder_did(name, size, expected):
    encoder = Encoder(backbones.build(name, 3, size, 8), [0.5] * 3, [0.5] * 3)
    before = {key: one.clone() for key, one in encoder.state_dict().items()}
    assert doublings(encoder, size) == expected
    assert all(torch.equal(one, before[key]) for key, one in encoder.state_dict().items())
    assert encoder.training


@pytest.mark.parametrize("wrong", [{"inputs": 0}, {"channels": 0}, {"width": 0}, {"doublings": -1}])
def test_sizes_must_be_positive(wrong):
    with pytest.raises(ValueError, match="a decoder needs positive sizes"):
        ConvDecoder(**{"inputs": 4, "channels": 3, "doublings": 1, **wrong})


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="'tanh' is none of relu, sigmoid"):
        ConvDecoder(4, 3, 1, activation="tanh")


def test_the_image_is_painted_of_what_is_hidden_before_it():
    torch.manual_seed(0)
    decoder = ConvDecoder(6, 3, doublings=2, width=40).eval()
    features = torch.randn(2, 6, 4, 4)
    hidden = decoder.hidden(features)
    assert hidden.shape == (2, decoder.width, 16, 16)
    assert decoder.width == 16
    expected = decoder.layers(features)
    assert torch.equal(decoder.paint(hidden, (16, 16)), expected)
    assert torch.equal(decoder(features, (16, 16)), expected)
    assert decoder.paint(hidden, (20, 18)).shape == (2, 3, 20, 18)
