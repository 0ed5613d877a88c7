"""Backbones of timm (https://github.com/huggingface/pytorch-image-models), where it is installed.

Any of its networks serves as ``backbone.name = "timm:NAME"`` with fresh weights: convolutional
ones, and transformers, whose class token and the like are left out of the feature map. Methods
that work on patches (MAE, I-JEPA, masked tokens) need one of our own Vision Transformers, because
timm's do not take a choice of patches.
"""

from __future__ import annotations

import importlib
from typing import Any

from torch import Tensor, nn

from sslcore.config import ConfigError

PREFIX = "timm:"
"""What the names of timm's networks begin with in a recipe."""


class TimmNetwork(nn.Module):
    """A network of timm whose last feature map is asked for.

    Args:
        network: made by timm without pooling and classifier.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network
        self.dimensions = int(self.network.num_features)

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, h, w), however the network orders its axes."""
        found: Tensor = self.network.forward_features(images)
        if found.dim() == 3:  # tokens, those that stand for no patch in front
            patches = found[:, int(getattr(self.network, "num_prefix_tokens", 0)) :]
            return patches.transpose(1, 2).unflatten(2, self._grid(images, patches.shape[1]))
        if found.shape[1] != self.dimensions and found.shape[-1] == self.dimensions:
            return found.permute(0, 3, 1, 2)  # Swin keeps channels last
        return found

    def _grid(self, images: Tensor, count: int) -> tuple[int, int]:
        """Rows and columns of ``count`` patches, in the proportions of the images."""
        # Whole numbers also where a network is traced, which hands out sizes as tensors.
        count, height, width = int(count), int(images.shape[-2]), int(images.shape[-1])
        rows = max(round((count * height / width) ** 0.5), 1)
        return (rows, count // rows) if count % rows == 0 else (1, count)


def build(name: str, channels: int, image_size: int) -> TimmNetwork:
    """A network of timm with fresh weights.

    Args:
        name: ``timm:NAME``, NAME as ``timm.list_models()`` has it.
        channels: of the images.
        image_size: side of a training image in pixels, for networks that must know it.

    Raises:
        ConfigError: if timm is not installed, or cannot make such a network.
    """
    try:
        timm: Any = importlib.import_module("timm")
    except ModuleNotFoundError:
        raise ConfigError(
            f"backbone.name = {name!r}: timm is not installed; run `pip install timm` (or "
            "`pip install ssl-workbench[timm]`), or choose another backbone"
        ) from None
    own = name.removeprefix(PREFIX)
    common = {"pretrained": False, "in_chans": channels, "num_classes": 0, "global_pool": ""}
    # Transformers must know the size; convolutional networks refuse to be told.
    sized = {"img_size": image_size}
    refusals: list[str] = []
    for extra in ({**sized, "dynamic_img_size": True}, sized, {}):
        try:
            return TimmNetwork(timm.create_model(own, **common, **extra))
        except TypeError as error:
            refusals.append(str(error))
        except (RuntimeError, ValueError, AssertionError) as error:
            refusals.append(str(error) or type(error).__name__)
            break
    raise ConfigError(
        f"backbone.name = {name!r}: timm cannot make this network for images of {image_size} px "
        f"({refusals[-1]}); timm.list_models() has the names"
    )
