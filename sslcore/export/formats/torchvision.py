"""A state dict for torchvision's own ResNet class, loaded with strict=True.

For resnet18, resnet34 and resnet50 trained on colour images of at least 96 pixels: below that, the
first convolution is 3 x 3 and there is no max pooling, which torchvision's classes do not have.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision import models

from sslcore.assessment.watch import Watch
from sslcore.export import weights
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.nets.backbones import SMALL_IMAGE

NAMES = ("resnet18", "resnet34", "resnet50")
MAIN = "state_dict.pth"


def _unfit(source: Source) -> str:
    name = source.backbone
    if name not in NAMES:
        instead = "timm" if name.startswith(("timm:", "vit_")) else "module"
        return f"torchvision has no class for {name} (only for {', '.join(NAMES)}); take {instead}"
    if source.size < SMALL_IMAGE:
        return (
            f"{name} was trained on {source.size} px images and so has a 3 x 3 first convolution "
            "and no max pooling, where torchvision's class has 7 x 7 with stride 2; take module, "
            f"or train at {SMALL_IMAGE} px or more"
        )
    if source.encoder.channels != 3:
        return (
            f"torchvision's {name} takes 3 channels, this encoder {source.encoder.channels}; "
            "take module"
        )
    if weights.without_batch_norm(source):
        return (
            f"{source.card.title} puts group norm in place of batch norm, so torchvision's {name} "
            "would look for running statistics that are not there; take module"
        )
    return weights.odd_input(source)


def _make(source: Source, _: Watch) -> Files:
    return {MAIN: weights.saved(weights.of_backbone(source))}


def _outputs(folder: Path, source: Source, images: Tensor) -> Tensor:
    network: nn.Module = getattr(models, source.backbone)(weights=None)
    network.fc = nn.Identity()
    network.load_state_dict(torch.load(folder / MAIN, weights_only=True), strict=True)
    return network.eval()(weights.normalised(source, images))


def _usage(source: Source) -> str:
    return (
        "import torch\n"
        f"from torchvision.models import {source.backbone}\n\n"
        f"network = {source.backbone}(weights=None)\n"
        "network.fc = torch.nn.Identity()  # an encoder ends in features\n"
        f'network.load_state_dict(torch.load("{MAIN}", weights_only=True), strict=True)\n'
        "network.eval()\n"
        + weights.normalisation(source)
        + "features = network((images - mean) / std)  # this class does not normalise by itself"
    )


FORMAT = Format(
    "torchvision state dict",
    main=MAIN,
    make=_make,
    order=60,
    unfit=_unfit,
    usage=_usage,
    outputs=_outputs,
    alone=True,
)
