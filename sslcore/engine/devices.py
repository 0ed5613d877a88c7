"""Where a run computes and how precisely: CUDA, Apple's MPS or the CPU."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

import psutil
import torch
from lightning_fabric import Fabric

from sslcore.config import ConfigError
from sslcore.sections import RunSection

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
_NAMES: dict[str, Precision] = {
    "float32": "32-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


@dataclass(frozen=True)
class Placement:
    """A device and a precision that it does well.

    Attributes:
        kind: "cuda", "mps" or "cpu".
        index: which of several devices of that kind.
        precision: as Lightning Fabric calls it.
        title: the device's name for people.
    """

    kind: Literal["cuda", "mps", "cpu"]
    index: int
    precision: Precision
    title: str

    @property
    def device(self) -> torch.device:
        """The torch device."""
        return torch.device("cpu") if self.kind == "cpu" else torch.device(self.kind, self.index)

    def fabric(self) -> Fabric:
        """A Lightning Fabric on this one device."""
        devices = 1 if self.kind == "cpu" else [self.index]
        return Fabric(accelerator=self.kind, devices=devices, precision=self.precision)

    def memory(self) -> int:
        """Bytes in use: on the device, or by this process where that is the CPU."""
        if self.kind == "cuda":
            return int(torch.cuda.memory_allocated(self.index))
        if self.kind == "mps":
            return int(torch.mps.current_allocated_memory())
        return int(psutil.Process().memory_info().rss)


def place(section: RunSection) -> Placement:
    """The device and precision a recipe asks for.

    Raises:
        ConfigError: if the device is not there or cannot do the precision.
    """
    kind, index = _device(section.device)
    precision = (
        _best_precision(kind, index) if section.precision == "auto" else _NAMES[section.precision]
    )
    if precision == "16-mixed" and kind == "cpu":
        raise ConfigError("run.precision = 'float16': the CPU cannot train so; use 'float32'")
    return Placement(kind, index, precision, _title(kind, index))


def threads(section: RunSection) -> int:
    """CPU threads of training: as asked, or all cores but one for the window, at least 1."""
    return section.threads or max(1, (os.cpu_count() or 1) - 1)


def accelerator() -> str | None:
    """Either "cuda" or "mps" if this machine has one that works, else None."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def release() -> None:
    """Give memory that torch keeps for later back to the device: another process may need it."""
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _device(name: str) -> tuple[Literal["cuda", "mps", "cpu"], int]:
    kind, _, number = name.partition(":")
    if name == "auto":
        kind = accelerator() or "cpu"
    if kind not in ("cuda", "mps", "cpu") or (number and not number.isdecimal()):
        raise ConfigError(
            f"run.device = {name!r}: not a device; use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'"
        )
    index = int(number or 0)
    if kind == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            f"run.device = {name!r}: this torch finds no CUDA device; install the driver and a "
            "torch with CUDA, or use 'auto'"
        )
    if kind == "cuda" and index >= torch.cuda.device_count():
        raise ConfigError(
            f"run.device = {name!r}: there are {torch.cuda.device_count()} CUDA devices, "
            "counted from 0"
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ConfigError(f"run.device = {name!r}: this machine has no MPS; use 'auto'")
    return kind, index


def _best_precision(kind: str, index: int) -> Precision:
    """Mixed precision only where the hardware does it: bf16 since Ampere, fp16 since Volta."""
    if kind != "cuda":
        return "32-true"
    major, _ = torch.cuda.get_device_capability(index)
    if major >= 8:
        return "bf16-mixed"
    return "16-mixed" if major >= 7 else "32-true"


def _title(kind: str, index: int) -> str:
    if kind == "cuda":
        return torch.cuda.get_device_name(index)
    return "Apple GPU (MPS)" if kind == "mps" else "CPU"
