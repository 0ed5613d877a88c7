"""Encoders from outside: every way to name one, and what is said when it cannot be had."""

import sys
import types

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from sslcore.config import ConfigError
from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder
from sslcore.nets.outside import USUAL_MEAN, USUAL_STD, open_encoder


@pytest.fixture
def images():
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_a_network_of_torchvision_sees_images_as_it_was_published(images):
    encoder = open_encoder("torchvision:resnet18", 3, 32, size=64, seed=5)
    assert (encoder.name, encoder.image_size, encoder.dimensions) == (
        "torchvision:resnet18",
        64,
        512,
    )
    torch.manual_seed(5)
    plain = torchvision.models.resnet18().eval()
    plain.fc = nn.Identity()
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (USUAL_MEAN, USUAL_STD))
    wide = F.interpolate(images, (64, 64), mode="bilinear", antialias=True)
    with torch.no_grad():
        torch.testing.assert_close(encoder(images), plain((wide - mean) / std))
        assert encoder.feature_map(images).shape == (3, 512, 2, 2)
        grey = encoder(images[:, :1])
        torch.testing.assert_close(grey, encoder(images[:, :1].expand(-1, 3, -1, -1)))
    with pytest.raises(ValueError, match="needs 3 channels, the images have 5"):
        encoder(torch.rand(1, 5, 32, 32))


def test_fresh_weights_follow_the_seed_and_leave_torchs_own_numbers_alone(images):
    before = torch.random.get_rng_state()
    made = [open_encoder("torchvision:squeezenet1_1", 3, 32, size=64, seed=s) for s in (1, 1, 2)]
    assert torch.equal(torch.random.get_rng_state(), before)
    with torch.no_grad():
        one, same, other = (encoder(images) for encoder in made)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not made[0].training


def test_own_weights_come_back_as_they_were_saved(tmp_path, images):
    torch.manual_seed(3)
    network = backbones.build("resnet_small", 3, 32, 16)
    own = Encoder(network, [0.4, 0.5, 0.6], [0.2, 0.3, 0.1]).eval()
    file = tmp_path / "mine.safetensors"
    save_file(own.state_dict(), file)
    found = open_encoder(f"{file}@resnet_small", 3, 32)
    with torch.no_grad():
        torch.testing.assert_close(found(images), own(images))
        torch.testing.assert_close(found.feature_map(images), own.feature_map(images))
    assert found.image_size == 32
    bare = tmp_path / "bare.safetensors"
    save_file(network.state_dict(), bare)
    usual = open_encoder(f"{bare}@resnet_small", 3, 32)
    assert usual.encoder.mean.flatten().tolist() == pytest.approx(list(USUAL_MEAN))
    mini = backbones.build("vit_mini", 1, 32, 12)
    save_file(mini.state_dict(), tmp_path / "mini.safetensors")
    grey = open_encoder(f"{tmp_path / 'mini.safetensors'}@vit_mini", 1, 32)
    assert grey.dimensions == 48
    with torch.no_grad():
        assert grey(images).shape == (3, 48)  # colour becomes grey


@pytest.mark.parametrize("wrapper", ["module.encoder.", "backbone.", ""])
def test_wrappers_and_classifiers_do_not_matter(tmp_path, images, wrapper):
    plain = torchvision.models.resnet18().eval()
    state = {f"{wrapper}{name}": one for name, one in plain.state_dict().items()}
    file = tmp_path / "theirs.safetensors"
    save_file(state, file)
    found = open_encoder(f"{file}@torchvision:resnet18", 3, 32, size=64)
    plain.fc = nn.Identity()
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (USUAL_MEAN, USUAL_STD))
    wide = F.interpolate(images, (64, 64), mode="bilinear", antialias=True)
    with torch.no_grad():
        torch.testing.assert_close(found(images), plain((wide - mean) / std))


def test_weights_of_another_network_are_refused_with_the_first_that_does_not_fit(tmp_path):
    small = backbones.build("convnet", 3, 32, 16)
    file = tmp_path / "mine.safetensors"
    save_file(small.state_dict(), file)
    with pytest.raises(ConfigError, match=r"not of this network .*stem\.weight is missing"):
        open_encoder(f"{file}@resnet_small", 3, 32)
    with pytest.raises(ConfigError, match=r"layers\.0\.weight is \(16, 3, 3, 3\)"):
        open_encoder(f"{file}@convnet", 1, 32)
    with pytest.raises(ConfigError, match=r"name the network .*mine\.safetensors@resnet18"):
        open_encoder(str(file), 3, 32)
    extra = {**small.state_dict(), "strange.weight": torch.zeros(2)}
    save_file(extra, file)
    with pytest.raises(ConfigError, match=r"1 left over; strange\.weight has no place"):
        open_encoder(f"{file}@convnet", 3, 32)


def test_files_that_are_not_there_or_no_safetensors(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        open_encoder(f"{tmp_path / 'none.safetensors'}@convnet", 3, 32)
    (tmp_path / "text.safetensors").write_text("no weights at all")
    with pytest.raises(ConfigError, match="cannot be read as safetensors"):
        open_encoder(f"{tmp_path / 'text.safetensors'}@convnet", 3, 32)
    with pytest.raises(ConfigError, match="'resnet18' names no encoder; give torchvision:NAME"):
        open_encoder("resnet18", 3, 32)


class Timm(nn.Module):
    """Stands for a published network of timm."""

    num_features = 6
    pretrained_cfg = {  # noqa: RUF012 - as timm has it
        "mean": (0.1, 0.2, 0.3),
        "std": (0.5, 0.5, 0.5),
        "input_size": (3, 48, 48),
    }

    def __init__(self, published):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0 if published else 1.0))

    def forward_features(self, images):
        return F.avg_pool2d(images, 8).repeat(1, 2, 1, 1) * self.scale


@pytest.fixture
def fake_timm(monkeypatch):
    def create_model(name, *, pretrained, **settings):
        if "img_size" in settings:
            raise TypeError("unexpected keyword argument 'img_size'")
        if pretrained and name == "unpublished":
            raise RuntimeError("No pretrained weights exist for unpublished.\nUse another")
        return Timm(pretrained)

    monkeypatch.setitem(sys.modules, "timm", types.SimpleNamespace(create_model=create_model))


def test_networks_of_timm_fresh_and_published(fake_timm, images):
    fresh = open_encoder("timm:net", 3, 32)
    assert fresh.image_size == 32
    assert fresh.encoder.mean.flatten().tolist() == pytest.approx(list(USUAL_MEAN))
    found = open_encoder("timm:net@pretrained", 3, 32)
    assert found.image_size == 48
    assert found.encoder.mean.flatten().tolist() == pytest.approx([0.1, 0.2, 0.3])
    wide = F.interpolate(images, (48, 48), mode="bilinear", antialias=True)
    mean = torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)
    expected = (2 * F.avg_pool2d((wide - mean) / 0.5, 8)).repeat(1, 2, 1, 1)
    with torch.no_grad():
        torch.testing.assert_close(found.feature_map(images), expected)
        torch.testing.assert_close(found(images), expected.mean((-2, -1)))
    assert open_encoder("timm:net@pretrained", 3, 32, size=64).image_size == 64


def test_what_timm_cannot_give(fake_timm):
    with pytest.raises(ConfigError, match=r"unpublished@pretrained: .*No pretrained weights exist"):
        open_encoder("timm:unpublished@pretrained", 3, 32)
    with pytest.raises(ConfigError, match="ask for @pretrained"):
        open_encoder("timm:net@DEFAULT", 3, 32)
