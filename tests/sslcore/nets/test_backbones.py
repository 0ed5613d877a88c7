"""Backbones: sizes, names, seeds, and what they refuse."""

import pytest
import torch
from torchvision.models import resnet18, resnet34

from sslcore.config import ConfigError
from sslcore.nets import backbones

SMALL = ("resnet_small", "convnet")


def weights(network):
    return sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("channels", [1, 3, 4, 7])
@pytest.mark.parametrize("name", list(backbones.NAMES))
def test_features_have_the_promised_dimensions(name, channels):
    network = backbones.build(name, channels, 32, width=8).eval()
    with torch.no_grad():
        features = network.features(torch.rand(2, channels, 32, 32))
    assert features.shape[:2] == (2, network.dimensions)
    assert features.isfinite().all()
    assert features.std() > 0


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("size", [8, 17, 33, 96])
def test_small_networks_take_any_side(name, size):
    network = backbones.build(name, 3, size, width=8).eval()
    halvings = 3 if name == "resnet_small" else 4
    side = -(-size // 2**halvings)
    assert network.features(torch.rand(1, 3, size, size)).shape == (1, 32, side, side)


def test_the_small_residual_network_has_about_300_000_weights():
    assert 280_000 < weights(backbones.build("resnet_small", 3, 32)) < 320_000
    assert backbones.build("resnet_small", 3, 32).dimensions == 128


@pytest.mark.parametrize(("name", "original"), [("resnet18", resnet18), ("resnet34", resnet34)])
def test_resnets_keep_the_names_and_shapes_of_torchvision(name, original):
    ours = backbones.build(name, 3, 224)
    theirs = {
        name: one for name, one in original().state_dict().items() if not name.startswith("fc.")
    }
    assert {name: one.shape for name, one in ours.state_dict().items()} == {
        name: one.shape for name, one in theirs.items()
    }
    reference = original().eval()
    reference.fc = torch.nn.Identity()
    ours.load_state_dict(reference.state_dict())
    images = torch.rand(2, 3, 96, 96)
    with torch.no_grad():
        pooled = ours.eval().features(images).mean((-2, -1))
        torch.testing.assert_close(pooled, reference(images))


@pytest.mark.parametrize(("size", "side"), [(32, 4), (64, 8), (95, 12), (96, 3), (224, 7)])
def test_resnet18_uses_the_small_stem_below_96_pixels(size, side):
    network = backbones.build("resnet18", 3, size).eval()
    with torch.no_grad():
        assert network.features(torch.rand(1, 3, size, size)).shape[-1] == side


def test_the_caller_seeds_the_weights():
    def made(seed):
        torch.manual_seed(seed)
        return torch.cat([p.flatten() for p in backbones.build("resnet_small", 3, 32).parameters()])

    assert torch.equal(made(1), made(1))
    assert not torch.equal(made(1), made(2))


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"backbone\.name = 'resnet19'.*resnet_small, convnet"):
        backbones.build("resnet19", 3, 32)


@pytest.mark.parametrize("wrong", [{"channels": 0}, {"image_size": 0}, {"width": 0}])
def test_sizes_must_be_positive(wrong):
    with pytest.raises(ConfigError, match=f"{next(iter(wrong))} = 0"):
        backbones.build("convnet", **{"channels": 3, "image_size": 32, "width": 8, **wrong})
