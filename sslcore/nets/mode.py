"""Looking through a network without training it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(network: nn.Module) -> Generator[None]:
    """Inside: no gradients, and eval mode, so batch norm neither mixes images nor learns.

    Afterwards every part is in the mode it was in before.
    """
    training = [part for part in network.modules() if part.training]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part in training:
            part.training = True
