"""Encoders from outside, to be measured beside the run's own: torchvision, timm, own weights.

They are named by a short text:

- ``torchvision:NAME`` or ``timm:NAME``: that network with fresh weights;
- ``torchvision:NAME@WEIGHTS`` or ``timm:NAME@pretrained``: with published ones, from the cache of
  torch or downloaded into it (WEIGHTS as torchvision calls them, ``DEFAULT`` for the best);
- ``FILE.safetensors@ARCHITECTURE``: own weights for ``resnet18`` and the other backbones of the
  workbench, ``torchvision:NAME`` or ``timm:NAME``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.photometric import grey_of
from sslcore.config import ConfigError
from sslcore.nets import backbones, timm_network, torchvision_network
from sslcore.nets.encoder import Encoder

USUAL_MEAN, USUAL_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet; for own weights that do not bring their normalisation along."""

_WRAPPERS = ("module.", "online.", "encoder.", "backbone.", "network.", "model.", "base_encoder.")
_HEADS = ("fc.", "head.", "heads.", "classifier.")


class OutsideEncoder(nn.Module):
    """An encoder of any make, that takes images as the run's own does.

    Args:
        name: how it is listed.
        encoder: the network and its normalisation.
        image_size: side in pixels that images are brought to; None takes them as they come.
    """

    def __init__(self, name: str, encoder: Encoder, image_size: int | None) -> None:
        super().__init__()
        self.name = name
        self.encoder = encoder
        self.image_size = image_size

    @property
    def dimensions(self) -> int:
        """D, length of a feature vector."""
        return self.encoder.dimensions

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1], grey or colour -> (B, D), as its classifier reads them."""
        backbone: Any = self.encoder.backbone
        if hasattr(backbone, "pooled"):
            fitted = self._fitted(images)
            return backbone.pooled((fitted - self.encoder.mean) / self.encoder.std)
        return self.encoder(self._fitted(images))

    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) float in [0, 1], grey or colour -> (B, D, h, w)."""
        return self.encoder.feature_map(self._fitted(images))

    def _fitted(self, images: Tensor) -> Tensor:
        """Images with the channels and at the size the network was made for."""
        have, want = images.shape[1], self.encoder.channels
        if have != want:
            if 1 not in (have, want):
                raise ValueError(f"{self.name} needs {want} channels, the images have {have}")
            images = images.expand(-1, want, -1, -1) if have == 1 else grey_of(images)
        size = self.image_size
        if size is None or images.shape[-2:] == (size, size):
            return images
        return F.interpolate(
            images, (size, size), mode="bilinear", align_corners=False, antialias=True
        )


def open_encoder(
    text: str, channels: int, image_size: int, *, size: int | None = None, seed: int = 0
) -> OutsideEncoder:
    """The encoder that a text names, in evaluation mode.

    Args:
        text: see the head of this module.
        channels: of the images it will see.
        image_size: side of these in pixels.
        size: side they are brought to for it; None takes the side a published network was made
            for, and the images' own side for backbones of the workbench.
        seed: of fresh weights.

    Raises:
        ConfigError: if it cannot be had; the message says why and what to do.
    """
    name, _, weights = text.strip().rpartition("@")
    if not name:
        name, weights = weights, ""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if Path(name).suffix.lower() == ".safetensors":
            made = _own(Path(name).expanduser(), weights, channels, image_size, size)
        elif name.startswith(torchvision_network.PREFIX):
            made = _torchvision(name.removeprefix(torchvision_network.PREFIX), weights, size)
        elif name.startswith(timm_network.PREFIX):
            made = _timm(name, weights, channels, image_size, size)
        else:
            raise ConfigError(
                f"{text!r} names no encoder; give torchvision:NAME, torchvision:NAME@DEFAULT, "
                "timm:NAME, timm:NAME@pretrained or FILE.safetensors@ARCHITECTURE"
            )
    made.name = text.strip()
    return made.eval()


def _torchvision(name: str, weights: str, size: int | None) -> OutsideEncoder:
    mean, std, usual = torchvision_network.preset(name)
    side = size or usual
    network = torchvision_network.build(name, weights, side)
    return OutsideEncoder(name, Encoder(network, mean, std), side)


