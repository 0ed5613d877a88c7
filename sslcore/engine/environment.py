"""Versions and system, to be read beside results."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import torch


def environment() -> dict[str, str]:
    """Name -> version or fact: what a run ran on."""
    try:
        own = version("ssl-workbench")
    except PackageNotFoundError:
        own = "not installed"
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "ssl-workbench": own,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": str(os.cpu_count() or 1),
        "threads": str(torch.get_num_threads()),
    }
