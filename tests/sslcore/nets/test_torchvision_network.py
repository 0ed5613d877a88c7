"""Networks of torchvision: their last map is found, and weights come from the cache or nowhere."""

from urllib.error import URLError

import pytest
import torch
import torchvision
from torchvision.models import VisionTransformer

from sslcore.config import ConfigError
from sslcore.nets import torchvision_network
from sslcore.nets.torchvision_network import TorchvisionNetwork, build, preset


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of torch, and no way to the network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    asked = []

    def refuse(url, timeout):
        asked.append((url, timeout))
        raise URLError("no route to host")

    monkeypatch.setattr(torchvision_network, "urlopen", refuse)
    return tmp_path / "hub" / "checkpoints", asked


def test_the_last_map_of_a_residual_network_is_what_its_classifier_averages():
    network = torchvision.models.resnet18().eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        scores = network(images)
        cut = TorchvisionNetwork(network, 64).eval()
        found = cut.features(images)
        pooled = cut.pooled(images)
    assert found.shape == (2, 512, 2, 2)
    assert cut.dimensions == 512
    torch.testing.assert_close(pooled, found.mean((-2, -1)))
    torch.testing.assert_close(network.fc(pooled), scores)
    assert not any(name.startswith("network.fc") for name, _ in cut.named_parameters())


def test_squeezenet_ends_before_its_scores_and_channels_last_come_first():
    squeezed = build("squeezenet1_1", "", 64)
    assert squeezed.dimensions == 512
    tiny = torchvision.models.SwinTransformer(
        [2, 2], embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=[4, 4]
    ).eval()
    images = torch.rand(2, 3, 32, 32)
    cut = TorchvisionNetwork(tiny, 32).eval()
    with torch.no_grad():
        found = cut.features(images)
        torch.testing.assert_close(tiny.head(cut.pooled(images)), tiny(images))
    assert found.shape == (2, 16, 8, 8)


def test_of_a_transformer_patches_make_the_map_and_the_class_token_the_feature():
    network = VisionTransformer(32, 8, 1, 2, 16, 32).eval()
    cut = TorchvisionNetwork(network, 32).eval()
    images = torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        torch.nn.init.normal_(network.heads.head.weight)
        torch.testing.assert_close(network.heads(cut.pooled(images)), network(images))
        found = cut.features(images)
        assert found.shape == (3, 16, 4, 4)
        tokens = network.encoder(
            torch.cat([network.class_token.expand(3, -1, -1), network._process_input(images)], 1)
        )
    torch.testing.assert_close(found[1, :, 2, 3], tokens[1, 1 + 4 * 2 + 3])


def test_presets_are_those_of_the_published_weights():
    mean, std, side = preset("resnet18")
    assert mean == [0.485, 0.456, 0.406]
    assert std == [0.229, 0.224, 0.225]
    assert side == 224
    assert preset("inception_v3")[2] == 299


def test_weights_in_the_cache_are_taken_without_a_network(cache):
    folder, asked = cache
    network = torchvision.models.mobilenet_v3_small()
    url = torchvision.models.MobileNet_V3_Small_Weights.IMAGENET1K_V1.url
    torch.save(network.state_dict(), folder / url.rpartition("/")[2])
    cut = build("mobilenet_v3_small", "IMAGENET1K_V1", 64)
    assert asked == []
    expected = network.state_dict()
    for name, value in cut.network.state_dict().items():
        torch.testing.assert_close(value, expected[name])


def test_weights_that_are_not_there_and_cannot_be_had(cache):
    folder, asked = cache
    with pytest.raises(ConfigError) as caught:
        build("resnet18", "DEFAULT", 64)
    words = str(caught.value)
    assert "torchvision:resnet18@DEFAULT: the weights are not in torch's cache" in words
    assert "no route to host" in words
    assert f"put resnet18-f37072fd.pth into {folder}" in words
    assert asked[0][1] == torchvision_network.PATIENCE
    (folder / "resnet18-f37072fd.pth").write_bytes(b"half a file")
    with pytest.raises(ConfigError, match=r"resnet18-f37072fd\.pth is damaged .*delete it"):
        build("resnet18", "DEFAULT", 64)


def test_names_nobody_knows_are_refused():
    with pytest.raises(ConfigError, match=r"torchvision:resnet19: .*there are: .*resnet18"):
        build("resnet19", "", 64)
    with pytest.raises(ConfigError, match=r"no such weights; there are: IMAGENET1K_V1"):
        build("resnet18", "MINE", 64)
    with pytest.raises(ConfigError, match="resnet19"):
        preset("resnet19")


def test_a_network_without_a_map_is_refused():
    flat = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 5))
    with pytest.raises(ConfigError, match="Sequential has no feature map for images of 4 px"):
        TorchvisionNetwork(flat, 4)
