"""How the window words things: errors, counts, durations, sizes. Every number with its unit."""

from __future__ import annotations

import time

NAMES = {
    "resnet_small": "Small ResNet",
    "convnet": "ConvNet",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet50": "ResNet-50",
    "vit_mini": "Mini ViT",
    "vit_tiny": "ViT-Tiny",
    "vit_small": "ViT-Small",
    "sgd": "SGD",
    "adamw": "AdamW",
    "lars": "LARS",
}
"""Names of recipes that their authors write otherwise."""

DEMO = "Preparing the demo set"
"""Title of the job that draws and opens it."""
LONGEST = 120
"""Bytes of a folder's name that go into the name of a run."""


def spoken(name: object) -> str:
    """A name of a recipe as a person writes it: ``resnet_small`` -> ``Small ResNet``."""
    words = str(name)
    if words.startswith("timm:"):  # what another library calls its own
        return words.removeprefix("timm:")
    return NAMES.get(words, words.replace("_", " "))


def sentence(error: BaseException) -> str:
    """What an exception says, for a person."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    words = str(error)
    if isinstance(error, (ValueError, RuntimeError)) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def count(number: int, thing: str, things: str = "") -> str:
    """``1 image``, ``50,000 images``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def duration(seconds: float) -> str:
    """``40 s``, ``41 min``, ``2 h 05 min``."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if round(whole / 60) < 60:
        return f"{round(whole / 60)} min"
    hours, rest = divmod(round(whole / 60), 60)
    return f"{hours} h {rest:02d} min"


def size(count: float) -> str:
    """Bytes as ``812 kB``, ``3.1 GB`` (powers of ten)."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            value = count / scale
            return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"
    return f"{count:.0f} bytes"


def run_name(method: str, folder: str) -> str:
    """Name of a new run directory: when, what, on which images."""
    plain = "".join(one if one.isalnum() or one in "-_." else "-" for one in folder) or "images"
    while len(plain.encode()) > LONGEST:  # disks take names of at most 255 bytes
        plain = plain[:-1]
    return f"{time.strftime('%Y-%m-%d-%H%M%S')}-{method}-{plain}"
