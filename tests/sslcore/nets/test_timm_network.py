"""Networks of timm: how their maps are read, and what is said where timm is missing."""

import sys
import types

import pytest
import torch
from torch import nn

from sslcore.config import ConfigError
from sslcore.nets import backbones, timm_network


class Network(nn.Module):
    """Gives out a map in one of timm's three orders; value = 10 * row + column of the place."""

    num_features = 6

    def __init__(self, order, prefix=0):
        super().__init__()
        self.order, self.num_prefix_tokens = order, prefix

    def forward_features(self, images):
        rows, columns = images.shape[-2] // 4, images.shape[-1] // 4
        places = 10 * torch.arange(rows)[:, None] + torch.arange(columns)
        found = places.float().expand(len(images), 6, rows, columns)
        if self.order == "channels last":
            return found.permute(0, 2, 3, 1)
        if self.order == "tokens":
            extra = torch.full((len(images), self.num_prefix_tokens, 6), -1.0)
            return torch.cat([extra, found.flatten(2).transpose(1, 2)], 1)
        return found


@pytest.fixture
def fake_timm(monkeypatch):
    """A module called timm, whose networks refuse settings as timm's do."""
    asked = []

    def create_model(name, *, in_chans, **settings):
        asked.append({"name": name, "in_chans": in_chans, **settings})
        if name == "unknown":
            raise RuntimeError("Unknown model (unknown)")
        if name == "fixed" and "dynamic_img_size" in settings:
            raise TypeError("unexpected keyword argument 'dynamic_img_size'")
        if name == "convolutional" and "img_size" in settings:
            raise TypeError("unexpected keyword argument 'img_size'")
        return Network("map")

    monkeypatch.setitem(
        sys.modules, "timm", types.SimpleNamespace(create_model=create_model, __version__="1")
    )
    return asked


@pytest.mark.parametrize(
    ("order", "prefix"), [("map", 0), ("channels last", 0), ("tokens", 0), ("tokens", 2)]
)
@pytest.mark.parametrize("size", [(16, 16), (8, 24)])
def test_maps_of_every_order_are_read_alike(order, prefix, size):
    network = timm_network.TimmNetwork(Network(order, prefix))
    features = network.features(torch.rand(2, 3, *size))
    assert features.shape == (2, network.dimensions, size[0] // 4, size[1] // 4)
    assert features[1, 3, 1, -1] == 10 + size[1] // 4 - 1


@pytest.mark.parametrize(
    ("name", "last"),
    [("vit", {"img_size", "dynamic_img_size"}), ("fixed", {"img_size"}), ("convolutional", set())],
)
def test_a_network_is_told_the_size_if_it_wants_to_know(fake_timm, name, last):
    backbones.build(f"timm:{name}", 4, 32)
    assert {"img_size", "dynamic_img_size"} & fake_timm[-1].keys() == last
    assert fake_timm[-1]["in_chans"] == 4
    assert fake_timm[-1]["pretrained"] is False


def test_a_name_that_timm_does_not_know_is_refused(fake_timm):
    with pytest.raises(ConfigError, match=r"'timm:unknown': timm cannot make .*Unknown model"):
        backbones.build("timm:unknown", 3, 32)


def test_without_timm_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)  # importing it fails, as if it were not there
    with pytest.raises(ConfigError, match=r"timm is not installed; run `pip install timm`"):
        backbones.build("timm:resnet26", 3, 32)


@pytest.mark.parametrize(
    "name", ["resnet26", "vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"]
)
def test_networks_of_timm_give_a_map(name):
    pytest.importorskip("timm")
    network = backbones.build(f"timm:{name}", 1, 64).eval()
    with torch.no_grad():
        features = network.features(torch.rand(2, 1, 64, 64))
    assert features.shape[:2] == (2, network.dimensions)
    assert features.dim() == 4
    assert features.isfinite().all()
