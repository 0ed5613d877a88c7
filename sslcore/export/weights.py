"""State dicts for classes of other libraries, and which encoders have one."""

from __future__ import annotations

import io

import torch
from torch import Tensor

from sslcore.export.source import Source
from sslcore.nets.encoder import Encoder


def saved(state: dict[str, Tensor]) -> bytes:
    """A file for ``torch.load(..., weights_only=True)``."""
    buffer = io.BytesIO()
    torch.save({name: one.detach().clone() for name, one in state.items()}, buffer)
    return buffer.getvalue()


def of_backbone(source: Source) -> dict[str, Tensor]:
    """Weights of the network alone, without normalisation."""
    return dict(source.encoder.backbone.state_dict())


def odd_input(source: Source) -> str:
    """Why a class of another library would not compute what this encoder does, or ""."""
    if type(source.encoder) is not Encoder:
        return (
            f"{source.card.title} changes the colours of images before the network sees them, "
            "which is no part of that class; take module or onnx"
        )
    return ""


def without_batch_norm(source: Source) -> bool:
    """Whether the method replaced batch norms, so that running statistics are missing."""
    return not any(name.endswith("running_mean") for name in of_backbone(source))


def normalisation(source: Source) -> str:
    """Lines of Python that normalise ``images``."""
    mean = [round(one, 6) for one in source.encoder.mean.flatten().tolist()]
    std = [round(one, 6) for one in source.encoder.std.flatten().tolist()]
    return (
        f"mean = torch.tensor({mean}).view(1, -1, 1, 1)\n"
        f"std = torch.tensor({std}).view(1, -1, 1, 1)\n"
    )


def normalised(source: Source, images: Tensor) -> Tensor:
    """What the network sees of images in [0, 1]."""
    return (images - source.encoder.mean) / source.encoder.std