def _timm(
    name: str, weights: str, channels: int, image_size: int, size: int | None
) -> OutsideEncoder:
    if weights not in ("", "pretrained"):
        raise ConfigError(f"{name}@{weights}: of timm's networks, ask for @pretrained")
    if not weights:
        side = size or image_size
        network = timm_network.build(name, channels, side)
        mean, std = _usual(channels)
        return OutsideEncoder(name, Encoder(network, mean, std), side)
    timm_network.build(name, 3, size or 224)  # says it if there is no timm, or no such network
    timm: Any = importlib.import_module("timm")
    own = name.removeprefix(timm_network.PREFIX)
    sized = {} if size is None else {"img_size": size}
    try:
        made = timm.create_model(own, pretrained=True, num_classes=0, global_pool="", **sized)
    except TypeError:  # convolutional networks take any size and refuse to be told
        made = timm.create_model(own, pretrained=True, num_classes=0, global_pool="")
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(
            f"{name}@pretrained: the weights are not in the cache and cannot be downloaded "
            f"({reason[0]}); connect this computer, or take {name} without weights"
        ) from None
    known: Mapping[str, Any] = made.pretrained_cfg
    side = size or int(known["input_size"][-1])
    encoder = Encoder(timm_network.TimmNetwork(made), list(known["mean"]), list(known["std"]))
    return OutsideEncoder(name, encoder, side)


def _own(
    file: Path, architecture: str, channels: int, image_size: int, size: int | None
) -> OutsideEncoder:
    if not architecture:
        raise ConfigError(
            f"{file}: name the network the weights are for: {file.name}@resnet18 or another of "
            f"{', '.join(backbones.NAMES)}, torchvision:NAME or timm:NAME"
        )
    try:
        state = load_file(file)
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file; check the path") from None
    except (SafetensorError, OSError) as error:
        raise ConfigError(f"{file}: cannot be read as safetensors ({error})") from None
    mean, std = (state.pop(key, None) for key in ("mean", "std"))
    usual = _usual(channels)
    side = size or image_size
    if architecture.startswith(torchvision_network.PREFIX):
        made = torchvision_network.preset(architecture.removeprefix(torchvision_network.PREFIX))
        usual, side = (made[0], made[1]), size or made[2]
        network: nn.Module = torchvision_network.build(
            architecture.removeprefix(torchvision_network.PREFIX), "", side
        )
        target: nn.Module = network.network  # pyright: ignore[reportAssignmentType] - a module
    elif architecture.startswith(timm_network.PREFIX):
        network = timm_network.build(architecture, channels, side)
        target = network.network
    else:
        network = backbones.build(architecture, channels, side, _width(architecture, state))
        target = network
    _load(target, state, f"{file}@{architecture}")
    given = [usual[0] if mean is None else mean.flatten().tolist()]
    given.append(usual[1] if std is None else std.flatten().tolist())
    return OutsideEncoder(file.stem, Encoder(network, *given), side)


def _usual(channels: int) -> tuple[Sequence[float], Sequence[float]]:
    if channels == 3:
        return USUAL_MEAN, USUAL_STD
    return [0.5] * channels, [0.25] * channels


def _width(architecture: str, state: Mapping[str, Tensor]) -> int:
    """Width of the first stage, read from the weights, for networks whose width is free."""
    first = {"resnet_small": "stem.weight", "convnet": "layers.0.weight"}
    ends = first.get(architecture, "patch_embed.proj.weight")
    for name, one in state.items():
        if name.endswith(ends):
            return one.shape[0] // (4 if architecture == "vit_mini" else 1)
    return 32


def _load(network: nn.Module, state: Mapping[str, Tensor], where: str) -> None:
    """Put weights into a network, whatever wrapped it when they were saved.

    Raises:
        ConfigError: if weights are missing, are left over or have another shape.
    """
    wanted = network.state_dict()
    found = dict(state)
    # Peel wrappers off until names meet: "encoder.backbone.conv1.weight" -> "conv1.weight".
    while not any(name in wanted for name in found):
        front = next(
            (one for one in _WRAPPERS if any(name.startswith(one) for name in found)), None
        )
        if front is None:
            break
        found = {
            name.removeprefix(front): value
            for name, value in found.items()
            if name.startswith(front)
        }
    found = {name: one for name, one in found.items() if name in wanted or not _is_head(name)}
    missing = [name for name in wanted if name not in found and "num_batches" not in name]
    extra = [name for name in found if name not in wanted]
    if missing or extra:
        what = f"{missing[0]} is missing" if missing else f"{extra[0]} has no place in it"
        raise ConfigError(
            f"{where}: the weights are not of this network ({len(missing)} of {len(wanted)} are "
            f"missing, {len(extra)} left over; {what}); name another architecture"
        )
    for name, value in found.items():
        if value.shape != wanted[name].shape:
            raise ConfigError(
                f"{where}: {name} is {tuple(value.shape)}, this network has "
                f"{tuple(wanted[name].shape)}; name another architecture or image size"
            )
    network.load_state_dict(found, strict=False)


def _is_head(name: str) -> bool:
    return name.startswith(_HEADS)
