"""A state dict for a class of timm, loaded with strict=True.

For every backbone ``timm:NAME``, and for our Vision Transformers, which timm's class computes
without a class token.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export import weights
from sslcore.export.format import Files, Format
from sslcore.export.formats.torchvision import NAMES as TORCHVISION
from sslcore.export.source import Source
from sslcore.nets.timm_network import PREFIX, TimmNetwork
from sslcore.nets.vit import Block, VisionTransformer, positions

MAIN = "state_dict.pth"


def _unfit(source: Source) -> str:
    network = source.encoder.backbone
    if not isinstance(network, (TimmNetwork, VisionTransformer)):
        instead = "torchvision or module" if source.backbone in TORCHVISION else "module"
        return (
            f"timm has no class for {source.backbone} (only for backbones called timm:NAME and for "
            f"vit_*); take {instead}"
        )
    if isinstance(network, VisionTransformer) and source.size % network.patch:
        return (
            f"timm's Vision Transformers take whole patches, but {source.size} px are no multiple "
            f"of {network.patch}; take module"
        )
    return weights.odd_input(source)


def _state(source: Source) -> dict[str, Tensor]:
    network = source.encoder.backbone
    if isinstance(network, VisionTransformer):
        side = math.ceil(source.size / network.patch)
        places = positions((side, side), network.dimensions)
        return {**network.state_dict(), "pos_embed": places[None]}
    assert isinstance(network, TimmNetwork)
    return dict(network.network.state_dict())


def _arguments(source: Source) -> tuple[str, dict[str, Any]]:
    """Name of the network and what ``timm.create_model`` is told besides."""
    network, channels = source.encoder.backbone, source.encoder.channels
    if isinstance(network, VisionTransformer):
        block = network.blocks[0]
        assert isinstance(block, Block)
        return "vit_small_patch16_224", {
            "img_size": source.size,
            "patch_size": network.patch,
            "in_chans": channels,
            "embed_dim": network.dimensions,
            "depth": len(network.blocks),
            "num_heads": block.attn.heads,
            "class_token": False,
            "fc_norm": False,
            "global_pool": "avg",
            "num_classes": 0,
        }
    assert isinstance(network, TimmNetwork)
    name = source.backbone.removeprefix(PREFIX)
    told: dict[str, Any] = {"in_chans": channels, "num_classes": 0, "global_pool": ""}
    if getattr(getattr(network.network, "patch_embed", None), "img_size", None) is not None:
        told["img_size"] = source.size  # a network that must know the size
    return name, told


@dataclass(frozen=True)
class _Reading:
    """How features are read off the last map: what stands for no patch is left out of the mean."""

    first: int
    axes: tuple[int, ...]

    @classmethod
    def of(cls, source: Source) -> _Reading:
        network = source.encoder.backbone
        if isinstance(network, VisionTransformer):
            return cls(0, (1,))
        assert isinstance(network, TimmNetwork)
        with torch.no_grad():
            found: Tensor = network.network.forward_features(source.images(1))
        if found.dim() == 3:
            return cls(int(getattr(network.network, "num_prefix_tokens", 0)), (1,))
        last = found.shape[1] != network.dimensions and found.shape[-1] == network.dimensions
        return cls(0, (1, 2) if last else (2, 3))

    def __call__(self, found: Tensor) -> Tensor:
        return found[:, self.first :].mean(self.axes)

    def __str__(self) -> str:
        return (f"[:, {self.first}:]" if self.first else "") + f".mean({self.axes})"


def _make(source: Source, _: Watch) -> Files:
    return {MAIN: weights.saved(_state(source))}


def _outputs(folder: Path, source: Source, images: Tensor) -> Tensor:
    timm: Any = importlib.import_module("timm")
    name, told = _arguments(source)
    network: Any = timm.create_model(name, pretrained=False, **told).eval()
    network.load_state_dict(torch.load(folder / MAIN, weights_only=True), strict=True)
    return _Reading.of(source)(network.forward_features(weights.normalised(source, images)))


def _usage(source: Source) -> str:
    name, told = _arguments(source)
    words = "".join(f"    {key}={value!r},\n" for key, value in told.items())
    return (
        "import timm  # pip install timm\nimport torch\n\n"
        f'network = timm.create_model(\n    "{name}",\n    pretrained=False,\n{words})\n'
        f'network.load_state_dict(torch.load("{MAIN}", weights_only=True), strict=True)\n'
        "network.eval()\n"
        + weights.normalisation(source)
        + "images = (images - mean) / std  # this class does not normalise by itself\n"
        + f"features = network.forward_features(images){_Reading.of(source)}"
    )


FORMAT = Format(
    "timm state dict",
    main=MAIN,
    make=_make,
    order=70,
    unfit=_unfit,
    usage=_usage,
    outputs=_outputs,
    alone=True,
    extra="timm",
    packages=("timm",),
)
