"""Encoders from outside that a run is measured beside: listed with it, opened when they are asked.

``RUN/evaluations/outside.json`` lists them by the texts of :mod:`sslcore.nets.outside`, or by the
path of another run directory, whose trained encoder it then is, or by that of an
``encoder.safetensors`` which an export wrote and which brings its architecture along. Every
measurement that compares encoders has a row for each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePath

import torch
from torch import Tensor

from sslcore.config import ConfigError
from sslcore.evaluation.features import channels_fit
from sslcore.nets import timm_network, torchvision_network
from sslcore.nets.outside import OutsideEncoder, open_encoder
from sslcore.runs import atomic, portable
from sslcore.runs.directory import RunDirectory
from sslcore.runs.export import load_encoder

FILE = "evaluations/outside.json"
RESERVED = ("trained", "untrained", "pixels")


class Outside:
    """One of them; its network is made or read at the first image.

    Attributes:
        text: that names it.
        title: how tables list it.
    """

    def __init__(
        self, text: str, channels: int, image_size: int, device: torch.device | str = "cpu"
    ) -> None:
        self.text = text
        self.title = title(text)
        self._channels, self._size, self._device = channels, image_size, device
        self._encoder: OutsideEncoder | None = None

    @property
    def encoder(self) -> OutsideEncoder:
        """The network, in evaluation mode on its device.

        Raises:
            ConfigError: if it cannot be had.
        """
        if self._encoder is None:
            self._encoder = _opened(self.text, self._channels, self._size).to(self._device)
        return self._encoder

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] -> (B, D)."""
        return self.encoder(images)

    @torch.no_grad()
    def feature_map(self, images: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] -> (B, D, h, w)."""
        return self.encoder.feature_map(images)


def title(text: str) -> str:
    """How tables list an encoder: ``"resnet18 (fresh)"``, ``"mine (resnet18)"``, a run's name."""
    name, at, weights = text.strip().rpartition("@")
    if not at:
        name, weights = weights, ""
    for prefix in (torchvision_network.PREFIX, timm_network.PREFIX):
        if name.startswith(prefix):
            words = {"": "fresh", "DEFAULT": "pretrained"}.get(weights, weights)
            return f"{name.removeprefix(prefix)} ({words})"
    path = PurePath(name.replace("\\", "/"))
    if weights:
        return f"{path.stem} ({weights.rpartition(':')[2]})"
    # Every export calls its file the same; its folder has the name that was chosen.
    return path.parent.name or path.name if path.name == portable.NAME else path.name


def listed(directory: RunDirectory) -> tuple[str, ...]:
    """Texts of the encoders a run is measured beside, in order.

    Raises:
        ValueError: if the list is damaged.
    """
    path = directory.path / FILE
    try:
        texts = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError):
        raise ValueError(f"{path}: cannot be read; delete it and add the encoders again") from None
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise ValueError(f"{path}: not a list of encoders; delete it and add them again")
    return tuple(texts)


def keep(directory: RunDirectory, texts: Sequence[str]) -> None:
    """Write the list anew.

    Raises:
        ConfigError: for two of one name, or a name that is taken.
        SaveError: if it cannot be written.
    """
    check(texts)
    atomic.write(directory.path / FILE, json.dumps(list(texts), indent=1).encode())


def check(texts: Sequence[str]) -> None:
    """Refuse names that tables could not tell apart (ConfigError)."""
    seen: set[str] = set(RESERVED)
    for text in texts:
        if not text.strip():
            raise ConfigError("an encoder from outside needs a name, like torchvision:resnet18")
        if title(text) in seen:
            raise ConfigError(f"{title(text)!r}: there is an encoder of this name already")
        seen.add(title(text))


def of(
    directory: RunDirectory,
    channels: int,
    image_size: int,
    device: torch.device | str,
    more: Sequence[str] = (),
) -> dict[str, Outside]:
    """Encoders of a run's list, and more, by title; none of them is opened yet.

    Args:
        directory: of the run.
        channels: of the images they will see.
        image_size: side of these in pixels.
        device: where they compute.
        more: texts beside those of the list.

    Raises:
        ValueError: if the list is damaged, or two have one name.
    """
    texts = tuple(dict.fromkeys((*listed(directory), *more)))
    check(texts)
    return {title(text): Outside(text, channels, image_size, device) for text in texts}


def _opened(text: str, channels: int, image_size: int) -> OutsideEncoder:
    path = Path(text.strip()).expanduser()
    try:
        if path.is_dir() or portable.is_one(path):
            own = load_encoder(path)
            made = OutsideEncoder(title(text), own, own.image_size).eval()
        else:
            made = open_encoder(text, channels, image_size)
    except ValueError as error:
        raise ConfigError(f"encoder from outside: {error}") from None
    wanted = made.encoder.channels
    if not channels_fit(channels, wanted):
        raise ConfigError(
            f"encoder from outside: {title(text)} was made for images of {wanted} channels, these "
            f"have {channels}; choose one for {channels} channels"
        )
    return made
