"""Classification networks of torchvision without their classifier, as backbones of encoders.

The last feature map is found by following the network's own graph backwards, so any network of
``torchvision.models`` serves, with fresh weights or with published ones from torch's cache.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from urllib.request import urlopen

import torch
import torchvision
from torch import Tensor, nn
from torchvision.models import VisionTransformer
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from sslcore.config import ConfigError
from sslcore.nets.mode import evaluating

PREFIX = "torchvision:"
"""What the names of torchvision's networks begin with."""

PATIENCE = 15
"""Seconds to wait for the server with the weights."""

_HEADS = ("classifier", "head", "heads", "fc")
_MAP = "map"


class TorchvisionNetwork(nn.Module):
    """A network of torchvision whose last feature map is asked for.

    Args:
        network: a classification network.
        image_size: side in pixels it is made for; used once, to find the map.

    Raises:
        ConfigError: if it has no feature map.
    """

    def __init__(self, network: nn.Module, image_size: int) -> None:
        super().__init__()
        self.tokens = isinstance(network, VisionTransformer)
        example = torch.zeros(1, 3, image_size, image_size)
        self.network: Any = network if self.tokens else _cut(network, example)
        with evaluating(self):
            self.dimensions = int(self.features(example).shape[1])

    def features(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, D, h, w); of a transformer, its patches without the class token."""
        if not self.tokens:
            return self.network(images)[_MAP]
        side = images.shape[-1] // int(self.network.patch_size)
        return self._tokens(images)[:, 1:].transpose(1, 2).unflatten(2, (-1, side))

    def pooled(self, images: Tensor) -> Tensor:
        """(B, D) what the classifier reads: the class token of a transformer, else the mean."""
        return self._tokens(images)[:, 0] if self.tokens else self.features(images).mean((-2, -1))

    def _tokens(self, images: Tensor) -> Tensor:
        tokens = self.network._process_input(images)
        first = self.network.class_token.expand(len(images), -1, -1)
        return self.network.encoder(torch.cat([first, tokens], 1))


def names() -> list[str]:
    """Networks there are."""
    return torchvision.models.list_models(module=torchvision.models)


def preset(name: str) -> tuple[list[float], list[float], int]:
    """Mean, deviation and side in pixels of the images a network was published with.

    Raises:
        ConfigError: if there is no such network.
    """
    _known(name)
    weights: Any = torchvision.models.get_model_weights(name)
    transforms: Any = weights.DEFAULT.transforms()
    return list(transforms.mean), list(transforms.std), int(transforms.crop_size[0])


def build(name: str, weights: str, image_size: int) -> TorchvisionNetwork:
    """A network of torchvision.

    Args:
        name: as ``torchvision.models.list_models()`` has it.
        weights: name of published weights (``"DEFAULT"``, ``"IMAGENET1K_V1"``), or "" for fresh
            ones from torch's global generator.
        image_size: side of the images in pixels; transformers are made for theirs.

    Raises:
        ConfigError: if there is no such network or weights, or they are neither in the cache nor
            can be downloaded.
    """
    _known(name)
    sized: dict[str, Any] = {"image_size": image_size} if name.startswith("vit_") else {}
    with warnings.catch_warnings():
        # Of GoogLeNet and Inception, whose way of drawing weights will change one day.
        warnings.simplefilter("ignore", FutureWarning)
        extra = {"aux_logits": False} if name in ("googlenet", "inception_v3") else {}
        network = torchvision.models.get_model(name, weights=None, **sized, **extra)
    if weights:
        state = {key: one for key, one in _state(name, weights).items() if "aux" not in key.lower()}
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise ConfigError(
                f"{PREFIX}{name}@{weights}: these weights do not fit images of {image_size} px "
                f"({str(error).splitlines()[-1].strip()}); leave the size of the weights"
            ) from None
    return TorchvisionNetwork(network, image_size)


def _known(name: str) -> None:
    if name not in names():
        raise ConfigError(
            f"{PREFIX}{name}: torchvision has no such network; there are: {', '.join(names())}"
        )


def _state(name: str, weights: str) -> dict[str, Tensor]:
    """Published weights, from torch's cache or downloaded into it."""
    known: Any = torchvision.models.get_model_weights(name)
    if weights not in known.__members__:
        raise ConfigError(
            f"{PREFIX}{name}@{weights}: there are no such weights; there are: "
            f"{', '.join(known.__members__)}"
        )
    chosen = known[weights]
    file = Path(torch.hub.get_dir()) / "checkpoints" / chosen.url.rpartition("/")[2]
    if file.exists():
        try:
            return chosen.get_state_dict(progress=False)
        except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
            raise ConfigError(
                f"{PREFIX}{name}@{weights}: {file} is damaged ({type(error).__name__}); delete it, "
                "so that it is downloaded anew"
            ) from None
    try:
        # The download itself would wait for ever where nobody answers.
        with urlopen(chosen.url, timeout=PATIENCE):
            pass
        return chosen.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise ConfigError(
            f"{PREFIX}{name}@{weights}: the weights are not in torch's cache and cannot be "
            f"downloaded ({reason}); connect this computer, or put {file.name} into "
            f"{file.parent}"
        ) from None


def _cut(network: nn.Module, example: Tensor) -> nn.Module:
    """The network up to its last feature map."""
    with evaluating(network):
        nodes = get_graph_node_names(network)[1]
        for node in reversed(nodes[1:]):  # the first one is the images
            if node.partition(".")[0] in _HEADS:
                continue
            cut = create_feature_extractor(network, {node: _MAP})
            found = cut(example)[_MAP]
            if isinstance(found, Tensor) and found.ndim == 4 and found.shape[-1] > 1:
                return cut
    raise ConfigError(
        f"{type(network).__name__} has no feature map for images of {example.shape[-1]} px; take "
        "larger images"
    )
